def softsign_slope(z):
    """1 / (1 + |z|)^2, squared after the division, so that a huge z does not overflow."""
    s = 1 / (1 + np.abs(z))
    return s * s
