def softsign(z):
    """z / (1 + |z|)."""
    return z / (1 + np.abs(z))
