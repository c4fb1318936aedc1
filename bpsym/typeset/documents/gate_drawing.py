"""The picture of gates in a language: finished numbers and texts for the templates."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from bpsym.emit.render import environment
from bpsym.typeset.gate_picture import RADIUS, GatePicture
from bpsym.typeset.glyphs import UNICODE
from bpsym.typeset.printers import latex

SVG_TEMPLATE = "documents/svg/gates.svg.jinja"
TIKZ_TEMPLATE = "documents/latex/gates.tex.jinja"

_GREEK = {letter: name for name, letter in UNICODE.letters.items() if name.isalpha()}

_UNIT, _WIDEST = 0.75, 450.0
_SMALL = 0.6
_LETTER = 6.0
# A longer name of a function stands in a box of its width.
_LONGEST_ROUND = 4

# Values and error signals differ by place, colour and slant, so that colour alone decides nothing.
_PAGE_COLOURS = {
    "ink": "currentColor",
    "paper": "var(--paper, white)",
    "back": "light-dark(#a8321e, #ff9b85)",
}
_OWN_COLOURS = {"ink": "#222", "paper": "white", "back": "#a8321e"}


def gates_svg(picture: GatePicture, *, in_page: bool = False, font: str) -> str:
    """The picture as SVG; in a page it takes the colours of the page."""
    colours = _PAGE_COLOURS if in_page else _OWN_COLOURS
    template = environment().get_template(SVG_TEMPLATE)
    return template.render(_values(picture, escape), **colours, font=escape(font))


def gates_tikz(picture: GatePicture) -> str:
    """The picture as a ``tikzpicture``."""
    unit = min(_UNIT, _WIDEST / picture.width)
    values: dict[str, object] = {**_values(picture, _tex), "unit": f"{unit:.3f}"}
    values["size"] = r"\scriptsize" if unit > _SMALL else r"\tiny"
    return environment().get_template(TIKZ_TEMPLATE).render(values)


def _tex(text: str) -> str:
    """A text whose Greek letters are set as formulas: fonts of text need not have them."""
    return "".join(
        rf"$\{_GREEK[each]}$" if each in _GREEK else latex.escaped(each) for each in text
    )


def _values(picture: GatePicture, escaped: Callable[[str], str]) -> dict[str, object]:
    return {
        "title": escaped(picture.title),
        "width": _short(picture.width),
        "height": _short(picture.height),
        "radius": _short(RADIUS),
        "lines": [
            {
                "x1": _short(each.x1),
                "y1": _short(each.y1),
                "x2": _short(each.x2),
                "y2": _short(each.y2),
                "x": _short(each.text_x),
                "y": _short(each.text_y),
                "text_y": _short(each.text_y + 3),
                "text": escaped(each.text),
            }
            for each in picture.lines
        ],
        "spots": [
            {
                "x": _short(spot.x),
                "y": _short(spot.y),
                "text_y": _short(spot.y + 4),
                "above_y": _short(spot.y - RADIUS - 3),
                "below_y": _short(spot.y + RADIUS + 10),
                "text": escaped(spot.node.text),
                "above": escaped(spot.node.above),
                "below": escaped(spot.node.below),
                "boxed": spot.node.is_given or len(spot.node.text) > _LONGEST_ROUND,
                "given": spot.node.is_given,
                "wide": _short(_width(spot.node.text)),
                "left": _short(spot.x - _width(spot.node.text) / 2),
                "top": _short(spot.y - 9),
            }
            for spot in picture.spots
        ],
    }


def _width(text: str) -> float:
    return max(2 * RADIUS, _LETTER * len(text) + 6)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
