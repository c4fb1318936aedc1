"""The sentences on networks of any depth and on the proof by induction, in English."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.listing import listed


class EnglishInduction:
    """The words."""

    def any_depth_layers(
        self, layers: Text, layer: Formula, width: Formula, f: Formula, *, batch: bool = False
    ) -> Text:
        samples: Text = ("The formulas are those of one sample.",)
        if batch:
            samples = ("A sample is a column, ", index("n"), " = 1, ..., ", index("m"), ".")
        return (
            *("Layers of weights are counted by ", *layers, "; layer ", layer, " computes "),
            *(width, " units and has an activation ", f, " of its own, which is differentiable "),
            *("and acts entry by entry. ", *samples, " A sum takes in all factors to its right."),
        )

    def recursion_base(self, last: Formula) -> Text:
        return ("In the last layer, ", last, ":")

    def recursion_step(self, layers: Text) -> Text:
        return ("From each layer to the one before it, for ", *layers, ":")

    def recursion_gradients(self, layers: Text) -> Text:
        return ("Weights and biases of each layer, for ", *layers, ":")

    def softmax_at_the_end(self, z: Formula) -> Text:
        return (
            "A softmax in the last layer does not act entry by entry. The derivatives in ",
            z,
            " are then not the products with the slope of the activation: they must be found by "
            "themselves. All that follows from them stays as it is.",
        )

    def induction_claim(self, layers: Text, delta: Formula | None, derivative: Formula) -> Text:
        named: Text = (delta, " = ", derivative) if delta is not None else (derivative,)
        verb = "" if delta is not None else " is what the formulas above give"
        return (
            *("Claim: for ", *layers, ", ", *named, verb, ", and the derivatives in the weights "),
            "and biases are those above. The proof goes from the last layer down.",
        )

    def induction_base(self, z: Formula, a: Formula, cost: Formula) -> Text:
        return (
            *("Base. Each entry of ", z, " reaches ", cost, " only through the same entry of ", a),
            ", since the activation acts entry by entry. One product is left:",
        )

    def induction_base_in_outputs(self, derivative: Formula, cost: Formula) -> Text:
        return (
            "Base. ",
            derivative,
            " is the derivative of ",
            cost,
            " in the outputs: it is given.",
        )

    def induction_step(
        self,
        layers: Text,
        above: Formula,
        partial: Formula,
        z: Formula,
        a: Formula,
        next_z: Formula,
    ) -> Text:
        return (
            *("Step, for ", *layers, ". Let ", above, " = ", partial, ". Each entry of ", z),
            *(" reaches the cost only through the same entry of ", a, ", and that only through "),
            *("all entries of ", next_z, " of the next layer. By the chain rule their "),
            "contributions add up; then the forward equations are differentiated and what is "
            "assumed of the next layer is put in:",
        )

    def induction_in_outputs(self, layers: Text, a: Formula, next_z: Formula) -> Text:
        return (
            *("Step, for ", *layers, ". Let the claim hold in the next layer. Each entry of ", a),
            *(
                " reaches the cost only through all entries of ",
                next_z,
                ", and each of those only ",
            ),
            "through the same entry of the outputs of the next layer. By the chain rule their "
            "contributions add up; then the forward equations are differentiated:",
        )

    def induction_gradients(
        self, weights: Formula, biases: Formula, z: Formula, *, batch: bool = False
    ) -> Text:
        return (
            *("Weights and biases. Each entry of ", weights, " and of ", biases),
            *(" stands in one row of " if batch else " stands in one entry of ", z),
            " alone, once for each sample:" if batch else " alone:",
        )

    # The certificate

    def step_proven(self, above: Formula, by: Sequence[Formula]) -> Text:
        return (
            "The step, whatever lies above: the cost was taken as an arbitrary differentiable ",
            *("function of ", above, ", its partial derivatives being unknowns. Its derivatives "),
            *("in the entries of ", *listed([(each,) for each in by]), ", as sympy finds them, "),
            "are those of the formulas.",
        )

    def base_proven(self, outputs: Formula, z: Formula) -> Text:
        return (
            *("The base likewise: for an arbitrary differentiable function of ", outputs),
            *(" the derivatives in ", z, " are those of the formulas. "),
        )

    def widths_proven(self, pairs: Sequence[tuple[int, int]]) -> Text:
        said: list[Text] = [(f"{lower} and {upper}",) for lower, upper in pairs]
        return ("Two neighbouring layers had ", *listed(said, "or"), " units.")

    def rule_proven(self, number: int) -> Text:
        return (
            "With the number of the layer as an index, the chain rule gives the recursion as it "
            f"stands here: {number} equalities, for 1, 2 and 3 layers.",
        )

    def unrolled_proven(self, last: Formula, depths: Sequence[int], counts: Sequence[int]) -> Text:
        return (
            *("From outside, by brute force: for ", last, f" = {_numbers(depths)} the whole cost "),
            "was differentiated as one expression, and what the recursion gives when it is "
            f"written out is the same for all {_numbers(counts)} weights and biases.",
        )

    def thresholds_proven(
        self, last: Formula, depths: Sequence[int], counts: Sequence[int]
    ) -> Text:
        return (
            *("The same with thresholds that are subtracted, for ", last),
            f" = {_numbers(depths)}: all {_numbers(counts)} derivatives.",
        )

    def batch_proven(
        self, samples: int, last: Formula, depths: Sequence[int], counts: Sequence[int]
    ) -> Text:
        return (
            *(f"The same for batches of {samples} samples, for ", last),
            f" = {_numbers(depths)}: all {_numbers(counts)} derivatives.",
        )

    def any_depth_exact(self, number: int, chance: Formula) -> Text:
        return (
            f"All {number} comparisons are exact, at random points of a prime field; the chance "
            "that a false equality passes is below ",
            chance,
            ".",
        )

    def induction_end(self, layers: Text) -> Text:
        return ("So the claim holds for ", *layers, ".")


def _numbers(values: Sequence[int]) -> str:
    *others, last = map(str, values)
    return f"{', '.join(others)} and {last}"
