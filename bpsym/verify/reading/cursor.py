"""A place in a row of tokens, and the small moves that every part of the grammar makes."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.errors import ExpressionError, quoted
from bpsym.verify.reading.tokens import WORDS, refusal, told

FONTS = frozenset(
    r"\mathbf \mathrm \mathsf \mathit \mathtt \mathcal \mathscr \mathbb \mathnormal \operatorname"
    r" \operatorname* \vec \rm \bf \it".split()
)
ACCENTS = frozenset(r"\hat \bar \tilde \dot".split())
CLOSER = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", "|": "|", r"\lvert": r"\rvert"}


class Cursor:
    """Tokens and where one stands in them. where: the place of the formula, for messages."""

    def __init__(self, tokens: Sequence[str], where: str) -> None:
        self.tokens = tokens
        self.where = where
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        """The token that is ``ahead`` of the next one; empty behind the end."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token; raises ExpressionError at the end."""
        token = self.peek()
        if not token:
            raise self.stray("the end of the formula")
        self.at += 1
        return token

    def accept(self, *tokens: str) -> bool:
        """Whether the next token is one of these; then it is taken."""
        if self.peek() in tokens and self.peek():
            self.at += 1
            return True
        return False

    def expect(self, token: str) -> None:
        """Take this token; raises ExpressionError if another stands there."""
        if not self.accept(token):
            raise self.stray(expected=f"{token} here")

    def group(self) -> list[str]:
        """The tokens of one argument: in braces, or a single one; ``12`` without braces is two."""
        token = self.take()
        if token != "{":
            if len(token) > 1 and token.isdigit():
                self.at -= 1
                self.tokens = (*self.tokens[: self.at], *token, *self.tokens[self.at + 1 :])
                return [self.take()]
            if token in FONTS or token in ACCENTS:
                return [token, "{", *self.group(), "}"]
            return [token]
        depth, start = 1, self.at
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        return list(self.tokens[start : self.at - 1])

    def stray(self, got: str = "", expected: str = "a formula of the network") -> ExpressionError:
        """The error of a token that cannot stand where it stands."""
        shown = got or told(self.tokens[self.at : self.at + 12]) or "the end of the formula"
        shown = shown if shown.startswith("the end") else quoted(shown)
        return refusal(self.where, "this has no meaning here", expected, shown)


def scripts_out(tokens: Sequence[str]) -> tuple[str, ...]:
    r"""Indices within the braces of a font or accent behind them: ``\mathbf{W^{(3)}}``."""
    found = list(tokens)
    at = 0
    while at < len(found) - 3:
        if found[at] in (*FONTS, *ACCENTS) and found[at + 1] == "{" and found[at + 3] in "^_":
            depth, end = 1, at + 2
            while end < len(found) and depth:
                depth += {"{": 1, "}": -1}.get(found[end], 0)
                end += 1
            if not depth:
                found[at:end] = [*found[at : at + 3], "}", *found[at + 3 : end - 1]]
        at += 1
    return tuple(found)


def letters_of(tokens: Sequence[str]) -> str:
    r"""The letters of a name in any font: ``\mathbf { W }`` is W, ``{ h , 1 }`` is h,1."""
    kept = [each for each in tokens if each not in FONTS and each not in ("{", "}")]
    return "".join(each.removeprefix(WORDS).removeprefix("\\") for each in kept)
