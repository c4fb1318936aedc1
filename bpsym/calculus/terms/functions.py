"""The named functions of the calculus and their derivatives, derived and not typed in.

Each primitive is a sympy function with a ``definition`` in exp, log and erf. Its derivative is
sympy's derivative of the definition with the exponential eliminated in favour of a named function:

    sigmoid'(u) = exp(-u)/(1 + exp(-u))^2   and   exp(-u) = (1 - s)/s   give   s (1 - s)

The definition is what the prover evaluates; the name is what a reader reads and what a stable
kernel implements.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp
from sympy.core.function import ArgumentIndexError

from bpsym.calculus.slopes.differentiate import differentiate
from bpsym.calculus.slopes.quotients import UNKNOWN, Quotient, constant, read, written

U = sp.Symbol("u", real=True)


class Primitive(sp.Function):
    """A function known by its definition; its derivative is derived from it once."""

    nargs = 1

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        """The function in terms of exp, log, erf and piecewise algebra."""
        raise NotImplementedError

    @classmethod
    @cache
    def slope(cls) -> sp.Expr:
        """The derivative at the symbol ``U``, with named functions folded in."""
        return fold(differentiate(cls.definition(U), U))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self.slope().xreplace({U: self.args[0]})

    def _eval_is_real(self) -> bool:
        return True


class sigmoid(Primitive):  # noqa: N801 - printed as the mathematician writes it
    """1/(1 + exp(-u))."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return 1 / (1 + sp.exp(-u))

    def _eval_is_positive(self) -> bool:
        return True


class softplus(Primitive):  # noqa: N801
    """log(1 + exp(u))."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return sp.log(1 + sp.exp(u))

    def _eval_is_positive(self) -> bool:
        return True


class normal_cdf(Primitive):  # noqa: N801
    """Phi(u) = (1 + erf(u/sqrt 2))/2."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return (1 + sp.erf(u / sp.sqrt(2))) / 2


class normal_pdf(Primitive):  # noqa: N801
    """phi(u) = exp(-u^2/2)/sqrt(2 pi)."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi)


class log_cosh(Primitive):  # noqa: N801
    """log cosh(u)."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return sp.log((sp.exp(u) + sp.exp(-u)) / 2)


class xlogx(Primitive):  # noqa: N801
    """y log y, continued by 0 at y = 0."""

    @classmethod
    def definition(cls, u: sp.Expr) -> sp.Expr:
        return u * sp.log(u)


class huber(sp.Function):  # noqa: N801
    """d^2/2 for |d| <= delta, delta (|d| - delta/2) beyond."""

    nargs = 2

    @classmethod
    def definition(cls, d: sp.Expr, delta: sp.Expr) -> sp.Expr:
        return sp.Piecewise(
            (-delta * (d + delta / 2), d <= -delta),
            (d**2 / 2, d <= delta),
            (delta * (d - delta / 2), True),
        )

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        d, delta = self.args
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return sp.diff(self.definition(U, delta), U).xreplace({U: d})


class sign(sp.sign):  # noqa: N801
    """-1, 0 or 1. Its derivative is 0, at the jump too, which is the convention there.

    sympy's own has a Dirac delta for a derivative, and is an integer, as indices are.
    """

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return sp.Integer(0)

    def _eval_is_integer(self) -> bool | None:
        return None

    def _eval_conjugate(self) -> sp.Expr:
        return self


PRIMITIVES: Mapping[str, type[sp.Function]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (sigmoid, softplus, normal_cdf, normal_pdf, log_cosh, xlogx, huber)
    }
)


def fold(expr: sp.Expr) -> sp.Expr:
    """Write a derivative in ``U`` with sigmoid, tanh or normal_pdf in place of exponentials.

    exp(u) is replaced by the solution of s = 1/(1 + exp(-u)), of t = tanh u or of p = phi(u); the
    first that leaves a polynomial is taken. Otherwise the expression comes back as it was.
    """
    exponentials = expr.atoms(sp.exp)
    gauss = sp.exp(-(U**2) / 2)
    if gauss in exponentials:
        folded = expr.xreplace({gauss: normal_pdf(U) * sp.sqrt(2 * sp.pi)})
        if not folded.has(sp.exp):
            return folded
    rational = read(expr, _power_of_exp) if exponentials else None
    if rational is None:
        return expr
    for value, function in ((rational.at(_LOGIT), sigmoid), (_of_tanh(rational), sp.tanh)):
        reduced = None if value is None else value.polynomial()
        if reduced is not None:
            unknown = sp.Symbol("s")
            return signs(written(reduced, unknown)).xreplace({unknown: function(U)})
    return expr


# exp(u) in s = 1/(1 + exp(-u)); exp(2u) in t = tanh u.
_LOGIT = UNKNOWN * (constant(1) + constant(-1) * UNKNOWN) ** -1
_SQUARE = (constant(1) + UNKNOWN) * (constant(1) + constant(-1) * UNKNOWN) ** -1


def _power_of_exp(node: sp.Expr) -> int | None:
    """The k of ``exp(k u)``."""
    if not isinstance(node, sp.exp):
        return None
    factor, rest = node.args[0].as_coeff_Mul()
    return int(factor) if factor.is_Integer and rest == U else None


def _of_tanh(rational: Quotient) -> Quotient | None:
    """Put (1 + t)/(1 - t) for exp(2u), if only even powers of exp(u) are left after cancelling."""
    reduced = rational.cancelled()
    if any((*reduced.above[1::2], *reduced.below[1::2])):
        return None
    return Quotient(reduced.above[::2], reduced.below[::2]).at(_SQUARE)


def signs(expr: sp.Expr) -> sp.Expr:
    """Move a minus sign into a difference: ``-(s - 1) s`` is read as ``(1 - s) s``."""
    if not (isinstance(expr, sp.Mul) and expr.could_extract_minus_sign()):
        return expr
    for factor in expr.args:
        if isinstance(factor, sp.Add):
            flipped = sp.Add(*(-term for term in factor.args))
            rest = sp.Mul(*(other for other in expr.args if other is not factor))
            return sp.Mul(-rest, flipped)
    return expr


def define(expr: sp.Expr) -> sp.Expr:
    """Replace every primitive by its definition."""

    def is_defined(node: sp.Basic) -> bool:
        return isinstance(node, Primitive | huber)

    while any(is_defined(node) for node in sp.preorder_traversal(expr)):
        expr = expr.replace(is_defined, lambda node: node.definition(*node.args))
    return expr
