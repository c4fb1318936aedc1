def softmax(z):
    """exp(z) / sum exp(z) over the last axis, the largest entry taken off first: no overflow."""
    with np.errstate(over="ignore"):  # a gap wider than the largest float: exp(-inf) = 0 is right
        e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
