"""The first look at a formula, before any parser sees it: its characters, words and brackets.

A text that passes is short, plain ASCII, and has no string, attribute, keyword or deep nesting, so
that parsing it takes no time and no memory worth mentioning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword
from types import MappingProxyType

from bpsym.errors import ExpressionError, quoted
from bpsym.text.names import LONGEST_NAME, is_name

LONGEST_TEXT = 2000
DEEPEST_BRACKETS = 32
MOST_OPERATORS = 300

_TOKEN = re.compile(
    r"(?P<space> +)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>\*\*|<=|>=|[-+*/<>=,])"
    r"|(?P<open>[(\[])"
    r"|(?P<close>[)\]])"
)
_CLOSING = {"(": ")", "[": "]"}

_CHARACTER_HINTS = MappingProxyType(
    {
        "^": "write ** for a power",
        ".": "names have no dots and numbers have digits around theirs; write W[i,j], 0.5",
        '"': "a formula holds no text in quotes",
        "'": "a formula holds no text in quotes; write a derivative out",
        ":": "write sum(index, body) for a sum and where(test, then, otherwise) for a choice",
        "{": "write ( ) for grouping and [ ] for subscripts",
        "}": "write ( ) for grouping and [ ] for subscripts",
        "!": "write where(a < b, then, otherwise) for a choice",
        "@": "write a product of matrices with indices: sum(j, W[i,j]*x[n,j])",
        "\n": "write the formula on one line",
        "\r": "write the formula on one line",
        "\t": "write spaces for tabs",
        "\u2212": "write - for minus",
        "\u2013": "write - for minus",
        "\u00d7": "write * for times",
        "\u00b7": "write * for times",
        "\u2211": "write sum(index, body)",
        "\u221a": "write sqrt(u)",
    }
)
_WORD_HINTS = MappingProxyType(
    {
        "if": "write where(test, then, otherwise)",
        "else": "write where(test, then, otherwise)",
        "for": "write sum(index, body)",
        "and": "nest two where(...)",
        "or": "nest two where(...)",
        "not": "turn the comparison round",
        "lambda": "write the formula itself, in z or with indices",
    }
)


@dataclass(frozen=True)
class Text:
    """A formula that was looked at. where: the place it came from, for messages."""

    source: str
    where: str

    def refuse(self, what: str, expected: str, got: str, way_out: str) -> ExpressionError:
        """The error to raise about this formula."""
        return ExpressionError.single(
            where=self.where, what=what, expected=expected, got=got, way_out=way_out
        )


def look_at(text: object, where: str) -> Text:
    """The text without the space around it, if nothing in it is out of place.

    Raises ExpressionError at the first character, word, number or bracket that is.
    """
    if not isinstance(text, str):
        raise ExpressionError.single(
            where=where,
            what="this is not a formula",
            expected="text",
            got=f"a value of type {type(text).__name__}",
            way_out="put the formula in quotes",
        )
    if len(text) > LONGEST_TEXT:
        raise Text("", where).refuse(
            "the formula is too long",
            f"at most {LONGEST_TEXT} characters",
            str(len(text)),
            "split it over several layers",
        )
    formula = Text(text.strip(" "), where)
    if not formula.source:
        raise formula.refuse(
            "the formula is empty", "a formula", "nothing", "write one, such as z*sigmoid(z)"
        )
    tokens = list(_tokens(formula))
    _balance(formula, tokens)
    operators = sum(match.lastgroup == "operator" for match in tokens)
    if operators > MOST_OPERATORS:
        raise formula.refuse(
            "the formula has too many operators",
            f"at most {MOST_OPERATORS}",
            str(operators),
            "split it over several layers",
        )
    return formula


def equals_signs(text: Text) -> list[int]:
    """The places of the ``=`` that are not part of ``<=`` or ``>=``."""
    return [match.start() for match in _tokens(text) if match.group() == "="]


def _tokens(text: Text) -> Iterator[re.Match[str]]:
    """The tokens of a formula; raises ExpressionError at what is none."""
    position = 0
    while position < len(text.source):
        match = _TOKEN.match(text.source, position)
        if match is None:
            character = text.source[position]
            raise text.refuse(
                "this character has no meaning in a formula",
                "letters, digits, + - * / ** ( ) [ ] , < <= > >= and = in an equation",
                f"{quoted(character)} at column {position + 1}",
                _CHARACTER_HINTS.get(character, "leave it out"),
            )
        if match.lastgroup == "word":
            _check_word(text, match)
        position = match.end()
        if match.lastgroup == "number" and _TOKEN_GOES_ON.match(text.source, position):
            raise text.refuse(
                "a number runs into what follows",
                "an operator between the two",
                f"{quoted(text.source[match.start() : position + 1])} at column {position + 1}",
                "write 2*z for a product, decimals as 0.5, and digits without separators",
            )
        yield match


_TOKEN_GOES_ON = re.compile(r"[A-Za-z0-9_.]")


def _check_word(text: Text, match: re.Match[str]) -> None:
    word = match.group()
    if iskeyword(word):
        raise text.refuse(
            "a word of Python has no meaning in a formula",
            "names, numbers, operators and calls",
            f"{quoted(word)} at column {match.start() + 1}",
            _WORD_HINTS.get(word, "choose another name"),
        )
    if not is_name(word):
        raise text.refuse(
            "this is not a name",
            f"a letter, then letters, digits or _, at most {LONGEST_NAME}",
            f"{quoted(word)} at column {match.start() + 1}",
            "choose a name of that form",
        )


def _balance(text: Text, tokens: list[re.Match[str]]) -> None:
    """Raise ExpressionError unless the brackets pair up and nest within reason."""
    open_brackets: list[re.Match[str]] = []
    for match in tokens:
        if match.lastgroup == "open":
            open_brackets.append(match)
            if len(open_brackets) > DEEPEST_BRACKETS:
                raise text.refuse(
                    "the brackets nest too deeply",
                    f"at most {DEEPEST_BRACKETS} levels",
                    f"more at column {match.start() + 1}",
                    "split the formula over several layers",
                )
        elif match.lastgroup == "close":
            if not open_brackets or _CLOSING[open_brackets[-1].group()] != match.group():
                raise text.refuse(
                    "a bracket closes that was not opened",
                    f"{_CLOSING[open_brackets[-1].group()]!r}" if open_brackets else "no bracket",
                    f"{match.group()!r} at column {match.start() + 1}",
                    "pair the brackets",
                )
            open_brackets.pop()
    if open_brackets:
        last = open_brackets[-1]
        raise text.refuse(
            "a bracket is not closed",
            f"{_CLOSING[last.group()]!r}",
            f"the end, after {last.group()!r} at column {last.start() + 1}",
            "close it",
        )
