"""Emitted modules held against the oracle: names, shapes, floating types, values, gradients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import Any

import numpy as np

import bpsym
from tests.emitted.formula import Array
from tests.emitted.oracle import Declaration, Oracle

LAYOUTS = ("rows", "columns")
SAMPLES = 7  # no width of a network of the tests
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-4}
FLOATS = tuple(TOLERANCE)
Named = dict[str, Array]
Float = type[np.floating[Any]]


def turned(array: Array, layout: str, *, of_samples: bool = False) -> Array:
    """An array of the layout ``rows`` as another layout has it.

    columns: what has samples is transposed, and a vector of units stands upright, (n, 1).
    """
    if layout == "rows":
        return array
    if of_samples:
        return array.T
    return array[:, None] if array.ndim == 1 else array


def alone(named: Mapping[str, Any]) -> Any:
    """A dict of several arrays, or the only one by itself."""
    return next(iter(named.values())) if len(named) == 1 else dict(named)


def loaded(declared: Declaration | str, **options: Any) -> ModuleType:
    """The emitted module of a declaration; the proof has tests of its own."""
    return _loaded(_key(declared), tuple(sorted(options.items())))


def _key(declared: Declaration | str) -> str:
    return declared if isinstance(declared, str) else json.dumps(declared)


def _declared(key: str) -> Any:
    return json.loads(key) if key.startswith("{") else key


@cache
def _loaded(key: str, options: tuple[tuple[str, Any], ...]) -> ModuleType:
    return bpsym.load(_declared(key), prove=False, **dict(options))


def draw_targets(oracle: Oracle, rng: np.random.Generator, m: int) -> Named:
    """Targets (m, width) by name, of the kind that their loss takes; labels are (m,)."""
    targets: Named = {}
    for loss in oracle.losses:
        name = loss["target"]
        if name is None:
            continue
        width = oracle.targets[name]
        match loss["kind"], loss.get("targets", "rows"):
            case _, "labels":
                targets[name] = rng.integers(width, size=m)
            case _, "weights":
                targets[name] = rng.exponential(size=(m, width))
            case "cross_entropy" | "kl_divergence", _:
                # Multiples of 1/64 sum to one exactly, in float32 too.
                targets[name] = rng.multinomial(64, np.ones(width) / width, size=m) / 64
            case "binary_cross_entropy", _:
                targets[name] = rng.uniform(size=(m, width))
            case "poisson", _:
                targets[name] = rng.poisson(2.0, size=(m, width)).astype(float)
            case "hinge", _:
                targets[name] = rng.choice([-1.0, 1.0], size=(m, width))
            case _:
                targets[name] = rng.normal(0, 1, (m, width))
    return targets


@dataclass
class Point:
    """A network at a random point, all numbers of which float32 can hold; arrays are rows."""

    oracle: Oracle
    params: Named
    X: Named
    Y: Named

    @classmethod
    def draw(cls, declared: Declaration | str, seed: int = 1, m: int = SAMPLES) -> Point:
        """Parameters that leave no symmetry: none is 0, no two are equal."""
        oracle = Oracle(declared)
        rng = np.random.default_rng(seed)
        params = {name: rng.normal(0.1, 0.7, shape) for name, shape in oracle.shapes.items()}
        X = {name: rng.normal(0, 1, (m, width)) for name, width in oracle.inputs.items()}
        return cls(oracle, _short(params), _short(X), _short(draw_targets(oracle, rng, m)))

    @cached_property
    def outputs(self) -> Named:
        """Every output, (m, width), by layer."""
        return self.oracle.predict(self.params, self.X)

    @cached_property
    def cost(self) -> np.longdouble:
        """The cost of the batch."""
        return self.oracle.cost(self.params, self.X, self.Y)

    @cached_property
    def gradients(self) -> Named:
        """The gradients in parameters and inputs."""
        return self.oracle.gradients(self.params, self.X, self.Y)


def _short(arrays: Named) -> Named:
    """Every number rounded to float32, in float64; integers as they are."""
    return {
        name: array.astype(np.float32).astype(np.float64) if array.dtype.kind == "f" else array
        for name, array in arrays.items()
    }


@cache
def _point(key: str) -> Point:
    return Point.draw(_declared(key))


def agree(
    declared: Declaration | str,
    layout: str = "rows",
    dtype: Float = np.float64,
    *,
    point: Point | None = None,
    input_grads: bool = False,
    tolerance: float | None = None,
) -> None:
    """Assert that the emitted module of a declaration is what the oracle says.

    point: where; else a random point, the same at every call.
    """
    module = loaded(declared, layout=layout, input_grads=input_grads)
    at = point or _point(_key(declared))
    Agreement(module, at, layout, dtype, tolerance or TOLERANCE[dtype], input_grads).check()


@dataclass
class Agreement:
    """A module, a point, and how exactly they are to agree."""

    module: ModuleType
    point: Point
    layout: str = "rows"
    dtype: Float = np.float64
    tolerance: float = 1e-12
    input_grads: bool = False

    def arguments(self) -> tuple[Named, Any, Any]:
        """params, X and Y as the module takes them, its own to spoil."""
        point = self.point
        params = {k: self._given(v) for k, v in point.params.items()}
        X = {k: self._given(v, of_samples=True) for k, v in point.X.items()}
        Y = {k: self._given(v, of_samples=True) for k, v in point.Y.items()}
        return params, alone(X), alone(Y) if Y else None

    def _given(self, array: Array, *, of_samples: bool = False) -> Array:
        typed = array.astype(self.dtype) if array.dtype.kind == "f" else array
        return turned(typed, self.layout, of_samples=of_samples).copy()

    def check(self) -> None:
        """Everything."""
        self.check_shapes()
        self.check_values()
        self.check_gradients()

    def check_shapes(self) -> None:
        """PARAM_SHAPES and init_params follow the definitions."""
        shapes = {
            name: turned(np.zeros(shape), self.layout).shape
            for name, shape in self.point.oracle.shapes.items()
        }
        assert shapes == self.module.PARAM_SHAPES
        started = self.module.init_params(0, dtype=self.dtype)
        assert {name: array.shape for name, array in started.items()} == shapes
        assert {array.dtype for array in started.values()} <= {np.dtype(self.dtype)}

    def check_values(self) -> None:
        """Predictions and cost."""
        params, X, Y = self.arguments()
        predicted = self.module.predict(params, X)
        outputs = self.point.outputs
        if len(outputs) == 1:
            predicted = dict.fromkeys(outputs, predicted)
        assert set(predicted) == set(outputs)
        for label, expected in outputs.items():
            self._close(predicted[label], expected, f"prediction {label}", of_samples=True)
        value = self.module.loss(params, X, Y)
        assert type(value) is float
        bound = self.tolerance * max(abs(self.point.cost), 1)
        assert abs(value - self.point.cost) <= bound, ("cost", value, float(self.point.cost))

    def check_gradients(self) -> None:
        """Every gradient, and that nothing was written into the arguments."""
        arguments = params, X, Y = self.arguments()
        value, grads = self.module.loss_and_grads(params, X, Y)
        assert type(value) is float
        assert value == self.module.loss(params, X, Y)
        for ours, kept in zip(arguments, self.arguments(), strict=True):
            np.testing.assert_equal(ours, kept)
        names = [*self.point.params, *(self.point.X if self.input_grads else ())]
        assert list(grads) == names
        expected = self.point.gradients
        largest = max(np.abs(expected[name]).max() for name in names)
        for name in names:
            self._close(
                grads[name],
                expected[name],
                f"gradient {name}",
                of_samples=name in self.point.X,
                beside=largest,
            )

    def _close(
        self, got: Array, expected: Array, what: str, *, of_samples: bool, beside: float = 0.0
    ) -> None:
        """Relative to the largest entry of the array.

        Where an array is all but 0 beside the others (what a softmax or a normalisation takes
        away again), its summands are of their size, and so is its rounding error.
        """
        expected = turned(expected, self.layout, of_samples=of_samples)
        assert got.shape == expected.shape, what
        assert got.dtype == self.dtype, what
        scale = max(np.abs(expected).max(), 1e-3 * beside)
        worst = np.abs(got - expected).max()
        assert worst <= self.tolerance * scale, (what, float(worst), float(scale))
