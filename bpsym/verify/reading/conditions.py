r"""Conditions: ``[z > 0]``, ``\mathbb{1}_{z > 0}``, and values that depend on cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpsym.typeset.formulas.tree import (
    Bracket,
    Cases,
    Comparison,
    Conjunction,
    Formula,
    Relation,
)
from bpsym.verify.reading.cursor import CLOSER, Cursor
from bpsym.verify.reading.tokens import WORDS

if TYPE_CHECKING:
    from bpsym.verify.reading.grammar import Grammar

_RELATIONS: dict[str, Relation] = {
    "=": "=",
    "<": "<",
    ">": ">",
    r"\le": "<=",
    r"\ge": ">=",
    r"\neq": "!=",
}
_OTHERWISE = frozenset(["otherwise", "else", "其他情形", "其他", "否则"])
_TABLES = frozenset(["cases", "array", "dcases", "rcases", "aligned", "matrix"])
_ONES = frozenset([r"\mathbb", r"\mathbf", r"\mathrm"])
_ONE = frozenset(["1", "I"])


class Conditions:
    """Reads conditions at the cursor of a grammar."""

    def __init__(self, cursor: Cursor, grammar: Grammar) -> None:
        self.cursor = cursor
        self.grammar = grammar

    def stands_here(self) -> bool:
        """Whether the brackets that open here have a comparison between them."""
        depth = 0
        for token in self.cursor.tokens[self.cursor.at :]:
            depth += (token in CLOSER and token != "|") - (token in (")", "]", "}", r"\}"))
            if not depth:
                return False
            if depth == 1 and token in _RELATIONS:
                return True
        return False

    def mask(self) -> Formula | None:
        r"""``\mathbb{1}[z > 0]``, ``\mathbb 1_{z > 0}``, ``\mathbf{1}\{z > 0\}``."""
        cursor = self.cursor
        if cursor.peek() not in _ONES:
            return None
        start = cursor.at
        cursor.take()
        letter = [each for each in cursor.group() if each not in ("{", "}")]
        if len(letter) == 1 and letter[0] in _ONE:
            if cursor.accept("_"):
                return Bracket(self._of(cursor.group()))
            if cursor.peek() in ("[", "(", r"\{", "{") and self.stands_here():
                opening = cursor.take()
                found = self.condition()
                cursor.expect(CLOSER[opening])
                return Bracket(found)
        cursor.at = start
        return None

    def condition(self) -> Formula:
        """One or more comparisons, with commas between them."""
        found = [self._comparison()]
        while self.cursor.accept(",", r"\wedge", r"\land"):
            found.append(self._comparison())
        return found[0] if len(found) == 1 else Conjunction(tuple(found))

    def _comparison(self) -> Formula:
        first = self.grammar.terms()
        rest: list[tuple[Relation, Formula]] = []
        while self.cursor.peek() in _RELATIONS:
            relation = _RELATIONS[self.cursor.take()]
            rest.append((relation, self.grammar.terms()))
        if not rest:
            raise self.cursor.stray(expected="a condition, z > 0")
        return Comparison(first, tuple(rest))

    def _of(self, tokens: Sequence[str]) -> Formula:
        from bpsym.verify.reading.grammar import Grammar

        reader = Grammar(Cursor(tokens, self.cursor.where), self.grammar.meaning)
        found = reader.conditions.condition()
        if reader.cursor.peek():
            raise reader.cursor.stray()
        return found

    def cases(self) -> Formula:
        r"""The rows of ``cases`` or of an ``array``: a value, then its condition."""
        cursor = self.cursor
        cursor.expect(r"\begin")
        name = "".join(cursor.group())
        if name not in _TABLES:
            raise cursor.stray(name, "cases")
        body, depth = [], 1
        while True:
            token = cursor.take()
            depth += (token == r"\begin") - (token == r"\end")
            if not depth:
                break
            body.append(token)
        cursor.group()
        branches: list[tuple[Formula, Formula | None]] = []
        for row in _split(body, "\\\\"):
            cells = _split(row, "&")
            if not any(cells):
                continue
            value, test = (cells[0], [each for cell in cells[1:] for each in cell])
            if not test:
                value, test = _at_words(value)
            while value and value[-1] in (",", ";"):
                value = value[:-1]
            branches.append((self.grammar.inner(value), self._test(test)))
        if not branches:
            raise cursor.stray(expected="cases with values")
        return Cases(tuple(branches))

    def _test(self, tokens: Sequence[str]) -> Formula | None:
        words = [each.removeprefix(WORDS) for each in tokens if each.startswith(WORDS)]
        rest = [each for each in tokens if not each.startswith(WORDS)]
        while rest and rest[-1] in (".", ",", ";"):
            rest.pop()
        if not rest:
            if not any(each in _OTHERWISE for each in words):
                raise self.cursor.stray(" ".join(words), "a condition, or otherwise")
            return None
        return self._of(rest)


def _split(tokens: Sequence[str], at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _at_words(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    """A row without a mark between value and condition: the condition begins with its word."""
    for at, token in enumerate(tokens):
        if token.startswith(WORDS):
            return list(tokens[:at]), list(tokens[at:])
    return list(tokens), []
