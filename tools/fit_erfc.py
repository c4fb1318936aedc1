"""Fit the rational function of the kernel normal_cdf, and print its table.

What is fitted is the Mills ratio M(z) = Phi(-z) exp(z^2 / 2) = erfc(z / sqrt 2) exp(z^2 / 2) / 2,
smooth and falling like 1/z, on 0 <= z <= 40; beyond 38.6, Phi(-z) is below every float64.

    M(z) ~ (p_9 z^9 + ... + p_0) / (z^10 + q_9 z^9 + ... + q_0)

interpolates M at the 20 Chebyshev points of t = (z - 4) / (z + 4): a mapping that gives the bend
near 0 and the flat tail equal shares. The error then swings evenly, within a small factor of the
best possible; degree 10 is the first one below the rounding error of float64. All coefficients
come out positive, so evaluating them at z >= 0 cancels nothing.

Run: python tools/fit_erfc.py
"""

import mpmath as mp

DEGREE = 10  # of the denominator
END = 40  # of the fitted range
CENTRE = 4  # the z that t = 0 stands for
DIGITS = 60


def mills_ratio(z: mp.mpf) -> mp.mpf:
    """Phi(-z) exp(z^2 / 2) for z >= 0."""
    return mp.erfc(z / mp.sqrt(2)) * mp.exp(z * z / 2) / 2


def mapped_points(t_unit: list[mp.mpf]) -> list[mp.mpf]:
    """Points of [-1, 1] -> points z of [0, END], through t = (z - CENTRE) / (z + CENTRE)."""
    t_end = mp.mpf(END - CENTRE) / (END + CENTRE)
    ts = [(1 + t_end) * (u + 1) / 2 - 1 for u in t_unit]
    return [CENTRE * (1 + t) / (1 - t) for t in ts]


def fit() -> list[tuple[float, float]]:
    """Return the rows (p_9, q_9), ..., (p_0, q_0); the leading coefficient of Q is 1.

    At each of the 2 DEGREE points, P(z) - M(z) (Q(z) - z^DEGREE) = M(z) z^DEGREE is linear.
    """
    count = 2 * DEGREE
    with mp.workdps(DIGITS):
        chebyshev = [mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
        equations, right_side = mp.matrix(count, count), mp.matrix(count, 1)
        for row, z in enumerate(mapped_points(chebyshev)):
            ratio = mills_ratio(z)
            for k in range(DEGREE):
                equations[row, k] = z**k
                equations[row, DEGREE + k] = -ratio * z**k
            right_side[row] = ratio * z**DEGREE
        solution = mp.lu_solve(equations, right_side)
        return [(float(solution[k]), float(solution[DEGREE + k])) for k in reversed(range(DEGREE))]


def evaluate(rows: list[tuple[float, float]], z: mp.mpf) -> mp.mpf:
    """P(z) / Q(z) of the rounded coefficients, without rounding errors that count."""
    numerator, denominator = mp.mpf(0), mp.mpf(1)
    for p, q in rows:
        numerator, denominator = numerator * z + p, denominator * z + q
    return numerator / denominator


def worst_error(rows: list[tuple[float, float]], samples: int = 400) -> mp.mpf:
    """Largest relative error of P/Q over [0, END]."""
    with mp.workdps(DIGITS):
        grid = mapped_points([mp.mpf(2 * k) / samples - 1 for k in range(samples + 1)])
        return max(abs(evaluate(rows, z) / mills_ratio(z) - 1) for z in grid)


if __name__ == "__main__":
    table = fit()
    for p, q in table:
        print(f"        ({p!r}, {q!r}),")
    print(f"# worst relative error {mp.nstr(worst_error(table), 3)}")
