"""The picture of a network in a language: finished numbers and texts for the templates."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from bpsym.emit.render import environment
from bpsym.typeset.documents.gate_drawing import gates_svg, gates_tikz
from bpsym.typeset.pictures.gates import Drawn, GatePicture
from bpsym.typeset.pictures.parts import RADIUS, Picture, Unit
from bpsym.typeset.printers import latex

SVG_TEMPLATE = "documents/svg/picture.svg.jinja"
TIKZ_TEMPLATE = "documents/latex/picture.tex.jinja"

_BASELINE = 4.0
_LINE = 15.0

# A unit of the drawing in points of TeX, less where the page is too narrow for it.
_UNIT, _SMALL, _WIDEST = 0.75, 0.6, 440.0

# Within a page the picture takes the colours of the page; by itself it is black on white.
_PAGE_COLOURS = {"ink": "currentColor", "paper": "var(--paper, white)"}
_OWN_COLOURS = {"ink": "#222", "paper": "white"}


def svg(picture: Drawn, *, in_page: bool = False, font: str = "Georgia, serif") -> str:
    """The picture as SVG.

    Lines have ``data-weight``, ``data-from`` and ``data-to``, circles ``data-unit``: the names of
    weights, ``W1[2,1]``, and of units, ``h1.3``.
    in_page: to stand in an HTML page and take its colours.
    """
    if isinstance(picture, GatePicture):
        return gates_svg(picture, in_page=in_page, font=font)
    values = _values(picture, escape)
    colours = _PAGE_COLOURS if in_page else _OWN_COLOURS
    return environment().get_template(SVG_TEMPLATE).render(values, **colours, font=escape(font))


def tikz(picture: Drawn) -> str:
    """The picture as a ``tikzpicture``."""
    if isinstance(picture, GatePicture):
        return gates_tikz(picture)
    unit = min(_UNIT, _WIDEST / picture.width)
    values: dict[str, object] = {**_values(picture, latex.escaped), "unit": _short(unit)}
    values["size"] = r"\footnotesize" if unit > _SMALL else r"\tiny"
    return environment().get_template(TIKZ_TEMPLATE).render(values)


def _values(picture: Picture, escaped: Callable[[str], str]) -> dict[str, object]:
    units = [unit for group in picture.groups for unit in group.units]
    inside = [group.dots for group in picture.groups if group.dots is not None]
    between = [(gap.x, gap.y) for gap in picture.gaps]
    captions = [
        (group.x, group.caption_y + number * _LINE, line, number == 0)
        for group in picture.groups
        for number, line in enumerate(group.caption)
    ]
    captions += [(gap.x, gap.y + 1.6 * _LINE, gap.caption, False) for gap in picture.gaps]
    return {
        "title": escaped(picture.title),
        "width": _short(picture.width),
        "height": _short(picture.height),
        "radius": _short(RADIUS),
        "connections": [
            {
                "class": "connection negative" if each.negative else "connection",
                "weight": escaped(each.weight),
                "source": escaped(_name(each.source)),
                "target": escaped(_name(each.target)),
                "thickness": _short(each.thickness),
                "dashed": each.negative,
                "x1": _short(each.source.x + RADIUS),
                "y1": _short(each.source.y),
                "x2": _short(each.target.x - RADIUS),
                "y2": _short(each.target.y),
            }
            for each in picture.connections
        ],
        "arcs": [
            {
                "source": escaped(each.source),
                "target": escaped(each.target),
                "path": f"M{_pair(*each.start)}C{_pair(*each.control[:2])} "
                f"{_pair(*each.control[2:])} {_pair(*each.end)}",
                "start": _pair(*each.start),
                "one": _pair(*each.control[:2]),
                "other": _pair(*each.control[2:]),
                "end": _pair(*each.end),
            }
            for each in picture.arcs
        ],
        "units": [
            {
                "name": escaped(_name(unit)),
                "number": unit.number,
                "x": _short(unit.x),
                "y": _short(unit.y),
                "text_y": _short(unit.y + _BASELINE),
            }
            for unit in units
        ],
        "dots": [
            {
                "x": _short(x),
                "y": _short(y + _BASELINE),
                "middle": _short(y),
                "text": text,
                "tex": tex,
            }
            for places, text, tex in ((inside, "⋮", r"$\vdots$"), (between, "⋯", r"$\cdots$"))
            for x, y in places
        ],
        "captions": [
            {"x": _short(x), "y": _short(y), "text": escaped(line), "first": first}
            for x, y, line, first in captions
        ],
    }


def _name(unit: Unit) -> str:
    return f"{unit.layer}.{unit.number}"


def _short(value: float) -> str:
    """At most two decimals, none that are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _pair(x: float, y: float) -> str:
    return f"{_short(x)},{_short(y)}"
