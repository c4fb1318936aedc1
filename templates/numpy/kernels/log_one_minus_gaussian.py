def log_one_minus_gaussian(z):
    """log(1 - exp(-z^2)), exact where exp(-z^2) is nearly 0 or nearly 1; -inf at z = 0.

    Below |z| = 1e-9 it is log z^2, to the last digit. From |z| = 40 on it is 0.
    """
    z = np.minimum(np.abs(z), 40)
    near = np.clip(z, 1e-9, 0.75)
    with np.errstate(divide="ignore"):
        log_square = 2 * np.log(np.minimum(z, 1))
    near = np.where(z < 1e-9, log_square, np.log(-np.expm1(-near * near)))
    return np.where(z < 0.75, near, np.log1p(-gaussian(np.maximum(z, 0.75))))
