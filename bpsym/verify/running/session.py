"""Runs the user's code step by step. Used inside the worker process, or in this one.

A script is a list of steps, each a dict:

    {"do": "new", "args": [...], "kwargs": {...}, "to": "obj"}           an instance of the target
    {"do": "call", "of": "target" or "obj", "method": "backward" or None, "args": ..., "to": ...}
    {"do": "set", "of": "obj", "name": "W1", "value": ...}
    {"do": "get", "of": "obj", "name": "gradient", "to": "g"}
    {"do": "state", "of": "obj", "to": "s"}                              all attributes with data
    {"do": "data", "of": "target", "to": "d"}                            its global variables
    {"do": "last", "of": "r", "to": "cache"}                             the last of several results

A value ``{"ref": "obj"}`` stands for an earlier result. Nothing in a script is source text.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bpsym.verify.mending.probes import Notes
from bpsym.verify.running.describing import attributes, describe
from bpsym.verify.running.loading import Loaded, NoSuchNameError, bound, load
from bpsym.verify.running.stand_in import StandIn, made
from bpsym.verify.running.surroundings import global_data, variables_of
from bpsym.verify.running.wire import neutral

STAND_INS = "stand-ins"


class Session:
    """The user's target and what was made from it."""

    def __init__(self, target: Any = None) -> None:
        self.target = target
        self.source: tuple[Any, ...] | None = None
        self.notes: Notes | None = None
        self.stand_ins: list[StandIn] = []
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
                self.notes = Notes() if request.get("watch") else None
                text, place = request.get("text"), request.get("place")
                self.source = request["path"], request["name"], text, self.notes, place
                return {"value": self._described(load(*self.source))}
            if request["do"] == "reset":
                if self.source is not None:
                    self.target = load(*self.source).target
                return {"value": self.source is not None}
            if request["do"] == "seen":
                seen = self.notes or Notes()
                return {"value": {"values": seen.values, "sights": seen.sights}}
            if request["do"] == "asked":
                return {"value": [each.tree() for each in self.stand_ins]}
            if request["do"] == "describe":
                return {"value": self._described(bound(self.target))}
            return self.run(request["steps"], request["want"])
        except NoSuchNameError as error:
            return {"value": None, "missing": error.args[0], "names": error.args[1]}
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is their code
            own = self.between_calls and not own_frames(error)
            return {"error": {**told(error), "own": own, "reached": self._reached(error)}}

    def _described(self, loaded: Loaded) -> dict[str, Any]:
        """What is seen of a target that was read from a file."""
        self.target = loaded.target
        value = {**describe(self.target), "method": loaded.method, "chosen": loaded.name}
        if loaded.left is not None:
            line, error = loaded.left
            value["left"] = {"line": line, **told(error)}
        return value

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
        known: dict[str, Any] = {"target": self.target, STAND_INS: []}
        self.stand_ins = known[STAND_INS]
        known["globals"] = variables_of(self.target)
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
                    if not same(old, neutral(new)):
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
        elif kind == "data":
            known[step["to"]] = global_data(known[step["of"]])
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
    if _fills(_inner(owner, name, None), value):
        return
    if isinstance(owner, dict):
        owner[name if name in owner or not name.isdigit() else int(name)] = value
    elif isinstance(owner, list):
        owner[int(name)] = value
    else:
        setattr(owner, name, value)


def _fills(there: Any, value: Any) -> bool:
    """Write into the array that is there, or into each of a list: other names may share it."""
    if isinstance(there, list) and isinstance(value, list) and len(there) == len(value):
        for at, each in enumerate(value):
            if not _fills(there[at], each):
                there[at] = each
        return True
    if not isinstance(there, np.ndarray) or not isinstance(value, np.ndarray):
        return False
    if there.shape != value.shape or there.dtype != value.dtype or not there.flags.writeable:
        return False
    there[...] = value
    return True


def _at(owner: Any, path: str) -> Any:
    """What stands at a path, as ``_set`` takes it."""
    for step in path.split("."):
        owner = _inner(owner, step)
    return neutral(owner)


_RAISE = object()


def _inner(owner: Any, name: str, default: Any = _RAISE) -> Any:
    """What stands at a key, an index or an attribute; a default, if one is given, for nothing."""
    try:
        if isinstance(owner, dict):
            return owner[name] if name in owner else owner[int(name)]
        return owner[int(name)] if isinstance(owner, list | tuple) else getattr(owner, name)
    except (LookupError, AttributeError, ValueError):
        if default is _RAISE:
            raise
        return default


def _resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """A fresh, writable copy of an argument, references replaced."""
    if isinstance(value, dict):
        if set(value) == {"ref"}:
            return known[value["ref"]]
        if set(value) == {"stand-in", "layers"}:
            found = StandIn(_resolved(value["stand-in"], known), value["layers"])
            known[STAND_INS].append(found)
            return found
        if set(value) == {"record", "fields"}:
            fields = {str(key): _resolved(each, known) for key, each in value["fields"]}
            return made(value["record"], fields)
        return {key: _resolved(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, known) for each in value]
    if isinstance(value, tuple):
        return tuple(_resolved(each, known) for each in value)
    return np.array(value) if isinstance(value, np.ndarray) else value


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same data, to the last bit."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()
    if isinstance(old, dict) and isinstance(new, dict):
        return set(old) == set(new) and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(same, old, new))
    return type(old) is type(new) and (old == new or old != old)


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of an exception that are the user's, and those of what they call."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(Path(__file__).resolve().parents[1])
    kept = [each for each in frames if not each.filename.startswith(own)]
    kept = [each for each in kept if not each.filename.startswith("<frozen importlib")]
    # A file with a syntax error has not run: what reads it is not the user's.
    return [] if isinstance(error, SyntaxError) and _reading(kept) else kept


def _reading(frames: list[traceback.FrameSummary]) -> bool:
    """Whether an exception comes from the reading of a file, before any of it has run."""
    return all(each.filename == ast.__file__ for each in frames)


def told(error: BaseException) -> dict[str, Any]:
    """An exception as text, without the frames of bpsym."""
    kept = own_frames(error)
    lines = traceback.format_list(kept) + traceback.format_exception_only(error)
    head = "Traceback (most recent call last):\n" if kept else ""
    return {
        "type": type(error).__name__,
        "memory": isinstance(error, MemoryError),
        "message": str(error)[:500],
        "traceback": head + "".join(lines)[-6000:],
    }
