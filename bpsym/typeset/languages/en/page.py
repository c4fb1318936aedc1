"""The words of the interactive page in English.

What can be pointed at is said in words, not in letters, so that it reads alike in all notations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar


class PageEnglish:
    """The words."""

    code: ClassVar[str] = "en"
    between_sentences = " "

    skip = "Skip to the derivation"
    notation = "Notation"
    code_names = "names of the code"
    languages = "Language"
    dark = "Dark"
    back = "Back"
    next = "Next"
    find = "Show it in the derivation"
    steps = "One training step, step by step"
    explorer = "The network and its numbers"
    numbers = "Formulas with numbers"

    phases: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "forward": "Forward",
            "cost": "Cost",
            "deltas": "Deltas",
            "gradients": "Gradients",
            "update": "Update",
        }
    )

    no_letters = "it has no letters for this network"

    def left_out(self, reasons: Sequence[tuple[str, str]]) -> str:
        listed = "; ".join(f"{name} ({why})" for name, why in reasons)
        return f"Left out: {listed}" if reasons else ""

    def network(self, title: str) -> str:
        return (
            f"{title}. Lines are weights, the thicker the larger, dashed where negative. "
            "Arrow keys go from neuron to weight, Enter chooses."
        )

    # What can be pointed at

    def layer(self, label: str) -> str:
        return f"layer {label}"

    def unit(self, label: str, number: int, *, is_input: bool, alone: bool) -> str:
        """alone: the only input of the network, which needs no name."""
        if not is_input:
            return f"neuron {number} of {self.layer(label)}"
        return f"input {number}" if alone else f"input {number} of {label}"

    def weight(self, source: str, target: str) -> str:
        return f"Weight from {source} to {target}"

    def bias(self, unit: str) -> str:
        return f"Bias of {unit}"

    def parameter(self, name: str, label: str) -> str:
        return f"Parameter {name} of {self.layer(label)}"

    def capitalised(self, words: str) -> str:
        return words[:1].upper() + words[1:]

    cost = "The cost"

    def values_of(self, label: str) -> str:
        return f"Values of {self.layer(label)}"

    def signals_of(self, label: str) -> str:
        return f"Error signals of {self.layer(label)}"

    def signals_of_input(self, label: str) -> str:
        return f"Derivative in the input {label}"

    def gradients_of(self, label: str) -> str:
        return f"Gradients of {self.layer(label)}"

    # What is said of it

    weight_said = (
        "Its gradient is the error signal of the neuron it leads to, times the value that it "
        "carries there."
    )
    bias_said = "A weight on a constant 1: its gradient is the error signal of its neuron."
    parameter_said = "Its gradient adds up what comes back from all that reads it."
    unit_said = "What it takes in and gives out, and the error signal that comes back to it."
    input_said = "It is given. What reads it multiplies it with a weight."
    cost_said = "It compares the outputs with the targets; every error signal starts here."
    formula_said = "The same formula for every neuron or weight, with its numbers."
    large_said = "Only the neurons and weights that are drawn have their numbers here."

    def paths(self, count: int) -> str:
        ways = "one path" if count == 1 else f"{count:,} paths"
        return f"It reaches the cost on {ways}; their products add up to its gradient."

    # Steps

    given = "the given values"
    start = "Overview"

    def start_said(self, samples: str) -> str:
        return (
            f"Numbers from {samples}, one sample. Point at a weight, a neuron or a formula: blue "
            "is what you chose, orange the way by which its error comes back. Or go step by step "
            "through one training step. Thick lines are large weights, dashed lines negative ones."
        )

    def seed(self, number: int) -> str:
        return f"seed {number}"

    def forward_title(self, label: str) -> str:
        return f"Forward: {self.layer(label)}"

    def forward_said(self, reads: Sequence[str], *, dense: bool) -> str:
        if dense:
            return (
                "Each neuron adds up what it reads, times the weights, and its bias; then comes "
                "the activation."
            )
        return f"Computed from {' and '.join(reads)}."

    cost_title = "The cost"
    step_cost_said = "The outputs are compared with the targets: one number."

    def delta_title(self, label: str) -> str:
        return f"Error signals of {self.layer(label)}"

    def delta_said(self, readers: Sequence[str], *, last: bool) -> str:
        """readers: the layers that read this one; last: the cost reads it directly."""
        if not readers:
            return "How the cost answers to each output, times the slope of the activation there."
        layers = " and ".join(self.layer(each) for each in readers)
        also = " The cost reads it directly, too, which adds one more term." if last else ""
        return (
            f"The error signals of {layers} come back along the weights, add up at each neuron "
            f"and are multiplied by the slope there.{also}"
        )

    def gradients_title(self, label: str) -> str:
        return f"Gradients of {self.layer(label)}"

    def gradients_said(self, *, dense: bool) -> str:
        if dense:
            return "Each weight: the error signal at its head times the value at its tail."
        return "What comes back to each parameter, added up."

    def update_title(self, label: str) -> str:
        return f"Update of {self.layer(label)}"

    def update_said(self, rate: str) -> str:
        return f"Each parameter moves against its gradient, with the learning rate {rate}."

    after_title = "The cost again"

    def after_said(self, before: str, after: str, *, less: bool) -> str:
        verdict = "It is smaller now." if less else "It is not smaller: the step was too long."
        return f"Before the step {before}, after it {after}. {verdict}"

    def gap_said(self, first: str, last: str) -> str:
        return f"The layers from {first} to {last} are not drawn; they go the same way."
