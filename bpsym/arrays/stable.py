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
from bpsym.calculus.activation import Activation, Opaque
from bpsym.calculus.functions import U, log_cosh, normal_cdf, normal_pdf, sigmoid, softplus, xlogx
from bpsym.calculus.indexed import name_of, top_sums

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


def softmax_argument(expr: sp.Expr) -> sp.Expr | None:
    """The u of ``exp(u[k])/sum_r exp(u[r])``, or None if the expression is no softmax."""
    if not isinstance(expr, sp.Mul) or len(expr.args) != 2:
        return None
    above = next((f for f in expr.args if isinstance(f, sp.exp)), None)
    below = next((1 / f for f in expr.args if isinstance(f, sp.Pow) and f.exp == -1), None)
    if above is None or not isinstance(below, sp.Sum) or len(below.limits) != 1:
        return None
    bound = below.limits[0][0]
    for node in above.atoms(sp.Indexed):
        last = node.indices[-1]
        if isinstance(last, sp.Symbol) and below.function.xreplace({bound: last}) == above:
            return above.args[0]
    return None


def rowwise_kernel(expr: sp.Expr) -> str | None:
    """The kernel of a function that acts on rows."""
    return "log_softmax" if isinstance(expr, log_softmax) else None


def elementwise_function(expr: sp.Expr) -> tuple[str, tuple[sp.Expr, ...]]:
    """The operator or function that computes the top of an expression, and its arguments."""
    if isinstance(expr, sp.Piecewise):
        return case_distinction(expr)
    if isinstance(expr, sp.core.relational.Relational):
        left, right = expr.args
        return str(expr.rel_op), (left, right)
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
        if second == 0 and not first.has(sp.exp, sp.Pow):
            return "*", (first, sp.Piecewise((1, test), (0, True)))
        then, otherwise = _clamped(first, second, test)
        return "where", (test, then, otherwise)
    if len(others) == 2:
        clipped = _as_clip(first, test, others[0][0], others[0][1], others[1][0])
        if clipped is not None:
            return "clip", clipped
        window = _as_window(expr)
        if window is not None:
            return window
    return "where", (test, first, sp.Piecewise(*others))


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


def _clamped(first: sp.Expr, second: sp.Expr, test: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
    """Hold the variable of each branch on its own side of the kink, where overflow threatens."""
    if not isinstance(test, sp.core.relational.Relational):
        return first, second
    left, right = test.args
    if not (isinstance(left, sp.Symbol | sp.Indexed) and right.is_number):
        return first, second
    rising = isinstance(test, sp.StrictGreaterThan | sp.GreaterThan)
    inside, outside = ("maximum", "minimum") if rising else ("minimum", "maximum")

    def hold(branch: sp.Expr, side: str) -> sp.Expr:
        if not branch.has(sp.exp) and not any(
            power.exp.is_number and power.exp > 1 for power in branch.atoms(sp.Pow)
        ):
            return branch
        return branch.xreplace({left: emitted(side)(left, right)})

    return hold(first, inside), hold(second, outside)


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


def of_logits(expr: sp.Expr, sources: Mapping[str, sp.Expr]) -> sp.Expr:
    """Write log of an activation through its pre-activation, so that no log meets a zero.

        log sigmoid(z) = -softplus(-z),   log(1 - sigmoid(z)) = -softplus(z),   log softmax(z)

    sources: for each output tensor the right side that defines it, with plain indices.
    """
    replacement = {}
    for logarithm in expr.atoms(sp.log):
        argument = logarithm.args[0]
        complement = sp.expand(1 - argument)
        for read, is_complement in ((argument, False), (complement, True)):
            if not isinstance(read, sp.Indexed) or name_of(read) not in sources:
                continue
            lhs, rhs = sources[name_of(read)]
            at = dict(zip(lhs.indices, read.indices, strict=True))
            form = _log_form(rhs, is_complement)
            if form is not None:
                replacement[logarithm] = form.xreplace(at)
    return expr.xreplace(replacement)


def _log_form(rhs: sp.Expr, is_complement: bool) -> sp.Expr | None:
    if isinstance(rhs, Opaque) and rhs.activation.expression == sigmoid(U):
        z = rhs.args[0]
        return -softplus(z) if is_complement else -softplus(-z)
    if not is_complement:
        argument = softmax_argument(rhs)
        if argument is not None and not top_sums(argument):
            return log_softmax(argument)
    return None


__all__ = [
    "Emitted",
    "elementwise_function",
    "emitted",
    "in_place",
    "of_logits",
    "rowwise_kernel",
    "softmax_argument",
]
