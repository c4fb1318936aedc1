"""The section on gates: the picture, what each gate computes, and how error signals come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from bpsym.calculus.scalars.unroll import Place
from bpsym.typeset.document import Block, Display, Figure, Paragraph, Section, Table, Text
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Formula,
    Joint,
    Kind,
    Number,
    Power,
    Product,
    Quotient,
    Symbol,
    equation,
)
from bpsym.typeset.notations.hops import scale_of
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.pictures.gate_layout.drawing import gate_picture
from bpsym.typeset.pictures.gates import MOST_DRAWN, Node
from bpsym.typeset.printers.styles import Labels
from bpsym.typeset.sections.context import Context
from bpsym.typeset.worked.decimals import decimal, text_of
from bpsym.typeset.worked.numbered import WORDS
from bpsym.typeset.worked.sums import added, elided, times
from bpsym.worked.gates import ADD, CONSTANT, TIMES, Gate, Gates, gates_of, shared_by
from bpsym.worked.record import Worked

# In the picture there is room for few digits.
_SHORT = 3
_SIGNS = {TIMES: "×", "^2": "u²", "^-1": "1/u", "sigmoid": "σ"}


@dataclass(frozen=True)
class GateSection:
    """Writes the gates of a network at given numbers of one sample.

    sample, samples: which of how many samples of the document it is.
    """

    context: Context
    worked: Worked
    sample: int = 1
    samples: int = 1

    @cached_property
    def graph(self) -> Gates:
        """The gates. Raises NumbersError if there are too many."""
        graph = gates_of(self.context.built, self.worked)
        return shared_by(graph, self.samples) if self._has_share else graph

    @property
    def _has_share(self) -> bool:
        """Whether the error signals of the document have the 1/m of a mean in them."""
        is_mean = self.context.built.network.reduction == "mean"
        scale = scale_of(self.context.built, self.context.notation)
        return self.samples > 1 and is_mean and scale is not Scale.SAMPLES

    @property
    def _root(self) -> Symbol:
        """What the last gate is: the cost, or what one of several samples has of it."""
        return self.context.cost if self.samples == 1 else self._cost_of(self.sample)

    def _cost_of(self, sample: int) -> Symbol:
        cost = self.context.cost
        return replace(cost, name=f"{cost.name}[{sample}]", subscripts=(Number(Fraction(sample)),))

    def section(self) -> Section:
        """The whole section."""
        words = WORDS[self.context.words.code]
        nodes = self._nodes()
        figure: Block = Paragraph((words.gates_not_drawn(len(nodes), MOST_DRAWN),))
        if len(nodes) <= MOST_DRAWN:
            title = words.gates_title(self._network())
            notation = self.context.notation
            labels = Labels(notation.labels) if notation is not None else Labels.ROUND
            figure = Figure(gate_picture(title, nodes, labels))
        drawn = isinstance(figure, Figure)
        blocks: tuple[Block, ...] = (
            Paragraph((*words.gates_said(drawn=drawn), *self._of_which())),
            figure,
            Paragraph((words.gates_forward(),)),
            self._forward(),
            Paragraph((words.gates_backward(),)),
            self._backward(),
        )
        return Section(words.gates, blocks)

    def _of_which(self) -> Text:
        """Which sample it is, where there are several, and what its last gate is."""
        if self.samples == 1:
            return ()
        words = WORDS[self.context.words.code]
        if not self._has_share:
            return words.gates_of_one(self.sample, self._root)
        parts = elided(added((1, self._cost_of(each + 1)) for each in range(self.samples)))
        return words.gates_share(self.sample, self._root, equation(self.context.cost, parts))

    def _network(self) -> str:
        network = self.context.built.network
        return network.spec() or network.name

    # Names

    @cached_property
    def names(self) -> tuple[Formula, ...]:
        """What each gate is called: an element, or q with a number."""
        found, count = list[Formula](), 0
        for gate in self.graph.gates:
            if gate.operation == CONSTANT:
                found.append(decimal(gate.value, self.worked.digits))
            elif gate is self.graph.gates[-1]:
                found.append(self._root)
            elif gate.places:
                found.append(self._element(gate.places[-1]))
            else:
                count += 1
                number = Number(Fraction(count))
                found.append(Symbol(f"q{count}", Kind.TENSOR, "q", subscripts=(number,)))
        return tuple(found)

    def _element(self, place: Place) -> Formula:
        tensor, subscripts = place
        numbers = tuple(Number(Fraction(each)) for each in subscripts)
        symbol = self.context.table.tensor(tensor, numbers)
        (block,) = self.context.noted(Display((symbol,)))
        assert isinstance(block, Display)
        return block.formulas[0]

    # The picture

    def _nodes(self) -> list[Node]:
        return [
            Node(
                "" if gate.is_given else _sign_of(gate),
                name,
                gate.inputs,
                self._digits(gate.value) if gate.operation != CONSTANT else "",
                self._digits(gate.signal) if gate.operation != CONSTANT else "",
                tuple(self._digits(each) for each in gate.local),
            )
            for gate, name in zip(self.graph.gates, self.names, strict=True)
        ]

    def _digits(self, value: float) -> str:
        """A number in a few characters, ``1.2e−5`` for a small one."""
        size = text_of(abs(value), _SHORT).replace("-", "−") if value else "0"
        return f"−{size}" if value < 0 else size

    # The tables

    def _forward(self) -> Table:
        words = WORDS[self.context.words.code]
        rows: list[tuple[Text, ...]] = []
        for name, gate in zip(self.names, self.graph.gates, strict=True):
            if not gate.is_given:
                local = tuple(self._number(each) for each in gate.local)
                rows.append(
                    ((name,), (self._computes(gate),), (self._number(gate.value),), _listed(local))
                )
        return Table(words.gates_computed, tuple(rows), frozenset((2,)))

    def _computes(self, gate: Gate) -> Formula:
        read = tuple(self.names[each] for each in gate.inputs)
        match gate.operation:
            case "+":
                return added(zip(gate.signs, read, strict=True))
            case "*":
                return Product(read, Joint.DOT)
            case "^-1":
                return Quotient(ONE, read[0])
            case power if power.startswith("^"):
                return Power(read[0], Fraction(power[1:]))
            case "case":
                return read[0]
            case "max":
                return Apply("max", (Number(Fraction(0)), *read))
            case function:
                return Apply(function, read)

    def _backward(self) -> Table:
        words = WORDS[self.context.words.code]
        gates, rows = self.graph.gates, list[tuple[Text, ...]]()
        for position in range(len(gates) - 1, -1, -1):
            gate = gates[position]
            if gate.operation != CONSTANT:
                parts = list(self._arriving(position))
                shown: Text = (added((1, each) for each in parts),) if parts else ("",)
                rows.append(((self.names[position],), shown, (self._number(gate.signal),)))
        return Table(words.gates_signals, tuple(rows), frozenset((2,)))

    def _arriving(self, position: int) -> Iterator[Formula]:
        """What each reader hands on: its error signal times its local gradient."""
        gates = self.graph.gates
        for reader in self.graph.readers[position]:
            gate = gates[reader]
            for read, local in zip(gate.inputs, gate.local, strict=True):
                if read == position:
                    yield times((self._number(local), self._number(gate.signal)))

    def _number(self, value: float) -> Formula:
        return decimal(value, self.worked.digits)


def _sign_of(gate: Gate) -> str:
    """What stands in the circle of a gate."""
    if gate.operation == ADD and gate.signs == (1, -1):
        return "−"
    return _SIGNS.get(gate.operation, gate.operation)


def _listed(formulas: tuple[Formula, ...]) -> Text:
    text: Text = ()
    for number, each in enumerate(formulas):
        text += (", ",) * (number > 0) + (each,)
    return text
