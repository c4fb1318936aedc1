"""Parameters in one argument or two: a dict, lists, pairs, records, a flat vector.

A package is a tree: a declared name, a list or tuple of trees, or a dict of them; ``Record`` is a
dict whose entries are attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bpsym.verify.adapters.names import WEIGHT, letter_of, tag_of

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.diagnosis.observe import Array

Kind = Literal[
    "dict",
    "list",
    "pairs",
    "dicts",
    "lists",
    "flat",
    "weights first",
    "asked",
    "numbered",
    "headed",
]
KINDS: tuple[Kind, ...] = ("dict", "list", "pairs", "dicts", "lists", "flat", "weights first")
# Of weights and biases in two arguments: lists, dicts by number of the layer, lists counted from 1.
GROUPS: tuple[Kind, ...] = ("dict", "numbered", "headed")
Tree = Any


class Record(dict[str, Tree]):
    """Attributes of an object. type: of the user's file; empty for a plain namespace."""

    type: str = ""


def layers_of(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The parameters grouped by layer, in order."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(tag_of(name), []).append(name)
    return tuple(tuple(each) for each in found.values())


def weights_and_biases(network: Declared) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that are matrices, and the others."""
    weights = tuple(name for name in network.names if letter_of(name) == WEIGHT)
    return weights, tuple(name for name in network.names if name not in weights)


@dataclass(frozen=True)
class Bundle:
    """A way to hand over all parameters at once.

    tree: the package itself, where the code was asked which it wants.
    """

    kind: Kind
    tree: Tree = None

    def package(self, network: Declared) -> Tree:
        """The tree of names; of a flat vector the list of them."""
        names, layers = network.names, layers_of(network.names)
        weights, biases = weights_and_biases(network)
        match self.kind:
            case "dict":
                return {name: name for name in names}
            case "list" | "flat":
                return list(names)
            case "pairs":
                return [tuple(layer) for layer in layers]
            case "dicts":
                return [{letter_of(name): name for name in layer} for layer in layers]
            case "lists":
                return (list(weights), list(biases))
            case "weights first":
                return [*weights, *biases]
        return self.tree

    def order(self, network: Declared) -> list[str]:
        """The parameters in the order in which they stand in the package."""
        return list(_leaves(self.package(network)))

    def pack(self, params: Mapping[str, Array], network: Declared) -> Any:
        """The value of the argument."""
        package = self.package(network)
        if self.kind in ("flat", "weights first"):
            return np.concatenate([np.ravel(params[name]) for name in package])
        return _filled(package, params)

    def group(self, values: Sequence[Array]) -> Any:
        """The value of an argument for the weights alone, or for the biases, layer by layer."""
        if self.kind == "numbered":
            return dict(enumerate(values, 1))
        return [None, *values] if self.kind == "headed" else list(values)

    @property
    def first(self) -> int:
        """The number that the first layer has in a group."""
        return 1 if self.kind in ("numbered", "headed") else 0

    def stand_in(self, params: Mapping[str, Array], network: Declared) -> Any:
        """What notes how the code asks for its parameters; None where that is not of use."""
        layers = [list(layer) for layer in layers_of(network.names)]
        if self.kind == "dict":
            return {"stand-in": dict(params), "layers": layers}
        if self.kind == "dicts":
            return [{"stand-in": dict(params), "layers": [layer]} for layer in layers]
        return None

    def keys(self) -> tuple[str, ...]:
        """The keys under which the code looks for its layers, in order."""
        if not isinstance(self.tree, dict):
            return ()
        return tuple(str(key) for key, each in self.tree.items() if isinstance(each, dict))

    def spelled(self, argument: str, network: Declared) -> dict[str, str]:
        """Declared name -> a Python expression, ``params["W1"]``."""
        if self.kind in ("flat", "weights first"):
            return {}
        return dict(_spelled(self.package(network), argument))

    def sentence(self) -> str:
        """What is assumed, for the report."""
        if self.kind == "asked":
            first = next(iter(dict(_spelled(self.tree, "params")).values()), "params")
            return f"parameters come as the code asks for them, {first}"
        return {
            "dict": "parameters come as a dict by name",
            "list": "parameters come as one list, in order",
            "pairs": "parameters come as a list with a tuple for each layer",
            "dicts": "parameters come as a list with a dict for each layer",
            "lists": "parameters come as (weights, biases), two lists",
            "flat": "parameters come as one flat vector, in order, each in C order",
            "numbered": "weights and biases come as dicts by number of the layer, W[1]",
            "headed": "weights and biases come as lists that begin with None, W[1]",
            "weights first": "parameters come as one flat vector, weights before biases, each in "
            "C order",
        }[self.kind]


def asked(told: Sequence[Any], network: Declared) -> Bundle | None:
    """The package that the code asked for; None if it asked for nothing, or for the usual.

    told: the trees of its stand-ins, as ``bpsym.verify.running.stand_in`` writes them.
    """
    trees = [_tree(each) for each in told]
    if not trees or not all(isinstance(each, dict) and each for each in trees):
        return None
    tree: Tree = trees[0] if len(trees) == 1 else trees
    got = set(_leaves(tree))
    usual = Bundle("dict" if len(trees) == 1 else "dicts").package(network)
    if len(trees) > 1:
        for each, layer in zip(trees, layers_of(network.names), strict=True):
            _complete(each, [name for name in layer if name not in got])
    else:
        _complete(trees[0], [name for name in network.names if name not in got])
    same = tree == usual and not any(isinstance(each, Record) for each in trees)
    return None if same else Bundle("asked", tree)


def _complete(tree: dict[Any, Tree], missing: Sequence[str]) -> None:
    """What was not asked for, under its own name: the code may have ended before."""
    tree.update({name: name for name in missing})


def _tree(told: Any) -> Tree:
    if isinstance(told, list):
        return [_tree(each) for each in told]
    if not isinstance(told, dict):
        return told
    fields = {key: _tree(each) for key, each in told["fields"]}
    if "record" not in told:
        return fields
    record = Record({str(key): each for key, each in fields.items()})
    record.type = told["record"]
    return record


def _leaves(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    else:
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(each)


def _filled(tree: Tree, params: Mapping[str, Array]) -> Any:
    if isinstance(tree, str):
        return params[tree]
    if isinstance(tree, Record):
        fields = [[key, _filled(each, params)] for key, each in tree.items()]
        return {"record": tree.type, "fields": fields}
    if isinstance(tree, dict):
        return {key: _filled(each, params) for key, each in tree.items()}
    items = [_filled(each, params) for each in tree]
    return tuple(items) if isinstance(tree, tuple) else items


def _spelled(tree: Tree, so_far: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield tree, so_far
    elif isinstance(tree, Record):
        for key, each in tree.items():
            yield from _spelled(each, f"{so_far}.{key}")
    elif isinstance(tree, dict):
        for key, each in tree.items():
            yield from _spelled(each, f"{so_far}[{key if isinstance(key, int) else _quoted(key)}]")
    else:
        for at, each in enumerate(tree):
            yield from _spelled(each, f"{so_far}[{at}]")


def _quoted(key: object) -> str:
    return f'"{key}"'
