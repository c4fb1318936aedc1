"""The one rule on single equations: what each reader contributes."""

import sympy as sp

from bpsym.calculus.adjoint import partials, pull_back
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.indexed import Iverson, element, index, size

n, i, j, k, r, t, s, v1, v2 = map(index, ("n", "i", "j", "k", "r", "t", "s", "v1", "v2"))
m, K, N, R, T = map(size, "mKNRT")

DENSE = Equation(
    element("z", n, i),
    sp.Sum(element("W", i, j) * element("a", n, j), (j, 1, N)) + element("b", i),
    {n: Range.upto(m), i: Range.upto(K)},
)


def solved(equation, tensor, *sizes):
    free = [v1, v2][: len(sizes)]
    ranges = [Range.upto(each) for each in sizes]
    adjoint = element("d", *equation.subscripts())
    return sp.Add(*(c.solved for c in pull_back(equation, adjoint, tensor, free, ranges)))


def same(left: sp.Expr, right: sp.Expr) -> bool:
    """Equal up to the names of bound indices."""
    if isinstance(left, sp.Sum) and isinstance(right, sp.Sum) and len(left.limits) == 1:
        aligned = left.xreplace({left.limits[0][0]: right.limits[0][0]})
        return aligned == right
    return left == right


def test_dense_input():
    assert same(
        solved(DENSE, "a", m, N), sp.Sum(element("W", i, v2) * element("d", v1, i), (i, 1, K))
    )


def test_dense_weight():
    assert same(
        solved(DENSE, "W", K, N), sp.Sum(element("d", n, v1) * element("a", n, v2), (n, 1, m))
    )


def test_dense_bias():
    assert same(solved(DENSE, "b", K), sp.Sum(element("d", n, v1), (n, 1, m)))


def test_a_tensor_that_is_not_read_gets_nothing():
    assert solved(DENSE, "c", K) == 0


def test_two_places_give_two_terms():
    square = Equation(element("y", i), element("x", i) * element("x", i), {i: Range.upto(K)})
    assert solved(square, "x", K) == 2 * element("x", v1) * element("d", v1)


def test_bound_indices_are_never_captured():
    """sympy's own diff of a sum in an element with the bound index is silently wrong."""
    body = element("W", i, j) * element("W", i, j)
    (partial,) = partials(sp.Sum(body, (j, 1, N)), "W")
    assert partial.subscripts[1] == partial.limits[0][0] != j
    assert partial.derivative == 2 * element("W", *partial.subscripts)


def test_a_function_of_a_sum_keeps_its_sum():
    total = sp.Sum(element("x", j), (j, 1, N))
    (partial,) = partials(sp.exp(total), "x")
    assert partial.derivative == sp.exp(total)


def test_a_convolution_is_transposed_with_its_guard():
    window = Equation(
        element("z", t),
        sp.Sum(element("w", r) * element("x", t + r), (r, 1, R)),
        {t: Range.upto(T)},
    )
    result = solved(window, "x", T + R)
    (guard,) = result.atoms(Iverson)
    (bound,) = (limit[0] for limit in result.limits)
    assert guard.args[0] == sp.And(v1 - bound >= 1, v1 - bound <= R)
    assert result.function == guard * element("w", v1 - bound) * element("d", bound)


def test_a_stride_is_solved_without_halves():
    strided = Equation(
        element("z", t),
        sp.Sum(element("w", r) * element("x", 2 * t + r), (r, 1, R)),
        {t: Range.upto(T)},
    )
    result = solved(strided, "x", 2 * T + R)
    assert not result.atoms(sp.Rational) - result.atoms(sp.Integer)


def test_a_block_of_a_concatenation_is_read_back_at_its_place():
    block = Equation(
        element("c", n, N + i), element("x", n, i), {n: Range.upto(m), i: Range.upto(K)}
    )
    assert solved(block, "x", m, K) == element("d", v1, N + v2)


def test_a_recurrence_reads_the_next_step_and_stops_at_the_last():
    step = Equation(element("h", t), sp.tanh(element("h", t - 1)), {t: Range.upto(T)})
    adjoint = element("d", t)
    (only,) = pull_back(step, adjoint, "h", [v1], [Range(sp.Integer(0), T)])
    (guard,) = only.solved.atoms(Iverson)
    assert guard.args[0] == (v1 + 1 <= T)
    assert only.solved == (1 - sp.tanh(element("h", v1)) ** 2) * element("d", v1 + 1) * guard
