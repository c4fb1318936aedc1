def log_softplus_slope(z):
    """sigmoid(z) / softplus(z), the derivative of log softplus; in the left tail it is 1."""
    z = np.maximum(z, -37)
    return sigmoid(z) / softplus(z)
