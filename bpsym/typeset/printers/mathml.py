"""Formulas in MathML Core: every browser shows it without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Joint, Relation
from bpsym.typeset.printers.language import Fence, Language, Line

_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi omega "
        "Delta Theta Lambda Sigma Phi Omega nabla ell".split(),
        "αβγδεηθκλμνπρστφωΔΘΛΣΦΩ∇ℓ",
        strict=True,
    )
)
_SIZES = ("", "1.2em", "1.8em", "2.4em", "3em")
_FENCES = {Fence.ROUND: "()", Fence.SQUARE: "[]", Fence.BARS: "||"}
_ACCENTS = {"bar": "¯", "hat": "^", "tilde": "~"}

# Chromium aligns cells of formulas only by its own value, others know only the plain one.
_SIDES = {"left": "text-align:left", "right": "text-align:right;text-align:-webkit-right"}
_NO_ROOM = 'lspace="0em" rspace="0em"'
_TIGHT, _APART = "padding:0.25em 0", "padding:0.7em 0 0.25em 0"
_ENTRY = "padding:0.2em 0.4em"


def _operator(sign: str, space: str = "") -> str:
    """An operator; ``space`` is the room on both sides of it, where the dictionary has other."""
    room = f' lspace="{space}" rspace="{space}"' if space else ""
    return f"<mo{room}>{escape(sign)}</mo>"


class MathML(Language):
    """MathML Core, for pages in HTML."""

    relations: Mapping[Relation, str] = MappingProxyType(
        {
            "=": _operator("="),
            "!=": _operator("≠"),
            "<": _operator("<"),
            "<=": _operator("≤"),
            ">": _operator(">"),
            ">=": _operator("≥"),
        }
    )
    joints: Mapping[Joint, str] = MappingProxyType(
        {
            Joint.BESIDE: '<mspace width="0.17em"></mspace>',
            Joint.DOT: _operator("⋅"),
            Joint.HADAMARD: _operator("⊙"),
        }
    )
    greek = MappingProxyType({name: f"<mi>{sign}</mi>" for name, sign in _GREEK.items()})
    operators = MappingProxyType(
        {
            name: f"<mi>{name}</mi>"
            for name in "arctan cos cosh exp log max min sin sinh tanh".split()
        }
        | {"sigmoid": "<mi>σ</mi>", "normal_cdf": "<mi>Φ</mi>", "normal_pdf": "<mi>φ</mi>"}
    )
    spaced = False
    plus = _operator("+")
    minus = _operator("−")
    leading_minus = '<mo form="prefix">−</mo>'
    comma = _operator(",")
    slash = _operator("/", "0em")
    times = _operator("×")
    dots = "<mi>⋯</mi>"
    vertical_dots = "<mi>⋮</mi>"
    partial = '<mi mathvariant="normal">∂</mi>'
    transpose = '<mi mathvariant="normal">T</mi>'
    indent = '<mspace width="2em"></mspace>'

    def letter(self, letter: str) -> str:
        return f"<mi>{escape(letter)}</mi>"

    def upright(self, word: str) -> str:
        variant = ' mathvariant="normal"' if len(word) == 1 else ""
        return f"<mi{variant}>{escape(word)}</mi>"

    def operator(self, word: str) -> str:
        return f"<mi>{escape(word)}</mi>"

    def code(self, word: str) -> str:
        return f'<mtext style="font-family:monospace">{escape(word)}</mtext>'

    def words(self, text: str) -> str:
        return f"<mtext>{escape(text).replace(' ', '&#160;')}</mtext>"

    def digits(self, digits: str) -> str:
        return f"<mn>{digits}</mn>"

    def row(self, parts: Sequence[str]) -> str:
        return "".join(parts)

    def primed(self, function: str) -> str:
        return f"<msup>{_one(function)}<mo>′</mo></msup>"

    def bold(self, letter: str) -> str:
        return f'<mn style="font-weight:bold">{letter}</mn>'

    def accented(self, inner: str, accent: str) -> str:
        sign = _ACCENTS[accent]
        return f'<mover accent="true">{_one(inner)}<mo>{sign}</mo></mover>'

    def scripts(self, base: str, below: str, above: str) -> str:
        low, high = _one(_close(below)), _one(_close(above))
        if below and above:
            return f"<msubsup>{_one(base)}{low}{high}</msubsup>"
        if below:
            return f"<msub>{_one(base)}{low}</msub>"
        return f"<msup>{_one(base)}{high}</msup>"

    def fraction(self, above: str, below: str, *, small: bool) -> str:
        fraction = f"<mfrac>{_one(above)}{_one(below)}</mfrac>"
        return f'<mstyle displaystyle="false">{fraction}</mstyle>' if small else fraction

    def root(self, inner: str) -> str:
        return f"<msqrt>{inner}</msqrt>"

    def summation(self, below: str, above: str, *, display: bool) -> str:
        sign = '<mo movablelimits="false">∑</mo>' if display else "<mo>∑</mo>"
        name = "munderover" if display else "msubsup"
        return f"<{name}>{sign}{_one(_close(below))}{_one(_close(above))}</{name}>"

    def opening(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][0], size, "prefix")

    def closing(self, fence: Fence, size: int) -> str:
        return self._fence(_FENCES[fence][1], size, "postfix")

    def _fence(self, mark: str, size: int, form: str) -> str:
        if not size:
            return f'<mo form="{form}" stretchy="false" {_NO_ROOM}>{mark}</mo>'
        wide = _SIZES[size]
        return (
            f'<mo form="{form}" stretchy="true" symmetric="true" {_NO_ROOM} '
            f'minsize="{wide}" maxsize="{wide}">{mark}</mo>'
        )

    def cases(self, rows: Sequence[tuple[str, str]], *, closed: bool) -> str:
        gap = '<mspace width="1em"></mspace>'
        body = "".join(
            f"<mtr>{_cell(value, 'left', _TIGHT)}{_cell(gap + test, 'left', _TIGHT)}</mtr>"
            for value, test in rows
        )
        end = '<mo form="postfix">}</mo>' if closed else ""
        return f'<mrow><mo form="prefix">{{</mo><mtable>{body}</mtable>{end}</mrow>'

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        body = "".join(
            "<mtr>" + "".join(_cell(each, "right", _ENTRY) for each in row) + "</mtr>"
            for row in rows
        )
        return (
            f'<mrow><mo form="prefix">[</mo><mtable>{body}</mtable><mo form="postfix">]</mo></mrow>'
        )

    def under(self, inner: str, label: str) -> str:
        brace = f"<munder>{_one(inner)}<mo>⏟</mo></munder>"
        return f"<munder>{brace}{_one(label)}</munder>"

    def inline(self, body: str) -> str:
        return f"<math>{body}</math>"

    def display(self, lines: Sequence[Line]) -> str:
        if len(lines) == 1:
            (line,) = lines
            return f'<math display="block">{line.left}{line.right}</math>'
        rows = []
        for number, line in enumerate(lines):
            room = _APART if line.starts and number else _TIGHT
            cells = _cell(line.left, "right", room) + _cell(line.right, "left", room)
            rows.append(f"<mtr>{cells}</mtr>")
        table = f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
        return f'<math display="block">{table}</math>'


def _cell(text: str, side: str, room: str) -> str:
    return f'<mtd style="{_SIDES[side]};{room}">{text}</mtd>'


def _close(text: str) -> str:
    """Scripts have no room around their signs."""
    return text.replace("<mo>", f"<mo {_NO_ROOM}>")


def _one(text: str) -> str:
    """Exactly one element, which is what a place in a fraction or a script takes."""
    return text if _is_one_element(text) else f"<mrow>{text}</mrow>"


def _is_one_element(text: str) -> bool:
    """Whether the text is a token: ``<mi>x</mi>``; a row in a row does no harm.

    A bracket is not: it keeps its size within a row, but not as the base of a script.
    """
    return text.count("<") == 2 and text.startswith(("<mi", "<mn", "<mo>"))
