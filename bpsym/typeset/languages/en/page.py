"""The words of the interactive page in English.

What can be pointed at is said in words, not in letters, so that it reads alike in all notations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import ClassVar


class Slope(Enum):
    """What an error signal meets on its way from the outputs of a layer into it.

    UNIT: the slope of an activation, unit by unit. ROW: a softmax, which has none. EQUATIONS: the
    equations of the layer. NONE: nothing, it is handed on as it is.
    """

    UNIT = "unit"
    ROW = "row"
    EQUATIONS = "equations"
    NONE = "none"


class PageEnglish:
    """The words."""

    code: ClassVar[str] = "en"
    between_sentences = " "

    skip = "Skip to the derivation"
    notation = "Notation"
    sample = "Sample"
    code_names = "names of the code"
    languages = "Language"
    dark = "Dark"
    back = "Back"
    next = "Next"
    find = "Show it in the derivation"
    way = "With the error signals on the way"
    steps = "One training step, step by step"
    explorer = "The network and its numbers"
    numbers = "Formulas with numbers"
    formula = "formula"

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

    def weight_said(self, uses: int, *, decays: bool, samples: int) -> str:
        """uses: how many layers have it. decays: whether the cost counts its square."""
        over = ", added up over the samples" if samples > 1 else ""
        said = (
            "Its gradient is the error signal of the neuron it leads to, times the value that it "
            f"carries there{over}."
        )
        if uses > 1:
            said = (
                f"{uses} layers share it, and each adds a term to its gradient: the error signal "
                f"of the neuron it leads to there, times the value that it carries there{over}."
            )
        return said + (" The weight decay adds a multiple of the weight itself." if decays else "")

    def bias_said(self, uses: int, *, samples: int) -> str:
        over = ", added up over the samples" if samples > 1 else ""
        if uses > 1:
            return (
                f"A weight on a constant 1. {uses} layers share it: its gradient is the sum of the "
                f"error signals of its neurons there{over}."
            )
        return f"A weight on a constant 1: its gradient is the error signal of its neuron{over}."

    parameter_said = "Its gradient adds up what comes back from all that reads it."
    unit_said = "What it takes in and gives out, and the error signal that comes back to it."

    def input_said(self, *, multiplied: bool) -> str:
        """multiplied: whether all that reads it takes it times weights."""
        return (
            "It is given. What reads it multiplies it with a weight."
            if multiplied
            else ("It is given.")
        )

    def cost_said(self, *, targets: bool, decays: bool) -> str:
        """targets: whether every loss has some. decays: whether squares of weights count."""
        compares = (
            "It compares the outputs with the targets" if targets else ("It judges the outputs")
        )
        decay = " and adds the weight decay" if decays else ""
        return f"{compares}{decay}; every error signal starts here."

    formula_said = "The same formula for every neuron or weight, with its numbers."
    large_said = "Only the neurons and weights that are drawn have their numbers here."

    def paths(self, count: int, samples: int) -> str:
        ways = "one path" if count == 1 else f"{count:,} paths"
        if samples > 1:
            return f"For one sample it reaches the cost on {ways}."
        if count == 1:
            return "It reaches the cost on one path, whose product is its gradient."
        return f"It reaches the cost on {ways}; their products add up to its gradient."

    # Steps

    given = "the given values"
    start = "Overview"

    def samples_said(self, count: int, last: int, *, of_one: bool) -> str:
        """last: the last one that can be chosen. of_one: whether the formulas are of one."""
        chosen = "the one chosen above"
        if last < count:
            chosen += f", out of the first {last}"
        if of_one:
            return f"{count} samples. The formulas are those of one sample: {chosen}."
        return (
            f"{count} samples: neurons and their elements are those of {chosen}; the cost and "
            "the gradients are those of all."
        )

    def start_said(self, source: str, samples: int) -> str:
        count = "one sample" if samples == 1 else f"{samples} samples"
        return (
            f"Numbers from {source}, {count}. Point at a weight, a neuron or a formula: blue "
            "is what you chose, orange the way by which its error comes back. Or go step by step "
            "through one training step. Thick lines are large weights, dashed lines negative ones."
        )

    def seed(self, number: int) -> str:
        return f"seed {number}"

    def forward_title(self, label: str) -> str:
        return f"Forward: {self.layer(label)}"

    def forward_said(self, reads: Sequence[str], *, dense: bool, bias: bool, slope: Slope) -> str:
        if dense:
            then = {Slope.UNIT: "; then comes the activation", Slope.ROW: "; then the softmax"}
            own = ", and its bias" if bias else ""
            return (
                f"Each neuron adds up what it reads, times the weights{own}{then.get(slope, '')}."
            )
        return f"Computed from {' and '.join(reads)}."

    cost_title = "The cost"

    def step_cost_said(self, *, targets: bool, decays: bool) -> str:
        compared = (
            "The outputs are compared with the targets"
            if targets
            else ("The cost is computed from the outputs")
        )
        return f"{compared}{', the weight decay is added' if decays else ''}: one number."

    def delta_title(self, label: str) -> str:
        return f"Error signals of {self.layer(label)}"

    def delta_said(
        self,
        readers: Sequence[str],
        *,
        last: bool,
        along_weights: bool,
        slope: Slope,
        difference: bool,
    ) -> str:
        """readers: the layers that read this one; last: the cost reads it directly.

        along_weights: whether all readers take it times weights. difference: whether softmax and
        cost leave output minus target.
        """
        into = {
            Slope.UNIT: ", times the slope of the activation there",
            Slope.ROW: (
                ", taken back through the softmax: each sum moves all outputs of its row, so what "
                "they hand back is added up over the row"
            ),
            Slope.EQUATIONS: ", taken back through the equations of this layer",
            Slope.NONE: "",
        }[slope]
        if not readers:
            rest = (
                " Most of it cancels: what remains is output minus target, scaled as the cost is."
            )
            return f"How the cost answers to each output{into}.{rest if difference else ''}"
        layers = " and ".join(self.layer(each) for each in readers)
        also = " The cost reads it directly, too, which adds one more term." if last else ""
        if along_weights:
            back = f"The error signals of {layers}, come back along the weights and added up"
        else:
            back = f"What comes back from {layers}, added up"
        return f"{back} at each neuron{into}.{also}"

    def gradients_title(self, label: str) -> str:
        return f"Gradients of {self.layer(label)}"

    def gradients_said(
        self, *, dense: bool, bias: bool, others: bool, uses: int, decays: bool, samples: int
    ) -> str:
        """others: whether the layer has more parameters. uses: how many layers share them."""
        if not dense:
            return "What comes back to each parameter, added up."
        said = ["Each weight: the error signal at its head times the value at its tail."]
        if bias:
            said.append("Each bias: the error signal of its neuron.")
        if others:
            said.append("Each other parameter: what comes back to it, added up.")
        if uses > 1:
            said.append(f"{uses} layers share these parameters; what each of them adds is summed.")
        if samples > 1:
            said.append("All of it is added up over the samples.")
        if decays:
            said.append("To each weight the decay adds a multiple of the weight itself.")
        return " ".join(said)

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
