def log_softmax(z):
    """z - log sum exp(z) over the last axis, from the gap to the largest entry: no overflow.

    The largest term is exp(0) = 1; the others enter through log1p, so that a sure class, with
    log p near 0, keeps its digits. A gap wider than the largest float is held there: 0 log p = 0.
    """
    with np.errstate(over="ignore"):
        gap = np.maximum(z - z.max(axis=-1, keepdims=True), np.finfo(z.dtype).min)
    others = np.exp(gap) * (np.arange(z.shape[-1]) != z.argmax(axis=-1, keepdims=True))
    return gap - np.log1p(others.sum(axis=-1, keepdims=True))
