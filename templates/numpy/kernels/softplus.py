def softplus(z):
    """log(1 + exp(z)), with only exponents <= 0: no overflow, and log1p keeps the left tail."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
