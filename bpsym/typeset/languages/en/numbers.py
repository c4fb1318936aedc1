"""The sentences around numbers in English: given values, one step, gates and paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


class NumbersEnglish:
    """The words."""

    code: ClassVar[str] = "en"

    given = "Numbers"
    step = "One step with numbers"
    gates = "Gates"
    paths = "All paths from one weight"

    def ordinal(self, number: int) -> str:
        """``first``."""
        return _ORDINALS.get(number, f"{number}th")

    def given_are(self, digits: int, samples: int, *, only: tuple[int, int] | None) -> str:
        """only: the sample that alone is worked, and of how many it is one."""
        which = "one sample" if samples == 1 else f"{samples} samples"
        if only is not None:
            number, count = only
            which = (
                f"the {self.ordinal(number)} of {count} samples, since the formulas are those of "
                "one"
            )
        return (
            f"Every formula is followed by its numbers for {which}, with {digits} significant "
            "digits. They are computed with more digits than are printed, so the last printed "
            "digit may differ from what the printed numbers give."
        )

    def elements_of(self, sample: int) -> str:
        return (
            f"Elements are those of the {self.ordinal(sample)} sample; a matrix shows all samples."
        )

    def checked(self, count: int) -> str:
        return (
            f"Held against difference quotients of the cost: {count} derivatives at these numbers."
        )

    def step_with(self, rate: Formula, value: Formula, frozen: Sequence[Formula]) -> Text:
        text: Text = ("One step of gradient descent with ", rate, " = ", value, ":")
        if frozen:
            names = _listed(frozen)
            verb = " stays" if len(frozen) == 1 else " stay"
            fixed = " as it is." if len(frozen) == 1 else " as they are."
            return (*text[:-1], "; ", *names, verb, fixed)
        return text

    def cost_after(self, cost: Formula, before: Formula, after: Formula) -> Text:
        return ("With the new values the cost ", cost, " goes from ", before, " to ", after, ".")

    gates_computed: ClassVar = ("gate", "computes", "value", "local gradients")
    gates_signals: ClassVar = ("gate", "local gradient times error signal", "error signal")

    def gates_title(self, network: str) -> str:
        return f"The gates of {network}"

    def gates_said(self, *, drawn: bool = True) -> Text:
        """drawn: whether there is a picture."""
        if not drawn:
            return (
                "Every operation is a gate. Its error signal is the derivative of the cost in its "
                "value; a local gradient is the derivative of its value in one of its inputs. A "
                "bias is a weight on a constant 1.",
            )
        return (
            "Every operation is a gate: its value stands above it, its error signal, the "
            "derivative of the cost in its value, below it; a constant needs none. On each line is "
            "the local gradient, the derivative of the gate at its right end in the value at its "
            "left end. A bias is a weight on a constant 1.",
        )

    def gates_share(self, sample: int, root: Formula, parts: Formula) -> Text:
        """root: what a sample has of the cost. parts: the cost as the sum over all of them."""
        return (
            f" The gates are those of the {self.ordinal(sample)} sample. The last one is ",
            root,
            ", its share of the cost, with the 1/m of the mean: ",
            parts,
            ". So the error signals of its units are those of this document; those of a parameter "
            "are its share of the gradient, which is the sum over the samples.",
        )

    def gates_of_one(self, sample: int, root: Formula) -> Text:
        """root: the cost of one of several samples."""
        return (
            f" The gates are those of the {self.ordinal(sample)} sample, and the last one is ",
            root,
            ", the cost of this sample alone: the error signals are derivatives of it.",
        )

    def gates_not_drawn(self, count: int, most: int) -> str:
        return (
            f"The picture is left out: with {count} nodes it could not be read, at most {most} are "
            "drawn. The tables have every gate; for a picture take a smaller network, such as "
            "2-3-3-1."
        )

    def gates_forward(self) -> str:
        return "Forward, each gate computes its value, and its local gradient for each input:"

    def gates_backward(self) -> str:
        return (
            "Backward, the error signal of the last gate is 1. Along a line it is multiplied "
            "by the local gradient; where several lines leave a gate, what comes back on them "
            "is added:"
        )

    def no_path(self, weight: Formula, cost: Formula) -> Text:
        return ("No path leads from ", weight, " to ", cost, ": its gradient is 0.")

    def paths_are(self, weight: Formula, cost: Formula, count: int) -> Text:
        ways = "one path" if count == 1 else f"{count} paths"
        return (weight, " reaches ", cost, f" along {ways} for one sample:")

    def paths_multiply(self) -> Text:
        return (
            "Along a path the partial derivatives of its steps are multiplied, and the paths are "
            "added up. Written out, and with every factor evaluated:",
        )

    def paths_proven(self, *, exact: bool) -> str:
        """exact: in residues, else by a difference quotient."""
        if exact:
            return (
                "Before it was printed, this sum was held against the derivative of the whole cost "
                "by dual numbers: they are equal, exactly, at random points of a prime field."
            )
        return (
            "Before it was printed, this sum was held against a difference quotient of the whole "
            "cost, at random points and with 60 digits."
        )

    def paths_factored(self, *, shared: bool) -> Text:
        """shared: whether a step is one of several paths."""
        if not shared:
            return ("The same in deltas, as the backward pass computes it:",)
        return (
            "Several paths have steps in common. Factored, what they share is computed once, and "
            "these are the formulas of the backward pass at the units on the paths:",
        )

    def paths_counted(self, before: int, after: int) -> str:
        return (
            f"Counted in these formulas: {before} multiplications for the sum over the paths, "
            f"{after} for the factored form, which gives every delta on the way as well."
        )


def _listed(formulas: Sequence[Formula]) -> Text:
    text: Text = ()
    for number, each in enumerate(formulas):
        if number:
            text += (" and " if number == len(formulas) - 1 else ", ",)
        text += (each,)
    return text
