def gelu_tanh(z):
    """z/2 (1 + tanh u) = z sigmoid(2u), where 2u = sqrt(8/pi) (z + 0.044715 z^3).

    The cube is taken of z held in [-30, 30]: outside, sigmoid(2u) is already exactly 0 or 1.
    """
    x = np.clip(z, -30, 30)
    return z * sigmoid(1.5957691216057308 * x * (1 + 0.044715 * x * x))
