"""Equations on functions and slopes, ``f(z) = ...``, computed at several arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bpsym.typeset.checked.computed import MismatchError, require_equal
from bpsym.typeset.checked.reader import Reader
from bpsym.typeset.formulas.evaluate import Values, evaluate, slope_name
from bpsym.typeset.formulas.tree import Apply, Chain, Partial, Symbol, symbols

# Where functions are computed, away from kinks, and the value of their parameters.
_POINTS = (-7.3, -2.9, -1.4, -0.6, 0.4, 0.9, 2.2, 4.7)
_PARAMETER = 0.3


def is_of_functions(chain: Chain) -> bool:
    """Whether an equation defines a function or a slope: ``f(z) = ...``."""
    left = chain.first.of if isinstance(chain.first, Partial) else chain.first
    return isinstance(left, Apply) and not any(each.subscripts for each in symbols(left))


def require_functions(chain: Chain, reader: Reader) -> None:
    """An equation on functions at several arguments, with ``a`` for the value of the function."""
    left = chain.first.of if isinstance(chain.first, Partial) else chain.first
    assert isinstance(left, Apply)
    letters = set(symbols(left))
    names = list(dict.fromkeys(each.name for each in symbols(left)))
    called = left.function if isinstance(left.function, str) else left.function.function
    values, computed = reader.values(), 0
    if slope_name(called, 0) not in values.functions or not set(left.arguments) <= letters:
        values = replace(values, partials=_quotient)
    for point in _POINTS:
        own: dict[str, Any] = dict(zip(names, (point, *[_PARAMETER] * len(names)), strict=False))
        try:
            arguments = [evaluate(each, _with(values, own)) for each in left.arguments]
            own["a"] = values.functions[called](*arguments)
            require_equal(chain, _with(values, own))
        except (ValueError, ArithmeticError):
            continue  # outside of the domain, such as log of a negative number
        computed += 1
    if not computed:
        raise MismatchError("no value at any point")


def _quotient(node: Partial, at: Values) -> float:
    """The slope of a function that has no letter, as a difference quotient."""
    assert isinstance(node.by, Symbol)
    here, step = float(at.tensors[node.by.name]), 1e-5
    near = [
        float(evaluate(node.of, _with(at, {node.by.name: here + sign * step}))) for sign in (1, -1)
    ]
    return (near[0] - near[1]) / (2 * step)


def _with(values: Values, own: Mapping[str, Any]) -> Values:
    tensors = _Own(values.tensors, own)
    return Values(
        tensors, values.sizes, values.indices, values.functions, values.partials, exactly=True
    )


class _Own(Mapping[str, Any]):
    """Some names before others."""

    def __init__(self, rest: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        self.rest, self.own = rest, own

    def __getitem__(self, name: str) -> Any:
        return self.own[name] if name in self.own else self.rest[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self.rest), **self.own})

    def __len__(self) -> int:
        return len(set(self.rest) | set(self.own))
