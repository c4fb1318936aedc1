"""Where parameters are kept: in attributes of an object, or in global variables of a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import weights_and_biases
from bpsym.verify.adapters.forms import BATCH_FORMS, SINGLE_FORMS
from bpsym.verify.adapters.names import letter_of, matched, spoken
from bpsym.verify.adapters.returned import arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Form, Given


@dataclass(frozen=True)
class Binding:
    """Where an object, or a script, keeps its parameters.

    whole: attribute path -> declared name. lists: path -> the declared names of its entries.
    dicts: path -> key -> declared name. transposed, bias: how they are held.
    """

    whole: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    transposed: bool | None = None
    bias: str = "flat"

    def names(self) -> set[str]:
        """The parameters that are found."""
        found = set(self.whole.values())
        for each in self.lists.values():
            found |= set(each)
        for keys in self.dicts.values():
            found |= set(keys.values())
        return found

    def steps(self, given: Given, of: str = "obj") -> Iterator[dict[str, Any]]:
        """The steps that put a point's parameters there; of: ``obj`` or ``globals``."""
        params = given.params
        for path, name in self.whole.items():
            yield {"do": "set", "of": of, "name": path, "value": params[name]}
        for path, names in self.lists.items():
            value: Any = [params[name] for name in names]
            yield {"do": "set", "of": of, "name": path, "value": value}
        for path, keys in self.dicts.items():
            for key, name in keys.items():
                yield {
                    "do": "set",
                    "of": of,
                    "name": f"{path}.{key}",
                    "value": params[name],
                }

    def after(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters in a state of the object."""
        found = {name: state[path] for path, name in self.whole.items() if path in state}
        for path, names in self.lists.items():
            found |= dict(zip(names, state.get(path, ()), strict=False))
        for path, keys in self.dicts.items():
            found |= {name: state[path][key] for key, name in keys.items() if path in state}
        return found

    def paths(self) -> set[str]:
        """The attributes that hold parameters."""
        return {*self.whole, *self.lists, *self.dicts}

    def in_order(self) -> list[str]:
        """The attributes or variables that hold parameters, in the order of the network."""
        return list(dict.fromkeys((*self.whole, *self.lists, *self.dicts)))

    def forms(self) -> Sequence[Form]:
        """The only forms that suit the way in which the parameters are held."""
        return [
            form
            for form in (*BATCH_FORMS, *SINGLE_FORMS)
            if form.bias == self.bias
            and (self.transposed is None or form.transposed == self.transposed)
        ]


def bind(state: Mapping[str, Any], network: Declared) -> list[Binding]:
    """The ways in which an object's attributes may hold the parameters."""
    state = {path: arrays(value) for path, value in state.items()}
    plain = {
        path: value
        for path, value in state.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
    found: list[Binding] = []
    names = matched([path for path in plain if "." not in path], network.names, gradient=False)
    last = {path.rpartition(".")[2]: path for path in plain if "." in path}
    tagged = {last[n]: name for n, name in matched(last, network.names, gradient=False).items()}
    nested = nested_names({p: v for p, v in plain.items() if "." in p}, network, gradient=False)
    for whole in (names, tagged, nested):
        if set(whole.values()) == set(network.names):
            found += _held(Binding(whole=whole), state, network)
    weights, biases = weights_and_biases(network)
    lists = {path: value for path, value in state.items() if isinstance(value, list | tuple)}
    for path, value in lists.items():
        kept = [each for each in value if isinstance(each, np.ndarray)]
        said = spoken(path.split(".")[-1])
        if len(kept) != len(value):
            continue
        if len(kept) == len(weights) and said is not None and said.letter == "W":
            for other, its in lists.items():
                told = spoken(other.split(".")[-1])
                if len(its) == len(biases) and told is not None and told.letter == "b":
                    binding = Binding(lists={path: weights, other: biases})
                    found += _held(binding, state, network)
            if not biases:
                found += _held(Binding(lists={path: weights}), state, network)
        if len(kept) == len(network.names):
            found += _held(Binding(lists={path: network.names}), state, network)
    for path, value in state.items():
        if isinstance(value, dict):
            keys = matched(
                [str(key) for key, v in value.items() if isinstance(v, np.ndarray)],
                network.names,
                gradient=False,
            )
            if set(keys.values()) == set(network.names):
                found += _held(Binding(dicts={path: keys}), state, network)
    counted = _counted(state, network)
    if counted is not None:
        found += _held(counted, state, network)
    if not found:
        found += _by_shape(plain, state, network)
    return found


def _counted(state: Mapping[str, Any], network: Declared) -> Binding | None:
    """``W[1]``, ``W[2]``: a dict for each letter, by the number of the layer, or a list from 1."""
    dicts: dict[str, dict[Any, str]] = {}
    letters = {letter_of(name) for name in network.names}
    for path, value in state.items():
        said = spoken(path.split(".")[-1])
        if said is None or said.tag or said.letter not in letters:
            continue
        entries = _numbered(value)
        keys = sorted(key for key, v in entries.items() if isinstance(key, int) and np.ndim(v))
        group = [name for name in network.names if letter_of(name) == said.letter]
        if len(keys) == len(group) and not said.gradient:
            dicts[path] = dict(zip(keys, group, strict=True))
    binding = Binding(dicts=dicts)
    return binding if binding.names() == set(network.names) else None


def _numbered(value: Any) -> Mapping[Any, Any]:
    """The entries of a dict, or of a list whose first entry is left empty to count from 1."""
    if isinstance(value, list | tuple) and value and (value[0] is None or np.size(value[0]) == 0):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else {}


def _by_shape(
    plain: Mapping[str, Any], state: Mapping[str, Any], network: Declared
) -> list[Binding]:
    """Attributes of any names, in the order in which they were made."""
    sizes = [int(np.prod(shape)) for shape in network.parameters.values()]
    candidates = [path for path, value in plain.items() if value.size in sizes and "." not in path]
    if len(candidates) != len(network.names):
        return []
    weights, biases = weights_and_biases(network)
    for order in (network.names, (*weights, *biases)):
        whole = dict(zip(candidates, order, strict=True))
        found = _held(Binding(whole=whole), state, network)
        if found:
            return found
    return []


def _held(binding: Binding, state: Mapping[str, Any], network: Declared) -> list[Binding]:
    """The binding with the orientation that the object's own arrays have; none if none fits."""
    values = {name: np.asarray(each) for name, each in binding.after(state).items()}
    bias: set[str] = set()
    transposed: set[bool] = set()
    for name, shape in network.parameters.items():
        own = values[name].shape
        if len(shape) == 1:
            kinds = {"flat": shape, "column": (*shape, 1), "row": (1, *shape)}
            fitting = {kind for kind, each in kinds.items() if each == own}
            bias = fitting if not bias else (bias & fitting or fitting)
            if not fitting:
                return []
        else:
            if own not in (shape, shape[::-1]):
                return []
            if shape != shape[::-1]:
                transposed.add(own != shape)
    if len(transposed) > 1:
        return []
    turned = transposed.pop() if transposed else None
    return [replace(binding, transposed=turned, bias=each) for each in sorted(bias or {"flat"})]


def nested_names(plain: Mapping[str, Any], network: Declared, *, gradient: bool) -> dict[str, str]:
    """``layers.0.W`` -> the parameter of that letter in the order in which layers stand."""
    letters = [letter_of(name) for name in network.names]
    groups: dict[str, list[str]] = {}
    for name in network.names:
        groups.setdefault(letter_of(name), []).append(name)
    found: dict[str, str] = {}
    used: dict[str, int] = {}
    for path in plain:
        said = spoken(path.split(".")[-1], letters)
        if said is None or said.gradient != gradient:
            continue
        at = used.get(said.letter, 0)
        group = groups.get(said.letter, [])
        if at < len(group):
            found[path] = group[at]
            used[said.letter] = at + 1
    return found
