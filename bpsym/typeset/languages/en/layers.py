"""Sentences on the way from one weight to the matrix, in English."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.listing import ONE_BY_M, M, listed


class EnglishLayers:
    """The words."""

    summary = "Summary"
    at_output = "The error at the output:"
    passed_back = "The error passed back, from layer to layer:"
    of_biases = "The gradients of the biases:"
    of_thresholds = "The gradients of the thresholds:"
    of_others = "The gradients of the parameters that are no weights:"
    of_weights = "The gradients of the weights:"
    to_matrix = "From one weight to the matrix"
    gradient_shapes = ("value", "gradient", "shape")

    def one_weight(
        self, weight: Formula, unit: Formula, decays: Sequence[Formula], *, batch: bool
    ) -> Text:
        left = "one product for each sample is left" if batch else "one product is left"
        apart: Text = ()
        if decays:
            apart = ("Apart from the decay ", *listed([(each,) for each in decays]), ", ")
            left += " of the chain rule, and the derivative of the decay is added:"
        else:
            left += " of the chain rule:"
        return (
            "Take one weight. ",
            *apart,
            weight,
            " reaches the cost only through ",
            unit,
            f": no other unit of the layer reads it. So {left}",
        )

    def any_weight(self) -> Text:
        return ("Nothing in this depends on which weight it is, so for every one of them:",)

    def all_weights(self, weight: Formula, decays: Sequence[Formula], *, batch: bool) -> Text:
        said = "they are a column times a row"
        if batch:
            said = "they are a column times a row for each sample, and the products are added"
        factor = "One factor of the product" if decays else "One factor"
        text: Text = (
            f"{factor} belongs to the unit that the weight leads to, the other to the unit that "
            "it comes from. Written down in the places that the weights have in ",
            weight,
            f", {said}",
        )
        if not decays:
            return (*text, ":")
        return (*text, ". What the decay adds is a multiple of ", weight, ", in the same places:")

    def only_order(self, shapes: Sequence[Text], decays: Sequence[Formula], *, batch: bool) -> Text:
        weight, unit, value = shapes
        of_product = " of the product" if decays else ""
        text: Text = (
            f"The shapes allow nothing else{' for the product' if decays else ''}: "
            "the gradient has the shape of ",
            *weight,
            f", the factors{of_product} have those of ",
            *listed([unit, value]),
            ". Only in this order, and with this transpose, do the inner sizes agree and the outer "
            "ones give the shape of ",
            weight[0],
            ".",
        )
        if batch:
            text += (" The inner size is the number of samples: the product adds them up.",)
        return text

    def comes_back(self, value: Formula, unit: Formula) -> Text:
        return (
            "On to the layer before. Every unit of ",
            unit,
            " reads all units of ",
            value,
            ", so each of them hands back a term, and the terms add up:",
        )

    def sum_as_product(self, weight: Formula, *, transposed: bool) -> Text:
        text: Text = ("A product of matrices sums over the inner index. Here the sum runs over ",)
        if transposed:
            return (*text, "the rows of ", weight, ", so it has to be transposed:")
        return (
            *text,
            "an index of ",
            weight,
            " that is the inner one already, so it stays as it is:",
        )

    def fractions(self) -> Text:
        return ("A fraction of matrices is taken entry by entry.",)

    def ones(self, one: Formula, *, rows: bool) -> Text:
        text: Text = (
            one,
            " is a column of ones, as long as it has to be: a matrix times ",
            one,
            " has the sums of its rows.",
        )
        if not rows:
            return text
        return (*text, " A vector is added to every row of a matrix, a column to every column.")

    def no_matrix_form(self, left: Formula) -> Text:
        return ("The equation for ", left, " keeps its indices: it is no product of matrices.")

    def reads_a_block(self, left: Formula, whole: Formula, *, rows: bool) -> Text:
        return (
            "The equation for ",
            left,
            f" keeps its indices: it reads a block of the {'rows' if rows else 'columns'} of ",
            whole,
            ", not all of them.",
        )

    def entry_by_entry(self) -> Text:
        return (
            "The slope of the activation belongs to each unit by itself, so it is multiplied entry "
            "by entry (Hadamard product).",
        )

    def mean_of_samples(self, gradient: Formula) -> Text:
        return (
            "The product in ",
            gradient,
            " adds up what the ",
            M,
            " samples contribute; the cost is their mean, so ",
            *ONE_BY_M,
            " stands before it.",
        )

    def no_single_layer(self) -> Text:
        return (
            "Each matrix of weights is read in several places here, or by a layer that is no dense "
            "one: its gradient is no single product, so the way from one weight to the matrix is "
            "not told. The sections above have the matrix form of what has one.",
        )

    def slope_of(self, function: Formula, output: Formula | None, *, by_cases: bool) -> Text:
        text: Text = ("From here on the slope of ", function, " is needed")
        if output is not None:
            text += (", in which ", output, " stands for the output ", function)
        return (*text, ". Branch by branch:" if by_cases else ". By the rules of differentiation:")

    def softmax_slope(self, output: Formula, entering: Formula) -> Text:
        return (
            "Each output of a softmax depends on all that enters it: ",
            output,
            " on every unit of ",
            entering,
            " of the same sample. The quotient rule gives one slope for each pair of units. The "
            "exponential above the line changes only where the two units are the same; the sum "
            "below it always does:",
        )

    def softmax_slope_again(self, output: Formula, entering: Formula) -> Text:
        return (output, " is a softmax of ", entering, ", and its slope is as before:")

    def softmax_joins(self, outer: Formula, cost: Formula) -> Text:
        return ("The loss gives ", outer, ", and the slope is put into the sum for ", cost, ":")

    def softmax_cancels(self, output: Formula) -> Text:
        return (
            "In each term ",
            output,
            " stands once above and once below, and cancels. The bracket leaves one term of the "
            "sum, the target of the unit itself; in the rest the targets of the sample are added, "
            "and they are assumed to sum to one. The difference of output and target is left:",
        )

    def thresholds(self, thresholds: Sequence[Formula], inner: Sequence[Formula]) -> Text:
        return (
            *listed([(each,) for each in thresholds]),
            " are thresholds: they are subtracted. ",
            *listed([(each,) for each in inner]),
            " have them inside already; where the book writes the threshold into the argument of "
            "the activation instead, the derivatives are the same.",
        )

    def same_shapes(self) -> Text:
        return ("A gradient has the shape of that whose gradient it is:",)
