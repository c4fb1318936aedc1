def gaussian(z, rate=1.0):
    """exp(-rate z^2), rate 1 or 1/2, exact in the tail: rounding z^2 would cost z^2 eps there.

    |z| = head + rest with head a multiple of 1/64, so that head^2 is exact, and
    z^2 = head^2 + (|z| - head) (|z| + head). From |z| = 40 on the result is 0.
    """
    z = np.minimum(np.abs(z), 40)
    head = np.trunc(64 * z) / 64
    return np.exp(-rate * head * head) * np.exp(-rate * (z - head) * (z + head))
