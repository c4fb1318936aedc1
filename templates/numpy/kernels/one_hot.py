def one_hot(labels, K, dtype):
    """Rows (m, K) with a 1 at each label, 0 elsewhere; labels (m,) are integers from 0 to K - 1."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels: expected integers of shape (m,), got {labels.dtype} of shape {labels.shape}."
            "  Convert them with labels.astype(int).ravel()."
        )
    outside = (labels < 0) | (labels >= K)
    if outside.any():
        n = outside.argmax()
        raise ValueError(
            f"labels: expected integers from 0 to {K - 1}, got {labels[n]} at position {n}."
            f"  Classes are counted from 0, and there are {K}."
        )
    return (labels[:, None] == np.arange(K)).astype(dtype)
