"""The derivative of an expression in one of its atoms: sums, products, powers and the chain rule.

An atom is a symbol, an element of a tensor, or a whole sum. The slope of a function is sympy's
(``fdiff``); a class with a rule of its own is left to sympy altogether. Unlike ``sympy.diff`` this
asks no questions about signs and zeros, and an element is a variable of its own, whatever its
subscripts: which of them coincide is for the caller to say.
"""

from __future__ import annotations

from functools import reduce
from operator import mul

import sympy as sp


def differentiate(expr: sp.Expr, atom: sp.Expr) -> sp.Expr:
    """``d(expr)/d(atom)``, all other atoms held."""
    if expr == atom:
        return sp.S.One
    if not expr.args or isinstance(expr, sp.Indexed | sp.Sum):
        return sp.S.Zero
    if isinstance(expr, sp.Add):
        return sp.Add(*(differentiate(term, atom) for term in expr.args))
    if isinstance(expr, sp.Mul):
        return _product(expr, atom)
    if isinstance(expr, sp.Pow) and expr.exp.is_number:
        slope = differentiate(expr.base, atom)
        return expr * (slope * expr.exp / expr.base) if slope else slope
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((differentiate(value, atom), test) for value, test in expr.args))
    if type(expr)._eval_derivative is sp.Function._eval_derivative:
        return _chain(expr, atom)
    stand_in = sp.Dummy("r", real=True)
    return sp.diff(expr.xreplace({atom: stand_in}), stand_in).xreplace({stand_in: atom})


def _product(expr: sp.Mul, atom: sp.Expr) -> sp.Expr:
    terms = []
    for at, factor in enumerate(expr.args):
        slope = differentiate(factor, atom)
        if slope:
            terms.append(reduce(mul, (*expr.args[:at], slope, *expr.args[at + 1 :])))
    return sp.Add(*terms)


def _chain(expr: sp.Function, atom: sp.Expr) -> sp.Expr:
    terms = []
    for at, argument in enumerate(expr.args, 1):
        slope = differentiate(argument, atom)
        if slope:
            terms.append(expr.fdiff(at) * slope)
    return sp.Add(*terms)
