def normal_cdf(z):
    """Phi(z), the standard normal distribution: Phi(-x) = exp(-x^2 / 2) P(x) / Q(x) for x >= 0.

    P/Q was fitted once on 0 <= x <= 40. Its coefficients are positive, so nothing cancels; the
    Gaussian in front carries the tail. Right of 0, Phi(z) = 1 - Phi(-z).
    """
    coefficients = (  # of P and Q, from x^9 down to x^0; Q starts with x^10
        (0.3989422804005546, 26.81540708606489),
        (10.697799652995688, 353.17487425496375),
        (140.49744741719778, 2957.0585434302966),
        (1168.9978799957653, 17242.822996646115),
        (6739.191522807517, 72608.11842553329),
        (27818.847223347653, 222322.0259433517),
        (82231.4451632667, 486566.08468804497),
        (168524.36476380908, 725771.904647085),
        (219407.17653525912, 664245.3119788123),
        (141267.90389417854, 282535.8077883571),
    )
    x = np.minimum(np.abs(z), 40)
    numerator, denominator = np.zeros_like(x), np.ones_like(x)
    for p, q in coefficients:
        numerator *= x
        numerator += p
        denominator *= x
        denominator += q
    tail = gaussian(x, 0.5) * numerator / denominator
    return np.abs((z > 0) - tail)  # 1 - tail right of 0, tail left of it
