def normal_pdf(z):
    """exp(-z^2 / 2) / sqrt(2 pi), the density of the standard normal distribution."""
    return 0.3989422804014327 * gaussian(z, 0.5)
