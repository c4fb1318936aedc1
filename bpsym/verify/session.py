"""Runs the user's code step by step. Used inside the worker process, or in this one.

A script is a list of steps, each a dict:

    {"do": "new", "args": [...], "kwargs": {...}, "to": "obj"}           an instance of the target
    {"do": "call", "of": "target" or "obj", "method": "backward" or None, "args": ..., "to": ...}
    {"do": "set", "of": "obj", "name": "W1", "value": ...}
    {"do": "get", "of": "obj", "name": "gradient", "to": "g"}
    {"do": "state", "of": "obj", "to": "s"}                              all attributes with data
    {"do": "last", "of": "r", "to": "cache"}                             the last of several results

A value ``{"ref": "obj"}`` stands for an earlier result. Nothing in a script is source text.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from bpsym.verify.wire import neutral

MODULE = "bpsym_judged"
DATA = (int, float, list, tuple, dict, np.ndarray, np.generic)


class NoSuchNameError(LookupError):
    """The file has no such name; the second argument lists those that it has."""


class Session:
    """The user's target and what was made from it."""

    def __init__(self, target: Any = None) -> None:
        self.target = target
        self.source: tuple[str, str] | None = None
        self.between_calls = False
        self.calls = 0

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; whatever the user's code raises comes back as ``error``.

        ``own`` says whether it was raised by bpsym, between two calls of that code.
        """
        self.between_calls = False
        self.calls = 0
        try:
            if request["do"] == "load":
                self.source = request["path"], request["name"]
                self.target, method = load(*self.source)
                return {"value": {**describe(self.target), "method": method}}
            if request["do"] == "reset":
                if self.source is not None:
                    self.target, _ = load(*self.source)
                return {"value": self.source is not None}
            if request["do"] == "describe":
                return {"value": describe(self.target)}
            return self.run(request["steps"], request["want"])
        except NoSuchNameError as error:
            return {"value": None, "missing": error.args[0], "names": error.args[1]}
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is their code
            own = self.between_calls and not own_frames(error)
            return {"error": {**told(error), "own": own, "reached": self._reached(error)}}

    def _reached(self, error: BaseException) -> list[int]:
        """How far the user's code got: the call, then the place in each frame, the caller's first.

        Of two readings of one code, the one with the larger list got further. What ends first in
        the text is computed first, and of what ends in one place that which begins last.
        """
        places = [
            (each.end_lineno or 0, each.end_colno or 0, -(each.colno or 0))
            for each in own_frames(error)
        ]
        return [self.calls, *(number for place in places for number in place)]

    def run(self, steps: list[dict[str, Any]], want: list[str]) -> dict[str, Any]:
        """Run a script; the wanted results, and which arguments the code changed."""
        known: dict[str, Any] = {"target": self.target}
        if hasattr(self.target, "__globals__"):
            known["globals"] = self.target.__globals__
        if not any(step["do"] == "new" for step in steps):
            known["obj"] = self.target
        mutated: list[str] = []
        self.between_calls = True
        for step in steps:
            self._step(step, known, mutated)
        answer = {
            "value": {name: neutral(known[name]) for name in want},
            "mutated": mutated,
        }
        self.between_calls = False
        return answer

    def _step(self, step: dict[str, Any], known: dict[str, Any], mutated: list[str]) -> None:
        kind = step["do"]
        if kind in ("new", "call"):
            function = known[step.get("of", "target")]
            if kind == "call" and step.get("method"):
                name = step["method"]
                function = function[name] if isinstance(function, dict) else getattr(function, name)
            args = [_resolved(each, known) for each in step.get("args", [])]
            kwargs = {k: _resolved(v, known) for k, v in step.get("kwargs", {}).items()}
            before = [neutral(each) for each in (*args, *kwargs.values())]
            self.between_calls = False
            self.calls += 1
            result = function(*args, **kwargs)
            self.between_calls = True
            if kind == "call":
                for name, old, new in zip(
                    step.get("names", []), before, (*args, *kwargs.values()), strict=False
                ):
                    if not _same(old, neutral(new)):
                        mutated.append(name)
            known[step["to"]] = result
            if step.get("keep"):
                known[step["keep"]] = (*args, *kwargs.values())
        elif kind == "last":
            known[step["to"]] = _last(known[step["of"]])
        elif kind == "set":
            _set(known[step["of"]], step["name"], _resolved(step["value"], known))
        elif kind == "get":
            known[step["to"]] = _at(known[step["of"]], step["name"])
        elif kind == "state":
            known[step["to"]] = attributes(known[step["of"]])


def _last(value: Any) -> Any:
    """What a forward pass keeps for the backward pass: its result, or the last of several."""
    return value[-1] if isinstance(value, tuple) else value


def _set(owner: Any, path: str, value: Any) -> None:
    """Set an attribute, a key or an entry; ``layers.0.W`` is ``layers[0].W``."""
    *steps, name = path.split(".")
    for step in steps:
        owner = _inner(owner, step)
    if isinstance(owner, dict):
        owner[name] = value
    elif isinstance(owner, list):
        owner[int(name)] = value
    else:
        setattr(owner, name, value)


def _at(owner: Any, path: str) -> Any:
    """What stands at a path, as ``_set`` takes it."""
    for step in path.split("."):
        owner = _inner(owner, step)
    return neutral(owner)


def _inner(owner: Any, name: str) -> Any:
    if isinstance(owner, dict):
        return owner[name] if name in owner else owner[int(name)]
    return owner[int(name)] if isinstance(owner, list | tuple) else getattr(owner, name)


def _resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """A fresh, writable copy of an argument, references replaced."""
    if isinstance(value, dict):
        if set(value) == {"ref"}:
            return known[value["ref"]]
        return {key: _resolved(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, known) for each in value]
    if isinstance(value, tuple):
        return tuple(_resolved(each, known) for each in value)
    return np.array(value) if isinstance(value, np.ndarray) else value


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()
    if isinstance(old, dict) and isinstance(new, dict):
        return set(old) == set(new) and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return type(old) is type(new) and (old == new or old != old)


def load(path: str, name: str) -> tuple[Any, str | None]:
    """The object ``name`` (dots allowed) of a Python file.

    For a method, the class or object that has it, and the method's name.

    The file runs as an import does, so that code below ``if __name__ == "__main__"`` does not, and
    it may import what lies beside it.
    """
    file = Path(path).resolve()
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(MODULE, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot read {path} as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise NoSuchNameError(part, [each for each in vars(found) if not each.startswith("_")])
        owner, found = found, getattr(found, part)
        if inspect.isroutine(found) and not isinstance(owner, ModuleType):
            return owner, part
    return found, None


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of an exception that are the user's, and those of what they call."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(Path(__file__).resolve().parent)
    kept = [each for each in frames if not each.filename.startswith(own)]
    return [each for each in kept if not each.filename.startswith("<frozen importlib")]


def told(error: BaseException) -> dict[str, Any]:
    """An exception as text, without the frames of bpsym."""
    kept = own_frames(error)
    lines = traceback.format_list(kept) + traceback.format_exception_only(error)
    head = "Traceback (most recent call last):\n" if kept else ""
    return {
        "type": type(error).__name__,
        "message": str(error)[:500],
        "traceback": head + "".join(lines)[-6000:],
    }


def describe(target: Any) -> dict[str, Any]:
    """What can be seen of a target without calling it."""
    if inspect.isclass(target):
        kind = "class"
    elif isinstance(target, ModuleType):
        kind = "module"
    elif callable(target) and (
        isinstance(target, FunctionType) or not has_state(target) or inspect.isroutine(target)
    ):
        kind = "function"
    else:
        kind = "instance"
    found: dict[str, Any] = {
        "kind": kind,
        "name": getattr(target, "__name__", type(target).__name__),
        "signature": signature(target) if callable(target) else None,
    }
    if kind == "function" and hasattr(target, "__globals__"):
        found["globals"] = global_data(target)
        found["siblings"] = siblings(target)
    if kind in ("class", "instance"):
        owner = target if kind == "class" else type(target)
        found["methods"] = {
            name: signature(getattr(target, name), drop_self=kind == "class")
            for name in dir(owner)
            if not name.startswith("__") and callable(getattr(owner, name, None))
        }
        if kind == "instance":
            found["attributes"] = attributes(target)
    return found


def global_data(function: Any) -> dict[str, Any]:
    """The data in global variables that a function reads, itself or through other functions."""
    space = function.__globals__
    names: dict[str, None] = {}
    todo, seen = [function], set()
    while todo:
        code = getattr(todo.pop(), "__code__", None)
        if code is None or code in seen:
            continue
        seen.add(code)
        for name in code.co_names:
            value = space.get(name)
            if isinstance(value, FunctionType):
                todo.append(value)
            elif isinstance(value, list | tuple | dict | np.ndarray | np.generic | float | int):
                names[name] = None
    return {name: neutral(space[name], 5) for name in names}


def siblings(function: Any) -> dict[str, Any]:
    """The functions that stand in the same file: name -> signature."""
    return {
        name: signature(value)
        for name, value in function.__globals__.items()
        if isinstance(value, FunctionType) and value.__module__ == function.__module__
    }


def has_state(target: Any) -> bool:
    """Whether an object holds data of its own."""
    return bool(attributes(target)) and not isinstance(target, FunctionType)


def attributes(owner: Any, depth: int = 2) -> dict[str, Any]:
    """The attributes of an object that are data: of the class, then of the object.

    Objects of the user's own classes are looked into: ``layers.0.W``.
    """
    found: dict[str, Any] = {}
    if isinstance(owner, dict):
        return {name: neutral(value, 5) for name, value in owner.items() if _is_data(value)}
    for space in (*reversed(type(owner).__mro__[:-1]), owner):
        for name, value in getattr(space, "__dict__", {}).items():
            if name.startswith("__"):
                continue
            if isinstance(value, list | tuple) and value and _is_object(value[0]):
                for at, each in enumerate(value):
                    if depth and _is_object(each):
                        inner = attributes(each, depth - 1)
                        found |= {f"{name}.{at}.{key}": data for key, data in inner.items()}
            elif _is_data(value):
                found[name] = neutral(value, 5)
            elif depth and _is_object(value):
                inner = attributes(value, depth - 1)
                found |= {f"{name}.{key}": data for key, data in inner.items()}
    return found


def _is_data(value: Any) -> bool:
    return value is None or isinstance(value, DATA)


def _is_object(value: Any) -> bool:
    """Whether a value is an instance of a class that the user's file defines."""
    kind = type(value)
    return (not isinstance(value, type) and kind.__module__ in (MODULE, "__main__")) or (
        hasattr(value, "__dict__") and not callable(value) and kind.__module__ == MODULE
    )


def signature(function: Any, *, drop_self: bool = False) -> list[dict[str, Any]] | None:
    """The parameters of a callable: name, whether it is needed, its default as data."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if drop_self and parameters:
        parameters = parameters[1:]
    return [
        {
            "name": each.name,
            "kind": each.kind.name,
            "needed": each.default is inspect.Parameter.empty,
            "default": neutral(None if each.default is inspect.Parameter.empty else each.default),
        }
        for each in parameters
    ]
