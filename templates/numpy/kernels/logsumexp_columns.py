def logsumexp_columns(z):
    """log sum exp(z) over axis 0, (1, m), the largest entry taken out: no overflow.

    That entry's term is exp(0) = 1; the others enter through log1p, however small they are.
    """
    top = z.max(axis=0, keepdims=True)
    with np.errstate(over="ignore"):  # a gap wider than the largest float: exp(-inf) = 0 is right
        others = np.exp(z - top)
    others *= np.arange(len(z))[:, None] != z.argmax(axis=0, keepdims=True)
    return top + np.log1p(others.sum(axis=0, keepdims=True))
