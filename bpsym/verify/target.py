"""What is judged: something in a file, or a function or object of this process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bpsym.errors import way_to
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.running.processes import FileRunner, ForkRunner
from bpsym.verify.running.sandbox import LocalRunner, Runner

MOST_LISTED = 20


def open_target(
    target: Any, *, in_process: bool, timeout: float, memory: int
) -> tuple[Runner, dict[str, Any], str]:
    """Where the code will run, the request that describes it, and what it is called.

    A file is read by a fresh interpreter. What lives only here runs in a fork of this process
    where that is safe, else in this process.
    Raises ReadingError for a text that names nothing.
    """
    if isinstance(target, str | os.PathLike):
        path, name = split_target(os.fspath(target))
        request = {"do": "load", "path": str(path.resolve()), "name": name}
        if in_process:
            return LocalRunner(), request, os.fspath(target)
        return FileRunner(seconds=timeout, megabytes=memory), request, os.fspath(target)
    name = getattr(target, "__qualname__", type(target).__name__)
    request = {"do": "describe"}
    if in_process or not ForkRunner.possible():
        return LocalRunner(target), request, name
    return ForkRunner(target, seconds=timeout, megabytes=memory), request, name


def split_target(text: str) -> tuple[Path, str]:
    """``FILE.py:NAME`` taken apart; without a name, ``FILE.py``, it is empty.

    Raises ReadingError if it is not of that form or there is no such file.
    """
    file, _, name = text.rpartition(":") if not text.endswith(".py") else (text, "", "")
    path = Path(file)
    if not file or (name and not all(part.isidentifier() for part in name.split("."))):
        raise ReadingError.single(
            where=f"target {text!r}",
            what="it does not name something in a file",
            expected="FILE.py:NAME, the name of a function, a class or an object, or FILE.py",
            got=repr(text),
            way_out="write for example homework.py:backprop or homework.py:Network.backprop",
        )
    if not path.is_file():
        raise ReadingError.single(
            where=f"target {text!r}",
            what="there is no such file",
            expected="a Python file",
            got=repr(file),
            way_out="check the path",
        )
    return path, name


def no_such_name(target: str, name: str, names: Sequence[str]) -> ReadingError:
    """The file that was named has no such name, or several that may be meant by none."""
    if not name:
        return ReadingError.single(
            where=f"target {target!r}",
            what="it does not say which function or class is to be judged",
            expected="FILE.py:NAME, or a file with one that gives gradients, or a training loop",
            got=", ".join(names[:MOST_LISTED]) or "an empty file",
            way_out=f"name it: {target}:{names[0]}" if names else "write the code first",
        )
    return ReadingError.single(
        where=f"target {target!r}",
        what=f"there is no {name!r} in it",
        expected="the name of a function, a class or an object",
        got=", ".join(names[:MOST_LISTED]) or "an empty file",
        way_out=way_to(name, names, "choose one of these"),
    )
