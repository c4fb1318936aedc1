"""Mistakes in pulling a delta back through a weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from bpsym.arrays.index_values import Array, Scope, compiled
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import element
from bpsym.verify.chain import Edit
from bpsym.verify.variants.base import Number, Operand, Sites, Variant, together


def variants(sites: Sites) -> Iterator[Variant]:
    """W for its transpose, another W, no W at all, or one that was already updated."""
    found: list[Variant] = []
    for operand in sites.pulled():
        found += _of_one(sites, operand)
    yield from together(found)
    yield from _updated(sites)


def _of_one(sites: Sites, operand: Operand) -> Iterator[Variant]:
    term, node = operand.term, operand.node
    where = sites.place(term.tensor)
    row, column = node.indices
    rows, columns = sites.shape(operand.name)
    words = {"weight": operand.name}

    def variant(code: str, rank: float, by: sp.Expr, **more: object) -> Variant:
        return Variant(code, where, (operand.replaced(by),), rank, {**words, **more})

    if rows == columns:
        turned = element(operand.name, column, row)
        yield variant("weight-not-transposed", 1, turned)
        yield variant("not-propagated", 1.4, sp.KroneckerDelta(row, column), how="copied")
    for other in sites.alike(operand.name, Role.PARAMETER):
        yield variant("wrong-weight", 1.5, element(other, row, column), fits=other)
        if rows == columns:
            yield variant("wrong-weight", 1.9, element(other, column, row), fits=other)
    if rows != columns:
        for each in sites.chain.system.of_role(Role.PARAMETER):
            if sites.shape(each.name) == (columns, rows):
                by = element(each.name, column, row)
                yield variant("wrong-weight", 1.8, by, fits=each.name)
    yield variant("not-propagated", 1.6, sp.Integer(1), how="summed")
    zero = Edit(term.tensor, term.number, lambda expr: sp.Integer(0))
    if len(sites.chain.terms[term.tensor]) == 1:
        yield Variant("not-propagated", where, (zero,), 2.2, {**words, "how": "zero"})


def _updated(sites: Sites) -> Iterator[Variant]:
    """``W - eta dW`` where W is meant, at one layer and at all of them."""
    operands = [each for each in sites.pulled() if each.term.relation.schema.label != "layer_norm"]
    groups = [[each] for each in operands] + ([operands] if len(operands) > 1 else [])
    for group in groups:
        places = tuple(dict.fromkeys(sites.place(each.term.tensor) for each in group))
        weights = ", ".join(dict.fromkeys(each.name for each in group))

        def family(eta: Number, group: list[Operand] = group) -> tuple[Edit, ...]:
            return tuple(_stepped(sites, each, eta) for each in group)

        yield Variant(
            "updated-weight",
            places[0],
            rank=1.2 if len(group) > 1 else 1.7,
            words={"weight": weights},
            everywhere=places if len(places) > 1 else (),
            family=family,
            start=0.01,
            varies=True,
        )


def _stepped(sites: Sites, operand: Operand, eta: Number) -> Edit:
    """``W - eta dW`` for W in one term, which is linear in W."""
    chain, term, node = sites.chain, operand.term, operand.node
    gradient = chain.system.tensors[operand.name].adjoint
    moved = term.expr.xreplace({node: element(gradient, *node.indices)})
    compute = compiled(moved, chain.letters(term.tensor), chain.ranges(term.tensor))

    def after(array: Array, scope: Scope) -> Array:
        step = eta[id(scope.sizes)] if isinstance(eta, Mapping) else eta
        return array - step * compute(scope) if step else array

    return Edit(term.tensor, term.number, after=after)
