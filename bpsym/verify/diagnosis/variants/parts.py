"""Factors of a layer's own equation left out: a gain, 1/sd, 1/n, the other factor of a product."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.network.catalogue.kinds import EQUATION
from bpsym.verify.diagnosis.chain import Change, Edit, Term
from bpsym.verify.diagnosis.variants.base import Sites, Variant, exchanged, together
from bpsym.verify.diagnosis.variants.branches import cases_lost, swapped

# Their factors are mistakes of their own: slopes, weights, losses.
_LEFT_OUT = ("dense", "decay", "softmax", EQUATION)


def variants(sites: Sites) -> Iterator[Variant]:
    """Every factor that can be left out of every term."""
    found = [
        variant
        for term in sites.terms()
        if term.upstream is not None
        and term.relation.schema.activation is None
        and term.relation.schema.label not in _LEFT_OUT
        for variant in _of_one(sites, term)
    ]
    yield from together(found)
    for term in sites.terms():
        yield from _learned(sites, term)


def _of_one(sites: Sites, term: Term) -> Iterator[Variant]:
    where = sites.place(term.tensor)
    inner = term.expr.function if isinstance(term.expr, sp.Sum) else term.expr
    for factor in sp.Mul.make_args(inner):
        read = isinstance(factor, sp.Indexed)
        if factor.is_number or (read and name_of(factor) == term.upstream):
            continue
        if read:
            yield from _other_operand(sites, term, factor)
        sized = not factor.has(sp.Indexed)
        words = {
            "factor": _spelled(factor),
            "tensor": term.relation.schema.label,
            "loops": (f"{term.relation.schema.label} sizes",) if sized else (),
        }
        edit = Edit(term.tensor, term.number, change=_divided(factor))
        yield Variant("scale-missing", where, (edit,), 1.3, words)
        if isinstance(factor, sp.Pow) and factor.exp == -2:
            less = Edit(term.tensor, term.number, change=_divided(1 / factor.base))
            words = {**words, "factor": _spelled(1 / factor.base), "loops": ()}
            yield Variant("scale-missing", where, (less,), 1.4, words)


def _other_operand(sites: Sites, term: Term, factor: sp.Indexed) -> Iterator[Variant]:
    """Another value of the same shape where this one is meant."""
    for other in sites.alike(name_of(factor), Role.HIDDEN, Role.INPUT):
        by = element(other, *factor.indices)
        edit = exchanged(term, factor, by)
        words = {"fits": other, "used": other, "loops": ()}
        yield Variant("wrong-cache", sites.place(term.tensor), (edit,), 1.9, words)


def _divided(factor: sp.Expr) -> Change:
    def change(expr: sp.Expr) -> sp.Expr:
        if isinstance(expr, sp.Sum):
            return sp.Sum(expr.function / factor, *expr.limits)
        return expr / factor

    return change


def _learned(sites: Sites, term: Term) -> Iterator[Variant]:
    """The derivative of an activation in what it learns, its cases lost or swapped."""
    for node in term.expr.atoms(OpaqueSlope):
        if node.position == 0:
            continue
        activation = node.activation
        symbol = activation.learned[node.position - 1]
        slope = activation.learned_slope(symbol)
        if not isinstance(slope, sp.Piecewise):
            continue
        values = dict(zip((U, *activation.learned), node.args, strict=True))
        forms = [("derivative-formula", 1.6, each) for each in cases_lost(slope)]
        turned = swapped(slope)
        forms += [("mask-inverted", 1.3, turned)] if turned is not None else []
        for code, rank, form in forms:
            by = form.xreplace(values)
            edit = exchanged(term, node, by)
            used = str(form.xreplace({U: sp.Symbol("z", real=True)})).replace("**", "^")
            words = {"activation": activation.name, "used": used, "weight": term.tensor}
            yield Variant(code, sites.place(term.tensor), (edit,), rank, words)


def _spelled(factor: sp.Expr) -> str:
    names = {node: sp.Symbol(name_of(node)) for node in factor.atoms(sp.Indexed)}
    return str(factor.xreplace(names)).replace("**", "^")
