def gaussian_slope(z):
    """-2 z exp(-z^2), the derivative of gaussian; doubled last, so that nothing overflows."""
    return -2 * (z * gaussian(z))
