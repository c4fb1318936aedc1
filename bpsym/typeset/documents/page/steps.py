"""The steps of one training step: forward, loss, deltas, gradients, update, and the loss again."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, Drawn, Edge, read_by_losses
from bpsym.typeset.documents.page.flow import Flow, is_dense
from bpsym.typeset.documents.page.points import Said, said
from bpsym.typeset.languages.page import PageEnglish
from bpsym.typeset.sections.parts import Part
from bpsym.typeset.worked.decimals import text_of
from bpsym.worked.record import Worked

PHASES = ("forward", "cost", "deltas", "gradients", "update")


@dataclass(frozen=True)
class Step:
    """One step.

    own, lit, read: parts of the drawing, as of a point. known, told: the units whose values, and
    whose error signals, are written into them by now.
    """

    name: str
    phase: str
    label: Said
    text: Said
    own: tuple[str, ...] = ()
    lit: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Steps:
    """The steps of one network. source: where its numbers are from, in every language."""

    def __init__(
        self, built: BuiltNetwork, network: Drawn, worked: Worked, source: Said, flow: Flow
    ) -> None:
        self.built = built
        self.network = network
        self.worked = worked
        self.source = source
        self.flow = flow
        layers = {node.layer for node in network.nodes}
        self.parts = [part for part in flow.parts if part.label in layers]

    def all(self) -> tuple[Step, ...]:
        """All of them in order."""
        known = [node.key for node in self.network.nodes if node.layer in self.built.inputs]
        told: list[str] = []
        found = [self._start()]
        for part in self.parts:
            known += self._units(part.label)
            found.append(self._forward(part, tuple(known)))
        known.append(COST)
        found.append(self._cost(tuple(known)))
        for part in reversed(self.parts):
            told += self._units(part.label)
            found.append(self._deltas(part, tuple(known), tuple(told)))
        with_parameters = [part for part in self.parts if part.parameters]
        for part in reversed(with_parameters):
            found.append(self._gradients(part, tuple(known), tuple(told)))
        for part in with_parameters:
            found.append(self._update(part, tuple(known), tuple(told)))
        found.append(self._after())
        return tuple(found)

    # One of each kind

    def _start(self) -> Step:
        return Step(
            "start",
            "",
            said(lambda words: words.start),
            said(self._start_said),
        )

    def _start_said(self, words: PageEnglish) -> str:
        sentences = [words.start_said(self.source[words.code], self.flow.samples)]
        labels = self.built.network.labels
        shown = [part.label for part in self.parts]
        missing = [each for each in labels if each not in shown]
        if missing:
            sentences.append(words.gap_said(missing[0], missing[-1]))
        if any(self.built.network.width(each) > len(self._units(each)) for each in shown):
            sentences.append(words.large_said)
        return words.between_sentences.join(sentences)

    def _forward(self, part: Part, known: tuple[str, ...]) -> Step:
        edges = [edge for edge in self.network.edges if edge.target.startswith(f"{part.label}.")]
        arcs = [arc for arc in self.network.arcs if arc.target == part.label]
        sources = [edge.source for edge in edges]
        sources += [unit for arc in arcs for unit in self._units(arc.source)]
        return Step(
            f"forward:{part.label}",
            "forward",
            said(lambda words: words.forward_title(part.label)),
            said(
                lambda words: words.forward_said(
                    part.layer.inputs,
                    dense=is_dense(part),
                    bias=part.layer.bias,
                    slope=self.flow.slope(part),
                )
            ),
            own=self._units(part.label),
            read=(*(edge.key for edge in edges), *(arc.key for arc in arcs), *sources),
            known=known,
        )

    def _cost(self, known: tuple[str, ...]) -> Step:
        edges = [edge for edge in self.network.edges if edge.target == COST]
        return Step(
            "cost",
            "cost",
            said(lambda words: words.cost_title),
            said(
                lambda words: words.step_cost_said(
                    targets=self.flow.has_targets, decays=self.flow.cost_decays
                )
            ),
            own=(COST,),
            read=tuple(part for edge in edges for part in (edge.key, edge.source)),
            known=known,
        )

    def _deltas(self, part: Part, known: tuple[str, ...], told: tuple[str, ...]) -> Step:
        edges = [edge for edge in self.network.edges if edge.source.startswith(f"{part.label}.")]
        arcs = [arc for arc in self.network.arcs if arc.source == part.label]
        targets = [edge.target for edge in edges]
        targets += [unit for arc in arcs for unit in self._units(arc.target)]
        readers = self.flow.readers(part.label)
        last = part.label in read_by_losses(self.built)
        return Step(
            f"deltas:{part.label}",
            "deltas",
            said(lambda words: words.delta_title(part.label)),
            said(
                lambda words: words.delta_said(
                    [each.label for each in readers],
                    last=last,
                    along_weights=self.flow.multiplies(readers),
                    slope=self.flow.slope(part),
                    difference=self.flow.remains_a_difference(part),
                )
            ),
            own=self._units(part.label),
            lit=(*(edge.key for edge in edges), *(arc.key for arc in arcs), *targets),
            known=known,
            told=told,
        )

    def _gradients(self, part: Part, known: tuple[str, ...], told: tuple[str, ...]) -> Step:
        weighted = self._weighted(part)
        return Step(
            f"gradients:{part.label}",
            "gradients",
            said(lambda words: words.gradients_title(part.label)),
            said(lambda words: self._gradients_said(part, words)),
            own=(*(edge.key for edge in weighted), *self._stubs(part)),
            lit=self._units(part.label),
            read=tuple(edge.source for edge in weighted),
            known=known,
            told=told,
        )

    def _gradients_said(self, part: Part, words: PageEnglish) -> str:
        known = {name for each in self._weighted(part) for name in (_tensor(each.weight),)}
        known |= {_tensor(each) for each in self._stubs(part)}
        return words.gradients_said(
            dense=is_dense(part),
            bias=part.layer.bias,
            others=bool(set(part.parameters) - known),
            uses=max(self.flow.uses(each) for each in part.parameters),
            decays=any(self.flow.decays(each) for each in part.parameters),
            samples=self.flow.samples,
        )

    def _update(self, part: Part, known: tuple[str, ...], told: tuple[str, ...]) -> Step:
        rate = text_of(self.worked.rate, self.worked.digits)
        return Step(
            f"update:{part.label}",
            "update",
            said(lambda words: words.update_title(part.label)),
            said(lambda words: words.update_said(rate)),
            own=(*(edge.key for edge in self._weighted(part)), *self._stubs(part)),
            known=known,
            told=told,
        )

    def _after(self) -> Step:
        return Step(
            "after",
            "update",
            said(lambda words: words.after_title),
            after_said(self.worked),
            own=(COST,),
            known=(COST,),
        )

    # Parts of the drawing

    def _units(self, label: str) -> tuple[str, ...]:
        return tuple(node.key for node in self.network.nodes if node.layer == label)

    def _weighted(self, part: Part) -> tuple[Edge, ...]:
        """The lines of its own weights; those that it shares count where they were first."""
        return tuple(
            edge
            for edge in self.network.edges
            if edge.weight and _tensor(edge.weight) in part.parameters
        )

    def _stubs(self, part: Part) -> tuple[str, ...]:
        stubs = (stub.key for stub in self.network.stubs)
        return tuple(dict.fromkeys(each for each in stubs if _tensor(each) in part.parameters))


def after_said(worked: Worked) -> Said:
    """The cost before and after the step."""
    before, after = worked.cost, worked.cost_after
    digits = worked.digits
    return said(
        lambda words: words.after_said(
            signed(before, digits), signed(after, digits), less=after < before
        )
    )


def _tensor(element: str) -> str:
    return element.partition("[")[0]


def signed(value: float, digits: int) -> str:
    """A number in digits, with a proper minus sign."""
    if value == 0:
        return "0"
    return ("−" if value < 0 else "") + text_of(abs(value), digits)
