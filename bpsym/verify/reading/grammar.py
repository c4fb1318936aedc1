r"""Reads a formula as a reader does: by the rules of mathematics and the names of the notation.

A product written without a sign binds tighter than \odot, a sum takes in all factors to its right,
a derivative is one factor. What comes out is the same tree that documents are printed from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from bpsym.errors import ExpressionError
from bpsym.typeset.formulas.symbols import COST
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Chain,
    Formula,
    Joint,
    Kind,
    Matrix,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    equation,
    negative,
)
from bpsym.verify.reading.conditions import Conditions
from bpsym.verify.reading.crosses import entry_by_entry
from bpsym.verify.reading.cursor import CLOSER, FONTS, Cursor, letters_of, scripts_out
from bpsym.verify.reading.functions import Functions, defined_letters
from bpsym.verify.reading.meaning import Meaning, RunningLayerError
from bpsym.verify.reading.numbers import exponent_of, number_of
from bpsym.verify.reading.samples import without_sample
from bpsym.verify.reading.symbols import SymbolReader
from bpsym.verify.reading.tokens import WORDS

_STOPS = frozenset("+ - ) ] , & } | ; : < > = \\\\ \\} \\end \\le \\ge \\neq \\rvert . !".split())
_TRAILING = (".", ",", ";", ":")
_UNDER = (r"\underbrace", r"\overbrace", r"\underset", r"\overset")
HALF = Fraction(1, 2)
MOST_SUMS = 64


def read_chain(tokens: Sequence[str], where: str, meaning: Meaning) -> Chain:
    """An equation with one or more sides, every symbol named as the derivation names it.

    Raises ExpressionError for what cannot be read, RunningLayerError for a layer that is a letter
    without a number in ``meaning.running``.
    """
    tokens = without_sample(scripts_out(tokens))
    local = defined_letters(tokens, meaning.names)
    reader = Grammar(Cursor(tokens, where), replace(meaning, local=local))
    return reader.whole()


class Grammar:
    """Reads by recursive descent."""

    def __init__(self, cursor: Cursor, meaning: Meaning) -> None:
        self.cursor = cursor
        self.meaning = meaning
        self.symbols = SymbolReader(cursor, meaning)
        self.functions = Functions(cursor, meaning, self)
        self.conditions = Conditions(cursor, self)
        self.in_bars = False
        self.sums = 0

    def inner(self, tokens: Sequence[str]) -> Formula:
        """What stands in a group of its own, all of it."""
        reader = Grammar(Cursor(tokens, self.cursor.where), self.meaning)
        found = reader.terms()
        if reader.cursor.peek():
            raise reader.cursor.stray()
        return found

    def whole(self) -> Chain:
        """``left = side = side``."""
        self.symbols.defining = True
        left = self.terms()
        self.symbols.defining = False
        self.functions.left = left
        sides = []
        while self.cursor.accept("=") or self._accept_colon_equals():
            sides.append(self.terms())
        while self.cursor.peek() in _TRAILING or self.cursor.peek().startswith(WORDS):
            self.cursor.take()
        if self.cursor.peek() or not sides:
            raise self.cursor.stray(expected="an equation, left = right")
        return equation(left, *sides)

    def _accept_colon_equals(self) -> bool:
        if self.cursor.peek() == ":" and self.cursor.peek(1) == "=":
            self.cursor.at += 2
            return True
        return False

    def terms(self) -> Formula:
        """Terms with their signs."""
        found = [(self._sign(first=True), self.term())]
        while self.cursor.peek() in ("+", "-"):
            found.append((self._sign(first=False), self.term()))
        return found[0][1] if len(found) == 1 and found[0][0] == 1 else Terms(tuple(found))

    def _sign(self, *, first: bool) -> int:
        if self.cursor.accept("-"):
            return -1
        if not self.cursor.accept("+") and not first:
            raise self.cursor.stray()
        return 1

    def term(self) -> Formula:
        r"""Factors; between circled dots those that stand side by side belong together."""
        groups = [self._side_by_side()]
        while True:
            if self.cursor.accept(r"\odot", "*"):
                groups.append(self._side_by_side())
            elif self.cursor.accept(r"\times"):
                self._crossed(groups)
            else:
                break
        return groups[0] if len(groups) == 1 else Product(tuple(groups), Joint.HADAMARD)

    def _crossed(self, groups: list[Formula]) -> None:
        r"""The factor after a ``\times``, added to the groups or multiplied into the last."""
        negated = self.cursor.accept("-")
        found = self._side_by_side()
        found = negative(found) if negated else found
        names = self.meaning.names
        tensors = names.built.system.tensors
        if entry_by_entry(groups[-1], found, tensors, names.table.adjoint_of):
            groups.append(found)
            return
        factors: list[Formula] = []
        for each in (groups[-1], found):
            beside = isinstance(each, Product) and each.joint is Joint.BESIDE
            factors += each.factors if beside and isinstance(each, Product) else (each,)
        groups[-1] = Product(tuple(factors))

    def _side_by_side(self) -> Formula:
        factors: list[Formula] = []
        while True:
            token = self.cursor.peek()
            if factors and self.cursor.accept("/"):
                factors[-1] = Quotient(factors[-1], self.factor())
            elif factors and self.cursor.accept(r"\cdot"):
                sign = self.cursor.accept("-")
                factors.append(negative(self.factor()) if sign else self.factor())
            elif token == "|" and not self.in_bars:
                factors.append(self.factor())
            elif (
                not token
                or token in _STOPS
                or token in (r"\odot", "*", "/", r"\cdot", r"\times")
                or (token.startswith(WORDS) and not self.functions.stands_here())
            ):
                break
            elif token == r"\sum":
                factors.append(self.sum())
            else:
                factors.append(self.factor())
        if not factors:
            raise self.cursor.stray()
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def sum(self) -> Formula:
        r"""``\sum_{k = 1}^{n_2}``, ``\sum_k``, ``\sum_{j, k}``; the body reaches to the next term.

        Without limits an index runs over the dimensions that it stands in: its upper limit is then
        the index itself.
        """
        self.cursor.expect(r"\sum")
        self.sums += 1
        if self.sums > MOST_SUMS:
            raise self.cursor.stray(r"\sum", f"at most {MOST_SUMS} sums")
        below: list[str] = []
        above: list[str] = []
        while self.cursor.peek() in ("_", "^"):
            place = below if self.cursor.take() == "_" else above
            place += self.cursor.group()
        if not below:
            raise self.cursor.stray(expected=r"an index to sum over, \sum_{k}")
        limits = self._limits(below, above)
        body = self.term()
        for letter, lower, upper in reversed(limits):
            body = Summation(letter, lower, upper, body)
        return body

    def _limits(
        self, below: Sequence[str], above: Sequence[str]
    ) -> list[tuple[Symbol, Formula, Formula]]:
        parts: list[list[str]] = [[]]
        for token in below:
            if token == ",":
                parts.append([])
            else:
                parts[-1].append(token)
        upper = self._upper(above)
        found: list[tuple[Symbol, Formula, Formula]] = []
        for part in parts:
            name = letters_of(part[:1])
            if not part or len(name) != 1 or not name.isalpha():
                raise self.cursor.stray(letters_of(below), "a letter to sum over")
            letter = Symbol(name, Kind.INDEX, name)
            if len(part) > 2 and part[1] == "=":
                found.append((letter, self.inner(part[2:]), upper or letter))
            elif len(part) == 1:
                found.append((letter, ONE, upper or letter))
            else:
                raise self.cursor.stray(letters_of(below), "a letter to sum over, k = 1")
        return found

    def _upper(self, above: Sequence[str]) -> Formula | None:
        """An upper limit; None for a letter of the text's own for how far the index runs."""
        if not above:
            return None
        try:
            found = self.inner(above)
        except (ExpressionError, RunningLayerError):
            if len(above) == 1 and above[0].isalpha():
                return None
            raise
        return None if isinstance(found, Symbol) and found.kind is Kind.INDEX else found

    def factor(self) -> Formula:
        """A factor, with what stands above it."""
        found = self.atom()
        while self.cursor.peek() == "^":
            at = self.cursor.at
            self.cursor.take()
            tokens = [each for each in self.cursor.group() if each not in FONTS]
            bare = [each for each in tokens if each not in ("{", "}")]
            if bare == ["T"]:
                found = Transpose(found)
            else:
                self.cursor.at = at + 1
                found = Power(found, exponent_of(bare, self.cursor))
                self.cursor.group()
        return found

    def atom(self) -> Formula:
        """A factor by itself."""
        cursor = self.cursor
        token = cursor.peek()
        if token[:1].isdigit() or token[:1] == ".":
            return Number(number_of(cursor.take(), cursor))
        match token:
            case r"\frac":
                cursor.take()
                return self._fraction(cursor.group(), cursor.group())
            case r"\sqrt":
                cursor.take()
                return Power(self.inner(cursor.group()), HALF)
            case r"\partial":
                return self._derivative_on_one_line()
            case r"\nabla":
                return self._nabla()
            case r"\begin":
                return self.conditions.cases()
            case "{":
                return self.inner(cursor.group())
            case "|":
                return Apply("abs", (self._between_bars(),))
            case r"\lvert":
                return Apply("abs", (self._fenced(),))
            case "(" | "[" | r"\{":
                return self._bracketed()
        if token in _UNDER:
            return self._under()
        mask = self.conditions.mask()
        if mask is not None:
            return mask
        found = self.functions.applied()
        return self.symbols.symbol() if found is None else found

    def _under(self) -> Formula:
        """A factor with a remark under or over it."""
        kind = self.cursor.take()
        if kind in (r"\underset", r"\overset"):
            self.cursor.group()
            return self.inner(self.cursor.group())
        found = self.inner(self.cursor.group())
        if self.cursor.accept("_", "^"):
            self.cursor.group()
        return found

    def _fenced(self) -> Formula:
        opening = self.cursor.take()
        found = self.terms()
        self.cursor.expect(CLOSER[opening])
        return found

    def _between_bars(self) -> Formula:
        """What stands between bars that do not say which is left and which is right."""
        self.in_bars = True
        found = self._fenced()
        self.in_bars = False
        return found

    def _bracketed(self) -> Formula:
        """Brackets, a condition in square ones, or cases in curly ones."""
        if self.cursor.peek() == r"\{" and self.cursor.peek(1) == r"\begin":
            self.cursor.take()
            found = self.conditions.cases()
            self.cursor.accept(r"\}", ".")
            return found
        if self.cursor.peek() == "[" and self.cursor.peek(1) == r"\begin":
            return self._blocks()
        if self.cursor.peek() == "[" and self.conditions.stands_here():
            self.cursor.take()
            condition = self.conditions.condition()
            self.cursor.expect("]")
            return Bracket(condition)
        return self._fenced()

    def _blocks(self) -> Formula:
        r"""A matrix of blocks, ``\left[ \begin{array}{rr} A & B \end{array} \right]``."""
        cursor = self.cursor
        cursor.take()
        cursor.take()
        cursor.group()
        rows: list[list[Formula]] = [[self.terms()]]
        while not cursor.accept(r"\end"):
            if cursor.accept("&"):
                rows[-1].append(self.terms())
            else:
                cursor.expect("\\\\")
                rows.append([self.terms()])
        cursor.group()
        cursor.expect("]")
        return Matrix(tuple(map(tuple, rows)))

    def _fraction(self, above: Sequence[str], below: Sequence[str]) -> Formula:
        """A fraction, or a derivative."""
        if above and below and _is_differential(above) and _is_differential(below):
            of, by = list(above[1:]), self.inner(below[1:])
            if of:
                return self._derivative(self.inner(of), by)
        return Quotient(self.inner(above), self.inner(below))

    def _derivative(self, of: Formula, by: Formula) -> Formula:
        slope = self.functions.slope_of(of, by)
        if slope is not None:
            return slope
        if not isinstance(by, Symbol) or not isinstance(of, Symbol | Apply):
            raise self.cursor.stray(expected="the derivative of one symbol in another")
        return Partial(of, by)

    def _derivative_on_one_line(self) -> Formula:
        r"""``\partial C / \partial w``."""
        self.cursor.expect(r"\partial")
        of = self.factor()
        self.cursor.expect("/")
        self.cursor.expect(r"\partial")
        return self._derivative(of, self.factor())

    def _nabla(self) -> Formula:
        r"""``\nabla_{W^{(2)}} C``: the derivatives in all entries."""
        self.cursor.expect(r"\nabla")
        self.cursor.expect("_")
        by = self.inner(self.cursor.group())
        if isinstance(by, Symbol) and by.kind is Kind.INDEX:  # grad_a C is that of the last layer
            names = self.meaning.names
            by = names.tensor(by.name, "", str(names.depth)) or by
        token = self.cursor.peek()
        if token in FONTS or self.meaning.names.is_cost(token.removeprefix("\\")):
            self.symbols.letter()
        return Partial(COST, by)


def _is_differential(tokens: Sequence[str]) -> bool:
    if tokens[0] == r"\partial":
        return True
    return tokens[0] == "d" and len(tokens) > 1


__all__ = ["Grammar", "Prime", "read_chain"]
