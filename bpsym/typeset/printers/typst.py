"""Formulas in Typst. Signs are written by name, so that no comma or bracket is read as syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Joint, Relation
from bpsym.typeset.printers.language import Fence, Language, Line, is_kept_together

# What each row of a list of cases has.
_CASE = "quad"

_SPECIAL = frozenset("\\#$*_`<>@=-+/~[]{}()\"'")
_SIZES = ("", "1.3em", "1.9em", "2.5em", "3.1em")
_FENCES = {
    Fence.ROUND: ("paren.l", "paren.r"),
    Fence.SQUARE: ("bracket.l", "bracket.r"),
    Fence.BARS: ("bar.v", "bar.v"),
}
_ACCENTS = {"bar": "macron", "hat": "hat", "tilde": "tilde"}


def escaped(text: str) -> str:
    """Any text as Typst prints it outside of formulas."""
    return "".join(
        "~" if each == "\u00a0" else f"\\{each}" if each in _SPECIAL else each for each in text
    )


def quoted(text: str) -> str:
    """Any text as a string of Typst."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Typst(Language):
    """Typst's language of formulas."""

    relations: Mapping[Relation, str] = MappingProxyType(
        {"=": "=", "!=": "eq.not", "<": "lt", "<=": "lt.eq", ">": "gt", ">=": "gt.eq"}
    )
    joints: Mapping[Joint, str] = MappingProxyType(
        {Joint.BESIDE: "thin", Joint.DOT: "dot", Joint.HADAMARD: "dot.o"}
    )
    greek = MappingProxyType(
        {
            name: name
            for name in (
                "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi "
                "omega Delta Theta Lambda Sigma Phi Omega nabla ell"
            ).split()
        }
    )
    operators = MappingProxyType(
        {name: name for name in "arctan cos cosh exp log sin sinh tanh".split()}
        | {"max": 'op("max")', "min": 'op("min")'}
        | {"sigmoid": "sigma", "normal_cdf": "Phi", "normal_pdf": "phi"}
    )
    plus = "+"
    minus = "-"
    leading_minus = "-"
    comma = "comma"
    slash = "slash"
    times = "times"
    dots = "dots.c"
    vertical_dots = "dots.v"
    partial = "partial"
    transpose = "upright(T)"
    indent = '#h(2em) ""'

    def letter(self, letter: str) -> str:
        return letter if letter.isalpha() else quoted(letter)

    def upright(self, word: str) -> str:
        return f"upright({word})" if len(word) == 1 and word.isalpha() else quoted(word)

    def operator(self, word: str) -> str:
        return f"op({quoted(word)})"

    def code(self, word: str) -> str:
        return f"mono({quoted(word)})"

    def words(self, text: str) -> str:
        return quoted(text)

    def digits(self, digits: str) -> str:
        return digits

    def row(self, parts: Sequence[str]) -> str:
        return " ".join(parts)

    def primed(self, function: str) -> str:
        # A prime behind a subscript would belong to the subscript.
        base, below, rest = function.partition("_(")
        return f"{base}'{below}{rest}"

    def bold(self, letter: str) -> str:
        return f"upright(bold({letter}))"

    def accented(self, inner: str, accent: str) -> str:
        if accent == "bar" and inner.startswith('"'):
            return f"overline({inner})"
        return f"{_ACCENTS[accent]}({inner})"

    def scripts(self, base: str, below: str, above: str) -> str:
        low = f"_({below})" if below else ""
        return base + low + (f"^({above})" if above else "")

    def fraction(self, above: str, below: str, *, small: bool) -> str:
        fraction = f"frac({above}, {below})"
        return f"inline({fraction})" if small else fraction

    def root(self, inner: str) -> str:
        return f"sqrt({inner})"

    def summation(self, below: str, above: str, *, display: bool) -> str:
        return f"sum_({below})^({above})"

    def opening(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][0], size, "opening")

    def closing(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][1], size, "closing")

    def _fence(self, mark: str, size: int, kind: str) -> str:
        """A bracket by itself, since a line may end before the other."""
        inner = f"lr(size: #{_SIZES[size]}, {mark})" if size else mark
        if size or mark == "bar.v":
            return f'class("{kind}", {inner})'
        return inner

    def cases(self, rows: Sequence[tuple[str, str]], *, closed: bool) -> str:
        body = ", ".join(f"{value} & quad {test}" for value, test in rows)
        if not closed:
            return f"cases({body})"
        return f"lr(brace.l mat(delim: #none, align: #left, {_cells(rows)}) brace.r)"

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        body = "; ".join(", ".join(row) for row in rows)
        return f'mat(delim: "[", align: #right, {body})'

    def under(self, inner: str, label: str) -> str:
        return f"underbrace({inner}, {label})"

    def inline(self, body: str) -> str:
        return f"${body}$"

    def display(self, lines: Sequence[Line]) -> str:
        if len(lines) == 1:
            (line,) = lines
            return f"$ {line.left} {line.right} $".replace("  ", " ")
        text = ""
        for number, line in enumerate(lines):
            if number:
                text += " \\\n  "
            text += f"{line.left} & {line.right}" if line.left else f"& {line.right}"
        if is_kept_together(lines, _CASE):
            return f"$ {text} $"
        return f"#long($ {text} $)"


def _cells(rows: Sequence[tuple[str, str]]) -> str:
    # Typst sets what is in a list of cases smaller, and that in a list within it smaller still.
    return "; ".join(f"{_inline(value)}, quad {_inline(test)}" for value, test in rows)


def _inline(cell: str) -> str:
    return f"inline({cell})" if cell else ""
