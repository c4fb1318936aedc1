"""What can be pointed at, what lights up then, and what is said of it.

A point is a weight or another parameter's element (``W1[2,1]``), a unit (``1.2``), the cost
(``C``), or a formula of the derivation by the tensor that it defines (``z1``, ``dW1``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, Drawn, biases
from bpsym.typeset.documents.page.flow import Flow
from bpsym.typeset.documents.page.reach import Reach
from bpsym.typeset.languages.page import PAGE_WORDS, PageEnglish
from bpsym.typeset.sections.parts import parts_of

Said = Mapping[str, str]
Walk = Mapping[str, str]

# Elements that are not drawn can be pointed at in networks with no more parameters than this.
_MOST_UNDRAWN = 60


@dataclass(frozen=True)
class Point:
    """Something to point at.

    label, text, paths: by language. own, lit, read: parts of the drawing: itself, the way from it
    to the cost, what it takes in. near: points beside it. formulas: the tensors whose formulas in
    the derivation are its own. walk: where the arrow keys go.
    """

    key: str
    label: Said
    text: Said
    own: tuple[str, ...]
    lit: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    paths: Said = field(default_factory=dict)
    walk: Walk = field(default_factory=dict)


class Points:
    """The points of one network, without those of formulas."""

    def __init__(self, built: BuiltNetwork, network: Drawn, reach: Reach, flow: Flow) -> None:
        self.built = built
        self.flow = flow
        self.network = network
        self.reach = reach
        self.weights: dict[str, list[tuple[str, str, str]]] = {}
        for edge in network.edges:
            if edge.weight:
                lines = self.weights.setdefault(edge.weight, [])
                lines.append((edge.key, edge.source, edge.target))
        self.stubs: dict[str, list[str]] = {}
        for stub in network.stubs:
            self.stubs.setdefault(stub.key, []).append(stub.unit)

    def all(self) -> tuple[Point, ...]:
        """Every point, in an order in which a reader would list them."""
        return (
            *(self._unit(each.key) for each in self.network.nodes if each.key != COST),
            *self._incoming(),
            *(self._parameter(name) for name in self._undrawn()),
            self._cost(),
        )

    def _incoming(self) -> Iterator[Point]:
        """The weights and the bias of each unit, as they stand in its sum."""
        weights, stubs = dict(self.weights), dict(self.stubs)
        for node in self.network.nodes:
            for name in [each for each, lines in weights.items() if lines[0][2] == node.key]:
                del weights[name]
                yield self._weight(name)
            for name in [each for each, units in stubs.items() if units[0] == node.key]:
                del stubs[name]
                yield self._bias(name)

    # Words

    def unit_words(self, key: str, words: PageEnglish) -> str:
        """``neuron 2 of layer 1``."""
        label, _, number = key.rpartition(".")
        is_input = label in self.built.inputs
        alone = is_input and len(self.built.inputs) == 1
        return words.unit(label, int(number), is_input=is_input, alone=alone)

    # Kinds of points

    def _unit(self, key: str) -> Point:
        incoming = [edge for edge in self.network.edges if edge.target == key]
        outgoing = [edge for edge in self.network.edges if edge.source == key]
        biases = [stub.key for stub in self.network.stubs if stub.unit == key]
        label = key.rpartition(".")[0]
        is_input = label in self.built.inputs
        multiplied = self.flow.multiplies(self.flow.readers(label))
        before = [*(edge.weight for edge in incoming if edge.weight), *biases, *self._more(key)]
        after = [edge.weight for edge in outgoing if edge.weight]
        return Point(
            key,
            said(lambda words: words.capitalised(self.unit_words(key, words))),
            said(
                lambda words: (
                    words.input_said(multiplied=multiplied) if is_input else words.unit_said
                )
            ),
            (key,),
            self.reach.of_unit(key),
            (*(edge.key for edge in incoming), *(edge.source for edge in incoming), *biases),
            tuple(dict.fromkeys((*before, *after))),
            tuple(tensor for tensor, layer in self.reach.layer_of.items() if layer == label),
            walk=self._unit_walk(key, before, after),
        )

    def _unit_walk(self, key: str, before: Sequence[str], after: Sequence[str]) -> Walk:
        column = next(each for each in self.network.columns if key in each)
        left = next(iter(before), None) or next(
            (edge.source for edge in self.network.edges if edge.target == key), None
        )
        right = next(iter(after), None) or next(
            (edge.target for edge in self.network.edges if edge.source == key), None
        )
        return _walk(left, right, column, key)

    def _weight(self, name: str) -> Point:
        lines = self.weights[name]
        (_, source, target), *_ = lines
        targets = [each for _, _, each in lines]
        lit, count = self.reach.of_element(name, targets)
        siblings = [
            *(edge.weight for edge in self.network.edges if edge.target == target and edge.weight),
            *(stub.key for stub in self.network.stubs if stub.unit == target),
        ]
        tensor = name.partition("[")[0]
        return Point(
            name,
            said(
                lambda words: words.weight(
                    self.unit_words(source, words), self.unit_words(target, words)
                )
            ),
            said(
                lambda words: words.weight_said(
                    self.flow.uses(tensor),
                    decays=self.flow.decays(tensor),
                    samples=self.flow.samples,
                )
            ),
            tuple(key for key, _, _ in lines),
            lit,
            tuple(dict.fromkeys(each for _, each, _ in lines)),
            tuple(dict.fromkeys(each for _, *ends in lines for each in ends)),
            (self.built.system.tensors[tensor].adjoint,),
            _paths(count, self.flow.samples),
            _walk(source, target, siblings, name),
        )

    def _bias(self, name: str) -> Point:
        units = self.stubs[name]
        lit, count = self.reach.of_element(name, units)
        siblings = [
            *(edge.weight for edge in self.network.edges if edge.target == units[0]),
            name,
        ]
        tensor = name.partition("[")[0]
        return Point(
            name,
            said(lambda words: words.bias(self.unit_words(units[0], words))),
            said(lambda words: words.bias_said(self.flow.uses(tensor), samples=self.flow.samples)),
            (name,),
            lit,
            (),
            tuple(units),
            (self.built.system.tensors[tensor].adjoint,),
            _paths(count, self.flow.samples),
            _walk(units[0], units[0], [each for each in siblings if each], name),
        )

    def _parameter(self, name: str) -> Point:
        tensor = name.partition("[")[0]
        label = self._owner[tensor]
        lit, count = self.reach.of_element(name, self._units_of(label))
        return Point(
            name,
            said(lambda words: words.parameter(name, label)),
            said(lambda words: words.parameter_said),
            (),
            lit,
            (),
            tuple(self._units_of(label)),
            (self.built.system.tensors[tensor].adjoint,),
            _paths(count, self.flow.samples),
        )

    def _cost(self) -> Point:
        incoming = [edge for edge in self.network.edges if edge.target == COST]
        read = (*(edge.key for edge in incoming), *(edge.source for edge in incoming))
        left = incoming[0].source if incoming else None
        return Point(
            COST,
            said(lambda words: words.cost),
            said(
                lambda words: words.cost_said(
                    targets=self.flow.has_targets, decays=self.flow.cost_decays
                )
            ),
            (COST,),
            (),
            read,
            tuple(edge.source for edge in incoming),
            (COST,),
            walk=_walk(left, None, (), COST),
        )

    # Parameters that no line stands for

    @property
    def _owner(self) -> dict[str, str]:
        """For each parameter the label of its layer."""
        return {name: part.label for part in parts_of(self.built) for name in part.parameters}

    def _undrawn(self) -> list[str]:
        tensors = self.built.system.of_role(Role.PARAMETER)
        known = {*self.weights, *self.stubs}
        plain = {*biases(self.built).values(), *(each.partition("[")[0] for each in self.weights)}
        named = []
        for tensor in tensors:
            if tensor.name in self._owner and tensor.name not in plain:
                named += list(_elements(tensor.name, [self._size(x) for x in tensor.sizes]))
        found = [name for name in named if name not in known]
        return found if len(found) <= _MOST_UNDRAWN else []

    def _size(self, label: str) -> int:
        return self.built.system.sizes.get(label, 1)

    def _more(self, key: str) -> Iterator[str]:
        """The elements without a line that a unit reads: those with its number, or of all units."""
        label, _, number = key.rpartition(".")
        for name in self._undrawn():
            tensor, _, place = name.partition("[")
            if self._owner[tensor] == label and place.rstrip("]").split(",")[0] in ("", number):
                yield name

    def _units_of(self, label: str) -> list[str]:
        return [each.key for each in self.network.nodes if each.layer == label]


def said(sentence: Callable[[PageEnglish], str]) -> Said:
    """A sentence in every language."""
    return {language: sentence(words) for language, words in PAGE_WORDS.items()}


def _paths(count: int | None, samples: int) -> Said:
    return {} if count is None else said(lambda words: words.paths(count, samples))


def _walk(left: str | None, right: str | None, siblings: Iterable[str], own: str) -> Walk:
    row = list(siblings)
    at = row.index(own) if own in row else 0
    found = {"left": left, "right": right}
    if at > 0:
        found["up"] = row[at - 1]
    if at + 1 < len(row):
        found["down"] = row[at + 1]
    return {key: each for key, each in found.items() if each is not None}


def _elements(name: str, sizes: Sequence[int]) -> Iterator[str]:
    if not sizes:
        yield name
    for place in itertools.product(*(range(1, size + 1) for size in sizes)) if sizes else ():
        yield f"{name}[{','.join(map(str, place))}]"
