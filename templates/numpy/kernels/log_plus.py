def log_plus(u, r):
    """log(exp(u) + r), u itself where r is 0: exp(u) may be below or above every float there."""
    return np.where(r == 0, u, np.log(np.where(r == 0, 1, np.exp(np.where(r == 0, 0, u)) + r)))
