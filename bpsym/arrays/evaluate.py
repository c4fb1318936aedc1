"""Array programs computed with numpy, without writing a module first.

    values = run(program, {"X": X, "Y": Y, "W1": W1, ...})
    values["a2"], values["C"], values["delta2"], values["dW1"]

Nothing is rounded to float64 on the way: in ``numpy.longdouble`` the constants are ``longdouble``
too. The kernels are the texts that an emitted module holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.arrays.activations import Helper
from bpsym.arrays.kernels import KERNELS, kernel_source
from bpsym.arrays.layout import LAYOUTS
from bpsym.arrays.lower import Lowering
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
from bpsym.arrays.program import Program, Statement
from bpsym.arrays.storage import Storage
from bpsym.calculus.system import SAMPLES, Role

Array = npt.NDArray[Any]
Function = Callable[..., Array]

_OPERATORS: Mapping[str, Callable[[Array, Array], Array]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "/": np.divide,
    "**": np.power,
}


# These take any number of arguments, two at a time.
_FOLDED: Mapping[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "*": np.multiply,
    "&": np.logical_and,
    "|": np.logical_or,
}


@cache
def kernel_functions() -> Mapping[str, Function]:
    """Every kernel of the table as a function, made from the text that modules hold."""
    namespace: dict[str, Any] = {"np": np}
    for name in KERNELS:
        exec(compile(kernel_source(name), f"<kernel {name}>", "exec"), namespace)  # noqa: S102
    return {name: namespace[name] for name in KERNELS}


@dataclass(frozen=True)
class Evaluator:
    """Computes nodes.

    values: the arrays by name. sizes: the number behind each size label, that of m included.
    columns: whether samples are columns. dtype: of the constants. helpers: the functions of the
    program that are no kernels.
    """

    values: Mapping[str, Array]
    sizes: Mapping[str, int]
    columns: bool
    dtype: np.dtype[Any]
    helpers: Mapping[str, Helper] = field(default_factory=dict)

    def value(self, node: Node) -> Array:
        """The array of a node."""
        match node:
            case Read(name, _):
                return self.values[name]
            case Constant(value, _):
                return self._constant(value)
            case Transpose(argument):
                return self.value(argument).T
            case Expand(argument):
                places = tuple(None if new else slice(None) for new in node.is_new)
                return self.value(argument)[places]
            case Window(argument, position, start, stop):
                first, last = (sum(self.sizes[label] for label in each) for each in (start, stop))
                return self.value(argument)[(slice(None),) * position + (slice(first, last),)]
            case MatMul(left, right):
                return np.asarray(self.value(left) @ self.value(right))
            case Reduce(argument, positions, keep):
                return np.asarray(np.sum(self.value(argument), axis=positions, keepdims=keep))
            case Rowwise(kernel, argument):
                name = kernel + "_columns" * self.columns
                return kernel_functions()[name](self.value(argument))
            case Concatenate(blocks, position, _):
                return np.concatenate([self.value(block) for block in blocks], axis=position)
            case Einsum(arguments, axes):
                return self._einsum(arguments, axes)
            case Elementwise(operator, arguments, _):
                return self._elementwise(operator, [self.value(each) for each in arguments])

    def _constant(self, value: Fraction | str) -> Array:
        if isinstance(value, str):
            return np.asarray(self.dtype.type(self.sizes[value]))
        return np.asarray(self.dtype.type(value.numerator) / self.dtype.type(value.denominator))

    def _einsum(self, arguments: tuple[Node, ...], axes: tuple[str | None, ...]) -> Array:
        inputs = ",".join("".join(str(axis) for axis in each.axes) for each in arguments)
        subscripts = f"{inputs}->{''.join(str(axis) for axis in axes)}"
        return np.asarray(np.einsum(subscripts, *(self.value(each) for each in arguments)))

    def _elementwise(self, operator: str, arguments: list[Array]) -> Array:
        first, *rest = arguments
        if operator in _FOLDED:
            function = _FOLDED[operator]
            for each in rest:
                first = function(first, each)
            return first
        if operator == "neg":
            return np.negative(first)
        if operator == "mask":
            return np.asarray(first).astype(self.dtype)
        if operator == "where":
            return np.asarray(np.where(first, *rest)).astype(self.dtype)
        if operator in _OPERATORS:
            return _OPERATORS[operator](first, *rest)
        return self._function(operator)(*arguments)

    def _function(self, name: str) -> Function:
        if name in self.helpers:
            return lambda *arguments: self._helper(self.helpers[name], arguments)
        if name in KERNELS:
            return kernel_functions()[name]
        function: Function = getattr(np, name)
        return function

    def _helper(self, helper: Helper, arguments: tuple[Array, ...]) -> Array:
        values = dict(zip(helper.arguments, arguments, strict=True))
        inner = Evaluator(values, self.sizes, self.columns, self.dtype, self.helpers)
        return inner.value(helper_node(helper))


@cache
def helper_node(helper: Helper) -> Node:
    """The array node of an activation or a slope that a program defines."""
    lowering = Lowering(Storage(LAYOUTS["rows"], {}, {}, {}, {}), frozenset())
    return lowering.lower(helper.body, ())


def run(
    program: Program, values: Mapping[str, Array], *, gradients: bool = True
) -> dict[str, Array]:
    """All values of a program: forward values, cost terms and ``C``, error signals, gradients.

    values: parameters, inputs and targets by the names of their tensors, stored as the program's
    layout has them, all of one floating type. gradients: whether the backward pass is run.
    """
    known = dict(values)
    dtype = np.result_type(*(np.asarray(each).dtype for each in values.values()))
    sizes = {**program.system.sizes, SAMPLES: samples_of(program, known)}
    helpers = {helper.name: helper for helper in program.helpers}
    columns = not program.layout.samples_first
    evaluator = Evaluator(known, sizes, columns, dtype, helpers)

    def add(statements: tuple[Statement, ...]) -> None:
        for each in statements:
            known[each.name] = evaluator.value(each.node)

    add(program.forward)
    add(program.cost)
    total = dtype.type(0)
    for name, weight in program.system.objective:
        total = total + dtype.type(weight.numerator) / dtype.type(weight.denominator) * known[name]
    known["C"] = np.asarray(total)
    if gradients:
        add(program.backward)
        add(program.gradients)
    return known


def samples_of(program: Program, values: Mapping[str, Array]) -> int:
    """The number of samples, read off the first input or target."""
    tensor = program.system.of_role(Role.INPUT, Role.TARGET)[0]
    stored = values[tensor.name]
    return int(stored.shape[0 if program.layout.samples_first else -1])
