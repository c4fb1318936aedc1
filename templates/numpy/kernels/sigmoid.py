def sigmoid(z):
    """1 / (1 + exp(-z)), with only exponents <= 0: nothing overflows and the tail stays exact."""
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
