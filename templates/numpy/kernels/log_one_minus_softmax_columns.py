def log_one_minus_softmax_columns(z):
    """log(1 - p) for p = softmax(z) over axis 0."""
    return log_one_minus_softmax(z.T).T
