"""Gradients and loss, found in whatever a call returned or left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import layers_of, weights_and_biases
from bpsym.verify.adapters.names import matched

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared, Form
    from bpsym.verify.observe import Array

_LOSS_KEYS = ("loss", "cost", "j", "c", "l", "error", "e")
_GRADIENT_KEYS = ("grads", "gradients", "grad", "gradient", "nabla", "g", "dparams")


@dataclass(frozen=True, eq=False)
class Returned:
    """One way to read what came back.

    grads: by declared name, as they came. spelling: declared name -> the user's own spelling.
    flat: parts of one vector. unfilled: the parameters that came as None or empty.
    natural: whether a list is read in the order of the parameters; other orders must fit wholly.
    """

    grads: Mapping[str, Array]
    loss: float | None = None
    spelling: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    flat: bool = False
    unfilled: frozenset[str] = frozenset()
    natural: bool = True

    def shaped(self, network: Declared, form: Form) -> Returned:
        """The same, parts of a flat vector given the shape of their parameter."""
        if not self.flat:
            return self
        shapes = {name: form.shape(shape) for name, shape in network.parameters.items()}
        grads = {name: part.reshape(shapes[name]) for name, part in self.grads.items()}
        return replace(self, grads=grads)

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


def readings(value: Any, network: Declared, *, gradient: bool = True) -> Iterator[Returned]:
    """Every way in which a returned value can be read; the likeliest first.

    gradient: whether names say ``dW1``; else parameters are read, of an update.
    """
    yield from _split(arrays(value), network, gradient=gradient)


def _split(value: Any, network: Declared, *, gradient: bool) -> Iterator[Returned]:
    if isinstance(value, dict):
        lower = {str(key).lower(): key for key in value}
        losses = (scalar(value[lower[key]]) for key in _LOSS_KEYS if key in lower)
        loss = next((each for each in losses if each is not None), None)
        for key in _GRADIENT_KEYS:
            if key in lower and isinstance(value[lower[key]], dict | list | tuple):
                for each in containers(value[lower[key]], network, "", gradient=gradient):
                    yield replace(each, loss=loss)
        for each in containers(value, network, "grads", gradient=gradient):
            yield replace(each, loss=loss)
        return
    yield from containers(value, network, "grads", gradient=gradient)
    if not isinstance(value, list | tuple):
        return
    for at, each in enumerate(value):
        loss = scalar(each)
        if loss is None:
            continue
        rest = [*value[:at], *value[at + 1 :]]
        inner: Any = rest[0] if len(rest) == 1 else rest
        for found in containers(inner, network, "grads", gradient=gradient):
            yield replace(found, loss=loss)
        if len(rest) == 1 and isinstance(inner, list | tuple):
            continue
        for item in rest:
            if isinstance(item, dict | list | tuple):
                for found in containers(item, network, "grads", gradient=gradient):
                    yield replace(found, loss=loss)
    for each in value:
        if isinstance(each, dict):
            yield from containers(each, network, "grads", gradient=gradient)


def containers(
    value: Any, network: Declared, spelled: str, *, gradient: bool = True
) -> Iterator[Returned]:
    """The readings of a dict, list, tuple or flat vector of gradients."""
    names = network.names
    weights, biases = weights_and_biases(network)
    layers = layers_of(names)
    if isinstance(value, np.ndarray):
        yield from _flat(value, network)
    elif isinstance(value, dict):
        yield from _by_key(value, network, spelled, gradient=gradient)
    elif isinstance(value, list | tuple):
        items = [(at, each) for at, each in enumerate(value) if each is not None]
        items = [(at, each) for at, each in items if not _empty(each)]
        plain = [each for _, each in items]
        if plain and all(_is_array(each) for each in plain):
            swapped = tuple(name for layer in layers for name in reversed(layer))
            orders = dict.fromkeys((names, (*weights, *biases), (*biases, *weights), swapped))
            for order in orders:
                if len(plain) == len(order):
                    yield Returned(
                        {name: np.asarray(each) for name, each in zip(order, plain, strict=True)},
                        None,
                        {
                            name: f"{spelled}[{at}]"
                            for name, (at, _) in zip(order, items, strict=True)
                        },
                        f"gradients come in the order {', '.join(order[:4])}"
                        + (", ..." if len(order) > 4 else ""),
                        natural=order == names,
                    )
        if len(plain) == 2 and all(isinstance(each, list | tuple) for each in plain):
            for first, second in ((weights, biases), (biases, weights)):
                yield from _two_lists(plain, (first, second), spelled)
        if len(plain) == len(layers) and all(isinstance(e, list | tuple) for e in plain):
            yield from _by_layer(plain, layers, spelled)
        if len(plain) == len(layers) and all(isinstance(each, dict) for each in plain):
            yield from _layer_dicts(plain, layers, spelled)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | int | float) and not isinstance(value, bool)


def _empty(value: Any) -> bool:
    """A placeholder, as in lists that count layers from 1."""
    return isinstance(value, list | tuple | dict) and not value


def _two_lists(
    plain: list[Any], order: tuple[tuple[str, ...], tuple[str, ...]], spelled: str
) -> Iterator[Returned]:
    grads: dict[str, Array] = {}
    spelling: dict[str, str] = {}
    for which, (names, values) in enumerate(zip(order, plain, strict=True)):
        kept = [(at, v) for at, v in enumerate(values) if v is not None and not _empty(v)]
        if len(kept) != len(names) or not all(_is_array(each) for _, each in kept):
            return
        for name, (at, each) in zip(names, kept, strict=True):
            grads[name] = np.asarray(each)
            spelling[name] = f"{spelled}[{which}][{at}]"
    first = "weights" if order[0] and order[0][0].startswith("W") else "biases"
    yield Returned(grads, None, spelling, f"gradients come as two lists, {first} first")


def _by_layer(
    plain: list[Any], layers: tuple[tuple[str, ...], ...], spelled: str
) -> Iterator[Returned]:
    for backwards in (False, True):
        grads: dict[str, Array] = {}
        spelling: dict[str, str] = {}
        for number, (layer, values) in enumerate(zip(layers, plain, strict=True)):
            order = layer[::-1] if backwards else layer
            if len(values) != len(order) or not all(_is_array(each) for each in values):
                return
            for at, (name, each) in enumerate(zip(order, values, strict=True)):
                grads[name] = np.asarray(each)
                spelling[name] = f"{spelled}[{number}][{at}]"
        yield Returned(grads, None, spelling, "gradients come as a list with a tuple per layer")


def _layer_dicts(
    plain: list[Any], layers: tuple[tuple[str, ...], ...], spelled: str
) -> Iterator[Returned]:
    grads: dict[str, Array] = {}
    spelling: dict[str, str] = {}
    for number, (layer, values) in enumerate(zip(layers, plain, strict=True)):
        for key, name in matched(map(str, values), layer, gradient=True).items():
            if _is_array(values[key]):
                grads[name] = np.asarray(values[key])
                spelling[name] = f'{spelled}[{number}]["{key}"]'
    if grads:
        yield Returned(grads, None, spelling, "gradients come as a list with a dict per layer")


def _by_key(
    value: Mapping[Any, Any], network: Declared, spelled: str, *, gradient: bool
) -> Iterator[Returned]:
    names = network.names
    keys = {str(key): key for key in value}
    found = matched(keys, names, gradient=gradient)
    if gradient and not any(_is_array(value[keys[key]]) for key in found):
        found = matched(keys, names, gradient=False)
    grads = {
        name: np.asarray(value[keys[key]])
        for key, name in found.items()
        if _is_array(value[keys[key]])
    }
    if grads:
        spelling = {name: f'{spelled}["{key}"]' if spelled else key for key, name in found.items()}
        unfilled = frozenset(name for key, name in found.items() if name not in grads)
        sentence = "gradients come as a dict by name"
        yield Returned(grads, None, spelling, sentence, unfilled=unfilled)
    yield from _lists_by_key(value, network, spelled)
    inner = [each for each in value.values() if isinstance(each, dict)]
    layers = layers_of(names)
    if len(inner) == len(layers):
        yield from _layer_dicts(inner, layers, spelled)
    plain = [each for each in value.values() if _is_array(each)]
    if not grads and len(plain) == len(names):
        yield Returned(
            {name: np.asarray(each) for name, each in zip(names, plain, strict=True)},
            None,
            {name: f"{spelled}[{key!r}]" for name, key in zip(names, value, strict=True)},
            "gradients come as a dict, in the order of the parameters",
        )


def _lists_by_key(value: Mapping[Any, Any], network: Declared, spelled: str) -> Iterator[Returned]:
    """``{"dW": [...], "db": [...]}``."""
    from bpsym.verify.adapters.names import letter_of, spoken

    grads: dict[str, Array] = {}
    spelling: dict[str, str] = {}
    for key, each in value.items():
        said = spoken(str(key), [letter_of(name) for name in network.names])
        if said is None or said.tag or not isinstance(each, list | tuple):
            continue
        group = [name for name in network.names if letter_of(name) == said.letter]
        kept = [(at, v) for at, v in enumerate(each) if v is not None and not _empty(v)]
        if len(kept) != len(group) or not all(_is_array(v) for _, v in kept):
            continue
        for name, (at, v) in zip(group, kept, strict=True):
            if name not in grads:
                grads[name] = np.asarray(v)
                spelling[name] = f'{spelled}["{key}"][{at}]' if spelled else f"{key}[{at}]"
    if grads:
        yield Returned(grads, None, spelling, "gradients come as a list for each letter")


def _flat(value: Array, network: Declared) -> Iterator[Returned]:
    """One vector, in the order of the parameters, or weights first; C order, then F order."""
    names = network.names
    sizes = {name: int(np.prod(shape)) for name, shape in network.parameters.items()}
    if len(names) == 1 and value.ndim > 1:
        yield Returned({names[0]: value}, None, {names[0]: "the gradient"}, "one gradient")
    if value.size != sum(sizes.values()) or max(value.shape, default=0) != value.size:
        return
    weights, biases = weights_and_biases(network)
    for order in dict.fromkeys((names, (*weights, *biases))):
        parts, at = {}, 0
        for name in order:
            parts[name] = value.reshape(-1)[at : at + sizes[name]]
            at += sizes[name]
        yield Returned(
            parts,
            None,
            {name: f"the part of {name} in the flat gradient" for name in names},
            f"the flat vector holds {', '.join(order[:4])}" + (", ..." if len(order) > 4 else ""),
            flat=True,
        )
