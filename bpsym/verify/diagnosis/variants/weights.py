"""Mistakes in pulling a delta back through a weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from bpsym.arrays.index_values import Array, Scope, compiled
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import element
from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.variants.base import Number, Operand, Sites, Variant, only, together


def variants(sites: Sites) -> Iterator[Variant]:
    """W for its transpose, another W, no W at all, or one that was already updated."""
    found: list[Variant] = []
    for operand in sites.pulled():
        found += _of_one(sites, operand)
    found += _undifferentiated(sites)
    found += _overwritten(sites)
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
        copied = sp.KroneckerDelta(row, column)
        yield variant("not-propagated", 1.4, copied, how="copied", group="copied")
    for other in sites.alike(operand.name, Role.PARAMETER):
        loops = _loops(sites, operand.name, other)
        straight = element(other, row, column)
        yield variant("wrong-weight", 1.5, straight, fits=other, loops=loops)
        if rows == columns:
            turned = element(other, column, row)
            loops = tuple(f"{each} turned" for each in loops)
            yield variant("wrong-weight", 1.9, turned, fits=other, loops=loops)
    if rows != columns:
        for each in sites.chain.system.of_role(Role.PARAMETER):
            if sites.shape(each.name) == (columns, rows):
                by = element(each.name, column, row)
                yield variant("wrong-weight", 1.8, by, fits=each.name)
    yield variant("not-propagated", 1.6, sp.Integer(1), how="summed", group="summed")
    zero = Edit(term.tensor, term.number, lambda expr: sp.Integer(0))
    if len(sites.chain.terms[term.tensor]) == 1:
        yield Variant("not-propagated", where, (zero,), 2.2, {**words, "how": "zero"})


def _loops(sites: Sites, weight: str, other: str) -> tuple[str, ...]:
    """What a loop that reads ``other`` for ``weight`` would read: it, or the same step away."""
    line = [name for name in sites.chain.parameters if len(sites.shape(name)) == 2]
    return other, f"{line.index(other) - line.index(weight):+d}"


def _undifferentiated(sites: Sites) -> Iterator[Variant]:
    """dC/da is pulled back where dC/dz is meant: f' is kept for dW and lost on the way down."""
    system = sites.chain.system
    for operand in sites.pulled():
        term = operand.term
        for delta, other in sites.other_adjoints(term):
            relation = next(iter(system.readers[term.relation.defines]), None)
            if relation is None or relation.defines != other or not relation.schema.activation:
                continue
            if relation.schema.activation.slope.is_number:
                continue
            by = element(system.tensors[other].adjoint, *delta.indices)
            edit = Operand(term, delta).replaced(by)
            place = sites.place(term.relation.defines)
            words = {"activation": f"{relation.schema.activation.name} ({place})", "group": "down"}
            yield Variant("missing-derivative", sites.place(term.tensor), (edit,), 1.75, words)


def _overwritten(sites: Sites) -> Iterator[Variant]:
    """``s = ...`` for ``s += ...`` in the loop over the units: one term of the sum is left."""
    for operand in sites.pulled():
        term = operand.term
        if not isinstance(term.expr, sp.Sum) or len(term.expr.limits) != 1:
            continue
        [(i, first, last)] = term.expr.limits
        if first == last:
            continue
        for which, at in (("last", last), ("first", first)):
            edit = Edit(term.tensor, term.number, change=only(i, at))
            words = {
                "tensor": term.tensor,
                "path": f"every unit but the {which} of {term.relation.defines}",
                "group": which,
            }
            where = sites.place(term.tensor)
            yield Variant("fan-out-overwritten", where, (edit,), 1.85, words)


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
        if isinstance(eta, Mapping):  # at a point that it was not solved for: as at the first
            step = eta.get(id(scope.sizes), next(iter(eta.values())))
        else:
            step = eta
        return array - step * compute(scope) if step else array

    return Edit(term.tensor, term.number, after=after)
