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
        return fold(sp.diff(cls.definition(U), U))

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
    pdf, s, t = sp.Symbol("p", positive=True), sp.Symbol("s"), sp.Symbol("t")
    gauss = sp.exp(-(U**2) / 2)
    if expr.has(gauss):
        folded = expr.xreplace({gauss: pdf * sp.sqrt(2 * sp.pi)})
        if not folded.has(sp.exp):
            return folded.xreplace({pdf: normal_pdf(U)})
    if not expr.has(sp.exp):
        return expr
    g = sp.Symbol("g", positive=True)
    rational = _in_powers_of_exp(expr, g)
    if rational is None or rational.has(U):
        return expr
    for symbol, value, function in (
        (s, rational.subs(g, s / (1 - s)), sigmoid),
        (t, _even_in(rational, g, t), sp.tanh),
    ):
        reduced = None if value is None else sp.cancel(value)
        if reduced is not None and reduced.is_polynomial(symbol):
            return signs(sp.factor(reduced)).xreplace({symbol: function(U)})
    return expr


def _in_powers_of_exp(expr: sp.Expr, g: sp.Symbol) -> sp.Expr | None:
    """The expression with exp(k u) written g^k, or None if another exponential is in it."""
    replacement = {}
    for node in expr.atoms(sp.exp):
        factor = node.args[0] / U
        if not factor.is_Integer:
            return None
        replacement[node] = g**factor
    return expr.xreplace(replacement)


def _even_in(rational: sp.Expr, g: sp.Symbol, t: sp.Symbol) -> sp.Expr | None:
    """Substitute g^2 = (1 + t)/(1 - t), if only even powers of g are in the reduced fraction."""
    square = sp.Symbol("G", positive=True)
    reduced = sp.cancel(rational).subs(g, sp.sqrt(square))
    reduced = sp.cancel(reduced)
    if any(power.exp.q != 1 for power in reduced.atoms(sp.Pow) if power.base == square):
        return None
    return reduced.subs(square, (1 + t) / (1 - t))


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
