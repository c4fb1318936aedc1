"""Reads the user's file: the object that was named, or the training loop of a script.

The file runs as an import does, statement by statement. What stands below the named object may be
a whole training run, or read data that are not here: once the object is there, a statement that
raises or does not end is left out, and said to be.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from bpsym.verify.mending.probes import PROBE, Notes, probed
from bpsym.verify.running.choosing import gives_gradients, likeliest
from bpsym.verify.running.training_loop import is_training, one_pass

MODULE = "bpsym_judged"
# Beyond this a statement below the object that is judged is taken to be a training run.
PATIENCE = 1.5
# What may still be needed of a file in which something has failed: it defines names.
DEFINES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AnnAssign,
    ast.Try,
)


class NoSuchNameError(LookupError):
    """The file has no such name; the second argument lists those that it has."""


class TooLongError(BaseException):
    """A statement that is not needed takes too long. No code should catch it by accident."""


@dataclass(frozen=True)
class Loaded:
    """What was asked for. method: its name, where ``target`` has it. name: what was chosen.

    left: the first statement that was left out, as (line, exception).
    """

    target: Any
    method: str | None
    name: str
    left: tuple[int, BaseException] | None = None


def load(
    path: str,
    name: str,
    text: str | None = None,
    notes: Notes | None = None,
    place: int | None = None,
) -> Loaded:
    """The object ``name`` (dots allowed) of a Python file.

    For a method, the class or object that has it. Without a name the training loop of a script, or
    the one thing in the file that gives gradients. text: what the file is taken to hold instead of
    what it holds; notes: where what goes on is noted, with all that is in sight at a place.
    Raises NoSuchNameError, or what the file raises, if that is why the name is not there.
    """
    file = Path(path).resolve()
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(MODULE, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot read {path} as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    tree = ast.parse(file.read_bytes() if text is None else text, filename=str(file))
    loop = None if name else _loop(tree)
    names: list[str] = []
    if not name and loop is None:
        name, names = likeliest(tree)
    if notes is not None:
        tree = probed(tree, place)
        setattr(module, PROBE, notes.probe)
    left = _execute(tree, module, str(file), name.partition(".")[0], loop)
    if loop is not None:
        step = one_pass(tree, loop, vars(module), str(file))
        return Loaded(step, None, f"the loop at line {loop.lineno}", left)
    if not name:
        if left is not None and not names:
            raise left[1]
        raise NoSuchNameError("", names)
    return _found(module, name, left)


def _loop(tree: ast.Module) -> ast.For | ast.While | None:
    """The training loop at the top level of a script that defines nothing to judge."""
    if any(gives_gradients(node) for node in tree.body):
        return None
    loops = [each for each in tree.body if isinstance(each, ast.For | ast.While)]
    return next((each for each in loops if is_training(each)), None)


def _found(module: ModuleType, name: str, left: tuple[int, BaseException] | None) -> Loaded:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            if left is not None:
                raise left[1]
            raise NoSuchNameError(part, [each for each in vars(found) if not each.startswith("_")])
        owner, found = found, getattr(found, part)
        if inspect.isroutine(found) and not isinstance(owner, ModuleType):
            static = inspect.getattr_static(owner, part)
            if isinstance(static, staticmethod | classmethod):
                return Loaded(found, None, name, left)
            return Loaded(owner, part, name, left)
    return replace(bound(found), name=name, left=left)


def bound(target: Any) -> Loaded:
    """A target; of a method of an object, the object and the method's name."""
    owner = getattr(target, "__self__", None)
    if inspect.ismethod(target) and not inspect.isclass(owner):
        return Loaded(owner, target.__name__, target.__name__)
    return Loaded(target, None, "")


def _execute(
    tree: ast.Module, module: ModuleType, path: str, name: str, until: ast.stmt | None
) -> tuple[int, BaseException] | None:
    """Run the statements of a file, up to a loop; the first that is left out."""
    space = vars(module)
    flags = 0
    left: tuple[int, BaseException] | None = None
    for statement in tree.body:
        if statement is until:
            break
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for each in statement.names:
                flags |= int(getattr(__import__("__future__"), each.name).compiler_flag)
        if left is not None and not isinstance(statement, DEFINES):
            continue
        code = compile(ast.Module([statement], []), path, "exec", flags, dont_inherit=True)
        there = bool(name) and name in space
        try:
            with _patience() if there or left is not None else _no_limit():
                exec(code, space)  # noqa: S102 - the user's file, in the process for it
        except BaseException as error:
            if until is not None:
                raise
            if left is None:
                left = statement.lineno, error
    return left


@contextmanager
def _no_limit() -> Iterator[None]:
    yield


@contextmanager
def _patience() -> Iterator[None]:
    """Raises TooLongError in what takes too long, where the system can do that."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise TooLongError(f"it takes longer than {PATIENCE:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
