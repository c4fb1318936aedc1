"""Which way round the user's code holds its arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bpsym.calculus.system import Role

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.observe import Array, Point

Samples = Literal["rows", "columns", "one row", "one column", "vector"]
Bias = Literal["flat", "column", "row"]
Target = Literal["array", "flat", "labels", "label row"]


@dataclass(frozen=True)
class Declared:
    """What adapters know of the network.

    parameters: shapes in rows layout. inputs, targets: tensor name -> width.
    widths: of the inputs' sum and of every layer, in order, for constructors.
    classes: the target tensors whose rows are one-hot.
    """

    parameters: Mapping[str, tuple[int, ...]]
    inputs: Mapping[str, int]
    targets: Mapping[str, int]
    input_names: Mapping[str, str]
    target_names: Mapping[str, str]
    widths: tuple[int, ...]
    classes: frozenset[str]
    mean: bool
    decay: float

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in order."""
        return tuple(self.parameters)


def declared(derivation: Derivation) -> Declared:
    """What adapters need of a derivation."""
    built, network = derivation.built, derivation.network
    system = built.system

    def width(name: str) -> int:
        return int(np.prod([system.sizes[each] for each in system.tensors[name].sizes[1:]]))

    classes = {
        built.targets[loss.target]
        for loss in network.losses
        if loss.target is not None
        and loss.target in built.targets
        and built.target_kind(loss) == "distribution"
    }
    parameters = {
        each.name: tuple(system.sizes[label] for label in each.sizes)
        for each in system.of_role(Role.PARAMETER)
    }
    units = [layer.units for layer in network.layers if layer.units is not None]
    return Declared(
        parameters,
        {name: width(name) for name in built.inputs.values()},
        {name: width(name) for name in built.targets.values()},
        dict(built.inputs),
        dict(built.targets),
        (sum(size for _, size in network.inputs), *units),
        frozenset(classes),
        network.reduction == "mean",
        float(network.l2),
    )


@dataclass(frozen=True)
class Form:
    """How arrays are held.

    samples: rows X (m, n0); columns X (n0, m); one of (1, n0), (n0, 1), (n0,) per call.
    transposed: weights are (in, out). bias: (n,), (n, 1) or (1, n). target: Y like the output,
    (m,) for a single output, or integer labels.
    """

    samples: Samples = "rows"
    transposed: bool = False
    bias: Bias = "flat"
    target: Target = "array"

    @property
    def single(self) -> bool:
        """Whether a call takes one sample."""
        return self.samples in ("one row", "one column", "vector")

    @property
    def columns(self) -> bool:
        """Whether a sample is a column."""
        return self.samples in ("columns", "one column")

    def parameter(self, value: Array) -> Array:
        """A parameter, or its gradient, as the user's code holds it."""
        if value.ndim == 1:
            return {
                "flat": value,
                "column": value[:, None],
                "row": value[None, :],
            }[self.bias]
        return value.T if self.transposed and value.ndim == 2 else value

    def shape(self, declared: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of a parameter as the user's code holds it."""
        return self.parameter(np.empty(declared)).shape

    def back(self, value: Array, shape: tuple[int, ...]) -> Array:
        """The user's gradient in the declared shape; its own shape is taken to be right."""
        if len(shape) == 1:
            return value.reshape(shape)
        return value.T if self.transposed and value.ndim == 2 else value

    def samples_of(self, value: Array) -> Array:
        """Inputs (m, n) as the user's code takes them."""
        if self.samples in ("columns", "one column"):
            return value.T
        return value[0] if self.samples == "vector" else value

    def targets_of(self, value: Array, *, classes: bool) -> Array:
        """Targets (m, K) as the user's code takes them."""
        if self.target in ("labels", "label row") and classes:
            labels: Array = np.argmax(value, axis=1)
            if self.samples == "vector" or (self.single and self.target == "labels"):
                return labels[0] if self.samples == "vector" else labels
            return labels[None, :] if self.target == "label row" else labels
        if self.target == "flat" and value.shape[1] == 1:
            return value[:, 0]
        return self.samples_of(value)

    def sentences(self) -> Iterator[str]:
        """What is assumed, for the report."""
        yield {
            "rows": "samples are rows, X (m, n0)",
            "columns": "samples are columns, X (n0, m)",
            "one row": "one sample per call, x (1, n0)",
            "one column": "one sample per call, x (n0, 1)",
            "vector": "one sample per call, x (n0,)",
        }[self.samples]
        yield "weights are (in, out)" if self.transposed else "weights are (out, in)"
        yield {
            "flat": "biases are (n,)",
            "column": "biases are (n, 1)",
            "row": "biases are (1, n)",
        }[self.bias]
        if self.target != "array":
            yield {
                "flat": "the target of the one output is (m,)",
                "labels": "targets are integer labels",
                "label row": "targets are integer labels, (1, m)",
            }[self.target]


BATCH_FORMS: tuple[Form, ...] = (
    Form("rows", False, "flat"),
    Form("columns", False, "column"),
    Form("rows", True, "flat"),
    Form("rows", True, "row"),
    Form("rows", False, "row"),
    Form("columns", True, "column"),
)
SINGLE_FORMS: tuple[Form, ...] = (
    Form("one column", False, "column"),
    Form("vector", False, "flat"),
    Form("vector", True, "flat"),
    Form("one column", True, "column"),
    Form("one row", True, "flat"),
    Form("one row", True, "row"),
    Form("one row", False, "flat"),
    Form("one row", False, "row"),
)


def target_variants(form: Form, network: Declared) -> Iterator[Form]:
    """Other ways in which targets may be taken."""
    if network.classes:
        yield replace(form, target="labels")
        if form.columns:
            yield replace(form, target="label row")
    if any(width == 1 for width in network.targets.values()) and not form.single:
        yield replace(form, target="flat")


@dataclass(frozen=True, eq=False)
class Given:
    """A point as the user's code takes it: parameters by declared name, X and Y."""

    params: Mapping[str, Array]
    X: Any
    Y: Any
    m: int
    form: Form

    def pairs(self) -> list[tuple[Any, Any]]:
        """The samples as a list of (x, y), each x (n0, 1) where samples are columns, else (n0,)."""
        if self.form.single:
            return [(self.X, self.Y)]
        return [(self._sample(self.X, n), self._sample(self.Y, n)) for n in range(self.m)]

    def _sample(self, values: Any, n: int) -> Any:
        if isinstance(values, dict):
            return {name: self._sample(each, n) for name, each in values.items()}
        if values is None or values.ndim == 1 or not self.form.columns:
            return None if values is None else values[n]
        return values[:, n : n + 1]


def given(point: Point, form: Form, network: Declared) -> Given:
    """A point in a form; several inputs or targets are a dict by declared name."""
    params = {name: np.array(form.parameter(value)) for name, value in point.params.items()}
    inputs = {name: form.samples_of(value) for name, value in point.inputs.items()}
    targets = {
        name: form.targets_of(value, classes=name in network.classes)
        for name, value in point.targets.items()
    }
    return Given(
        params,
        _single(inputs, network.input_names),
        _single(targets, network.target_names),
        point.m,
        form,
    )


def _single(values: Mapping[str, Array], names: Mapping[str, str]) -> Any:
    if not values:
        return None
    if len(values) == 1:
        return np.array(next(iter(values.values())))
    return {name: np.array(values[tensor]) for name, tensor in names.items() if tensor in values}


def slices(point: Point) -> Iterator[Point]:
    """A point's samples one by one."""
    for n in range(point.m):
        yield replace(
            point,
            m=1,
            inputs={name: value[n : n + 1] for name, value in point.inputs.items()},
            targets={name: value[n : n + 1] for name, value in point.targets.items()},
        )
