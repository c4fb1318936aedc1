"""The sentences of a document in English. Another language is a class with the same methods.

A sentence is a tuple of words and formulas. Nothing is decided here but the wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.layers import EnglishLayers
from bpsym.typeset.languages.en.proofs import EnglishProofs
from bpsym.typeset.languages.en.signals import EnglishSignals
from bpsym.typeset.languages.listing import ONE_BY_M, M, layers, listed
from bpsym.typeset.languages.terms import LOSS_NAMES_ENGLISH
from bpsym.typeset.notations.notation import Samples, Scale
from bpsym.typeset.pictures.parts import PictureWords

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class English(EnglishProofs, EnglishSignals, EnglishLayers):
    """The words."""

    code: ClassVar[str] = "en"
    when, otherwise = "if", "otherwise"
    between_sentences = " "

    network = "Network"
    conventions = "Conventions"
    functions = "Functions"
    forward = "Forward pass"
    cost = "Cost"
    backward = "Backward pass, from the output to the input"
    gradients = "Gradients"
    updates = "Update"
    recursion = "The recursion"
    proof = "Proof by induction"
    certificate = "Certificate"

    picture: ClassVar[PictureWords] = PictureWords()

    layer_table = ("layer", "kind", "activation", "reads", "output", "parameters", "count")
    input_kind = "input"
    in_all = "in all"
    assumed = "Assumed, where the declaration leaves it open:"

    rules: ClassVar[dict[str, str]] = {
        "adjoint rule": "the adjoint rule",
        "substitute the adjoint": "substitute",
        "activation slope": "the slope of the activation",
        "through the output": "recognise what the forward pass computed",
        "constants out of sums": "take constants out of sums",
        "targets sum to one": "the targets of a sample sum to one",
        "centred sums vanish": "the deviations from a mean sum to zero",
        "cancel": "cancel",
    }

    remarks: ClassVar[dict[str, str]] = {
        "targets sum to one": "The targets of a sample sum to one.",
        "centred sums vanish": "The deviations from a mean sum to zero.",
    }

    def title(self, name: str, spec: str | None) -> str:
        return f"Backpropagation in {spec if spec is not None else repr(name)}"

    def kind(self, kind: str) -> str:
        """What a kind of layer is called."""
        return kind

    def number(self, value: int) -> str:
        return _NUMBERS[value] if value < len(_NUMBERS) else str(value)

    def each(self, count: int) -> str:
        return f"{count} each"

    def shares(self, label: str) -> str:
        return f"those of {label}"

    def assumption(self, sentence: str) -> str:
        """What was assumed, with losses by the names that people have for them."""
        found = re.match(r"Loss: (\w+)", sentence)
        if found is None:
            return sentence
        name = LOSS_NAMES_ENGLISH.get(found[1], found[1])
        return f"Loss: {name}{sentence[found.end() :]}"

    def rows_sum_to_one(self, target: Formula, samples: Samples) -> Text:
        what = {
            Samples.ROWS: "each row of ",
            Samples.ONE: "the elements of ",
            Samples.COLUMNS: "each column of ",
        }[samples]
        verb = " sum to one." if samples is Samples.ONE else " sums to one."
        return (f"Assumed: {what}", target, verb)

    any_depth_title = "Backpropagation at any depth"

    def any_depth_cost_of_batch(self, cost: Formula, outputs: Formula, slope: Formula) -> Text:
        return (
            cost,
            " is the mean of the losses of the ",
            M,
            " samples, each any differentiable function of its own column of ",
            outputs,
            "; ",
            slope,
            " holds their derivatives. A letter with d is ",
            M,
            " times the derivative of ",
            cost,
            " for values, and the derivative itself for weights and biases.",
        )

    def in_last_layer(self, names: Sequence[tuple[Formula, Formula]]) -> Text:
        spoken: list[Text] = [(general, " is written ", own) for general, own in names]
        return ("In a network of given depth ", *listed(spoken), ".")

    def any_depth_cost(self, cost: Formula, outputs: Formula, slope: Formula) -> Text:
        return (
            cost,
            " is any differentiable function of ",
            outputs,
            "; ",
            slope,
            " is its derivative.",
        )

    def update(self, rate: Formula) -> Text:
        return ("A step of gradient descent with the learning rate ", rate, ":")

    def one_hot(self, target: Formula) -> Text:
        return (target, " is one-hot: 1 in the column of the label, 0 in the others.")

    def samples(self, first: Formula, count: Formula) -> Text:
        return (
            "A sample is a row, ",
            first,
            " = 1, ..., ",
            count,
            ". A formula holds for all values of the indices on its left. An index runs from 1 to "
            "the size of the dimension it stands in.",
        )

    def columns(self, first: Formula, count: Formula) -> Text:
        return (
            "A sample is a column, ",
            first,
            " = 1, ..., ",
            count,
            ". A formula holds for all values of the indices on its left. An index runs from 1 to "
            "the size of the dimension it stands in.",
        )

    def one_sample(self, *, mean: bool) -> Text:
        together = "the mean" if mean else "the sum"
        return (
            "The formulas are those of one sample; the gradient of a batch is "
            f"{together} of those of its samples. A formula holds for all values of the indices "
            "on its left. An index runs from 1 to the size of the dimension it stands in.",
        )

    def inputs_are(self, inputs: Sequence[Formula]) -> Text:
        if len(inputs) == 1:
            return (inputs[0], " is the input.")
        return (*listed([(each,) for each in inputs]), " are the inputs.")

    def from_to(self, weight: Formula) -> Text:
        return (
            "The subscripts of a weight are written from-to: the rows of ",
            weight,
            " are the units that it comes from.",
        )

    def differential(self, partial: Formula, gradient: Formula) -> Text:
        return ("The derivative ", partial, " is written ", gradient, ".")

    def delta_is(self, delta: Formula, derivative: Formula, scale: Scale) -> Text:
        text: Text = (delta, " is ", derivative)
        match scale:
            case Scale.MINUS:
                return (*text, ", minus the derivative, so that a weight is corrected by plus.")
            case Scale.SAMPLES:
                return (
                    *text,
                    ": the ",
                    *ONE_BY_M,
                    " of the mean is not in it, but in the gradients of the parameters.",
                )
            case _:
                return (*text, ".")

    def sizes(self, sizes: Sequence[Text]) -> Text:
        return ("The sizes are ", *listed(sizes), ".")

    def shared_size(self, size: Formula, layers: Sequence[str]) -> Text:
        return (size, " is the size of ", *listed([(each,) for each in layers]), " alike.")

    def running(self, letter: Formula) -> Text:
        return ("In the formulas of repeated layers ", letter, " is the number of the layer.")

    def mean_inside(self, delta: Formula, partial: Formula) -> Text:
        return (
            delta,
            " is ",
            partial,
            ", the derivative of the cost of the whole batch: the ",
            *ONE_BY_M,
            " of the mean is inside.",
        )

    def sum_inside(self, delta: Formula, partial: Formula) -> Text:
        return (delta, " is ", partial, ", the derivative of the cost summed over the batch.")

    def in_code(self, gradient: tuple[Formula, str] | None) -> Text:
        text: Text = ("In the code Greek letters are spelled out, ",)
        if gradient is not None:
            text += (gradient[0], f" is {gradient[1]}, ")
        return (*text, "and indices start at 0; here they start at 1.")

    def sums(self) -> Text:
        return ("A sum takes in all factors to its right.",)

    def bracket(self, bracket: Formula) -> Text:
        return (bracket, " is 1 where the condition holds and 0 where it does not.")

    def kink_at(self, slopes: Sequence[Formula]) -> Text:
        return (
            "At a kink the derivative is that of the left branch: ",
            *listed([(slope,) for slope in slopes]),
            ".",
        )

    def error_function(self, value: Formula, slope: Formula) -> Text:
        """What erf is: it cannot be written in other functions, its slope can."""
        return ("erf is the error function: ", value, ", and its slope is ", slope, ".")

    def likewise(self, deltas: Sequence[tuple[Formula, Formula]]) -> Text:
        """What further deltas are, after the first has been explained."""
        said = listed([(delta, " is ", derivative) for delta, derivative in deltas])
        return ("Likewise ", *said, ".")

    def number_to_vector(self) -> Text:
        """Of formulas of one sample, in which a row times a column stands beside a vector."""
        return (
            "A row times a column is a number; beside a vector it stands for a vector with that "
            "number in every entry.",
        )

    def loss_kink(self, sentence: str) -> Text:
        return (f"At the kink of the loss: {sentence}.",)

    def error_signal(self, error: Formula) -> Text:
        return ("The error signal of an output unit is ", error, ", target minus output:")

    def zero_log_zero(self) -> Text:
        return ("0 log 0 is 0.",)

    def output_letter(self, output: Formula, value: Formula) -> Text:
        return ("In a slope ", output, " stands for the output: ", output, " = ", value, ".")

    def loss_of(self, kind: str, outputs: Sequence[Formula], target: Formula | None) -> Text:
        against: Text = (" against ", target) if target is not None else ()
        name = LOSS_NAMES_ENGLISH.get(kind, f"loss {kind}" if kind else "given loss")
        return (f"the {name} of ", *listed([(each,) for each in outputs]), *against)

    def cost_is(self, losses: Sequence[Text], *, mean: bool, decay: str | None) -> Text:
        over = "the mean" if mean else "the sum"
        text: Text = (f"The cost is {over} over the samples of ", *listed(losses))
        return (*text, *self._decay(decay), ".")

    def cost_of_one_sample(self, losses: Sequence[Text], *, decay: str | None) -> Text:
        text: Text = ("The cost of one sample is ", *listed(losses))
        return (*text, *self._decay(decay), ".")

    def _decay(self, decay: str | None) -> Text:
        if decay is None:
            return ()
        return (
            f", and decay: {decay}/2 times the sum of the squares of the weights, without the "
            "biases and not divided by m",
        )

    def layers(self, first: Formula | str, start: int, following: int, last: int) -> Text:
        """For l = 2, 3, ..., 49."""
        return ("For ", first, f" = {layers(start, following, last)}:")

    def route(self, hops: Sequence[tuple[Formula, Sequence[Formula]]], cost: Formula) -> Text:
        """Through what a tensor reaches the cost; an empty reader is the cost itself."""
        text: Text = ()
        for number, (tensor, readers) in enumerate(hops):
            text += (", and ",) if number else ()
            text += self._hop(tensor, readers, cost, first=number == 0)
        return (*text, ".")

    def _hop(
        self, tensor: Formula, readers: Sequence[Formula], cost: Formula, *, first: bool
    ) -> Text:
        reaches: Text = (tensor, " reaches ", cost) if first else (tensor,)
        if list(readers) == [cost]:
            return (tensor, " enters ", cost, " directly")
        others = [each for each in readers if each != cost]
        through = listed([(each,) for each in others])
        if len(readers) == 1:
            return (*reaches, " only through ", *through)
        text: Text = (*reaches, " through ", *through)
        if len(others) < len(readers):
            text += (" and directly",)
        count = self.number(len(readers))
        return (*text, f": {count} readers, so {count} terms, which add up")

    def routes_of_parameters(
        self, parameters: Sequence[Formula], readers: Sequence[Formula], cost: Formula
    ) -> Text:
        subject = listed([(each,) for each in parameters])
        verb = " reaches " if len(parameters) == 1 else " reach "
        through = listed([(each,) for each in readers])
        if len(readers) == 1:
            return (*subject, verb, cost, " only through ", *through, ".")
        count = self.number(len(readers))
        ways = f": {count} readers, so {count} terms, which add up."
        return (*subject, verb, cost, " through ", *through, ways)
