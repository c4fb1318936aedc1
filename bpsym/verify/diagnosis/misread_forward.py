"""A slip on the way up: ``- b1`` for ``+ b1``, ``f(-z)`` for ``f(z)``, another layer's values.

The right side of one relation is changed, or of all relations alike, as a loop or a shared module
does. Everything after it is computed from that; the backward pass has the declared formulas, at
these values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
import sympy as sp

from bpsym.calculus.system import Relation, Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain, Edit
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.diagnosis.variants.base import Sites, Slope

SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Slip:
    """A relation's right side as it was written.

    kind: slips of one kind go together. used, declared: what stands there, and what belongs there.
    slopes: the ways in which the derivative may be written that goes with it.
    """

    defines: str
    kind: str
    rhs: sp.Expr
    used: str
    declared: str
    slopes: tuple[tuple[Edit, ...], ...] = ((),)


def misread_forward(cases: Sequence[Case], *, loss: bool = False) -> Finding | None:
    """The slip in the forward pass to which all gradients belong; None if none is found.

    loss: the returned loss must belong to it too.
    """
    ends = process_time() + SECONDS
    chain = cases[0].chain
    slips = tuple(_slips(Sites(chain)))
    for group in (*((each,) for each in slips), *_alike(slips)):
        if process_time() > ends:
            return None
        rights = {each.defines: each.rhs for each in group}
        for number in range(min(len(each.slopes) for each in group)):
            edits = tuple(edit for each in group for edit in each.slopes[number])
            if all(_fits(case, rights, edits, loss=loss) for case in cases):
                first = group[0]
                words = {"used": first.used, "declared": first.declared, "way": "forward"}
                places = tuple(each.defines for each in group) if len(group) > 1 else ()
                covers = frozenset(cases[0].given)
                return Finding(
                    "wrong-forward", first.defines, words=words, everywhere=places, covers=covers
                )
    return None


def _fits(
    case: Case, rights: Mapping[str, sp.Expr], edits: tuple[Edit, ...], *, loss: bool
) -> bool:
    with np.errstate(all="ignore"):
        scope = case.chain.scope(case.observation.point, rights)
        if loss:
            terms = case.chain.system.objective
            total = sum(float(each) * float(scope.values[term]) for term, each in terms)
            given = case.observation.loss
            if given is None or not abs(given - total) <= 1e-9 * abs(total):
                return False
        gradients = case.chain.gradients(scope, edits)
    return all(case.agrees(each, gradients[each]) for each in case.given)


def _alike(slips: Sequence[Slip]) -> Iterator[tuple[Slip, ...]]:
    """The slips of one kind together."""
    for kind in dict.fromkeys(each.kind for each in slips):
        group = tuple(each for each in slips if each.kind == kind)
        if 1 < len(group) == len({each.defines for each in group}):
            yield group


def _slips(sites: Sites) -> Iterator[Slip]:
    system = sites.chain.system
    slopes = {name_of(each.a): each for each in sites.slopes()}
    for relation in system.relations:
        if len(system.definitions[relation.defines]) > 1:
            continue
        if relation.schema.label == "dense":
            yield from _of_dense(sites, relation)
        elif relation.schema.activation is not None:
            yield from _of_activation(sites.chain, relation, slopes.get(relation.defines))


def _of_dense(sites: Sites, relation: Relation) -> Iterator[Slip]:
    """The sign of the bias or of the product, and another tensor of the same shape."""
    chain, z = sites.chain, relation.defines
    tensors, rhs = chain.system.tensors, chain.equation(relation).rhs
    nodes = {name_of(node): node for node in rhs.atoms(sp.Indexed)}
    for name, node in nodes.items():
        tensor = tensors[name]
        if tensor.role is Role.PARAMETER and len(tensor.sizes) == 1:
            yield Slip(z, "bias", rhs.xreplace({node: -node}), f"- {name}", f"+ {name}")
            yield Slip(z, "bias twice", rhs.xreplace({node: 2 * node}), f"2 {name}", name)
        elif tensor.role is Role.PARAMETER:
            yield Slip(z, "product", rhs.xreplace({node: -node}), f"-{name}", name)
        roles = (Role.PARAMETER,) if tensor.role is Role.PARAMETER else (Role.HIDDEN, Role.INPUT)
        known = {each.name for each in chain.system.of_role(Role.INPUT)}
        for before in chain.system.relations:
            if before is relation:
                break
            known.add(before.defines)
        for other in sites.alike(name, *roles):
            if tensor.role is Role.PARAMETER or other in known:
                by = element(other, *node.indices)
                yield Slip(z, f"{name} {other}", rhs.xreplace({node: by}), other, name)


def _of_activation(chain: Chain, relation: Relation, slope: Slope | None) -> Iterator[Slip]:
    """``f(-z)`` and ``-f(-z)``, which of relu is its mask turned round, and ``f(2z)``."""
    activation, a = relation.schema.activation, relation.defines
    if activation is None or slope is None or activation.learned:
        return  # a learned parameter is a tensor in the equation, and a letter in the table
    equation = chain.equation(relation)
    z = next(node for node in equation.rhs.atoms(sp.Indexed) if name_of(node) == name_of(slope.z))
    f, name = activation.expression, name_of(slope.z)
    forms = {
        "f(-z)": (f.xreplace({U: -U}), "{f}(-{z})"),
        "-f(-z)": (-f.xreplace({U: -U}), "-{f}(-{z})"),
        "-f(z)": (-f, "-{f}({z})"),
        "f(2z)": (f.xreplace({U: 2 * U}), "{f}(2 {z})"),
    }
    through = activation.slope_in_output
    for kind, (form, used) in forms.items():
        own = sp.diff(form, U)
        ways = [(), (slope.replaced(slope.form(own)),)]
        if through is not None:
            ways.append((slope.replaced(slope.form(through)),))
        rhs = equation.rhs.xreplace({equation.rhs: form.xreplace({U: z})})
        yield Slip(
            a,
            f"{activation.name} {kind}",
            rhs,
            used.format(f=activation.name, z=name),
            f"{activation.name}({name})",
            tuple(ways),
        )
