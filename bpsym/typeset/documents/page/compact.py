"""MathML with nothing in it that the style sheet of the page or a browser knows by itself.

A page holds hundreds of formulas in seven notations; this makes it half as large.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Joint
from bpsym.typeset.printers.language import Fence, Line
from bpsym.typeset.printers.mathml import MathML

_OPEN = {Fence.ROUND: "(", Fence.SQUARE: "[", Fence.BARS: "|"}
_CLOSE = {Fence.ROUND: ")", Fence.SQUARE: "]", Fence.BARS: "|"}

# The number or the name of a layer between brackets: one token, as it is one mark.
_LABEL = re.compile(
    r'<mo stretchy="false">([(\[])</mo>'
    r"<(mn|mi)>([0-9]+|\w{2,})</\2>"
    r'<mo stretchy="false">([)\]])</mo>'
)


class CompactMathML(MathML):
    """MathML Core for the page; cells of aligned lines take their sides from the style sheet."""

    joints: Mapping[Joint, str] = MappingProxyType(
        {**MathML.joints, Joint.BESIDE: '<mspace width=".17em"/>'}
    )
    indent = '<mspace width="2em"/>'
    # Slanted, as TeX has it.
    partial = "<mi>∂</mi>"

    def opening(self, fence: Fence, size: int) -> str:
        return super().opening(fence, size) if size else _bracket(_OPEN[fence])

    def closing(self, fence: Fence, size: int) -> str:
        return super().closing(fence, size) if size else _bracket(_CLOSE[fence])

    def scripts(self, base: str, below: str, above: str) -> str:
        below = below.replace(self.comma, "<mtext>,</mtext>")
        return super().scripts(base, below, _LABEL.sub(r"<\2>\1\3\4</\2>", above))

    def inline(self, body: str) -> str:
        return _with_signs(super().inline(body))

    def display(self, lines: Sequence[Line]) -> str:
        if len(lines) == 1:
            return _with_signs(super().display(lines))
        rows = "".join(f"<mtr>{_cell(line.left)}{_cell(line.right)}</mtr>" for line in lines)
        table = f'<mtable class="sides">{rows}</mtable>'
        return _with_signs(f'<math display="block">{table}</math>')


def _with_signs(text: str) -> str:
    """A number and its sign are one token."""
    return text.replace(f"{MathML.leading_minus}<mn>", "<mn>−")


def _cell(text: str) -> str:
    return f"<mtd>{text}</mtd>" if text else "<mtd/>"


def _bracket(mark: str) -> str:
    """Brackets of ordinary size; their place in the formula tells a browser which side it is."""
    if mark == "|":
        return f'<mo stretchy="false" lspace="0" rspace="0">{mark}</mo>'
    return f'<mo stretchy="false">{escape(mark)}</mo>'
