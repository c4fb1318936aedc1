"""The formulas of the derivation as points: what lights up in the drawing for each."""

from __future__ import annotations

from collections.abc import Iterable

from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, Drawn
from bpsym.typeset.documents.page.points import Point, said
from bpsym.typeset.documents.page.reach import Reach
from bpsym.typeset.languages.page import PageEnglish
from bpsym.typeset.sections.parts import parts_of


def formula_points(
    built: BuiltNetwork, network: Drawn, reach: Reach, names: Iterable[str]
) -> tuple[Point, ...]:
    """A point for each of these tensors and adjoints."""
    system = built.system
    of_adjoint = {each.adjoint: each.name for each in system.tensors.values()}
    layers = {tensor: name for name, tensor in built.inputs.items()}
    for part in parts_of(built):
        layers.update((relation.defines, part.label) for relation in part.relations)
        layers.update((name, part.label) for name in part.parameters)
    found = []
    for name in names:
        tensor = of_adjoint.get(name, name)
        label = layers.get(tensor)
        if label is None or name == COST:
            continue
        if name == tensor:
            found.append(_values(network, name, label))
        elif system.tensors[tensor].role is Role.PARAMETER:
            found.append(_gradients(network, name, tensor, label))
        else:
            found.append(_signals(network, name, label, is_input=label in built.inputs))
    return tuple(found)


def _units(network: Drawn, label: str) -> tuple[str, ...]:
    return tuple(node.key for node in network.nodes if node.layer == label)


def _values(network: Drawn, name: str, label: str) -> Point:
    edges = [edge for edge in network.edges if edge.target in _units(network, label)]
    return Point(
        name,
        said(lambda words: words.values_of(label)),
        said(lambda words: words.formula_said),
        _units(network, label),
        read=tuple(part for edge in edges for part in (edge.key, edge.source)),
        formulas=(name,),
    )


def _signals(network: Drawn, name: str, label: str, *, is_input: bool) -> Point:
    edges = [edge for edge in network.edges if edge.source in _units(network, label)]

    def title(words: PageEnglish) -> str:
        return words.signals_of_input(label) if is_input else words.signals_of(label)

    return Point(
        name,
        said(title),
        said(lambda words: words.formula_said),
        _units(network, label),
        lit=tuple(part for edge in edges for part in (edge.key, edge.target)),
        formulas=(name,),
    )


def _gradients(network: Drawn, name: str, tensor: str, label: str) -> Point:
    edges = [edge for edge in network.edges if edge.weight.partition("[")[0] == tensor]
    stubs = [stub.key for stub in network.stubs if stub.key.partition("[")[0] == tensor]
    return Point(
        name,
        said(lambda words: words.gradients_of(label)),
        said(lambda words: words.formula_said),
        (*(edge.key for edge in edges), *stubs),
        lit=tuple(edge.target for edge in edges) or _units(network, label),
        read=tuple(edge.source for edge in edges),
        formulas=(name,),
    )
