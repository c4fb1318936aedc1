"""Quotients of a slope by the output, as derivatives of logarithms.

    (1 - y/a) f'(z)                        f'(z) - y (log f)'(z)
    (a - y) f'(z) / (a (1 - a))            -(y (log f)'(z) + (1 - y) (log(1 - f))'(z))

with a = f(z). Where f has reached 0 or 1 to the last digit the left sides are 0/0.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from bpsym.arrays.activations import LOG_SLOPE, LOG_SLOPE_OF_COMPLEMENT, token
from bpsym.arrays.logarithms import Unbounded, logarithmic_slope, unbounded
from bpsym.arrays.stable import exponential_minus_one
from bpsym.calculus.slopes.activation import A, Activation, slope_function
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of

Outputs = Mapping[tuple[str, Activation], str]

_OUTPUT = sp.Dummy("a", real=True)
_SLOPE = sp.Dummy("slope", real=True)


def by_logarithmic_slopes(expr: sp.Expr, outputs: Outputs) -> sp.Expr:
    """Write ``f'(z)/a`` and ``f'(z)/(1 - a)`` as derivatives of log f and log(1 - f).

    The expression is split into partial fractions in a; it stays as it is if it divides by a in
    another way, or where no f' stands, or if nothing is known of the logarithm.
    outputs: for each pre-activation and activation the tensor a.
    """
    divisors = {
        node
        for power in expr.atoms(sp.Pow)
        if power.exp.could_extract_minus_sign()
        for node in power.base.atoms(sp.Indexed)
    }
    for (z, activation), a in outputs.items():
        for read in sorted(divisors, key=sp.default_sort_key):
            if name_of(read) == a and not activation.learned:
                expr = _split(expr, activation, element(z, *read.indices), read)
    return expr


def _split(expr: sp.Expr, activation: Activation, z: sp.Expr, a: sp.Expr) -> sp.Expr:
    """The quotients of one activation: E = c0/a + c1/(1 - a) + rest, c0 and c1 multiples of f'."""
    forms = {slope_function(activation, 0)(z): _SLOPE}
    short = activation.short_slope
    if short is not None:
        forms[short.xreplace({U: z, A: a})] = _SLOPE
    atoms: dict[sp.Expr, sp.Symbol] = {}
    flat = _flat(expr.xreplace(forms), a, atoms)
    if any(node.has(a) for node in atoms):
        return expr
    back = {symbol: node for node, symbol in atoms.items()}
    slope = next((form for form in forms if expr.has(form)), sp.Integer(0))
    # Inside a larger sum 1 - exp(-a) would not be seen to be one thing.
    back |= {_OUTPUT: a, _SLOPE: exponential_minus_one(slope) or slope}
    rest, quotients = flat, sp.Integer(0)
    for divisor, place, complement in ((_OUTPUT, 0, False), (1 - _OUTPUT, 1, True)):
        residue = sp.cancel(flat * divisor).xreplace({_OUTPUT: sp.Integer(place)})
        if residue == 0:
            continue
        weight = sp.cancel(residue / _SLOPE)
        of_logarithm = _logarithmic_slope(activation, z, complement=complement)
        if residue.has(sp.nan, sp.zoo) or weight.has(_SLOPE) or of_logarithm is None:
            return expr
        rest -= residue / divisor
        quotients += (-weight if complement else weight) * of_logarithm
    rest = sp.cancel(sp.together(rest))
    if quotients == 0 or sp.denom(rest).has(_OUTPUT):
        return expr
    return sp.factor_terms(rest + quotients).xreplace(back)


def _flat(expr: sp.Expr, a: sp.Expr, atoms: dict[sp.Expr, sp.Symbol]) -> sp.Expr:
    """The expression as a rational function, all that is not rational held in ``atoms``."""
    if expr == a:
        return _OUTPUT
    if expr in (_SLOPE, _OUTPUT) or expr.is_Rational:
        return expr
    if isinstance(expr, sp.Add | sp.Mul):
        return expr.func(*(_flat(each, a, atoms) for each in expr.args))
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        return _flat(expr.base, a, atoms) ** expr.exp
    return atoms.setdefault(expr, sp.Dummy(f"q{len(atoms):03d}", real=True))


def _logarithmic_slope(activation: Activation, z: sp.Expr, *, complement: bool) -> sp.Expr | None:
    form = logarithmic_slope(activation, complement=complement)
    if form is None or isinstance(form, Unbounded) or not isinstance(form, sp.Piecewise):
        return None if form is None else form.xreplace({U: z})
    kind = LOG_SLOPE_OF_COMPLEMENT if complement else LOG_SLOPE
    return unbounded(token(activation, kind))(z)
