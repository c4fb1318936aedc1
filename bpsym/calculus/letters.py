"""Index letters for people: bound indices get a letter that nothing around them uses."""

from __future__ import annotations

import sympy as sp

from bpsym.calculus.indexed import index

# After the letter a summed index had in its own equation, these are tried: k is what textbooks
# call a unit of the layer above.
ALTERNATIVES = ("k", "r", "q", "p", "s", "u", "v", "w", "i", "j", "l", "t")


def with_letters(expr: sp.Expr, free: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, tuple[str, ...]]:
    """The expression with plain letters for all indices, and the letters of ``free``."""
    letters: dict[sp.Symbol, sp.Symbol] = {}
    for symbol in free:
        letters[symbol] = index(
            _letter(symbol.name.split(".")[0], {s.name for s in letters.values()})
        )
    used = {symbol.name for symbol in letters.values()}
    renamed = _rename(expr.xreplace(letters), used)
    return renamed, tuple(letters[symbol].name for symbol in free)


def _letter(wanted: str, used: set[str]) -> str:
    for candidate in (wanted, *ALTERNATIVES):
        if candidate not in used:
            return candidate
    number = 1
    while f"{wanted}{number}" in used:
        number += 1
    return f"{wanted}{number}"


def _rename(expr: sp.Basic, used: set[str]) -> sp.Basic:
    if isinstance(expr, sp.Sum):
        inner = set(used)
        mapping = {}
        for bound, _, _ in reversed(expr.limits):
            letter = _letter(bound.name.split(".")[0], inner)
            inner.add(letter)
            mapping[bound] = index(letter)
        body = _rename(expr.function.xreplace(mapping), inner)
        limits = [
            (mapping[bound], lo.xreplace(mapping), hi.xreplace(mapping))
            for bound, lo, hi in expr.limits
        ]
        return sp.Sum(body, *limits)
    if not expr.args or isinstance(expr, sp.Indexed) or not expr.has(sp.Sum):
        return expr
    return expr.func(*(_rename(each, used) for each in expr.args))
