"""What there is to explain, and whether some mistakes explain it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bpsym.calculus.system import Role
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain, Edit
from bpsym.verify.diagnosis.laws import Situation
from bpsym.verify.diagnosis.search.finding import Finding, edits_of
from bpsym.verify.diagnosis.variants.base import Sites, Variant

# What is solved for is known to fewer digits than what is computed.
SOLVED = 1e3


@dataclass(frozen=True, eq=False)
class Material:
    """cases: the points of the search. held: those that are kept back for the confirmation."""

    chain: Chain
    cases: Sequence[Case]
    held: Sequence[Case]

    @cached_property
    def sites(self) -> Sites:
        return Sites(self.chain)

    @cached_property
    def situations(self) -> list[Situation]:
        return [case.situation for case in self.cases]

    @property
    def tolerance(self) -> float:
        """How far a factor may be off."""
        return max(1e-8, 1e3 * self.cases[0].epsilon)

    @cached_property
    def peel_order(self) -> tuple[str, ...]:
        """Parameters in the order of a backward pass; of one layer the bias first.

        A bias's gradient is the sum of a delta: it shows a wrong delta and nothing else.
        """
        order = {name: at for at, name in enumerate(self.chain.order)}
        layer = {
            name: min((order[t] for t in self.read_by(name)), default=order[name])
            for name in self.chain.parameters
        }
        rank = {name: len(self.sites.shape(name)) for name in self.chain.parameters}
        return tuple(sorted(self.chain.parameters, key=lambda name: (layer[name], rank[name])))

    def read_by(self, name: str) -> Iterator[str]:
        """The tensors that are computed from a parameter."""
        for term in self.chain.terms[name]:
            if term.upstream is not None:
                yield term.relation.defines

    def below(self, tensors: Iterable[str]) -> frozenset[str]:
        """The parameters whose gradients are computed from the adjoints of these tensors."""
        return frozenset().union(*(self.chain.below[name] for name in tensors))

    def affects(self, variant: Variant) -> frozenset[str]:
        """The parameters whose gradients a mistake changes."""
        return self.below(variant.tensors)

    def places(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """Places that a factor may stand at: where, tensors, the code where it is 1/m."""
        tensors = self.chain.system.tensors
        outputs = tuple(z for z, _ in self.sites.outputs())
        if len(outputs) > 1:
            yield self.chain.place[outputs[0]], outputs, ""
        for name in self.chain.order:
            place = self.chain.place[name]
            if tensors[name].role is Role.HIDDEN and tensors[name].adjoint == place:
                yield place, (name,), ""
        for group, code in ((self.of_rank(2), ""), (self.of_rank(1), "bias-mean")):
            if len(group) > 1:
                yield group[-1], group, code
            for name in group:
                yield name, (name,), code

    def of_rank(self, rank: int) -> tuple[str, ...]:
        """The parameters with so many axes: 2 for weights, 1 for biases."""
        return tuple(n for n in self.chain.parameters if len(self.sites.shape(n)) == rank)

    def has_decay(self, tensors: Iterable[str]) -> bool:
        """Whether decay is declared for one of the parameters."""
        return any(
            term.upstream is None and term.relation.schema.label == "decay"
            for name in tensors
            for term in self.chain.terms.get(name, ())
        )

    # whether mistakes explain it --------------------------------------------------------------

    def whole(self, edits: Sequence[Edit], ignored: frozenset[str] = frozenset()) -> bool:
        """Whether everything but the ignored is explained at all points of the search."""
        return all(case.consistent(edits, ignored) for case in self.cases)

    def left(self, edits: Sequence[Edit]) -> frozenset[str]:
        """The parameters that are not explained at some point of the search."""
        left: frozenset[str] = frozenset()
        for case in self.cases:
            left |= case.disagreeing(edits)
        return left

    def confirms(self, findings: Sequence[Finding], ignored: frozenset[str] = frozenset()) -> bool:
        """Whether the mistakes explain the points that were kept back."""
        solved = any("number" in each.words for each in findings)
        slack = SOLVED if solved else 1.0
        return all(case.consistent(edits_of(findings), ignored, slack) for case in self.held)
