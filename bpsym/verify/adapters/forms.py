"""Which way round the user's code holds its arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Array, Point

from bpsym.verify.adapters.declared import Declared, bias_of

Samples = Literal["rows", "columns", "one row", "one column", "vector"]
Bias = Literal["flat", "column", "row", "number"]
Target = Literal["array", "flat", "labels", "label row"]
Merged = Literal["", "first", "last"]


@dataclass(frozen=True)
class Form:
    """How arrays are held.

    samples: rows X (m, n0); columns X (n0, m); one of (1, n0), (n0, 1), (n0,) per call.
    transposed: weights are (in, out). bias: (n,), (n, 1) or (1, n). target: Y like the output,
    (m,) for a single output, or integer labels. merged: biases are the first or last column of W.
    thresholds: what is held for b is -b, to be subtracted.
    """

    samples: Samples = "rows"
    transposed: bool = False
    bias: Bias = "flat"
    target: Target = "array"
    merged: Merged = ""
    thresholds: bool = False

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
                "number": value.reshape(() if value.size == 1 else value.shape),
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
        if self.thresholds:
            yield "thresholds, subtracted, stand for biases: each is -b"
        if self.merged:
            yield f"biases are the {self.merged} {'row' if self.transposed else 'column'} of W"
        else:
            yield {
                "flat": "biases are (n,)",
                "column": "biases are (n, 1)",
                "row": "biases are (1, n)",
                "number": "the bias is a number",
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
# The bias of a single unit may be a number.
NUMBER_FORMS: tuple[Form, ...] = tuple(
    Form(samples, transposed, "number")
    for samples in ("rows", "columns")
    for transposed in (True, False)
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
    values: Mapping[str, Array] = field(default_factory=dict)

    def value(self, name: str) -> Array:
        """A value of the forward pass, as the user's code holds it."""
        return np.array(self.form.samples_of(self.values[name]))

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


def given(
    point: Point, form: Form, network: Declared, values: Mapping[str, Array] | None = None
) -> Given:
    """A point in a form; several inputs or targets are a dict by declared name.

    values: those of the forward pass at the point, where the code wants some.
    """
    own = point.params
    if form.thresholds:
        own = {name: -value if value.ndim == 1 else value for name, value in own.items()}
    if form.merged:
        own = {
            name: joined(own[name], own[bias], form.merged)
            for name, bias in bias_of(network).items()
        }
    params = {name: np.array(form.parameter(value)) for name, value in own.items()}
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
        values or {},
    )


def joined(weight: Array, bias: Array, where: str) -> Array:
    """W (out, in) with its bias as the first or last column, (out, in + 1)."""
    parts = [bias[:, None], weight] if where == "first" else [weight, bias[:, None]]
    return np.concatenate(parts, axis=1)


def parted(value: Array, form: Form) -> tuple[Array, Array]:
    """A gradient in the shape of a joined W, taken apart: that of W, and that of b (out,)."""
    whole = value.T if form.transposed else value
    first = form.merged == "first"
    weight, bias = (whole[:, 1:], whole[:, 0]) if first else (whole[:, :-1], whole[:, -1])
    return (weight.T if form.transposed else weight), bias


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
