"""Which code a function becomes: numpy's own, a stable kernel, or a case distinction.

The mathematics writes ``log(1 + exp(z))`` or ``max(0, z)``; code must not overflow on the way and
must keep the floating type. Every choice between the two is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp

from bpsym.arrays.kernels import KERNELS
from bpsym.calculus.activation import Activation
from bpsym.calculus.functions import (
    U,
    log_cosh,
    normal_cdf,
    normal_pdf,
    sigmoid,
    sign,
    softplus,
    xlogx,
)
from bpsym.calculus.margins import sides

NUMPY_NAMES: Mapping[type[sp.Function], str] = MappingProxyType(
    {
        sp.exp: "exp",
        sp.log: "log",
        sp.tanh: "tanh",
        sp.sin: "sin",
        sp.cos: "cos",
        sp.sinh: "sinh",
        sp.cosh: "cosh",
        sp.Abs: "abs",
        sp.sign: "sign",
        sign: "sign",
        sp.atan: "arctan",
    }
)

KERNEL_NAMES: Mapping[type[sp.Function], str] = MappingProxyType(
    {each: each.__name__ for each in (sigmoid, softplus, normal_cdf, normal_pdf, log_cosh, xlogx)}
)


class Emitted(sp.Function):
    """A call of a function of the emitted module, by name."""

    emitted_name: str

    def _eval_is_real(self) -> bool:
        return True


@cache
def emitted(name: str) -> type[Emitted]:
    """The sympy function that stands for calls of ``name``."""
    return type(name, (Emitted,), {"emitted_name": name})


class log_softmax(sp.Function):  # noqa: N801 - written like the function it is
    """Entry k of the logarithm of a softmax; a kernel acts on the whole row."""

    nargs = 1


class softmax(sp.Function):  # noqa: N801
    """``softmax(exp(u[k]), sum_r exp(u[r]))`` is their quotient; a kernel acts on the whole row."""

    nargs = 2


class logsumexp(sp.Function):  # noqa: N801
    """``logsumexp(sum_r exp(u[r]))`` is the logarithm of the sum; a kernel acts on the row."""

    nargs = 1


def softmax_index(above: sp.Expr, below: sp.Expr) -> sp.Symbol | None:
    """The k of ``exp(u[k])`` and ``sum_r exp(u[r])``, or None if they are no softmax."""
    if not (isinstance(above, sp.exp) and isinstance(below, sp.Sum) and len(below.limits) == 1):
        return None
    bound = below.limits[0][0]
    for node in above.atoms(sp.Indexed):
        last = node.indices[-1]
        if isinstance(last, sp.Symbol) and below.function.xreplace({bound: last}) == above:
            return last
    return None


def softmax_argument(expr: sp.Expr) -> sp.Expr | None:
    """The u of ``exp(u[k])/sum_r exp(u[r])``, or None if the expression is no softmax."""
    stable = stable_forms(expr)
    return stable.args[0].args[0] if isinstance(stable, softmax) else None


def stable_forms(expr: sp.Expr) -> sp.Expr:
    """The same values, written so that they neither overflow on the way nor lose their digits.

    log(1 + exp(u)), log sigmoid(u), log cosh(u), log sum_r exp(u[r])
    1/(1 + exp(u)), exp(u)/(1 + exp(u)), sinh(u)/cosh(u), exp(u[k])/sum_r exp(u[r])
    exp(-u^2), exp(-u^2/2)
    """
    return expr.replace(lambda node: isinstance(node, sp.log | sp.exp | sp.Pow | sp.Mul), _stable)


def _stable(node: sp.Expr) -> sp.Expr:
    if isinstance(node, sp.Mul):
        return _stable_product(node)
    if isinstance(node, sp.Pow):
        u = _above_one(node.base)
        is_below = node.exp.is_Integer and node.exp.is_negative
        return sigmoid(-u) ** -node.exp if u is not None and is_below else node
    argument = node.args[0]
    if isinstance(node, sp.exp):
        return _gaussian(argument) or node
    u = _above_one(argument)
    if u is not None:
        return softplus(u)
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    if isinstance(argument, sp.cosh):
        return log_cosh(argument.args[0])
    is_sum = isinstance(argument, sp.Sum) and isinstance(argument.function, sp.exp)
    return logsumexp(argument) if is_sum else node


def _gaussian(exponent: sp.Expr) -> sp.Expr | None:
    """``exp(-u^2)`` and ``exp(-u^2/2)``, whose u^2 may be more than a float can hold."""
    factor, square = exponent.as_coeff_Mul()
    if not (isinstance(square, sp.Pow) and square.exp == 2):
        return None
    if factor == -1:
        return emitted("gaussian")(square.base)
    half = sp.Rational(1, 2)
    return emitted("gaussian")(square.base, half) if factor == -half else None


def factored_cases(cases: sp.Piecewise) -> sp.Expr:
    """Take out the factors of all branches that have nothing to do with the tests.

    A sympy sum multiplies them in.
    """
    tested = {leaf for _, test in cases.args for leaf in test.atoms(sp.Indexed, sp.Symbol)}
    branches = [branch for branch, _ in cases.args]
    shared = [
        factor
        for factor in sp.Mul.make_args(branches[0])
        if not factor.is_number
        and not (factor.atoms(sp.Indexed) or {factor}) & tested
        and all(factor in sp.Mul.make_args(branch) for branch in branches)
    ]
    if not shared:
        return cases
    common = sp.Mul(*shared)
    return common * sp.Piecewise(*((branch / common, test) for branch, test in cases.args))


def _above_one(expr: sp.Expr) -> sp.Expr | None:
    """The u of ``1 + exp(u)``."""
    is_pair = isinstance(expr, sp.Add) and len(expr.args) == 2 and expr.args[0] == 1
    return expr.args[1].args[0] if is_pair and isinstance(expr.args[1], sp.exp) else None


def _stable_product(product: sp.Mul) -> sp.Expr:
    """Quotients of functions that grow alike, as one function that does not."""
    factors = dict(factor.as_base_exp() for factor in product.args)
    for above in [f for f in product.args if isinstance(f, sp.exp | sp.sinh)]:
        (u,) = above.args
        for base, exponent in factors.items():
            whole = None
            if isinstance(above, sp.sinh) and exponent == -1 and base == sp.cosh(u):
                whole = sp.tanh(u) * base
            elif isinstance(above, sp.exp) and exponent.is_positive and base == sigmoid(-u):
                whole = sigmoid(u) / base
            elif exponent == -1 and softmax_index(above, base) is not None:
                whole = softmax(above, base) * base
            if whole is not None:
                return _stable_product(sp.Mul(product / above, whole))
    return product


def elementwise_function(expr: sp.Expr) -> tuple[str, tuple[sp.Expr, ...]]:
    """The operator or function that computes the top of an expression, and its arguments."""
    if isinstance(expr, sp.Piecewise):
        return case_distinction(expr)
    if isinstance(expr, sp.core.relational.Relational):
        left, relation, right = sides(expr)
        return relation, (left, right)
    if isinstance(expr, sp.ITE | sp.Not):
        return elementwise_function(expr.to_nnf())
    if isinstance(expr, sp.And | sp.Or):
        return "&" if isinstance(expr, sp.And) else "|", tuple(expr.args)
    name = NUMPY_NAMES.get(expr.func) or KERNEL_NAMES.get(expr.func)
    if name is None and expr.func.__name__ in KERNELS:
        name = expr.func.__name__
    if name is not None:
        return name, tuple(expr.args)
    if isinstance(expr, sp.erf):
        return "+", (2 * normal_cdf(sp.sqrt(2) * expr.args[0]), sp.Integer(-1))
    if expr.is_number:
        return "number", (expr,)
    from bpsym.arrays.lower import not_yet

    raise not_yet(expr)


def case_distinction(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]]:
    """max, min, clip, a mask, or ``where`` with the untaken branch kept from overflowing."""
    (first, test), *others = expr.args
    if len(others) == 1:
        second = others[0][0]
        if (first, second) == (1, 0):
            return "mask", (test,)
        difference = _positive_side(test)
        if difference is not None:
            if sp.expand(first - second - difference) == 0:
                return "maximum", (first, second)
            if sp.expand(second - first - difference) == 0:
                return "minimum", (first, second)
        if second == 0 and not first.has(*_STEEP, *_PARTIAL):
            return "*", (first, sp.Piecewise((1, test), (0, True)))
        then, otherwise = _clamped(first, second, test)
        return "where", (test, then, otherwise)
    if len(others) == 2:
        clipped = _as_clip(first, test, others[0][0], others[0][1], others[1][0])
        if clipped is not None:
            return "clip", clipped
        window = _as_window(expr) or _held_in_window(expr)
        if window is not None:
            return window
    then, otherwise = _clamped(first, sp.Piecewise(*others), test)
    return "where", (test, then, otherwise)


def exponential_minus_one(expr: sp.Expr) -> sp.Expr | None:
    """``exp(u) - 1`` and ``1 - exp(u)`` keep their digits near u = 0 through expm1."""
    if not isinstance(expr, sp.Add):
        return None
    constant, rest = expr.as_coeff_Add()
    factor, function = rest.as_coeff_Mul()
    if isinstance(function, sp.exp) and constant == -factor:
        return factor * emitted("expm1")(function.args[0])
    return None


def _positive_side(test: sp.Basic) -> sp.Expr | None:
    """d with ``test`` equivalent to ``d > 0`` or ``d >= 0``: at d = 0 both branches agree."""
    if isinstance(test, sp.StrictGreaterThan | sp.GreaterThan):
        return test.lhs - test.rhs
    if isinstance(test, sp.StrictLessThan | sp.LessThan):
        return test.rhs - test.lhs
    return None


def _as_clip(
    low: sp.Expr, low_test: sp.Basic, middle: sp.Expr, high_test: sp.Basic, high: sp.Expr
) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """``clip(middle, low, high)`` if the tests are where a rising middle meets its bounds."""
    if not (low.is_number and high.is_number and (high - low).is_positive):
        return None
    below, above = _positive_side(low_test), _positive_side(high_test)
    if below is None or above is None:
        return None
    slope = sp.cancel((low - middle) / below)
    other = sp.cancel((high - middle) / above)
    if slope.is_positive and slope.is_number and other == slope:
        return middle, low, high
    return None


def _as_window(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]] | None:
    """``(0, c, 0)``, the slope of a clip: c times the mask between the two kinks."""
    (first, low), (middle, high), (last, _) = expr.args
    if (first, last) != (0, 0) or middle.has(sp.exp, sp.Pow):
        return None
    mask = sp.Piecewise((1, sp.And(sp.Not(low), high)), (0, True))
    return "*", (middle, mask) if middle != 1 else (sp.Integer(1), mask)


def _held_in_window(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]] | None:
    """``(0, c, 0)`` with a c that is defined between the two kinks only."""
    (first, low), (middle, high), (last, _) = expr.args
    tests = [low, high]
    if (first, last) != (0, 0) or not all(
        isinstance(test, sp.LessThan | sp.StrictLessThan) for test in tests
    ):
        tests = []
    places = {test.rhs for test in tests if test.rhs.is_number}
    if len(places) != 2 or {test.lhs for test in tests} != {tests[0].lhs}:
        return None
    mask = sp.And(sp.Not(low), high)
    held = emitted("where")(mask, tests[0].lhs, sum(places) / 2)
    return "where", (mask, middle.xreplace({tests[0].lhs: held}), sp.Integer(0))


# What may overflow, and what is not defined everywhere.
_STEEP = (sp.exp, sp.cosh, sp.sinh, sp.Pow)
_PARTIAL = (sp.log, sp.Pow)


def _clamped(first: sp.Expr, second: sp.Expr, test: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
    """Keep the branch that is not taken from overflowing, or from leaving its domain.

    numpy computes both branches everywhere. A branch that grows has its variable held at the
    kink; one that is not defined everywhere gets, where it is not taken, a number of its own side.
    """
    if not isinstance(test, sp.core.relational.Relational):
        return first, second
    left, right = test.args
    if not (isinstance(left, sp.Symbol | sp.Indexed) and right.is_number):
        return first, second
    rising = isinstance(test, sp.StrictGreaterThan | sp.GreaterThan)

    def hold(branch: sp.Expr, *, taken: bool) -> sp.Expr:
        if isinstance(branch, sp.Piecewise):
            return branch  # has tests of its own
        above = rising == taken
        if _is_partial(branch):
            inner = _interior(branch, left, right, above=above)
            if inner is None:
                return branch
            # Not a Piecewise, which sympy would take a power or a quotient into.
            values = (left, inner) if taken else (inner, left)
            return branch.xreplace({left: emitted("where")(test, *values)})
        powers = branch.atoms(sp.Pow)
        if not branch.has(*_STEEP[:-1]) and not any(power.exp > 1 for power in powers):
            return branch
        return branch.xreplace({left: emitted("maximum" if above else "minimum")(left, right)})

    return hold(first, taken=True), hold(second, taken=False)


def _is_partial(branch: sp.Expr) -> bool:
    """Whether a branch has a logarithm, a quotient or a root."""
    powers = (power.exp for power in branch.atoms(sp.Pow))
    return branch.has(sp.log) or any(not (e.is_Integer and e.is_positive) for e in powers)


def _interior(branch: sp.Expr, variable: sp.Expr, kink: sp.Expr, *, above: bool) -> sp.Expr | None:
    """A number on a branch's side of the kink at which the branch is defined."""
    for distance in (sp.Integer(1), sp.Integer(2), sp.Rational(1, 2), sp.Rational(1, 8)):
        place = kink + distance if above else kink - distance
        value = branch.xreplace({variable: place})
        if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) and value.is_real is not False:
            return place
    return None


def in_place(activation: Activation) -> sp.Expr | None:
    """The activation as one function call of its input, if it is no more than that."""
    expression = activation.expression
    if expression == U or activation.learned:
        return expression if expression == U else None
    if isinstance(expression, sp.Piecewise):
        name, arguments = case_distinction(expression)
        simple = name in ("maximum", "minimum", "clip") and arguments[0] == U
        return expression if simple else None
    if isinstance(expression, sp.Function) and expression.args == (U,):
        return expression
    return None


__all__ = [
    "Emitted",
    "elementwise_function",
    "emitted",
    "exponential_minus_one",
    "factored_cases",
    "in_place",
    "log_softmax",
    "logsumexp",
    "softmax",
    "softmax_argument",
    "softmax_index",
    "stable_forms",
]
