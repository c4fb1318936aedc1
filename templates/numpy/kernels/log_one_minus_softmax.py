def log_one_minus_softmax(z):
    """log(1 - p) for p = softmax(z) over the last axis: log of the share that the others have.

    For the largest entry, whose p may be 1 to the last digit, the others are added up from the
    gap to the largest of them; for the rest p is at most 1/2, and log1p(-p) keeps its digits.
    """
    top = np.arange(z.shape[-1]) == z.argmax(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # a gap wider than the largest float is held there
        gap = np.maximum(z - z.max(axis=-1, keepdims=True), np.finfo(z.dtype).min)
    others = np.where(top, -np.inf, gap)
    second = others.max(axis=-1, keepdims=True)
    log_sum = np.log1p(np.exp(others).sum(axis=-1, keepdims=True))
    log_others = second + np.log(np.exp(others - second).sum(axis=-1, keepdims=True))
    return np.where(top, log_others - log_sum, np.log1p(-np.exp(others - log_sum)))
