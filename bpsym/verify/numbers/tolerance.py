"""How far two right computations of one number may be apart: running error analysis.

Every array carries, beside its value, an estimate e of its rounding error in units of the unit
roundoff. Errors are taken as independent, so squares are added, and every sum of magnitudes is
taken without cancellation, so that e covers any order of summation and any rewriting that rounds
the same operands:

    a + b      e^2 = e_a^2 + e_b^2 + a^2 + b^2
    a b        e^2 = (b e_a)^2 + (a e_b)^2 + (a b)^2
    sum of n   e^2 = sum e_i^2 + (1 + n) sum a_i^2
    f(a)       e^2 = (f'(a) e_a)^2 + (a f'(a))^2 + f(a)^2

Bounds that add magnitudes instead of squares grow like the product of the weights' absolute row
sums, about 3 per layer of width 64, and say nothing after twenty layers.
Source: Higham, Mary, A new approach to probabilistic rounding error analysis, SIAM J. Sci. Comput.
41 (2019) A2815. There is no absolute tolerance: scaling the loss scales every e with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.arrays.activations import Helper
from bpsym.arrays.evaluate import Evaluator
from bpsym.arrays.nodes import (
    Concatenate,
    Constant,
    Einsum,
    Elementwise,
    Expand,
    MatMul,
    Node,
    Read,
    Reduce,
    Rowwise,
    Transpose,
    Window,
)
from bpsym.arrays.program import Program
from bpsym.calculus.system import SAMPLES

Array = npt.NDArray[Any]

# How many e apart two results may be. The largest seen among right rewritings is about 3.
SAFETY = 40.0
STEP = 2.0**-20


@dataclass(frozen=True)
class Pair:
    """A value and the estimate of its error, in units of the unit roundoff."""

    value: Array
    error: Array


@dataclass(frozen=True)
class ErrorEvaluator:
    """Computes nodes with their errors; see the module."""

    pairs: Mapping[str, Pair]
    sizes: Mapping[str, int]
    helpers: Mapping[str, Helper]

    @property
    def _plain(self) -> Evaluator:
        return Evaluator({}, self.sizes, False, np.dtype(np.float64), self.helpers)

    def pair(self, node: Node) -> Pair:
        """Value and error of a node."""
        match node:
            case Read(name, _):
                return self.pairs[name]
            case Constant():
                value = np.asarray(self._plain.value(node))
                return Pair(value, np.where(value == np.round(value), 0.0, np.abs(value)))
            case Transpose(argument):
                inner = self.pair(argument)
                return Pair(inner.value.T, inner.error.T)
            case Expand(argument, _) | Window(argument, _, _, _):
                inner = self.pair(argument)
                return Pair(self._moved(node, inner.value), self._moved(node, inner.error))
            case Concatenate(blocks, position, _):
                inners = [self.pair(block) for block in blocks]
                return Pair(
                    np.concatenate([each.value for each in inners], axis=position),
                    np.concatenate([each.error for each in inners], axis=position),
                )
            case MatMul(left, right):
                return _product(self.pair(left), self.pair(right))
            case Reduce(argument, positions, keep):
                return _sum(self.pair(argument), positions, keep)
            case Rowwise():
                return self._rowwise(node)
            case Einsum(arguments, _):
                return self._einsum(node, [self.pair(each) for each in arguments])
            case Elementwise(operator, arguments, _):
                return self._elementwise(operator, [self.pair(each) for each in arguments])

    def _moved(self, node: Expand | Window, array: Array) -> Array:
        """A change of shape, done to an array by the plain evaluator."""
        read = Read("it", node.argument.axes)
        again: Node
        if isinstance(node, Expand):
            again = Expand(read, node.axes)
        else:
            again = Window(read, node.position, node.start, node.stop)
        return Evaluator({"it": array}, self.sizes, False, array.dtype, {}).value(again)

    def _rowwise(self, node: Rowwise) -> Pair:
        """Softmax, dp_k = p_k (dz_k - sum p dz), its logarithm, and that of the sum, sum p dz."""
        inner = self.pair(node.argument)
        names = {"it": inner.value}
        value = Evaluator(names, self.sizes, False, inner.value.dtype, {}).value(
            Rowwise(node.kernel, Read("it", node.argument.axes), node.summed)
        )
        own = inner.error**2 + inner.value**2
        if node.kernel == "logsumexp":
            # The logarithm of a sum of n terms in (0, 1], the largest taken off before.
            p = np.exp(inner.value - value)
            terms = inner.value.shape[-1]
            row = np.sum(p**2 * own, axis=-1, keepdims=True)
            return Pair(value, np.sqrt(row + (1 + terms) * np.sum(p**2, axis=-1, keepdims=True)
                                       + value**2))  # fmt: skip
        p = np.exp(value) if node.kernel == "log_softmax" else value
        row = own + np.sum(p**2 * own, axis=-1, keepdims=True)
        if node.kernel == "log_softmax":
            return Pair(value, np.sqrt(row + value**2))
        return Pair(value, np.sqrt(p**2 * row + value**2))

    def _einsum(self, node: Einsum, pairs: list[Pair]) -> Pair:
        inputs = ",".join("".join(map(str, each.axes)) for each in node.arguments)
        subscripts = f"{inputs}->{''.join(map(str, node.axes))}"
        value = np.asarray(np.einsum(subscripts, *(each.value for each in pairs)))
        squares = [each.value**2 for each in pairs]
        lengths = {
            axis: length
            for each, pair in zip(node.arguments, pairs, strict=True)
            for axis, length in zip(each.axes, pair.value.shape, strict=True)
        }
        terms = int(np.prod([length for axis, length in lengths.items() if axis not in node.axes]))
        total = (1 + terms) * np.einsum(subscripts, *squares)
        for at, each in enumerate(pairs):
            varied = [*squares[:at], each.error**2, *squares[at + 1 :]]
            total = total + np.einsum(subscripts, *varied)
        return Pair(value, np.sqrt(total))

    def _elementwise(self, operator: str, pairs: list[Pair]) -> Pair:
        values = [each.value for each in pairs]
        if operator == "neg":
            return Pair(-values[0], pairs[0].error)
        if operator == "+":
            value = self._plain._elementwise(operator, values)
            squares = (each.error**2 + each.value**2 for each in pairs)
            return Pair(value, np.sqrt(sum(squares)))
        if operator == "*":
            first, *rest = pairs
            for each in rest:
                product = first.value * each.value
                error = np.sqrt(
                    (first.error * each.value) ** 2 + (first.value * each.error) ** 2 + product**2
                )
                first = Pair(product, error)
            return first
        if operator in ("mask", ">", ">=", "<", "<=", "&"):
            value = self._plain._elementwise(operator, values)
            return Pair(value, np.zeros(np.shape(value)))
        if operator == "where":
            test, *branches = pairs
            value = np.asarray(np.where(test.value, *(each.value for each in branches)))
            return Pair(value, np.where(test.value, *(each.error for each in branches)))
        if operator == "root_mean_square":
            value = self._plain._elementwise(operator, values)
            d, terms = pairs[0], pairs[0].value.shape[-1]
            moved = np.sum((d.value * d.error) ** 2, axis=-1, keepdims=True) / (terms * value) ** 2
            return Pair(value, np.sqrt(moved + (1 + terms) * value**2))
        if operator == "/":
            value = values[0] / values[1]
            relative = pairs[1].error / np.abs(values[1])
            own = (pairs[0].error / values[1]) ** 2
            return Pair(value, np.sqrt(own + (value * relative) ** 2 + value**2))
        return self._function(operator, pairs)

    def _function(self, operator: str, pairs: list[Pair]) -> Pair:
        """Any function: its slope in each argument is measured."""
        values = [np.asarray(each.value, np.float64) for each in pairs]
        value = self._plain._elementwise(operator, values)
        total = value**2
        for at, each in enumerate(pairs):
            if not np.any(each.error):
                continue
            step = STEP * np.maximum(np.abs(values[at]), 1e-3)
            varied = [*values[:at], values[at] + step, *values[at + 1 :]]
            slope = (self._plain._elementwise(operator, varied) - value) / step
            total = total + slope**2 * (each.error**2 + values[at] ** 2)
        return Pair(value, np.sqrt(total))


def _product(left: Pair, right: Pair) -> Pair:
    a, b = left.value**2, right.value**2
    terms = left.value.shape[-1]
    error = np.sqrt(left.error**2 @ b + a @ right.error**2 + (1 + terms) * (a @ b))
    return Pair(left.value @ right.value, error)


def _sum(pair: Pair, positions: tuple[int, ...], keep: bool) -> Pair:
    terms = int(np.prod([pair.value.shape[at] for at in positions]))
    squares = pair.error**2 + (1 + terms) * pair.value**2
    return Pair(
        np.asarray(np.sum(pair.value, axis=positions, keepdims=keep)),
        np.sqrt(np.sum(squares, axis=positions, keepdims=keep)),
    )


def error_estimates(program: Program, values: Mapping[str, Array], m: int) -> dict[str, Array]:
    """The estimate e of every value of a program, the cost ``C`` and all gradients among them.

    values: parameters, inputs and targets in float64, rows. The error of a result in a type with
    unit roundoff u is about e u.
    """
    pairs = {name: Pair(np.asarray(each), np.abs(each)) for name, each in values.items()}
    sizes = {**program.system.sizes, SAMPLES: m}
    evaluator = ErrorEvaluator(pairs, sizes, {each.name: each for each in program.helpers})
    with np.errstate(all="ignore"):
        for each in (*program.forward, *program.cost):
            pairs[each.name] = evaluator.pair(each.node)
        total, error = np.asarray(0.0), np.asarray(0.0)
        for name, weight in program.system.objective:
            scale = float(weight)
            total = total + scale * pairs[name].value
            error = np.hypot(error, scale * np.hypot(pairs[name].error, pairs[name].value))
        pairs["C"] = Pair(total, np.maximum(error, pairs["C"].error if "C" in pairs else 0.0))
        for each in (*program.backward, *program.gradients):
            pairs[each.name] = evaluator.pair(each.node)
    return {name: each.error for name, each in pairs.items()}
