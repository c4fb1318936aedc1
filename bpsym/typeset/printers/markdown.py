"""Formulas in Markdown, as GitHub and Jupyter read them: ``$...$`` and ``$$...$$``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Relation
from bpsym.typeset.printers.language import Line
from bpsym.typeset.printers.latex import LaTeX, aligned_lines

# A backslash before punctuation is Markdown's own escape, and inside a formula it would be lost; an
# angle bracket may begin HTML.
_SAFE = (
    (r"\\", r"\cr"),
    (r"\,", r"\thinspace"),
    (r"\{", r"\lbrace "),
    (r"\}", r"\rbrace "),
    (r"\_", r"\textunderscore "),
)
_SIGNS: dict[Relation, str] = {"<": r"\lt", ">": r"\gt"}


class Markdown(LaTeX):
    """LaTeX between dollars, without what Markdown would read as its own."""

    relations: Mapping[Relation, str] = MappingProxyType({**LaTeX.relations, **_SIGNS})

    def scripts(self, base: str, below: str, above: str) -> str:
        """An underscore behind a letter cannot begin an emphasis, behind a brace it can."""
        if below and not base[-1].isalnum():
            return super().scripts(rf"{base}\sb{{{below}}}", "", above)
        return super().scripts(base, below, above)

    def under(self, inner: str, label: str) -> str:
        return rf"\underbrace{{{inner}}}\sb{{{label}}}"

    def inline(self, body: str) -> str:
        return f"${_safe(body)}$"

    def display(self, lines: Sequence[Line]) -> str:
        if len(lines) == 1:
            (line,) = lines
            body = " ".join(part for part in (line.left, line.right) if part)
        else:
            inner = aligned_lines(lines, apart="")
            body = f"\\begin{{aligned}}\n{inner}\n\\end{{aligned}}"
        return f"$$\n{_safe(body)}\n$$"


def _safe(body: str) -> str:
    for mark, command in _SAFE:
        body = body.replace(mark, command)
    return body
