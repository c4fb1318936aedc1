"""The sentences on networks of any depth and on the proof by induction, in English."""

from __future__ import annotations

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula


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

    def induction_end(self, layers: Text) -> Text:
        return ("So the claim holds for ", *layers, ".")
