def reciprocal_one_plus_square(z):
    """1 / (1 + z^2), the slope of arctan; hypot is sqrt(1 + z^2) without squaring a huge z."""
    h = np.hypot(1, z)
    return 1 / h / h
