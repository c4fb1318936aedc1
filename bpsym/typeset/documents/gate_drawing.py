"""The picture of gates in a language: finished numbers and texts for the templates."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from bpsym.emit.render import environment
from bpsym.typeset.documents.svg_formula import svg_formula
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.pictures.gates import LOCAL, NAME, RADIUS, SIGN, VALUE, GatePicture, Spot, Wire
from bpsym.typeset.printers import latex
from bpsym.typeset.printers.latex import LaTeX
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.typeset.terminal.glyphs import UNICODE

SVG_TEMPLATE = "documents/svg/gates.svg.jinja"
TIKZ_TEMPLATE = "documents/latex/gates.tex.jinja"

_GREEK = {letter: name for name, letter in UNICODE.letters.items() if name.isalpha()}
_SIGNS = {"×": r"\times", "−": "-", "u²": "u^2", "1/u": "1/u", "+": "+"}

_SIZES = {"sign": SIGN, "value": VALUE, "local": LOCAL, "name": NAME}
# Computer Modern has 10.95 points where others say 11.
_TEX_SIZES = {10.0: "10", 9.0: "9", 11.0: "10.95"}

# A unit of the drawing in points of TeX, less where the page is too small for it.
_UNIT, _WIDEST, _HIGHEST = 0.75, 450.0, 600.0
# From the middle of digits to their base line, in parts of their size.
_BASE = 0.35
_ROUNDED = 3.0

# Values and error signals differ by place, colour and slant, so that colour alone decides nothing.
_PAGE_COLOURS = {
    "ink": "currentColor",
    "paper": "var(--paper, white)",
    "quiet": "var(--quiet, #5a616c)",
    "back": "light-dark(#a8321e, #ff9b85)",
}
_OWN_COLOURS = {"ink": "#222", "paper": "white", "quiet": "#5a616c", "back": "#a8321e"}


def gates_svg(picture: GatePicture, *, in_page: bool = False, font: str) -> str:
    """The picture as SVG; in a page it takes the colours of the page."""

    def name(formula: Formula, x: float, y: float, size: float) -> str:
        return svg_formula(formula, picture.labels, x, y + _BASE * size, size)

    values = _values(picture, escape, name, escape) | {"paths": list(map(_path, picture.wires))}
    colours = _PAGE_COLOURS if in_page else _OWN_COLOURS
    template = environment().get_template(SVG_TEMPLATE)
    return template.render(values, **colours, font=escape(font))


def gates_tikz(picture: GatePicture) -> str:
    """The picture as a ``tikzpicture``."""
    printer = FormulaPrinter(LaTeX(), labels=picture.labels)

    def name(formula: Formula, x: float, y: float, size: float) -> str:
        return printer.inline(formula)

    unit = min(_UNIT, _WIDEST / picture.width, _HIGHEST / picture.height)
    paths = [" -- ".join(f"({_pair(*point)})" for point in each.points) for each in picture.wires]
    values = _values(picture, _tex, name, _tex_sign) | {"paths": paths, "unit": f"{unit:.3f}"}
    # Letters grow smaller with the drawing by themselves, round corners do not.
    values |= {"corner": f"{1.5 * unit:.2f}", "pill": f"{0.9 * RADIUS * unit:.2f}"}
    values["fonts"] = {
        role: rf"\fontsize{{{_TEX_SIZES[size]}}}{{{size:g}}}\selectfont"
        for role, size in _SIZES.items()
    }
    return environment().get_template(TIKZ_TEMPLATE).render(values)


def _tex(text: str) -> str:
    return latex.escaped(text)


def _tex_sign(text: str) -> str:
    """An operation; signs and Greek letters as formulas, as fonts of text need not have them."""
    if text in _SIGNS:
        return f"${_SIGNS[text]}$"
    return "".join(rf"$\{_GREEK[each]}$" if each in _GREEK else _tex(each) for each in text)


def _values(
    picture: GatePicture,
    escaped: Callable[[str], str],
    name: Callable[[Formula, float, float, float], str],
    sign: Callable[[str], str],
) -> dict[str, object]:
    return {
        "title": escaped(picture.title),
        "width": _short(picture.width),
        "height": _short(picture.height),
        "sizes": _SIZES,
        "forks": [{"x": _short(x), "y": _short(y)} for x, y in picture.forks],
        "texts": [
            {
                "x": _short(each.text_x),
                "middle": _short(each.text_y),
                "base": _short(each.text_y + _BASE * LOCAL),
                "text": escaped(each.text),
                "left": _short(each.text_x - each.text_width / 2),
                "top": _short(each.text_y - LOCAL / 2),
                "wide": _short(each.text_width),
            }
            for each in picture.wires
            if each.text
        ],
        "spots": [_spot(each, escaped, name, sign) for each in picture.spots],
    }


def _spot(
    spot: Spot,
    escaped: Callable[[str], str],
    name: Callable[[Formula, float, float, float], str],
    sign: Callable[[str], str],
) -> dict[str, object]:
    node = spot.node
    size = SIGN if node.is_given else NAME
    return {
        "x": _short(spot.x),
        "y": _short(spot.y),
        "given": node.is_given,
        "round": spot.is_round,
        "radius": _short(spot.across),
        "left": _short(spot.x - spot.across),
        "top": _short(spot.y - spot.down),
        "wide": _short(2 * spot.across),
        "high": _short(2 * spot.down),
        "base": _short(spot.y + _BASE * SIGN),
        "sign": sign(node.sign),
        "name": name(node.name, spot.x, spot.name_y, size),
        "name_y": _short(spot.name_y),
        "value": escaped(node.above),
        "value_y": _short(spot.value_y),
        "value_base": _short(spot.value_y + _BASE * VALUE),
        "signal": escaped(node.below),
        "signal_y": _short(spot.signal_y),
        "signal_base": _short(spot.signal_y + _BASE * VALUE),
    }


def _path(wire: Wire) -> str:
    """A path with round corners."""
    (x, y), *rest = wire.points
    found = f"M{_pair(x, y)}"
    for number, (at_x, at_y) in enumerate(rest[:-1]):
        next_x, next_y = rest[number + 1]
        before = _towards((at_x, at_y), (x, y))
        after = _towards((at_x, at_y), (next_x, next_y))
        found += f"L{_pair(*before)}Q{_pair(at_x, at_y)} {_pair(*after)}"
        x, y = at_x, at_y
    return found + f"L{_pair(*rest[-1])}"


def _towards(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The point at which a corner begins to be round."""
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    part = min(_ROUNDED, length / 2) / length if length else 0.0
    return (
        corner[0] + part * (other[0] - corner[0]),
        corner[1] + part * (other[1] - corner[1]),
    )


def _pair(x: float, y: float) -> str:
    return f"{_short(x)},{_short(y)}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
