"""Index letters for people: bound indices get a letter that nothing around them uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
    return free_letter((wanted, *ALTERNATIVES), used)


def free_letter(candidates: Sequence[str], used: Collection[str]) -> str:
    """The first letter that is not used, numbered if all of them are."""
    for candidate in candidates:
        if candidate not in used:
            return candidate
    wanted, number = candidates[0], 1
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


def with_own_letters(expr: sp.Basic) -> sp.Basic:
    """The expression with bound indices that nothing else has, so that none is captured.

    To be done before an expression, or something in it, is put into another.
    """
    if isinstance(expr, sp.Indexed) or not expr.args or not expr.has(sp.Sum):
        return expr
    if not isinstance(expr, sp.Sum):
        return expr.func(*map(with_own_letters, expr.args))
    fresh = {i: sp.Dummy(i.name, integer=True) for i, _, _ in expr.limits}
    body = with_own_letters(expr.function).xreplace(fresh)
    return sp.Sum(body, *((fresh[i], lo, hi) for i, lo, hi in expr.limits))
