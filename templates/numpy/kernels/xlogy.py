def xlogy(y, a):
    """y log a, with 0 log 0 = 0: where y is 0 the logarithm is taken of 1 instead."""
    with np.errstate(divide="ignore"):  # y log 0 = -inf is the value
        return y * np.log(np.where(y == 0, 1, a))
