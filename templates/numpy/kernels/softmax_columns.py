def softmax_columns(z):
    """exp(z) / sum exp(z) over axis 0, the largest entry taken off first: no overflow."""
    with np.errstate(over="ignore"):  # a gap wider than the largest float: exp(-inf) = 0 is right
        e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)
