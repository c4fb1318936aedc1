def xlogy(y, a):
    """y log a, with 0 log 0 = 0: where y is 0 the logarithm is taken of 1 instead."""
    return y * np.log(np.where(y == 0, 1, a))
