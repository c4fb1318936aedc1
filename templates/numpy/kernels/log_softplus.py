def log_softplus(z):
    """log log(1 + exp(z)); in the left tail, where log(1 + exp(z)) is exp(z), it is z itself."""
    return np.where(z < -37, z, np.log(softplus(np.maximum(z, -37))))
