"""Formulas in LaTeX. Plain TeX and amsmath are all that is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Joint, Relation
from bpsym.typeset.printers.language import Fence, Language, Line, is_kept_together

_ESCAPES = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\texttt{\char34}",
        "'": r"\textquotesingle{}",
        "`": r"\textasciigrave{}",
        "\u00a0": "~",
    }
    | {
        # Signs that fonts of text do not have.
        sign: f"${command}$"
        for sign, command in {
            "⊙": r"\odot",
            "×": r"\times",
            "·": r"\cdot",
            "−": "-",
            "≤": r"\le",
            "≥": r"\ge",
            "≠": r"\neq",
            "→": r"\to",
            "∂": r"\partial",
            "Σ": r"\Sigma",
            "σ": r"\sigma",
            "δ": r"\delta",
            "η": r"\eta",
            "…": r"\dots",
        }.items()
    }
)

GREEK = (
    "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi omega "
    "Delta Theta Lambda Sigma Phi Omega nabla"
)
_GREEK = MappingProxyType({name: rf"\{name}" for name in GREEK.split()})

_OPERATORS = MappingProxyType(
    {name: rf"\{name}" for name in "arctan cos cosh exp log max min sin sinh tanh".split()}
    | {"sigmoid": r"\sigma", "normal_cdf": r"\Phi", "normal_pdf": r"\varphi"}
)

# Letters, digits and signs that mean the same inside of formulas.
_NAME = re.compile(r"[A-Za-z0-9_.]*")

# What ends each row of a list of cases but the last.
_CASE = r"\\ "

_INDENT = re.compile(r"^(?:\\qquad\s*)+")

_SIZES = ("", "big", "Big", "bigg", "Bigg")
_FENCES: Mapping[Fence, tuple[str, str]] = MappingProxyType(
    {
        Fence.ROUND: ("(", ")"),
        Fence.SQUARE: ("[", "]"),
        Fence.BARS: (r"\lvert", r"\rvert"),
    }
)
_BARS: Mapping[str, str] = MappingProxyType({r"\lvert": "|", r"\rvert": "|"})


def escaped(text: str) -> str:
    """Any text as LaTeX prints it outside of formulas."""
    return "".join(_ESCAPES.get(each, each) for each in text)


class LaTeX(Language):
    """LaTeX with amsmath."""

    relations: Mapping[Relation, str] = MappingProxyType(
        {"=": "=", "!=": r"\neq", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
    )
    joints: Mapping[Joint, str] = MappingProxyType(
        {Joint.BESIDE: r"\,", Joint.DOT: r"\cdot", Joint.HADAMARD: r"\odot"}
    )
    greek = MappingProxyType({**_GREEK, "epsilon": r"\varepsilon", "ell": r"\ell"})
    operators = _OPERATORS
    plus = "+"
    minus = "-"
    leading_minus = "-"
    comma = ","
    slash = "/"
    times = r"\times"
    dots = r"\cdots"
    vertical_dots = r"\vdots"
    partial = r"\partial"
    transpose = r"\mathsf{T}"
    indent = r"\qquad"

    def letter(self, letter: str) -> str:
        return escaped(letter)

    def upright(self, word: str) -> str:
        return _named("mathrm", word)

    def operator(self, word: str) -> str:
        return _named("operatorname", word)

    def code(self, word: str) -> str:
        return _named("mathtt", word)

    def words(self, text: str) -> str:
        # Behind Chinese characters TeX leaves a space out.
        space = r"\ " if text.endswith(" ") and not text.isascii() else ""
        return rf"\text{{{escaped(text)}}}{space}"

    def digits(self, digits: str) -> str:
        return digits

    def row(self, parts: Sequence[str]) -> str:
        """Side by side, with spaces that TeX ignores and people like."""
        text = before = parts[0]
        for part in parts[1:]:
            letters = len(before) == len(part) == 1 and before.isalnum() and part.isalnum()
            close = part[0] in "()[]," or text[-1] in "(["
            text += part if letters or close else f" {part}"
            before = part
        return text

    def primed(self, function: str) -> str:
        return f"{function}'"

    def bold(self, letter: str) -> str:
        return rf"\mathbf{{{letter}}}"

    def accented(self, inner: str, accent: str) -> str:
        if accent == "bar" and inner.startswith(r"\mathrm"):
            return rf"\overline{{{inner}}}"
        return rf"\{accent}{{{inner}}}"

    def scripts(self, base: str, below: str, above: str) -> str:
        return base + _script("_", below) + _script("^", above)

    def fraction(self, above: str, below: str, *, small: bool) -> str:
        return rf"\{'tfrac' if small else 'frac'}{{{above}}}{{{below}}}"

    def root(self, inner: str) -> str:
        return rf"\sqrt{{{inner}}}"

    def summation(self, below: str, above: str, *, display: bool) -> str:
        return rf"\sum_{{{below}}}^{{{above}}}"

    def opening(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][0], size, "l")

    def closing(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][1], size, "r")

    def _fence(self, mark: str, size: int, side: str) -> str:
        if not size:
            return mark
        return rf"\{_SIZES[size]}{side}{_BARS.get(mark, mark)}"

    def cases(self, rows: Sequence[tuple[str, str]], *, closed: bool) -> str:
        body = r" \\ ".join(f"{_binary(value)} & {test}" for value, test in rows)
        if not closed:
            return rf"\begin{{cases}} {body} \end{{cases}}"
        columns = r"{@{}l@{\quad}l@{}}"
        return rf"\left\{{ \begin{{array}}{columns} {body} \end{{array}} \right\}}"

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        columns = r"{@{}" + "r" * len(rows[0]) + r"@{}}"
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"\left[ \begin{{array}}{columns} {body} \end{{array}} \right]"

    def under(self, inner: str, label: str) -> str:
        return rf"\underbrace{{{inner}}}_{{{label}}}"

    def inline(self, body: str) -> str:
        return f"${body}$"

    def display(self, lines: Sequence[Line]) -> str:
        whole = is_kept_together(lines, _CASE)
        body = aligned_lines(lines, unbroken=len(lines) if whole else 1)
        return r"\begin{align*}" + f"\n{body}\n" + r"\end{align*}"


def aligned_lines(lines: Sequence[Line], unbroken: int = 0, apart: str = "[4pt]") -> str:
    """The lines within an alignment; a new formula keeps its distance.

    unbroken: after how many lines, from the first and up to the last, no page may end.
    """
    text = ""
    for number, line in enumerate(lines):
        if number:
            kept = number <= unbroken or number >= len(lines) - unbroken
            text += rf" \\{'*' * kept}{apart if line.starts else ''}" + "\n"
        left = f"{line.left} " if line.left else ""
        text += f"  {left}& {_binary(line.right)}"
    return text


def _named(command: str, word: str) -> str:
    """A name in a font of formulas; signs that these do not have are text."""
    inner = escaped(word)
    if not _NAME.fullmatch(word):
        inner = rf"\text{{{inner}}}"
    return rf"\{command}{{{inner}}}"


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return f"{mark}{text}" if len(text) == 1 else f"{mark}{{{text}}}"


def _binary(right: str) -> str:
    """At the start of a line a plus is still one between two terms."""
    bare = _INDENT.sub("", right)
    if bare.startswith(("+", "-", r"\times", r"\odot", r"\cdot")) and bare != right:
        return rf"{right.removesuffix(bare).rstrip()} {{}} {bare}"
    return right
