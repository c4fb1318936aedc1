"""Sentences on an error signal that is passed back, in English."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.listing import listed


class EnglishSignals:
    """The words."""

    error_signals = "One error signal, passed back step by step"

    def signal_of(self, weight: Formula, cost: Formula) -> Text:
        return (
            "The gradient of one weight, ",
            weight,
            ", found by following an error signal backwards through the network: across a unit it "
            "is multiplied by the local gradient, along an edge by the weight, and where edges "
            "meet, the shares are added. The signal at a place is the derivative of ",
            cost,
            " there.",
        )

    def signal_pass(self, weight: Formula, reader: Formula) -> Text:
        return ("The pass in which ", weight, " is read by ", reader, ":")

    def signal_starts(self, here: Formula, cost: Formula, terms: Sequence[Formula]) -> Text:
        if terms:
            reads: Text = (", which enters ", cost, " through ")
            return ("The signal starts at ", here, *reads, *listed([(x,) for x in terms]), ".")
        return ("The signal starts at ", here, ", which enters ", cost, " directly.")

    def signal_across(self, here: Formula, output: Formula) -> Text:
        return (
            "Across the unit that maps ",
            here,
            " to ",
            output,
            ", the signal is multiplied by the local gradient of the unit.",
        )

    def signal_at(self, here: Formula) -> Text:
        return ("So the signal that reaches ", here, " is its delta.")

    def signal_is_shared_out(self, above: Sequence[Formula]) -> Text:
        verb = " is" if len(above) == 1 else " are"
        return (
            "The signal at ",
            *listed([(each,) for each in above]),
            verb,
            " shared out over the edges that led there: each edge hands back the signal times its "
            "weight.",
        )

    def signal_gathered(self, here: Formula, count: int) -> Text:
        if count > 1:
            return (here, " has several readers, so several terms: its shares add up.")
        return ("What ", here, " gets is the sum over the edges that leave it.")

    def signal_through(self, here: Formula, above: Sequence[Formula]) -> Text:
        said = "each reader hands back its signal times its local gradient, and these add up."
        if len(above) == 1:
            said = "what comes back is the signal there times the local gradient."
        return (here, " is read by ", *listed([(each,) for each in above]), f": {said}")

    def signal_through_softmax(self, here: Formula, output: Formula) -> Text:
        return (
            here,
            " acts on every unit of ",
            output,
            ", as softmax divides by a sum: each of them hands back its signal times its own local "
            "gradient, and these add up.",
        )

    def signal_to_weight(self, delta: Formula, value: Formula, weight: Formula) -> Text:
        return (
            "Last, the weight takes its share: the signal at ",
            delta,
            " is multiplied by ",
            value,
            ", the number that ",
            weight,
            " has multiplied on the way forward.",
        )

    def signal_of_decay(self, weight: Formula, decay: Formula, cost: Formula) -> Text:
        return (
            weight,
            " also enters ",
            cost,
            " directly, in the decay ",
            decay,
            ": no signal passes there, the derivative of ",
            decay,
            " is added.",
        )

    def signal_arrived(self, weight: Formula) -> Text:
        return ("That is the gradient of ", weight, ":")

    def signal_share_of_pass(self, weight: Formula, share: Formula) -> Text:
        return ("This pass adds ", share, " to the gradient of ", weight, ".")

    def signal_passes_add_up(self, weight: Formula, count: int) -> Text:
        number = {2: "Two"}.get(count, str(count))
        return (f"{number} readers, so {number.lower()} terms: the gradient of ", weight, " is")
