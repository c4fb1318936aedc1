"""Quotients by p and by 1 - p of a softmax p, without a division by what a float may have lost.

The adjoint of z under a loss of p = softmax(z) is p_i (g_i - sum_k g_k p_k), g = dC/dp. A pole of g
at p = 0 is cancelled by the factor p. One at p = 1, g = c/(1 - p) + ..., leaves

    c_i / (1 - p_i) - p_i sum_k c_k / (1 - p_k)  =  c_i - sum over k != i of c_k p_i / (1 - p_k)

Both terms on the left may be far larger than their difference. On the right p_i / (1 - p_k) is the
softmax of all entries but the k-th, which a kernel computes from z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from bpsym.arrays.stable import softmax_argument, softmax_of_others
from bpsym.calculus.slopes.activation import Opaque
from bpsym.calculus.terms.indexed import name_of, top_sums

Sources = Mapping[str, tuple[sp.Expr, sp.Expr]]

_P = sp.Dummy("p", positive=True)


@dataclass(frozen=True)
class _Part:
    """``pole / (1 - p) + rest``, a local term or the body of a sum, without a pole in rest."""

    pole: sp.Expr
    rest: sp.Expr


def without_poles(expr: sp.Expr, sources: Sources) -> sp.Expr:
    """The expression with quotients by outputs p of a softmax, and by 1 - p, taken out.

    So are those by any other output that a factor cancels, as in a (1 - a) y/a. What is not linear
    in its sums, or not of the form above, stays as it is.
    sources: the equations that define the tensors that are read, with plain indices.
    """
    divisors = {
        name_of(node)
        for power in expr.atoms(sp.Pow)
        if power.exp.could_extract_minus_sign()
        for node in power.base.atoms(sp.Indexed)
    }
    for name in sorted(divisors & set(sources)):
        lhs, rhs = sources[name]
        if isinstance(rhs, Opaque):
            expr = _cancelled(expr, lhs) or expr
            continue
        z = softmax_argument(rhs)
        if z is not None and not top_sums(z):
            expr = _of_one(expr, lhs, z) or expr
    return expr


def _cancelled(expr: sp.Expr, lhs: sp.Indexed) -> sp.Expr | None:
    """The expression without a division by a, or by 1 - a, where a factor cancels it."""
    sums = {each: sp.Dummy(f"S{at:03d}") for at, each in enumerate(top_sums(expr))}
    reads = [each for each in expr.xreplace(sums).atoms(sp.Indexed) if each.base == lhs.base]
    if len(reads) != 1:
        return None
    atoms: dict[sp.Expr, sp.Symbol] = {}
    flat = sp.cancel(sp.together(_flat(expr, reads[0], atoms)))
    back = {symbol: node for node, symbol in atoms.items()} | {_P: reads[0]}
    cancels = not sp.denom(flat).has(_P)
    return _short(sp.factor(flat), flat).xreplace(back) if cancels else None


def _of_one(expr: sp.Expr, lhs: sp.Indexed, z: sp.Expr) -> sp.Expr | None:
    sums = sorted(top_sums(expr), key=sp.default_sort_key)
    held = {each: sp.Dummy(f"S{at:03d}") for at, each in enumerate(sums)}
    flat = expr.xreplace(held)
    reads = [each for each in flat.atoms(sp.Indexed) if each.base == lhs.base]
    if len(reads) != 1:
        return None
    (p,) = reads
    weights = [sp.cancel(sp.diff(flat, held[each]) / p) for each in sums]
    local = _split(flat.xreplace(dict.fromkeys(held.values(), sp.Integer(0))), p)
    if local is None or any(weight.atoms(*held.values()) for weight in weights):
        return None
    result, poles = local.rest, local.pole
    for each, weight in zip(sums, weights, strict=True):
        bound = each.limits[0][0]
        inside = p.xreplace({p.indices[-1]: bound})
        part = _split(each.function, inside)
        if part is None or len(each.limits) != 1:
            return None
        if part.pole != 0:
            if weight.atoms(sp.Indexed):
                return None
            poles += weight * part.pole.xreplace({bound: p.indices[-1]})
        result += weight * p * sp.Sum(part.rest, *each.limits)
    if local.pole == 0 or sp.expand(sp.cancel(sp.together(poles))) != 0:
        return sp.factor_terms(result) if local.pole == 0 == poles else None
    factor, weight = sp.factor_terms(local.pole).as_independent(sp.Indexed, sp.Sum, as_Add=False)
    logits = z.xreplace(dict(zip(lhs.indices, p.indices, strict=True)))
    others = softmax_of_others(logits, weight)
    whole = result / factor + weight
    return factor * (_short(sp.cancel(sp.expand(whole)), whole) - others)


def _split(expr: sp.Expr, p: sp.Indexed) -> _Part | None:
    """The partial fractions of an expression at p = 1, everything else in it held as a symbol.

    None if the pole is not simple.
    """
    atoms: dict[sp.Expr, sp.Symbol] = {}
    flat = sp.together(_flat(expr, p, atoms))
    back = {symbol: node for node, symbol in atoms.items()} | {_P: p}
    pole = sp.cancel(flat * (1 - _P)).xreplace({_P: sp.Integer(1)})
    if pole.has(sp.nan, sp.zoo, sp.oo):
        return None
    rest = sp.cancel(flat - pole / (1 - _P))
    return _Part(sp.factor_terms(pole).xreplace(back), _short(sp.factor(rest), rest).xreplace(back))


def _short(*forms: sp.Expr) -> sp.Expr:
    """The shortest of equal forms, each as it is or with common factors taken out."""
    return min((*map(sp.factor_terms, forms), *forms), key=sp.count_ops)


def _flat(expr: sp.Expr, p: sp.Indexed, atoms: dict[sp.Expr, sp.Symbol]) -> sp.Expr:
    """The expression as a rational function, all that is not rational held in ``atoms``."""
    if expr == p:
        return _P
    if expr.is_Rational:
        return expr
    if isinstance(expr, sp.Add | sp.Mul):
        return expr.func(*(_flat(each, p, atoms) for each in expr.args))
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        return _flat(expr.base, p, atoms) ** expr.exp
    return atoms.setdefault(expr, sp.Dummy(f"q{len(atoms):03d}", real=True))
