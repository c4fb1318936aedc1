def log_gaussian(z):
    """-z^2, the logarithm of gaussian; what no float can hold becomes -inf without a warning."""
    with np.errstate(over="ignore"):
        return -z * z
