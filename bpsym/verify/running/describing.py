"""What can be seen of the user's target without calling it."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from bpsym.verify.running.loading import MODULE
from bpsym.verify.running.rates import written_rate
from bpsym.verify.running.surroundings import global_data, reached, variables_of
from bpsym.verify.running.wire import neutral

DATA = (int, float, list, tuple, dict, np.ndarray, np.generic)


def describe(target: Any) -> dict[str, Any]:
    """The kind of a target, its arguments, its data, and what stands beside it."""
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
        "flow": flow(target),
        "returns": returned_names(target),
    }
    if variables_of(target) is not None:
        found["globals"] = global_data(target)
        found["rate"] = written_rate(reached(target))
    if kind == "function" and hasattr(target, "__globals__"):
        found["siblings"] = siblings(target)
    if kind in ("class", "instance"):
        owner = target if kind == "class" else type(target)
        found["methods"] = {
            name: signature(getattr(target, name), drop_self=_drops_self(target, name))
            for name in dir(owner)
            if (not name.startswith("__") or name == "__call__")
            and callable(getattr(owner, name, None))
            and (name != "__call__" or kind == "instance" or "__call__" in vars(owner))
        }
        found["flows"] = {name: flow(getattr(owner, name)) for name in found["methods"]}
        found["method returns"] = {
            name: returned_names(getattr(owner, name)) for name in found["methods"]
        }
        if kind == "instance":
            found["attributes"] = attributes(target)
    return found


def _drops_self(target: Any, name: str) -> bool:
    """Whether the first argument of a method is the object: not of a static or class method."""
    if not inspect.isclass(target):
        return False
    static = inspect.getattr_static(target, name)
    return not isinstance(static, staticmethod | classmethod)


def flow(function: Any) -> str:
    """``async``, ``generator`` or nothing: what a call gives before anything is computed."""
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "async"
    return "generator" if inspect.isgeneratorfunction(function) else ""


def returned_names(function: Any) -> list[str]:
    """``return loss, (db1, dW1)`` -> loss, db1, dW1: the names in the last return statement."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return []
    ends = [
        each for each in _own_nodes(tree.body[0]) if isinstance(each, ast.Return) and each.value
    ]
    return list(_names_of(ends[-1].value)) if ends and ends[-1].value is not None else []


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions in it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            todo = [*ast.iter_child_nodes(node), *todo]


def _names_of(value: ast.expr) -> Iterator[str]:
    """The names of what is packed together: in a tuple, a list, a concatenation, a ravel."""
    if isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        yield value.attr
    elif isinstance(value, ast.Tuple | ast.List):
        for each in value.elts:
            yield from _names_of(each)
    elif isinstance(value, ast.Call):
        method = isinstance(value.func, ast.Attribute)
        if method and value.func.attr in ("ravel", "flatten", "reshape", "copy"):  # type: ignore[attr-defined]
            of_array = not value.args or value.func.attr == "reshape"  # type: ignore[attr-defined]
            yield from _names_of(value.func.value if of_array else value.args[0])  # type: ignore[attr-defined]
        elif value.args:
            for each in value.args:
                yield from _names_of(each)
    elif isinstance(value, ast.Subscript):
        yield from _names_of(value.value)
    elif not isinstance(value, ast.Constant | ast.Dict):
        yield ""


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

    Objects of the user's own classes are looked into, in lists and dicts too: ``layers.0.W``.
    """
    found: dict[str, Any] = {}
    if isinstance(owner, dict):
        return {name: neutral(value, 5) for name, value in owner.items() if _is_data(value)}
    for space in (*reversed(type(owner).__mro__[:-1]), owner):
        for name, value in _own(space).items():
            if name.startswith("__"):
                continue
            inside = list(_objects_in(value))
            if inside:
                for at, each in inside if depth else ():
                    inner = attributes(each, depth - 1)
                    found |= {f"{name}.{at}.{key}": data for key, data in inner.items()}
            elif depth and _is_object(value):
                inner = attributes(value, depth - 1)
                found |= {f"{name}.{key}": data for key, data in inner.items()}
            elif _is_data(value):
                found[name] = neutral(value, 5)
    return found


def _own(space: Any) -> dict[str, Any]:
    """The attributes of an object or a class, slots too."""
    if isinstance(space, type):
        return {} if hasattr(space, "__slots__") else dict(vars(space))
    slots = [name for kind in type(space).__mro__ for name in getattr(kind, "__slots__", ())]
    held = {name: getattr(space, name) for name in slots if hasattr(space, name)}
    return {**held, **getattr(space, "__dict__", {})}


def _objects_in(value: Any) -> Iterator[tuple[int | str, Any]]:
    """The user's own objects in a list, a tuple or a dict, each with its place."""
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        yield from ((at, each) for at, each in enumerate(value) if _is_object(each))
    elif isinstance(value, dict):
        yield from (
            (str(key), each)
            for key, each in value.items()
            if _is_object(each) and "." not in str(key)
        )


def _is_data(value: Any) -> bool:
    return value is None or isinstance(value, DATA)


def _is_object(value: Any) -> bool:
    """Whether a value is an instance of a class that the user wrote, in whichever file."""
    kind = type(value)
    if isinstance(value, SimpleNamespace):
        return True
    if isinstance(value, type | FunctionType | ModuleType | tuple):
        return False
    if kind.__module__ in (MODULE, "__main__"):
        return True
    if kind.__module__.partition(".")[0] in (*sys.stdlib_module_names, "numpy", "bpsym"):
        return False
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    return bool(file) and "site-packages" not in file and "dist-packages" not in file


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
