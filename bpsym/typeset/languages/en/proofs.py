"""The sentences on the whole loss, on what derivatives cost, and on what was proven, in English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.induction import EnglishInduction

# What the prover remarks, as it is said in a document; its parts in brackets are put in.
_REMARKS: tuple[tuple[str, str], ...] = (
    (r"brute force: on (.+)", r"Brute force was applied to \1."),
    (r"brute force: not done, (.+)", r"Brute force was not applied: \1."),
    (r"any depth: not applicable, (.+)", r"There is no proof for any depth here: \1."),
)


def counted(number: int, one: str, more: str) -> str:
    """``1 step``, ``2,000 steps``."""
    return f"{number:,} {one if number == 1 else more}"


def enumerated(parts: Sequence[Formula], last: str, between: str = ", ") -> Text:
    """Formulas in a sentence, with commas and a word before the last."""
    text: Text = ()
    for number, part in enumerate(parts):
        if number:
            text += (last if number == len(parts) - 1 else between,)
        text += (part,)
    return text


class EnglishProofs(EnglishInduction):
    """The words."""

    whole_loss = "The whole loss, and what the recursion saves"
    count_table = ("what is computed", "operations", "times the loss")
    nothing_proven = (
        "Nothing in this document was proven: it was made without proofs, as was asked for."
    )

    scalar_rules: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "raw derivative": "differentiate",
            "common factors": "take out common factors",
            "name the units": "give the units their names",
            "slopes through the outputs": "write the slopes through the outputs",
            "collect the paths": "multiply out and collect what stands before the same path",
            "arrange the terms": "arrange the terms",
            "name the adjoint": "give the derivatives in the units their names",
            "centred sums vanish": "the deviations from a mean sum to zero",
            "through the output": "recognise what the forward pass computed",
            "targets sum to one": "the targets of a sample sum to one",
            "constants out of sums": "take constants out of sums",
            "cancel": "cancel",
        }
    )

    def whole_loss_is(self, cost: Formula, operations: int) -> Text:
        return (
            cost,
            " for one sample, with nothing but inputs, targets and single parameters in it: "
            f"{counted(operations, 'operation', 'operations')}.",
        )

    def not_written(self, operations: int, characters: int) -> Text:
        return (
            f"Written out it has {counted(operations, 'operation', 'operations')} and "
            f"{characters:,} characters: too many for a page.",
        )

    def too_large(self) -> Text:
        return (
            "Written out, the whole loss of this network or its derivative would fill pages. "
            "What they cost can be counted all the same.",
        )

    def raw_derivative(self, weight: Formula, code: str | None, operations: int) -> Text:
        named = (f" ({code} in the code)",) if code is not None else ()
        return (
            "Its derivative in ",
            weight,
            *named,
            " as the rules of differentiation give it, with nothing put in order: "
            f"{counted(operations, 'operation', 'operations')}.",
        )

    def rewritten_by(self, rules: Sequence[str], before: int, after: int) -> Text:
        said = ", then ".join(self.scalar_rules.get(each, each) for each in rules)
        change = counted(after, "operation", "operations")
        if before != after:
            change = f"{before:,} → {change}"
        return (f"{said[:1].upper()}{said[1:]}: {change}.",)

    def units_named(self, units: Sequence[Formula]) -> Text:
        return (" Named: ", *enumerated(units, " and "), ".")

    def first_shown(self, left_out: int) -> Text:
        return (
            f" The first {counted(left_out, 'form', 'forms')} on the way would be too long for a "
            "page; from here on each is shown."
            if left_out > 1
            else " The raw form would be too long for a page; from here on each is shown.",
        )

    def delta_form_reached(self, raw: int, delta: int) -> Text:
        return (
            f"That is the formula of the backward pass. {raw:,} operations have become {delta:,}; "
            "the names in it are computed once and serve all other parameters too.",
        )

    def not_followed(self) -> Text:
        return (
            "sympy nests it in an order of its own, in which the chain rule cannot be pointed out "
            "step by step; its value is that of the formulas above.",
        )

    def independent(self, weight: Formula) -> Text:
        return ("The loss does not depend on ", weight, ": its derivative is 0.")

    def counts(self, parameters: int) -> Text:
        what = f"all {parameters:,} parameters" if parameters > 1 else "the one parameter"
        return (
            f"Operations for one sample and the derivatives in {what}, as counted in the "
            "formulas: each sum, product, quotient, power and function is one.",
        )

    def count_rows(self, parameters: int) -> tuple[str, str, str, str]:
        return (
            "the loss, every unit once",
            "delta form: forward pass, deltas, gradients",
            f"finite differences: the loss {parameters + 1:,} times",
            "raw derivatives, each by itself",
        )

    uncounted = "too many to count"

    def about(self, number: int) -> str:
        return f"about {number:,}"

    # The certificate

    def all_proven(self, number: int) -> Text:
        return (
            "Nothing was printed before it was proven. The proofs were done when this document "
            f"was made: {counted(number, 'equality', 'equalities')}.",
        )

    def by_brute_force(self, gradients: int, parameters: int, bound: Formula | None) -> Text:
        return (
            f"{counted(gradients, 'gradient', 'gradients')} of "
            f"{counted(parameters, 'parameter', 'parameters')} by brute force: the whole cost was "
            "differentiated as one expression, and at random points of a prime field the formulas "
            "gave the same values",
            *self._chance(bound),
            ".",
        )

    def exactly(self, number: int, bound: Formula | None) -> Text:
        verb = "holds" if number == 1 else "hold"
        return (
            f"{counted(number, 'equality', 'equalities')} {verb} exactly, at random points of a "
            "prime field",
            *self._chance(bound),
            ".",
        )

    def _chance(self, bound: Formula | None) -> Text:
        return () if bound is None else ("; the chance that a false one passes is below ", bound)

    def to_digits(self, number: int, digits: int) -> Text:
        verb = "holds" if number == 1 else "hold"
        return (
            f"{counted(number, 'equality', 'equalities')} {verb} to {digits} digits at random "
            "points: strong evidence, but not a proof with a bound on the error. In these the "
            "exact arithmetic does not decide the signs of roots, or has too many cases to run "
            "through.",
        )

    def by_induction(self, number: int) -> Text:
        return (
            "The recursion holds for any number of layers: proven by induction, "
            f"{counted(number, 'equality', 'equalities')}.",
        )

    def as_printed(self, number: int) -> Text:
        are = "is a line" if number == 1 else "are lines"
        return (
            f"{number:,} of these {are} of this document, read back from the printed formulas: "
            "the chain rule of each derivative, the steps to its final form, the slopes of the "
            "functions.",
        )

    def as_read(self, number: int) -> Text:
        return (
            f"Each equation of this document, {number:,} in all, was also computed at random "
            "numbers in the letters in which it stands here: its sides are equal.",
        )

    def proof_remark(self, remark: str) -> str | None:
        """A remark of the prover as a sentence, None for one that is said elsewhere."""
        if remark.startswith("assumed: "):
            return None
        for pattern, said in _REMARKS:
            match = re.fullmatch(pattern, remark)
            if match is not None:
                return match.expand(said)
        return f"{remark[:1].upper()}{remark[1:]}."
