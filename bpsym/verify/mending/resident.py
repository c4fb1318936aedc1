"""A function or class of this process, read once more from the file that it comes from."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpsym.verify.running.processes import FileRunner, ForkRunner, ProcessRunner
from bpsym.verify.running.sandbox import LocalRunner, Runner
from bpsym.verify.target import split_target

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading


def file_of(target: Any) -> tuple[Path, str] | None:
    """The file of a target and its name there; None for what stands in none, or has a state.

    target: as ``verify`` takes it, ``"FILE.py:NAME"`` or a function, class or object.
    """
    if isinstance(target, str | os.PathLike):
        return split_target(os.fspath(target))
    if not (inspect.isfunction(target) or inspect.isclass(target)):
        return None
    name = target.__qualname__
    try:
        path = inspect.getsourcefile(target)
    except (OSError, TypeError):
        return None
    if path is None or not all(part.isidentifier() for part in name.split(".")):
        return None  # of a console, or of another function
    return (Path(path), name) if Path(path).is_file() else None


@contextmanager
def read_from_file(reading: Reading, target: Any) -> Iterator[Reading]:
    """The same reading, of code that is about to be read from the file of a target.

    The object itself stays what it is: the file is read in another process, where there is one.
    """
    if isinstance(target, str | os.PathLike):
        yield reading
        return
    runner = _another(reading.search.runner, target)
    try:
        yield replace(reading, search=replace(reading.search, runner=runner))
    finally:
        runner.close()


def _another(runner: Runner, target: Any) -> Runner:
    if not isinstance(runner, ProcessRunner):
        return LocalRunner(target)
    seconds, megabytes = runner.seconds, runner.megabytes
    if ForkRunner.possible():
        return ForkRunner(target, seconds=seconds, megabytes=megabytes)
    return FileRunner(seconds=seconds, megabytes=megabytes)
