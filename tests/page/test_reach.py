"""What lights up behind a weight is the union of its paths, enumerated one by one."""

from __future__ import annotations

import itertools

import pytest

from bpsym.typeset.documents.page.drawn import COST, drawn
from bpsym.typeset.documents.page.reach import Reach
from bpsym.worked.paths import paths_of
from tests.page.pages import built_of


def on_paths(spec: str, weight: str) -> set[str]:
    """The units and lines on all paths: the outputs of layers, one after another."""
    built = built_of(spec)
    layer_of = {output: label for label, output in built.outputs.items()}
    found = set()
    for path in paths_of(built, weight, most=10_000):
        units = []
        for element in path[1:]:
            tensor, _, place = element.partition("[")
            if element == COST:
                units.append(COST)
            elif tensor in layer_of:
                units.append(f"{layer_of[tensor]}.{place.rstrip(']')}")
        found |= {*units}
        for one, other in itertools.pairwise(units):
            arc = f"{one.rpartition('.')[0]}>{other.rpartition('.')[0]}"
            found |= {f"{one}>{other}", arc}
    return found


@pytest.mark.parametrize("spec", ["2-3-1", "3-2-2-2", "residual", "ranking", "gated", "joined"])
def test_what_is_lit_is_the_union_of_all_paths(spec):
    built = built_of(spec)
    network = drawn(built, {})
    reach = Reach(built, network)
    edges = [edge for edge in network.edges if edge.weight]
    assert edges
    for edge in edges:
        targets = [each.target for each in edges if each.weight == edge.weight]
        lit, count = reach.of_element(edge.weight, targets)
        assert set(lit) == on_paths(spec, edge.weight) & network.parts
        assert count == len(paths_of(built, edge.weight, most=10_000))


def test_without_the_graph_of_elements_the_drawing_tells_as_much():
    """Large networks have no graph of elements; for a chain both ways give the same."""
    built = built_of("3-2-2-2")
    network = drawn(built, {})
    reach, large = Reach(built, network), Reach(built, network)
    large.graph = None
    for edge in network.edges:
        if edge.weight:
            known = set(reach.of_element(edge.weight, [edge.target])[0])
            assert set(large.of_element(edge.weight, [edge.target])[0]) == known
    for node in network.nodes:
        assert set(large.of_unit(node.key)) == set(reach.of_unit(node.key))
