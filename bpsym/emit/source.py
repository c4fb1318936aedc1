"""Pieces of source text, and how a long one is broken: the way the formatter would do it.

A chain of operators is put in brackets, one operand on a line, at the loosest operator first; a
call or a bracket is opened, and what is in it stands on one line or on a line each. A chain of two
operands the last of which ends in a bracket needs no brackets of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
INDENT = "    "

COMPARISON, AND, SUM, PRODUCT, UNARY, POWER, ATOM = range(7)


@dataclass(frozen=True)
class Bracket:
    """What stands before a bracket, with it, in it and after it: ``np.sum(``, ..., ``)``."""

    opening: str
    content: tuple[Source, ...]
    closing: str = ")"


@dataclass(slots=True)  # many are made, and freezing them would take as long as all the rest
class Source:
    """A piece of source text with its precedence.

    operands: the operands of a chain of binary operators, each with the operator before it.
    bracket: the parts of a call, or of an expression in brackets.
    """

    text: str
    precedence: int = ATOM
    operands: tuple[tuple[str, Source], ...] = ()
    bracket: Bracket | None = None

    def within(self, precedence: int) -> Source:
        """The piece, in brackets where the surroundings bind tighter."""
        return self if self.precedence >= precedence else bracketed("(", (self,), ")")

    def followed_by(self, suffix: str) -> Source:
        """The piece with an attribute or a subscript: ``.T``, ``[:, None]``."""
        whole = self.within(ATOM)
        if whole.bracket is None:
            return Source(whole.text + suffix)
        parts = whole.bracket
        return bracketed(parts.opening, parts.content, parts.closing + suffix)

    def negative(self) -> Source:
        """The piece with a minus before it."""
        if self.precedence < PRODUCT or self.precedence == POWER:
            return bracketed("-(", (self,), ")", UNARY)
        if self.operands:
            (_, first), *others = self.operands
            return chain([("", first.negative()), *others], self.precedence)
        if self.bracket is not None:
            parts = self.bracket
            return bracketed("-" + parts.opening, parts.content, parts.closing, UNARY)
        return Source("-" + self.text, UNARY)


def bracketed(
    opening: str, content: tuple[Source, ...], closing: str, precedence: int = ATOM
) -> Source:
    """A call, or an expression in brackets."""
    inner = ", ".join(each.text for each in content)
    text = f"{opening}{inner}{closing}"
    return Source(text, precedence, bracket=Bracket(opening, content, closing))


def call(function: str, arguments: Sequence[Source]) -> Source:
    """A function call."""
    return bracketed(f"{function}(", tuple(arguments), ")")


def chain(operands: Sequence[tuple[str, Source]], precedence: int) -> Source:
    """Operands with the operators between them, all of one precedence."""
    text = " ".join(f"{operator} {each.text}".lstrip() for operator, each in operands)
    return Source(text, precedence, tuple(operands))


def names_statement(head: str, names: Sequence[str], tail: str = "") -> list[str]:
    """``head`` followed by a tuple of names: in brackets, one on a line, if there are too many."""
    line = f"{INDENT}{head}{', '.join(names)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{INDENT}{head}(", *(f"{INDENT * 2}{name}," for name in names), f"{INDENT}){tail}"]


def docstring(summary: str, details: str = "", indent: int = 1, *, short: str = "") -> list[str]:
    """A docstring of one line, ``summary``, if that fits; else ``short`` and the details below."""
    space = INDENT * indent
    line = f'{space}"""{summary}"""'
    if len(line) <= WIDTH:
        return [line]
    return [f'{space}"""{short or summary}', "", *wrapped(details, space), f'{space}"""']


def wrapped(text: str, space: str, more: str = "") -> list[str]:
    """Prose or a formula in lines of at most WIDTH; ``more`` indents all but the first."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=space,
        subsequent_indent=space + more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def wrapped_equation(text: str, space: str, width: int = WIDTH) -> list[str]:
    """An equation in lines, each begun with ``space``, and the later ones indented.

    A line ends before a plus or a minus if it can, and outside of brackets.
    """
    lines: list[str] = []
    rest, more = text, ""
    while len(space + more + rest) > width:
        at = _best_break(rest, width - len(space + more))
        if at is None:
            break
        lines.append(space + more + rest[:at].rstrip())
        rest, more = rest[at:].lstrip(), INDENT
    return [*lines, space + more + rest]


def _best_break(text: str, room: int) -> int | None:
    """The best space to end a line at, of those within ``room``; None if there is none."""
    best, best_rank, depth = None, (99, 99), 0
    for at, letter in enumerate(text[: room + 1]):
        depth += (letter in "([{") - (letter in ")]}")
        if letter != " " or at == 0:
            continue
        after, before = text[at + 1 : at + 3], text[:at].rpartition(" ")[2]
        kind = 0 if after in ("+ ", "- ") else 1
        if before in ("+", "-", "*", "/", "=", "@", ">", "<") or before.startswith("sum_"):
            kind = 3
        elif after == "/ ":
            kind = 2
        rank = (depth + 2 * (kind > 1), kind)
        if rank <= best_rank or at < room // 3:
            best, best_rank = at, rank
    return best


def statement(head: str, source: Source, indent: int = 1, tail: str = "") -> list[str]:
    """``head`` followed by an expression, in lines of at most WIDTH."""
    line = f"{INDENT * indent}{head}{source.text}{tail}"
    if len(line) <= WIDTH:
        return [line]
    if _ends_in_brackets(source):
        lines = _opened(_leaves("", source), indent, head, tail)
        if all(len(each) <= WIDTH for each in lines):
            return lines
    return [
        f"{INDENT * indent}{head}(",
        *_inside(source, indent + 1),
        f"{INDENT * indent}){tail}",
    ]


def value_error(parts: Sequence[str], indent: int) -> list[str]:
    """``raise ValueError(f"...")``, its text in one piece or in as many as are given."""
    whole = f"""{INDENT * indent}raise ValueError(f"{"".join(parts)}")"""
    if len(whole) <= WIDTH:
        return [whole]
    one = f"""{INDENT * (indent + 1)}f"{"".join(parts)}\""""
    pieces = [one] if len(one) <= WIDTH else [f'{INDENT * (indent + 1)}f"{each}"' for each in parts]
    return [f"{INDENT * indent}raise ValueError(", *pieces, f"{INDENT * indent})"]


def _ends_in_brackets(source: Source) -> bool:
    """Whether an expression can be broken in a bracket of its own."""
    if not source.operands:
        return source.bracket is not None
    leaves = _leaves("", source)
    if len(source.operands) > 2:
        return False
    first, last = leaves[0][1].bracket, leaves[-1][1].bracket
    at_end = last is not None and last.closing == ")" and bool(last.content)
    return at_end or (first is not None and (first.opening, first.closing) == ("(", ")"))


def _leaves(operator: str, source: Source) -> list[tuple[str, Source]]:
    """The operands of a chain and of the chains in it, with the operators before them."""
    if not source.operands:
        return [(operator, source)]
    leaves = []
    for at, (inner, each) in enumerate(source.operands):
        leaves += _leaves(operator if at == 0 else inner, each)
    return leaves


def _opened(leaves: Sequence[tuple[str, Source]], indent: int, head: str, tail: str) -> list[str]:
    """An expression on one line, except that brackets are opened where it does not fit."""
    lines: list[str] = []
    line = f"{INDENT * indent}{head}"
    for at, (operator, leaf) in enumerate(leaves):
        line += f"{operator} " if operator else ""
        rest = "".join(f" {o} {each.text}" for o, each in leaves[at + 1 :]) + tail
        until = _up_to_bracket(leaves[at + 1 :], rest)
        if leaf.bracket is None or len(line + leaf.text + min(rest, until, key=len)) <= WIDTH:
            line += leaf.text
        else:
            lines += [line + leaf.bracket.opening, *_content(leaf.bracket, indent + 1)]
            line = INDENT * indent + leaf.bracket.closing
        line += " " if at + 1 < len(leaves) else tail
    return [*lines, line]


def _up_to_bracket(leaves: Sequence[tuple[str, Source]], rest: str) -> str:
    """The text up to the next bracket that could be opened; ``rest`` if there is none."""
    text = ""
    for operator, leaf in leaves:
        if leaf.bracket is not None:
            return f"{text} {operator} {leaf.bracket.opening}"
        text += f" {operator} {leaf.text}"
    return rest


def _content(bracket: Bracket, indent: int) -> list[str]:
    """What stands in a bracket: a list's or a dict's entries always on a line each."""
    line = INDENT * indent + ", ".join(each.text for each in bracket.content)
    is_collection = bracket.opening[-1] in "[{"
    if len(line) <= WIDTH and not is_collection:
        return [line]
    if len(bracket.content) == 1 and not is_collection:
        return _inside(bracket.content[0], indent)
    return [line for each in bracket.content for line in _inside(each, indent, "", ",")]


def _flat(source: Source) -> list[tuple[str, Source]]:
    """The operands of a chain, those of a chain that it begins with and that binds alike too."""
    (operator, first), *others = source.operands
    if first.operands and first.precedence == source.precedence:
        return [*_flat(first), *others]
    return [(operator, first), *others]


def _inside(source: Source, indent: int, head: str = "", tail: str = "") -> list[str]:
    """An expression within brackets, where a line may end anywhere."""
    line = f"{INDENT * indent}{head}{source.text}{tail}"
    if len(line) <= WIDTH:
        return [line]
    if source.operands:
        lines = []
        operands = _flat(source)
        last = len(operands) - 1
        for at, (operator, each) in enumerate(operands):
            before = head if at == 0 else f"{operator} "
            lines += _inside(each, indent, before, tail if at == last else "")
        return lines
    if source.bracket is not None:
        return [
            f"{INDENT * indent}{head}{source.bracket.opening}",
            *_content(source.bracket, indent + 1),
            f"{INDENT * indent}{source.bracket.closing}{tail}",
        ]
    return [line]
