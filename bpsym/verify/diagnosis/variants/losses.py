"""Mistakes in the derivative of the loss itself: a case of it lost, another loss in its place."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from bpsym.calculus.adjoint import pull_back
from bpsym.calculus.equations import Range
from bpsym.calculus.system import Relation, Role
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.network.build.schemas import index_size, loss_schema
from bpsym.network.catalogue.losses import LOSSES, LossRow
from bpsym.verify.diagnosis.chain import Term
from bpsym.verify.diagnosis.variants.base import Sites, Variant, exchanged
from bpsym.verify.diagnosis.variants.branches import by_cases, cases_lost, edge_lost, swapped


def variants(sites: Sites) -> Iterator[Variant]:
    """A mask or a clip left out or turned round, a margin or a target forgotten."""
    for term in _of_losses(sites):
        where = sites.place(term.tensor)
        form = by_cases(term.expr)
        if form is None:
            continue

        def variant(code: str, rank: float, by: sp.Expr, term: Term = term,
                    form: sp.Piecewise = form, where: str = where) -> Variant:  # fmt: skip
            words = {"activation": term.relation.schema.label, "used": _spelled(sites, by)}
            return Variant(code, where, (exchanged(term, form, by),), rank, words)

        for lost in cases_lost(form):
            yield variant("derivative-formula", 1.3, lost)
        turned = swapped(form)
        if turned is not None:
            yield variant("mask-inverted", 1.35, turned)
        edge = edge_lost(form)
        if edge is not None:
            yield variant("derivative-formula", 1.4, edge)
        for by in _without_target(sites, form):
            yield variant("target-ignored", 1.45, by)


def others(sites: Sites) -> Iterator[Variant]:
    """A part of the derivative wrong, and that of every other loss of an output and a target."""
    for term in _of_losses(sites):
        yield from _misspelt(sites, term, sites.place(term.tensor))
        yield from _before(sites, term, sites.place(term.tensor))
        relation = term.relation
        if not {"a", "y"} <= set(relation.formal()):
            continue
        for number, row in enumerate(LOSSES.values()):
            if row.name == relation.schema.label or len(row.outputs) != 1 or not row.target:
                continue
            by = _derivative(sites, term, row)
            if by is None or not sp.cancel(by / term.expr).has(sp.Indexed):
                continue  # a factor is another mistake
            edit = exchanged(term, term.expr, by)
            words = {"activation": relation.schema.label, "used": row.name, "fits": row.name}
            rank = 1.7 + 0.005 * number
            yield Variant("wrong-derivative", sites.place(term.tensor), (edit,), rank, words)


def alike(sites: Sites) -> Iterator[tuple[str, str, sp.Expr]]:
    """The declared loss, one that is it times a factor, and the factor of their derivatives."""
    for term in _of_losses(sites):
        relation = term.relation
        if not {"a", "y"} <= set(relation.formal()):
            continue
        for row in LOSSES.values():
            if len(row.outputs) != 1 or not row.target:
                continue
            by = _derivative(sites, term, row)
            ratio = None if by is None else sp.cancel(by / term.expr)
            if ratio is not None and not ratio.has(sp.Indexed):
                yield relation.schema.label, row.name, ratio


def _misspelt(sites: Sites, term: Term, where: str) -> Iterator[Variant]:
    """One part of the derivative left out or turned round; its square, its amount."""
    if term.expr.has(sp.Piecewise, sp.Sum):
        return
    sums = [node for node in sp.preorder_traversal(term.expr) if isinstance(node, sp.Add)]
    for node in sums[:1]:
        turned = [node - 2 * part for part in node.args]
        forms = [*turned, *(node - part for part in node.args), node**2, sp.Abs(node)]
        for by in dict.fromkeys(forms):
            if by == 0 or by == -node or not by.has(sp.Indexed):
                continue
            # pen: a line of one's own is better mended in the one place, see ``lines.mend``.
            words = {
                "activation": term.relation.schema.label,
                "used": _spelled(sites, by),
                "pen": (),
            }
            edit = exchanged(term, node, by)
            yield Variant("derivative-formula", where, (edit,), 1.72, words)


def _before(sites: Sites, term: Term, where: str) -> Iterator[Variant]:
    """The derivative of the loss at z, where the output a is meant."""
    for relation in sites.chain.system.definitions.get(term.tensor, ()):
        if relation.schema.activation is None or relation.schema.activation.slope.is_number:
            continue
        z = relation.formal()["z"]
        nodes = [n for n in term.expr.atoms(sp.Indexed) if name_of(n) == term.tensor]
        by = term.expr.xreplace({node: element(z, *node.indices) for node in nodes})
        words = {"activation": term.relation.schema.label, "used": _spelled(sites, by)}
        edit = exchanged(term, term.expr, by)
        yield Variant("derivative-formula", where, (edit,), 1.73, words)


def _of_losses(sites: Sites) -> Iterator[Term]:
    for term in sites.terms():
        loss = term.upstream is None and term.relation.schema.label != "decay"
        if loss and sites.chain.system.tensors[term.tensor].role is Role.HIDDEN:
            yield term


def _without_target(sites: Sites, form: sp.Piecewise) -> Iterator[sp.Expr]:
    """The target left out of the values of the cases, and of their conditions too."""
    targets = {each.name for each in sites.chain.system.of_role(Role.TARGET)}
    nodes = [node for node in form.atoms(sp.Indexed) if name_of(node) in targets]
    values = [value for value, _ in form.args]
    for number in (sp.Integer(0), sp.Integer(1)):  # y - a without y, y a without y
        gone = dict.fromkeys(nodes, number)
        changed = [value.xreplace(gone) for value in values]
        if changed == values or all(each == 0 for each in changed):
            continue
        tests = [test for _, test in form.args]
        yield sp.Piecewise(*zip(changed, tests, strict=True))
        yield form.xreplace(gone)


def _derivative(sites: Sites, term: Term, row: LossRow) -> sp.Expr | None:
    """What another loss of the same output and target adds to the adjoint of the output."""
    relation = term.relation
    mean = index_size("n") in relation.schema.equation.rhs.as_independent(sp.Sum)[0].free_symbols
    options = tuple(row.options.items())
    schema = loss_schema(row.expression, options, "mean" if mean else "sum", row.name)
    formal = {**relation.formal(), schema.tensors[0]: relation.defines}
    if not set(schema.tensors) <= set(formal):
        return None
    other = Relation(schema, tuple(formal[name] for name in schema.tensors))
    equation = sites.chain.equation(other)
    weight = rational(sites.chain.system.weights[relation.defines])
    free = sites.chain.letters(term.tensor)
    ranges = [Range.upto(last) for last in sites.chain.ranges(term.tensor)]
    found = [each.solved for each in pull_back(equation, weight, term.tensor, free, ranges)]
    return sp.Add(*found) if found else None


def _spelled(sites: Sites, formula: sp.Expr) -> str:
    """The formula for one entry, with y for the target."""
    targets = {each.name for each in sites.chain.system.of_role(Role.TARGET)}
    letters = {
        node: sp.Symbol("y" if name_of(node) in targets else name_of(node), real=True)
        for node in formula.atoms(sp.Indexed)
    }
    return str(formula.xreplace(letters)).replace("**", "^")
