def erf(z):
    """2 Phi(sqrt(2) z) - 1; where |z| < 1/2, and that difference loses digits, the power series."""
    near = np.abs(z) < 0.5
    t = np.where(near, z, 0)
    series = 0.0 * t
    for n in range(13, -1, -1):  # sum of (-1)^n t^(2n+1) / (n! (2n+1)), by its ratios
        series = 1 / (2 * n + 1) - t * t / (n + 1) * series
    far = 2 * normal_cdf(2**0.5 * np.clip(z, -9, 9)) - 1
    return np.where(near, 2 / np.pi**0.5 * t * series, far)
