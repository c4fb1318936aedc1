"""Ways to read what came back: dicts, lists, pairs, two lists, one flat vector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import layers_of, weights_and_biases
from bpsym.verify.adapters.names import matched

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.diagnosis.observe import Array
from bpsym.verify.adapters.returned import NO_HINTS, Hints, Returned, arrays, is_array, scalar, told

_LOSS_KEYS = ("loss", "cost", "j", "c", "l", "error", "e")
_GRADIENT_KEYS = ("grads", "gradients", "grad", "gradient", "nabla", "g", "dparams")


def readings(
    value: Any, network: Declared, *, gradient: bool = True, hints: Hints = NO_HINTS
) -> Iterator[Returned]:
    """Every way in which a returned value can be read; the likeliest first.

    gradient: whether names say ``dW1``; else parameters are read, of an update.
    """
    yield from _split(_counted(arrays(value)), network, gradient=gradient, hints=hints)


def _counted(value: Any) -> Any:
    """Dicts of arrays by the number of a layer, ``{1: dW1, 2: dW2}``, as lists in that order."""
    if isinstance(value, dict):
        if value and all(isinstance(k, int) and is_array(v) for k, v in value.items()):
            return [value[key] for key in sorted(value)]
        return {key: _counted(each) for key, each in value.items()}
    return tuple(map(_counted, value)) if isinstance(value, tuple) else value


def _split(value: Any, network: Declared, *, gradient: bool, hints: Hints) -> Iterator[Returned]:
    if isinstance(value, dict):
        lower = {str(key).lower(): key for key in value}
        losses = (scalar(value[lower[key]]) for key in _LOSS_KEYS if key in lower)
        loss = next((each for each in losses if each is not None), None)
        for key in _GRADIENT_KEYS:
            if key in lower and isinstance(value[lower[key]], dict | list | tuple):
                for each in containers(
                    value[lower[key]], network, "", gradient=gradient, hints=hints
                ):
                    yield replace(each, loss=loss)
        for each in containers(value, network, "grads", gradient=gradient, hints=hints):
            yield replace(each, loss=loss)
        return
    yield from containers(value, network, "grads", gradient=gradient, hints=hints)
    if not isinstance(value, list | tuple):
        return
    for at, each in enumerate(value):
        loss = scalar(each)
        if loss is None:
            continue
        rest = [*value[:at], *value[at + 1 :]]
        inner: Any = rest[0] if len(rest) == 1 else rest
        for found in containers(inner, network, "grads", gradient=gradient, hints=hints):
            yield replace(found, loss=loss)
        if len(rest) == 1 and isinstance(inner, list | tuple):
            continue
        for item in rest:
            if isinstance(item, dict | list | tuple):
                for found in containers(item, network, "grads", gradient=gradient, hints=hints):
                    yield replace(found, loss=loss)
    for each in value:
        if isinstance(each, dict):
            yield from containers(each, network, "grads", gradient=gradient, hints=hints)


def containers(
    value: Any,
    network: Declared,
    spelled: str,
    *,
    gradient: bool = True,
    hints: Hints = NO_HINTS,
) -> Iterator[Returned]:
    """The readings of a dict, list, tuple or flat vector of gradients."""
    names = network.names
    said = _said(hints, network, gradient=gradient)
    weights, biases = weights_and_biases(network)
    layers = layers_of(names)
    if isinstance(value, np.ndarray):
        yield from _flat(value, network, said)
    elif isinstance(value, dict):
        yield from _by_key(value, network, spelled, gradient=gradient, hints=hints)
    elif isinstance(value, list | tuple):
        items = [(at, each) for at, each in enumerate(value) if each is not None]
        items = [(at, each) for at, each in items if not _empty(each)]
        plain = [each for _, each in items]
        if plain and all(is_array(each) for each in plain):
            swapped = tuple(name for layer in layers for name in reversed(layer))
            orders = dict.fromkeys(
                (*said, names, (*weights, *biases), (*biases, *weights), swapped)
            )
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
                        natural=order == names or order in said,
                    )
        if len(plain) == 2 and all(isinstance(each, list | tuple) for each in plain):
            for first, second in ((weights, biases), (biases, weights)):
                yield from _two_lists(plain, (first, second), spelled)
        if len(plain) == len(layers) and all(isinstance(e, list | tuple) for e in plain):
            yield from _by_layer(plain, layers, spelled)
        if len(plain) == len(layers) and all(isinstance(each, dict) for each in plain):
            yield from _layer_dicts(plain, layers, spelled)


def _said(hints: Hints, network: Declared, *, gradient: bool) -> tuple[tuple[str, ...], ...]:
    """The order in which a return statement names the parameters, if it names all of them."""
    meant = matched(hints.names, network.names, gradient=gradient)
    order = tuple(meant[name] for name in hints.names if name in meant)
    return (order,) if set(order) == set(network.names) else ()


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
        if len(kept) != len(names) or not all(is_array(each) for _, each in kept):
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
            if len(values) != len(order) or not all(is_array(each) for each in values):
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
            if is_array(values[key]):
                grads[name] = np.asarray(values[key])
                spelling[name] = f'{spelled}[{number}]["{key}"]'
    if grads:
        yield Returned(grads, None, spelling, "gradients come as a list with a dict per layer")


def _by_key(
    value: Mapping[Any, Any], network: Declared, spelled: str, *, gradient: bool, hints: Hints
) -> Iterator[Returned]:
    names = network.names
    keys = {str(key): key for key in value}
    found = matched(keys, names, gradient=gradient)
    if gradient and not any(is_array(value[keys[key]]) for key in found):
        found = matched(keys, names, gradient=False)
    grads = {
        name: np.asarray(value[keys[key]])
        for key, name in found.items()
        if is_array(value[keys[key]])
    }
    unfilled = {
        name: told(value[keys[key]])
        for key, name in found.items()
        if name not in grads and not isinstance(value[keys[key]], list | tuple | dict)
    }
    if grads or unfilled:
        spelling = {name: f'{spelled}["{key}"]' if spelled else key for key, name in found.items()}
        sentence = "gradients come as a dict by name"
        yield Returned(grads, None, spelling, sentence, unfilled=unfilled)
    yield from _lists_by_key(value, network, spelled)
    layers = layers_of(names)
    inner = {str(key): each for key, each in value.items() if isinstance(each, dict)}
    for keyed in _layer_keys(inner, hints) if len(inner) == len(layers) else ():
        for each in _layer_dicts([inner[key] for key in keyed], layers, spelled):
            own = {
                name: text.replace(f"{spelled}[{at}]", f'{spelled}["{keyed[at]}"]', 1)
                for at, layer in enumerate(layers)
                for name, text in each.spelling.items()
                if name in layer
            }
            kind = "gradients come as a dict with a dict per layer"
            yield replace(each, spelling=own, sentence=kind)
    plain = [each for each in value.values() if is_array(each)]
    if not grads and len(plain) == len(names):
        yield Returned(
            {name: np.asarray(each) for name, each in zip(names, plain, strict=True)},
            None,
            {name: f"{spelled}[{key!r}]" for name, key in zip(names, value, strict=True)},
            "gradients come as a dict, in the order of the parameters",
        )


def _layer_keys(inner: Mapping[str, Any], hints: Hints) -> Iterator[list[str]]:
    """The keys of layers in the order of layers: by number, as the code asked for them, as is."""
    numbers = {key: "".join(each for each in key if each.isdigit()) for key in inner}
    if all(numbers.values()) and len(set(numbers.values())) == len(inner):
        yield sorted(inner, key=lambda key: int(numbers[key]))
    elif set(hints.layers) == set(inner):
        yield [key for key in hints.layers if key in inner]
    else:
        yield list(inner)


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
        if len(kept) != len(group) or not all(is_array(v) for _, v in kept):
            continue
        for name, (at, v) in zip(group, kept, strict=True):
            if name not in grads:
                grads[name] = np.asarray(v)
                spelling[name] = f'{spelled}["{key}"][{at}]' if spelled else f"{key}[{at}]"
    if grads:
        yield Returned(grads, None, spelling, "gradients come as a list for each letter")


def _flat(value: Array, network: Declared, said: tuple[tuple[str, ...], ...]) -> Iterator[Returned]:
    """One vector, in the order of the parameters, or weights first; C order, then F order."""
    names = network.names
    sizes = {name: int(np.prod(shape)) for name, shape in network.parameters.items()}
    if len(names) == 1 and value.ndim > 1:
        yield Returned({names[0]: value}, None, {names[0]: "the gradient"}, "one gradient")
    if value.dtype.kind == "c":
        return
    if value.size != sum(sizes.values()) or max(value.shape, default=0) != value.size:
        return
    weights, biases = weights_and_biases(network)
    for order in dict.fromkeys((*said, names, (*weights, *biases))):
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
