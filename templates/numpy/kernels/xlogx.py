def xlogx(y):
    """y log y, with 0 log 0 = 0: at 0 the logarithm is taken of 1 instead."""
    return y * np.log(np.where(y == 0, 1, y))
