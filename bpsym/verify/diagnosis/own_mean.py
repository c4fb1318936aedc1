"""Where the user's code takes the mean over the batch: at its deltas or at its gradients.

Both are right, and no number tells them apart: 1/m is looked for in the source, which is parsed and
never run. A right line with 1/m in the other place would divide twice, or not at all.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

Place = Literal["delta", "gradient"]

# Beyond this a file is no homework, and is not searched.
LONGEST_SOURCE = 200_000
_RATES = frozenset({"lr", "eta", "alpha", "rate", "learning_rate", "step_size"})
_COUNTS = frozenset({"m", "n", "M", "N", "batch", "batch_size", "num_samples", "n_samples"})
_GRADIENT = re.compile(
    r"(?i)((d|g|grad|nabla|delta)_?)?(w|b|u|v|weights?|bias(es)?|theta)_?(out|\d+|l|i)?|.*grads?.*"
)
_LOSS = re.compile(r"(?i)(c|j|l|e|cost|loss|error|.*_(cost|loss))")
_PRODUCTS = ("dot", "matmul", "outer", "einsum", "tensordot", "multi_dot")
_SUMS = ("sum", "mean", "average")


def means(target: Any) -> frozenset[Place]:
    """The places at which the source divides by the number of samples; empty if none is seen.

    target: as ``verify`` takes it, ``"FILE.py:NAME"`` or an object of this process.
    """
    found = _source(target)
    if found is None:
        return frozenset()
    text, name = found
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    parts = _concerned(tree, name)
    counts = _counts(parts)
    return frozenset(place for part in parts for place in _places(part, counts))


def returns_early(target: Any) -> int | None:
    """The line of a file at which a loop ends in a ``return`` after its first sample, or None."""
    found = _source(target) if isinstance(target, str | os.PathLike) else None
    if found is None:
        return None
    text, name = found
    try:
        parts = _concerned(ast.parse(text), name)
    except (SyntaxError, ValueError, RecursionError):
        return None
    loops = (node for part in parts for node in ast.walk(part) if isinstance(node, ast.For))
    ends = (loop.body[-1] for loop in loops)
    return next((each.lineno for each in ends if isinstance(each, ast.Return)), None)


def _source(target: Any) -> tuple[str, str] | None:
    try:
        if isinstance(target, str | os.PathLike):
            path, _, name = os.fspath(target).rpartition(":")
            with Path(path).open(encoding="utf-8") as file:
                text = file.read(LONGEST_SOURCE + 1)
        else:
            name = getattr(target, "__qualname__", type(target).__qualname__)
            named = hasattr(target, "__qualname__")
            text = inspect.getsource(target if named else type(target))
    except (OSError, TypeError, ValueError):
        return None
    return (text, name.rpartition("<locals>.")[2]) if len(text) <= LONGEST_SOURCE else None


def _concerned(tree: ast.Module, name: str) -> list[ast.AST]:
    """The definition that is judged, and those of the file that it names, and they name."""
    known: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            known.setdefault(node.name, node)
    first, *rest = name.split(".")
    start = known.get(first)
    if isinstance(start, ast.ClassDef) and rest:
        mine = (each for each in start.body if isinstance(each, ast.FunctionDef))
        start = next((each for each in mine if each.name == rest[-1]), start)
    if start is None:
        return [tree]
    found, waiting = [], [start]
    while waiting:
        part = waiting.pop()
        if part in found:
            continue
        found.append(part)
        for node in ast.walk(part):
            called = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if called in known:
                waiting.append(known[called])
    # A function inside another is walked with it.
    inner = {id(node) for part in found for node in ast.walk(part) if node is not part}
    return [part for part in found if id(part) not in inner]


def _counts(parts: list[ast.AST]) -> frozenset[str]:
    """The names that hold a number of samples."""
    found = set(_COUNTS)
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Assign) and _is_size(node.value):
                found |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    return frozenset(found)


def _is_size(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="len")) | ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case ast.Call(func=ast.Name(id="float" | "int"), args=[inner]):
            return _is_size(inner)
    return False


def _places(part: ast.AST, counts: frozenset[str]) -> Iterator[Place]:
    for node in ast.walk(part):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for left, value in zip(names, values, strict=False):
                    yield from _of(value, _name(left), counts)
            case ast.Assign(targets=[left, *_], value=value):
                yield from _of(value, _name(left), counts)
            case ast.AugAssign(target=left, op=ast.Div(), value=value):
                if _counted(value, counts):
                    yield "gradient" if _GRADIENT.fullmatch(_name(left)) else "delta"
            case ast.AugAssign(value=value):
                yield from _of(value, "grad", counts)
            case ast.Return(value=ast.Tuple(elts=values) | ast.List(elts=values)):
                for value in values:
                    yield from _of(value, "", counts, returned=True)
            case ast.Return(value=ast.Dict(values=values)):
                for value in values:
                    yield from _of(value, "", counts, returned=True)
            case ast.Return(value=ast.expr() as value):
                several = isinstance(value, ast.ListComp | ast.DictComp | ast.GeneratorExp)
                yield from _of(value, "", counts, returned=several)


def _of(
    value: ast.expr, name: str, counts: frozenset[str], *, returned: bool = False
) -> Iterator[Place]:
    """What one assigned or returned expression divides."""
    if _LOSS.fullmatch(name) or not any(_is_mean(node, counts) for node in ast.walk(value)):
        return
    if _GRADIENT.fullmatch(name):
        yield "gradient"
        return
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    sums = [each for each in calls if _called(each) in _SUMS]
    product = any(isinstance(node, ast.MatMult) for node in ast.walk(value)) or any(
        _called(each) in _PRODUCTS for each in calls
    )
    rated = any(isinstance(n, ast.Name) and n.id.lower() in _RATES for n in ast.walk(value))
    if product or rated or any(_along(each) for each in sums):
        yield "gradient"
    elif not sums and not isinstance(value, ast.Constant | ast.Call):
        # 1/m by itself is a number that stands somewhere else.
        alone = isinstance(value, ast.BinOp) and isinstance(value.left, ast.Constant)
        if not (alone and isinstance(getattr(value, "op", None), ast.Div)):
            yield "gradient" if returned else "delta"


def _is_mean(node: ast.AST, counts: frozenset[str]) -> bool:
    match node:
        case ast.BinOp(op=ast.Div(), right=right):
            return _counted(right, counts)
        case ast.Call():
            return _called(node) in ("mean", "average") and _along(node)
    return False


def _counted(node: ast.expr, counts: frozenset[str]) -> bool:
    """Whether a divisor is a number of samples, or has one for a factor."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in counts
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _counted(left, counts) or _counted(right, counts)
    return _is_size(node)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _along(node: ast.Call) -> bool:
    """Whether a sum runs along an axis; one over all entries is a loss."""
    if any(each.arg == "axis" for each in node.keywords):
        return True
    module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    return len(node.args) > (1 if module and node.func.value.id in ("np", "numpy") else 0)  # type: ignore[attr-defined]


def _name(node: ast.expr) -> str:
    """``dW1`` of ``self.dW1`` and of ``grads["dW1"]``; ``nabla_w`` of ``nabla_w[-1]``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Subscript(value=value):
            return _name(value)
    return ""
