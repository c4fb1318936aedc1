def log_gaussian_slope(z):
    """-2 z, the derivative of log gaussian; what no float can hold becomes infinite."""
    with np.errstate(over="ignore"):
        return -2 * z
