"""The drawing of the page as SVG: finished numbers and texts for the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from bpsym.emit.render import environment
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, RADIUS, Drawn
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.pictures.network import picture_of

TEMPLATE = "documents/page/figure.svg.jinja"
# What the pointer may miss a unit by.
_REACH = RADIUS + 4
_BASELINE, _BELOW, _BESIDE, _LINE = 3.7, 9.5, 5.0, 14.0
# Numbers of more signs are set smaller.
_MANY = 5


def figure(built: BuiltNetwork, network: Drawn, values: Mapping[str, str]) -> str:
    """The drawing. values: what is written into a unit, and into ``C``, by its key."""
    nodes = [
        {
            "key": escape(each.key),
            "x": _short(each.x),
            "y": _short(each.y),
            "base": _short(each.y + _BASELINE),
            "below": _short(each.y + RADIUS + _BELOW),
            "beside": _short(each.x + _BESIDE),
            "long": len(values.get(each.key, "")) > _MANY,
            "shown": str(each.number) if each.number else "C",
            "letters": "" if each.number else "cost",
            "value": escape(values.get(each.key, "")),
            "signal": escape(f"signal {each.key}") if each.number else "",
            "tab": "-1" if number else "0",
        }
        for number, each in enumerate(network.nodes)
    ]
    edges = [
        {
            "key": escape(each.key),
            "weight": escape(each.weight),
            "ends": _ends(each.ends),
            "thickness": _short(each.thickness),
            "negative": each.negative,
        }
        for each in network.edges
    ]
    stubs = [
        {
            "key": escape(each.key),
            "ends": _ends(each.ends),
            "thickness": _short(each.thickness),
            "negative": each.negative,
            "x": _short(each.ends[2]),
            "y": _short(each.ends[3]),
        }
        for each in network.stubs
    ]
    arcs = [{"key": escape(each.key), "path": each.path} for each in network.arcs]
    drawing = (
        environment()
        .get_template(TEMPLATE)
        .render(
            width=_short(network.width),
            height=_short(network.height),
            radius=_short(RADIUS),
            reach=_short(_REACH),
            nodes=nodes,
            edges=edges,
            stubs=stubs,
            arcs=arcs,
            dots=list(_dots(built, network)),
            captions=list(_captions(built, network)),
        )
    )
    return drawing.strip()


def _dots(built: BuiltNetwork, network: Drawn) -> Iterator[dict[str, str]]:
    picture, place = picture_of(built), network.place
    inside = [(group.dots, "⋮") for group in picture.groups if group.dots is not None]
    between = [((gap.x, gap.y), "⋯") for gap in picture.gaps]
    for (x, y), text in (*inside, *between):
        yield {"x": _short(place.x(x)), "y": _short(place.y(y) + _BASELINE), "text": text}


def _captions(built: BuiltNetwork, network: Drawn) -> Iterator[dict[str, object]]:
    """What stands below layers; what differs between languages stands there in each."""
    place = network.place
    found: dict[tuple[str, str, str, bool], list[str]] = {}
    for language, words in LANGUAGES.items():
        picture = picture_of(built, words=words.picture)
        for group in picture.groups:
            top = place.y(group.units[-1].y) + RADIUS + _BELOW + 1.2 * _LINE
            for number, line in enumerate(group.caption):
                key = (_short(place.x(group.x)), _short(top + number * _LINE), line, number == 0)
                found.setdefault(key, []).append(language)
        for gap in picture.gaps:
            where = (_short(place.x(gap.x)), _short(place.y(gap.y) + 1.6 * _LINE))
            found.setdefault((*where, gap.caption, False), []).append(language)
    for (x, y, line, first), languages in found.items():
        only = languages[0] if len(languages) < len(LANGUAGES) else ""
        yield {"x": x, "y": y, "text": escape(line), "first": first, "language": only}


def _ends(ends: tuple[float, float, float, float]) -> str:
    x1, y1, x2, y2 = map(_short, ends)
    return f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'


def _short(value: float) -> str:
    """At most one decimal, none that is zero."""
    return f"{value:.1f}".removesuffix(".0")


__all__ = ["COST", "figure"]
