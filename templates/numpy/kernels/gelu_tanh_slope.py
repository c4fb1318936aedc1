def gelu_tanh_slope(z):
    """d/dz [z sigmoid(v)] = sigmoid(v) (1 + z v' sigmoid(-v)), v = sqrt(8/pi) (z + 0.044715 z^3).

    z is held in [-30, 30]: outside, sigmoid(v) is already exactly 0 or 1, and so is the slope.
    """
    z = np.clip(z, -30, 30)
    v = 1.5957691216057308 * z * (1 + 0.044715 * z * z)
    v_slope = 1.5957691216057308 * (1 + 0.134145 * z * z)
    return sigmoid(v) * (1 + z * v_slope * sigmoid(-v))
