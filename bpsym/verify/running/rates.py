"""A learning rate that stands in the code as a number: ``W1 -= 0.1 * dW1``."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType

from bpsym.verify.adapters.names import role_of, spoken

_PACKAGES = ("params", "weights", "biases")


def written_rate(functions: Iterable[FunctionType]) -> float | None:
    """The one number that multiplies what is added to parameters in these functions.

    None where there is none, or where there are several.
    """
    found: set[float] = set()
    for each in functions:
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
        except (OSError, TypeError, SyntaxError, ValueError):
            continue
        found |= set(_rates(tree, _numbers(tree, each)))
    return found.pop() if len(found) == 1 else None


def _numbers(tree: ast.AST, function: FunctionType) -> dict[str, float]:
    """The names that stand for one number: set once in a function, or global."""
    known = {
        name: float(value)
        for name, value in function.__globals__.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    stored = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    arguments = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    for name in (*stored, *arguments):
        known.pop(name, None)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], _number(node.value, {})
        if isinstance(target, ast.Name) and value is not None and stored.count(target.id) == 1:
            known[target.id] = value
    return known


def _rates(tree: ast.AST, numbers: Mapping[str, float]) -> Iterator[float]:
    for node in ast.walk(tree):
        step: ast.expr | None = None
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            step = node.value if _is_parameter(node.target) else None
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            value = node.value
            if isinstance(value.op, ast.Add | ast.Sub) and any(map(_is_parameter, node.targets)):
                step = value.right
        if step is not None:
            yield from _rate(list(_factors(step)), numbers)


def _rate(factors: list[ast.expr], numbers: Mapping[str, float]) -> Iterator[float]:
    """The rate among the factors of a step: by its name, else the only number below one."""
    values = [(each, abs(value)) for each in factors if (value := _number(each, numbers))]
    named = [v for each, v in values if isinstance(each, ast.Name) and role_of(each.id) == "rate"]
    small = [value for _, value in values if value < 1]
    for rates in (named, small):
        if len(rates) == 1:
            yield rates[0]
            return


def _number(node: ast.expr, numbers: Mapping[str, float]) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _number(node.operand, numbers)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return None if isinstance(node.value, bool) else float(node.value)
    return numbers.get(node.id) if isinstance(node, ast.Name) else None


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    """The factors of a product, of whatever kind, and of the numerator of a quotient."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield from _factors(node.left)
    elif isinstance(node, ast.UnaryOp):
        yield from _factors(node.operand)
    else:
        yield node


def _is_parameter(target: ast.expr) -> bool:
    """Whether a name, an attribute or an entry is a parameter: ``W1``, ``self.params[key]``."""
    if isinstance(target, ast.Subscript):
        key = target.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return _says_parameter(key.value)
        return _is_parameter(target.value)
    name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
    return _says_parameter(name) or role_of(name) in _PACKAGES


def _says_parameter(name: str) -> bool:
    said = spoken(name)
    return said is not None and not said.gradient
