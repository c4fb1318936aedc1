"""A stand-in for parameters that notes how the user's code asks for them.

Code may write ``params["layer1"]["W"]``, ``p.w1`` or ``params["weights"][0]``. The stand-in answers
whatever it is asked for, if that says which parameter is meant, and keeps the question: from all of
them follows in which package the parameters are to come, a tree of dicts, lists and records.

A tree is a parameter's name, a list of trees, or a dict ``{"record": type or "", "fields": trees}``
or ``{"fields": trees}`` of a plain dict.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from bpsym.verify.adapters.names import matched, spoken

Tree = Any


class StandIn(dict[Any, Any]):
    """Parameters of a network, or of one of its layers, by any name that means them.

    values: declared name -> array. layers: the declared names, layer by layer.
    """

    def __init__(self, values: Mapping[str, Any], layers: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._values, self._layers = dict(values), [list(each) for each in layers]
        self._asked: dict[Any, Tree] = {}
        self._parts: dict[Any, StandIn] = {}
        self._as_record = False

    def __missing__(self, key: Any) -> Any:
        found = self._meant(key)
        if found is None:
            raise KeyError(key)
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._meant(name)
        if found is None:
            raise AttributeError(name)
        self._as_record = True
        return found

    def __contains__(self, key: object) -> bool:
        return self._meant(key) is not None

    def get(self, key: Any, default: Any = None) -> Any:
        """As of a dict."""
        found = self._meant(key)
        return default if found is None else found

    def _meant(self, key: Any) -> Any:
        """What a key stands for: a parameter, those of one letter, or a layer."""
        if key in self._parts:
            return self._parts[key]
        names = [name for layer in self._layers for name in layer]
        if isinstance(key, tuple):
            key = "".join(str(each) for each in key)
        if isinstance(key, str):
            found = matched([*map(str, self._asked), key], names, gradient=False).get(key)
            if found is not None:
                self._asked[key] = found
                return self._values[found]
            said = spoken(key)
            if said is not None and not said.tag and not said.gradient and len(self._layers) > 1:
                group = [name for name in names if name.startswith(said.letter)]
                self._asked[key] = group
                return [self._values[name] for name in group]
        if len(self._layers) < 2:
            return None
        at = self._layer(key)
        if at is None:
            return None
        part = StandIn(self._values, [self._layers[at]])
        self._parts[key] = part
        self._asked[key] = part
        return part

    def _layer(self, key: Any) -> int | None:
        """Which layer a key means: by its number, else in the order in which they are asked for."""
        text = str(key)
        number = "".join(each for each in text if each.isdigit())
        if number:
            zero = any(str(each).endswith("0") for each in (*self._parts, key))
            at = int(number) - (0 if zero else 1)
        else:
            at = len(self._parts)
        return at if 0 <= at < len(self._layers) else None

    def tree(self) -> Tree:
        """The package in which the parameters were asked for."""
        fields = {
            key: each.tree() if isinstance(each, StandIn) else each
            for key, each in self._asked.items()
        }
        found: dict[str, Any] = {"fields": [[key, each] for key, each in fields.items()]}
        if self._as_record:
            found["record"] = _record_type([str(key) for key in fields])
        return found


def _record_type(fields: Sequence[str]) -> str:
    """The record of the user's file that has these fields; empty for none."""
    from bpsym.verify.running.loading import MODULE

    for name, each in vars(sys.modules.get(MODULE, SimpleNamespace())).items():
        own = _fields_of(each)
        if own and set(fields) <= set(own) and isinstance(each, type):
            return name
    return ""


def _fields_of(kind: Any) -> tuple[str, ...]:
    if dataclasses.is_dataclass(kind):
        return tuple(each.name for each in dataclasses.fields(kind) if each.init)
    return tuple(getattr(kind, "_fields", ()))


def made(name: str, fields: Mapping[str, Any]) -> Any:
    """A record of the user's own type, or a plain namespace with such attributes."""
    from bpsym.verify.running.loading import MODULE

    kind = vars(sys.modules.get(MODULE, SimpleNamespace())).get(name) if name else None
    if kind is None:
        return SimpleNamespace(**fields)
    lacking = {
        each: None for each in _fields_of(kind) if each not in fields and _needed(kind, each)
    }
    return kind(**{**lacking, **fields})


def _needed(kind: Any, field: str) -> bool:
    if dataclasses.is_dataclass(kind):
        [found] = [each for each in dataclasses.fields(kind) if each.name == field]
        missing = dataclasses.MISSING
        return found.default is missing and found.default_factory is missing
    return field not in getattr(kind, "_field_defaults", {})
