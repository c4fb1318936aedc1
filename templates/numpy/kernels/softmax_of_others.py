def softmax_of_others(z, v):
    """sum_k v_k q[k] over the last axis, q[k] the softmax of all entries but the k-th, 0 at k.

    q[k]_i = p_i / (1 - p_k), p = softmax(z). Where p_k may be 1 to the last digit, which is at the
    largest entry only, it is computed from the others alone.
    """
    top = np.arange(z.shape[-1]) == z.argmax(axis=-1, keepdims=True)
    p, q = softmax(z), softmax(np.where(top, -np.inf, z))
    shares = np.where(top, 0, v / (1 - np.where(top, 0, p)))
    return q * np.where(top, v, 0).sum(axis=-1, keepdims=True) + p * (
        shares.sum(axis=-1, keepdims=True) - shares
    )
