"""Index letters for people: bound indices get a letter that nothing around them uses."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from bpsym.calculus.terms.indexed import index

# After the letter a summed index had in its own equation, these are tried: k is what textbooks
# call a unit of the layer above.
ALTERNATIVES = ("k", "r", "q", "p", "s", "u", "v", "w", "i", "j", "l", "t")


def with_letters(expr: sp.Expr, free: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, tuple[str, ...]]:
    """The expression with plain letters for all indices, and the letters of ``free``.

    No letter captures another: a sum of the user's own may be over a letter that a free index gets.
    """
    letters: dict[sp.Symbol, sp.Symbol] = {}
    for symbol in free:
        letters[symbol] = index(
            _letter(symbol.name.split(".")[0], {s.name for s in letters.values()})
        )
    used = {symbol.name for symbol in letters.values()}
    return _rename(expr, letters, used), tuple(letters[symbol].name for symbol in free)


def _letter(wanted: str, used: set[str]) -> str:
    for candidate in (wanted, *ALTERNATIVES):
        if candidate not in used:
            return candidate
    number = 1
    while f"{wanted}{number}" in used:
        number += 1
    return f"{wanted}{number}"


def _rename(expr: sp.Basic, letters: Mapping[sp.Symbol, sp.Symbol], used: set[str]) -> sp.Basic:
    """``letters``: of the indices around, replaced all at once where no sum is left inside."""
    if isinstance(expr, sp.Sum):
        inner_letters, inner = dict(letters), set(used)
        for bound, _, _ in reversed(expr.limits):
            letter = _letter(bound.name.split(".")[0], inner)
            inner.add(letter)
            inner_letters[bound] = index(letter)
        body = _rename(expr.function, inner_letters, inner)
        limits = [
            (inner_letters[bound], lo.xreplace(inner_letters), hi.xreplace(inner_letters))
            for bound, lo, hi in expr.limits
        ]
        return sp.Sum(body, *limits)
    if not expr.args or isinstance(expr, sp.Indexed) or not expr.has(sp.Sum):
        return expr.xreplace(letters)
    return expr.func(*(_rename(each, letters, used) for each in expr.args))
