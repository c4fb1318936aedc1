"""What is known of one activation: its slope, and the slope written in the output.

    a = 1/(1 + exp(-z))      a' = exp(-z)/(1 + exp(-z))^2 = a (1 - a)

Both are derived: sympy differentiates the expression, and the second form is found by solving
a = f(z) for the function it contains and eliminating that. An elimination is taken only when it is
single-valued and leaves no division, so that no sign is guessed and nothing new can be singular.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from bpsym.calculus.slopes.differentiate import differentiate
from bpsym.calculus.terms.functions import PRIMITIVES, U, define, signs

A = sp.Symbol("a", real=True)


@dataclass(frozen=True)
class Activation:
    """An elementwise function a = f(z, p1, p2, ...) as an expression in ``U`` and ``learned``.

    catalogued: whether ``name`` is the catalogue's, so that a kernel of that name computes it.
    """

    name: str
    expression: sp.Expr
    learned: tuple[sp.Symbol, ...] = ()
    catalogued: bool = True

    @cached_property
    def function(self) -> type[sp.Function]:
        """The function as an opaque name, ``f(z)``; its derivatives are opaque too."""
        return _opaque(self)

    @cached_property
    def slope(self) -> sp.Expr:
        """df/dz in z, as derived."""
        return derivative(self.expression, U)

    @cached_property
    def slope_in_output(self) -> sp.Expr | None:
        """df/dz in the output ``A`` (and z, where that saves an exponential), if there is one.

        Not ``a + 1`` for the slope exp(z) of exp(z) - 1, of which a float keeps no tail.
        """
        form = through_output(self.expression, self.slope)
        is_shifted = isinstance(form, sp.Add) and form.diff(A).is_number
        return None if is_shifted and isinstance(self.slope.as_coeff_Mul()[1], sp.exp) else form

    @cached_property
    def short_slope(self) -> sp.Expr | None:
        """The slope in a form short enough to stand inside a formula, or None: then f'(z) stands.

        A polynomial in the output, the mask of a relu, or one named function of z.
        """
        form = self.slope_in_output
        if form is None:
            one_function = isinstance(self.slope, sp.Function) and self.slope.args == (U,)
            return self.slope if one_function or self.slope.is_number else None
        if form.has(A) and form.has(U):
            return None  # -2 z a: the factors stand better in a function of their own
        if isinstance(form, sp.Piecewise):
            values = tuple(branch for branch, _ in form.args)
            return form if values == (1, 0) else None
        return form

    def learned_slope(self, parameter: sp.Symbol) -> sp.Expr:
        """df/dp for a learned parameter of the activation."""
        return derivative(self.expression, parameter)


class Opaque(sp.Function):
    """f(z, ...) of an activation that is not looked into."""

    activation: Activation

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return slope_function(self.activation, argindex - 1)(*self.args)

    def _eval_is_real(self) -> bool:
        return True


class OpaqueSlope(sp.Function):
    """The derivative of an ``Opaque`` in one of its arguments."""

    activation: Activation
    position: int

    def _eval_is_real(self) -> bool:
        return True


def _opaque(activation: Activation) -> type[sp.Function]:
    return type(activation.name, (Opaque,), {"activation": activation})


_SLOPES: dict[tuple[int, int], type[sp.Function]] = {}


def slope_function(activation: Activation, position: int) -> type[sp.Function]:
    """The opaque derivative of an activation in argument ``position`` (0 is z)."""
    key = (id(activation), position)
    if key not in _SLOPES:
        name = activation.name + "'" * (position == 0) + f"_{position}" * (position > 0)
        attributes = {"activation": activation, "position": position}
        _SLOPES[key] = type(name, (OpaqueSlope,), attributes)
    return _SLOPES[key]


def derivative(expression: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """sympy's derivative, branch by branch, so that each branch keeps its condition."""
    if isinstance(expression, sp.Piecewise):
        return sp.Piecewise(
            *((derivative(branch, symbol), test) for branch, test in expression.args)
        )
    if isinstance(expression, sp.Mul):
        constants, rest = expression.as_independent(symbol)
        if isinstance(rest, sp.Piecewise):
            return sp.Piecewise(
                *((constants * derivative(branch, symbol), test) for branch, test in rest.args)
            )
    slope = differentiate(expression, symbol)
    if slope.has(sp.sign):
        slope = _without_sign(slope, symbol)
    return signs(slope)


def _without_sign(slope: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """Write ``z sign(z)`` as ``|z|`` and cancel, where that removes every sign."""
    size = sp.Symbol("size", positive=True)
    magnitude, sign = sp.Abs(symbol), sp.sign(symbol)
    flat = slope.xreplace({magnitude: size, sign: size / symbol})
    flat = sp.factor(sp.cancel(flat))
    return slope if flat.has(symbol) else flat.xreplace({size: magnitude})


def shortest(expr: sp.Expr) -> sp.Expr:
    """The factored or the expanded form of a small expression, whichever is shorter to write."""
    forms = (signs(sp.factor(expr)), signs(sp.expand(expr)))
    return min(forms, key=lambda form: sp.count_ops(form))


def through_output(expression: sp.Expr, slope: sp.Expr) -> sp.Expr | None:
    """The slope in ``A = expression``, if one elimination gives it without any division."""
    if isinstance(expression, sp.Mul):
        constants, rest = expression.as_independent(U)
        if isinstance(rest, sp.Piecewise):
            expression = sp.Piecewise(*((constants * b, test) for b, test in rest.args))
    if isinstance(expression, sp.Piecewise):
        return _through_output_by_branches(expression, slope)
    if not slope.has(U):
        return slope
    if not (slope.atoms(sp.Function) or expression.atoms(sp.Function)):
        return None
    found = _eliminate(expression, slope)
    if found is None and expression.has(*PRIMITIVES.values()):
        defined = define(expression)
        found = _eliminate(defined, differentiate(defined, U))
    return found


def _eliminate(expression: sp.Expr, slope: sp.Expr) -> sp.Expr | None:
    """Solve ``A = expression`` for a function in it; substitute; accept only a simple result."""
    direct = slope.xreplace({expression: A})
    if not direct.atoms(sp.Function) and not sp.fraction(sp.together(direct))[1].has(A, U):
        return direct  # the activation is the function: its slope is written in it already
    for generator in _generators(expression):
        g = sp.Dummy("g")
        left = sp.Symbol("left")
        flat = expression.xreplace(_powers(expression, generator, g))
        right: sp.Expr = A
        if isinstance(flat, sp.log):
            flat, right = flat.args[0], sp.exp(A)
        if not (flat.has(g) and flat.is_rational_function(g)):
            continue
        numerator, denominator = sp.fraction(sp.together(flat))
        equation = sp.Poly(numerator - left * denominator, g)
        if equation.degree() != 1:
            continue
        leading, constant = equation.all_coeffs()
        solution = (-constant / leading).subs(left, right)
        value = slope.xreplace(_powers(slope, generator, g))
        value = shortest(sp.cancel(sp.together(value.subs(g, solution))))
        if value.atoms(sp.Function) - {sp.exp(A), sp.exp(-A)}:
            continue
        polynomial = value.xreplace({sp.exp(-A): sp.Dummy(), sp.exp(A): sp.Dummy()})
        if not sp.fraction(sp.together(polynomial))[1].has(A, U):
            return value
    return None


def _generators(expression: sp.Expr) -> Iterable[sp.Expr]:
    functions = sorted(expression.atoms(sp.Function), key=lambda node: node.count_ops())
    squares = [sp.exp(2 * node.args[0]) for node in functions if isinstance(node, sp.exp)]
    return [*functions, *squares]


def _powers(expression: sp.Expr, generator: sp.Expr, g: sp.Symbol) -> dict[sp.Expr, sp.Expr]:
    """Integer powers of the generator that sympy writes as other functions: exp(-u), exp(2u)."""
    found = {generator: g}
    if isinstance(generator, sp.exp):
        for node in expression.atoms(sp.exp):
            ratio = sp.cancel(node.args[0] / generator.args[0])
            if ratio.is_Integer:
                found[node] = g**ratio
    return found


def _through_output_by_branches(expression: sp.Piecewise, slope: sp.Expr) -> sp.Expr | None:
    """One kink, each branch by itself, and the condition ``z > kink`` read off the output.

    That reading is right where the function rises strictly above the kink and does not rise above
    its kink value below it; it is proven from the signs of the slopes, or not used.
    """
    if len(expression.args) != 2 or not isinstance(slope, sp.Piecewise):
        return None
    (upper, test), (lower, _) = expression.args
    if not (isinstance(test, sp.StrictGreaterThan) and test.lhs == U and test.rhs.is_number):
        return None
    if len(slope.args) == 1:
        return slope.args[0][0] if not slope.has(U) else None
    kink = test.rhs
    above, below = sp.Symbol("u", positive=True), sp.Symbol("u", nonpositive=True)
    upper_slope, lower_slope = (branch for branch, _ in slope.args)
    if not upper_slope.xreplace({U: kink + above}).is_positive:
        return None
    if not lower_slope.xreplace({U: kink + below}).is_nonnegative:
        return None
    value_at_kink = lower.xreplace({U: kink})
    if value_at_kink != upper.xreplace({U: kink}):
        return None
    branches = []
    for branch, its_slope in ((upper, upper_slope), (lower, lower_slope)):
        in_output = its_slope if not its_slope.has(U) else through_output(branch, its_slope)
        if in_output is None or in_output.has(U):
            return None
        branches.append(in_output)
    return sp.Piecewise((branches[0], value_at_kink < A), (branches[1], True))
