"""What stands beside the user's target in its file: variables that it reads, other functions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from bpsym.verify.running.training_loop import FIRST
from bpsym.verify.running.wire import neutral


def variables_of(target: Any) -> dict[str, Any] | None:
    """The global variables of a function, or of the class of an object; None where it has none."""
    if hasattr(target, "__globals__"):
        space: dict[str, Any] = target.__globals__
        return space
    return next((each.__globals__ for each in functions_of(target)), None)


def functions_of(target: Any) -> Iterator[FunctionType]:
    """A function itself; of a class, or of an object, the methods that the user wrote."""
    target = inspect.unwrap(target) if callable(target) else target
    target = getattr(target, "__func__", target)
    if isinstance(target, FunctionType):
        yield target
        return
    kind = target if inspect.isclass(target) else type(target)
    for space in kind.__mro__[:-1]:
        for value in vars(space).values():
            plain = getattr(value, "__func__", value)
            if isinstance(plain, FunctionType):
                yield plain


def reached(target: Any) -> list[FunctionType]:
    """The functions of a target, then those of its file that they call."""
    found = list(functions_of(target))
    for each in found:
        for name in _names(each.__code__):
            value = each.__globals__.get(name)
            if isinstance(value, FunctionType) and value not in found:
                found.append(value)
    return found


def _names(code: CodeType) -> Iterator[str]:
    """The global names in a piece of code, and in what is defined in it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def global_data(target: Any) -> dict[str, Any]:
    """The data in global variables that a target reads, itself or through other functions."""
    found: dict[str, Any] = {}
    for each in reached(target):
        space = each.__globals__
        for name in _names(each.__code__):
            value = space.get(name)
            data = isinstance(value, list | tuple | dict | np.ndarray | np.generic | float | int)
            if data and name not in found and name != FIRST:
                found[name] = neutral(value, 5)
    return found
