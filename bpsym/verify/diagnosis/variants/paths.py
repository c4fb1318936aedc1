"""Mistakes where a value is read more than once, and in layers with equations of their own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import sympy as sp

from bpsym.calculus.system import Role
from bpsym.network.catalogue.kinds import EQUATION
from bpsym.verify.diagnosis.chain import Edit, Term
from bpsym.verify.diagnosis.variants.base import Sites, Variant, exchanged

_JOINTS = ("add", "concat", "multiply")


def variants(sites: Sites) -> Iterator[Variant]:
    """One path left out where several meet; a declared factor left out."""
    tensors = sites.chain.system.tensors
    for name in sites.chain.order:
        terms = [term for term in sites.chain.terms.get(name, ()) if term.upstream is not None]
        by_reader: dict[int, list[Term]] = {}
        for term in terms:
            by_reader.setdefault(id(term.relation), []).append(term)
        if len(by_reader) > 1:
            for group in by_reader.values():
                yield from _lost(sites, name, group, tensors[name].role)
        if len(by_reader) > 2 and tensors[name].role is Role.PARAMETER:
            yield from _overwritten(sites, name, list(by_reader.values()))
    yield from _exchanged(sites)
    for term in sites.terms():
        yield from _unscaled(sites, term)
    yield from _decay(sites)
    yield from _redecayed(sites)


def _lost(sites: Sites, name: str, group: list[Term], role: Role) -> Iterator[Variant]:
    edits = tuple(Edit(name, term.number, change=lambda _: sp.Integer(0)) for term in group)
    label = group[0].relation.schema.label
    path = group[0].relation.defines
    if role is Role.PARAMETER:
        code, rank = "tied-weight-once", 1.0
    elif label == "layer_norm":
        code = "layer-norm-mean" if path.startswith("mean") else "layer-norm-variance"
        rank = 1.0
        if not path.startswith(("mean", "sd")):
            return
    elif label in _JOINTS:
        code, rank = "skip-lost", 1.0
    else:
        code, rank = "fan-out-overwritten", 1.1
    words = {"path": path, "tensor": name}
    yield Variant(code, sites.place(name), edits, rank, words)


def _exchanged(sites: Sites) -> Iterator[Variant]:
    """Two blocks of a concatenation of the same width, in each other's place on the way down."""
    terms = [each for each in sites.terms() if each.relation.schema.label == "concat"]
    for one, other in itertools.combinations(terms, 2):
        tensors = one.tensor, other.tensor
        if one.upstream != other.upstream or other.tensor not in sites.alike(
            one.tensor, Role.HIDDEN
        ):
            continue
        letters = [sites.chain.letters(each) for each in tensors]
        there = dict(zip(*letters, strict=True))
        back = dict(zip(*reversed(letters), strict=True))
        edits = (
            exchanged(one, one.expr, other.expr.xreplace(back)),
            exchanged(other, other.expr, one.expr.xreplace(there)),
        )
        places = tuple(sites.place(each) for each in tensors)
        words = {"weight": tensors[0], "fits": tensors[1]}
        yield Variant("blocks-swapped", places[0], edits, 1.3, words, places)


def _overwritten(sites: Sites, name: str, groups: list[list[Term]]) -> Iterator[Variant]:
    """Of many uses of a shared weight the last of the loop alone, at one end or the other."""
    for kept in (groups[0], groups[-1]):
        lost = [term for group in groups if group is not kept for term in group]
        edits = tuple(Edit(name, term.number, change=lambda _: sp.Integer(0)) for term in lost)
        path = ", ".join(dict.fromkeys(term.relation.defines for term in lost))
        words = {"path": path, "tensor": name}
        yield Variant("tied-weight-once", sites.place(name), edits, 1.1, words)


def _unscaled(sites: Sites, term: Term) -> Iterator[Variant]:
    """A factor of the layer's own equation, such as 1/sqrt(d), or the weight of a loss."""
    system = sites.chain.system
    weight = system.weights.get(term.relation.defines)
    if weight is not None:
        if weight != 1:
            edit = _times(term, 1 / sp.Rational(weight.numerator, weight.denominator))
            words = {"factor": str(weight), "tensor": term.relation.defines}
            # A declared number is likelier than one out of the blue.
            yield Variant("scale-missing", sites.place(term.tensor), (edit,), 0.75, words)
        return
    if term.relation.schema.label != EQUATION:
        return
    number, _ = term.expr.as_coeff_Mul()
    sizes = [
        factor
        for factor in sp.Mul.make_args(term.expr)
        if factor.free_symbols and all(s.is_positive for s in factor.free_symbols)
        and not factor.has(sp.Indexed)
    ]  # fmt: skip
    factor = sp.Mul(abs(number), *sizes)
    if factor != 1:
        words = {"factor": str(factor), "tensor": term.relation.defines}
        edit = _times(term, 1 / factor)
        yield Variant("scale-missing", sites.place(term.tensor), (edit,), 1.3, words)


def _decay(sites: Sites) -> Iterator[Variant]:
    """The decay term left out, doubled or subtracted, in all weights and in each."""
    terms = [each for each in sites.terms() if each.relation.schema.label == "decay"]
    groups = [terms] if terms else []
    groups += [[term] for term in terms] if len(terms) > 1 else []
    for code, factor in (("missing", 0), ("twice", 2), ("sign", -1)):
        for group in groups:
            name = "partial" if code == "missing" and len(group) < len(terms) else code
            edits = tuple(_times(term, sp.Integer(factor)) for term in group)
            weights = [term.tensor for term in group]
            words = {"weights": ", ".join(weights), "parameters": weights, "factor": str(factor)}
            yield Variant(f"regularisation-{name}", "regularisation", edits, 0.9, words)


def _redecayed(sites: Sites) -> Iterator[Variant]:
    """The decay of absolute values, its sign alone, and the square for its derivative."""
    terms = [each for each in sites.terms() if each.relation.schema.label == "decay"]
    for factor, change in (
        ("1/|W|", lambda node: sp.sign(node)),
        ("W", lambda node: node**2),
    ):
        edits = tuple(_of_weight(term, change) for term in terms)
        weights = list(dict.fromkeys(term.tensor for term in terms))
        words = {"weights": ", ".join(weights), "parameters": weights, "factor": factor}
        if edits:
            yield Variant("regularisation-scale", "regularisation", edits, 1.5, words)


def _of_weight(term: Term, change: Callable[[sp.Indexed], sp.Expr]) -> Edit:
    by = {node: change(node) for node in term.expr.atoms(sp.Indexed)}
    return Edit(term.tensor, term.number, change=lambda expr: expr.xreplace(by))


def _times(term: Term, factor: sp.Expr) -> Edit:
    return Edit(term.tensor, term.number, change=lambda expr: expr * factor)
