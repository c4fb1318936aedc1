"""Gradients and loss, found in whatever a call returned or left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.declared import bias_of
from bpsym.verify.adapters.forms import parted
from bpsym.verify.running.wire import Opaque

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Form
    from bpsym.verify.diagnosis.observe import Array


@dataclass(frozen=True)
class Hints:
    """What else is known of a result.

    names: those in the return statement. layers: the keys under which the code keeps its layers.
    """

    names: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Returned:
    """One way to read what came back.

    grads: by declared name, as they came. spelling: declared name -> the user's own spelling.
    flat: parts of one vector. unfilled: what came for parameters that got no real numbers.
    natural: whether a list is read in the order of the parameters; other orders must fit wholly.
    """

    grads: Mapping[str, Array]
    loss: float | None = None
    spelling: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    flat: bool = False
    unfilled: Mapping[str, str] = field(default_factory=dict)
    natural: bool = True

    def shaped(self, network: Declared, form: Form) -> Returned:
        """The same, parts of a flat vector given the shape of their parameter."""
        if not self.flat:
            return self
        shapes = {name: form.shape(shape) for name, shape in network.parameters.items()}
        grads = {name: part.reshape(shapes[name]) for name, part in self.grads.items()}
        return replace(self, grads=grads)

    def parted(self, network: Declared, form: Form) -> Returned:
        """The same in declared parameters: of a W with its bias in it both, of thresholds -b."""
        if form.thresholds:
            signs = {n: -v if len(network.parameters[n]) == 1 else v for n, v in self.grads.items()}
            return replace(self, grads=signs)
        if not form.merged:
            return self
        grads, spelling = {}, {}
        for weight, bias in bias_of(network).items():
            value = self.grads.get(weight)
            if value is None:
                continue
            said = spelling[weight] = self.spelling.get(weight, f"d{weight}")
            shape = form.shape((network.parameters[weight][0], network.parameters[weight][1] + 1))
            if value.shape != shape:
                grads[weight] = value
                continue
            grads[weight], grads[bias] = parted(value, form)
            edge = "0" if form.merged == "first" else "-1"
            spelling[bias] = f"{said}[{edge}]" if form.transposed else f"{said}[:, {edge}]"
        return replace(self, grads=grads, spelling=spelling)

    def fitting(self, network: Declared, form: Form) -> int:
        """How many gradients have the shape of their parameter."""
        return sum(
            self.grads[name].shape == form.shape(shape)
            for name, shape in network.parameters.items()
            if name in self.grads
        )


def arrays(value: Any) -> Any:
    """The same value, with nested lists of numbers as arrays and single numbers left alone."""
    if isinstance(value, list | tuple):
        if value and _regular(value):
            return np.asarray(value, dtype=float)
        items = [arrays(each) for each in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: arrays(each) for key, each in value.items()}
    return value


def _regular(value: Any) -> bool:
    """Whether a list holds numbers, or lists of numbers of one length, and no array."""
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        return True
    if not all(isinstance(each, list) and each for each in value):
        return False
    return len({len(each) for each in value}) == 1 and all(_regular(each) for each in value)


def scalar(value: Any) -> float | None:
    """A single number, or None; an array with one entry counts."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "fiu":
        return float(value.reshape(()))
    return None


NO_HINTS = Hints()


def is_array(value: Any) -> bool:
    """Whether a value may be a gradient: real numbers, in an array or one alone."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind != "c")
    return isinstance(value, int | float) and not isinstance(value, bool)


def told(value: Any) -> str:
    """What came back, in a few words."""
    if isinstance(value, Opaque):
        return {"function": "a function", "coroutine": "a coroutine"}.get(
            value.type, f"an object of type {value.type}"
        )
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}, shape {value.shape}"
    if isinstance(value, list | tuple | dict):
        inside = value.values() if isinstance(value, dict) else value
        kinds = list(dict.fromkeys(told(each) for each in inside))[:3]
        name = type(value).__name__
        return f"a {name} with {', '.join(kinds)}" if kinds else f"an empty {name}"
    if value is None or isinstance(value, bool):
        return str(value)
    return "a number" if isinstance(value, int | float) else f"a {type(value).__name__}"
