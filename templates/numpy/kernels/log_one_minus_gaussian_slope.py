def log_one_minus_gaussian_slope(z):
    """2 z / (exp(z^2) - 1), the derivative of log(1 - gaussian); 0 at its pole z = 0.

    Below |z| = 1e-9 it is 2 / z, to the last digit.
    """
    small = np.abs(z) < 1e-9
    x = np.clip(np.where(small, 1, z), -40, 40)
    with np.errstate(over="ignore"):
        near = 2 / np.where(small & (z != 0), z, np.inf)
    return np.where(small, near, 2 * (x * gaussian(x) / -np.expm1(-x * x)))
