"""PDF, SVG and PNG from Typst source. No TeX is needed; Chinese needs a font of the system."""

from __future__ import annotations

import importlib
from collections.abc import Collection
from types import ModuleType
from typing import Literal

from bpsym.errors import EmitError
from bpsym.typeset.documents.typst import LATIN

Target = Literal["pdf", "svg", "png"]

# In the order in which they are asked for: text fonts before those without serifs.
CHINESE_FONTS = (
    "Source Han Serif SC",
    "Noto Serif CJK SC",
    "Songti SC",
    "SimSun",
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
)

FONT_HINT = (
    "install one: apt install fonts-noto-cjk (Debian, Ubuntu), dnf install "
    "google-noto-serif-cjk-fonts (Fedora), or brew install --cask font-noto-serif-cjk-sc (macOS)"
)
EXTRA_HINT = 'install the extra: pip install "bpsym[pdf]"; or take --format latex'

_PIXELS_PER_INCH = 150.0
_UNKNOWN_FONT = "unknown font family"


def typst_module() -> ModuleType:
    """The compiler. Raises EmitError where it is not installed."""
    try:
        return importlib.import_module("typst")
    except ImportError:
        raise EmitError.single(
            where="--format pdf, svg or png",
            what="the Typst compiler is not installed",
            expected="the Python package typst, 0.15 or later",
            got="none",
            way_out=EXTRA_HINT,
        ) from None


def font_families() -> frozenset[str]:
    """The names of all fonts that Typst finds."""
    return frozenset(typst_module().Fonts().families())


def fonts_for(language: str, families: Collection[str] | None = None) -> tuple[str, ...]:
    """The fonts for a document in a language, in the order in which they are to be used.

    families: the fonts there are, by default those that Typst finds.
    Raises EmitError if none of them has Chinese characters and the language is ``zh``.
    """
    if language != "zh":
        return (LATIN,)
    found = font_families() if families is None else families
    for name in CHINESE_FONTS:
        if name in found:
            return (LATIN, name)
    raise EmitError.single(
        where="a document in Chinese",
        what="there is no font with Chinese characters",
        expected="one of " + ", ".join(CHINESE_FONTS),
        got=f"{len(found)} fonts without them",
        way_out=FONT_HINT,
    )


def compiled(source: str, target: Target) -> bytes:
    """A Typst document as a file.

    SVG and PNG show the only page of a document without page breaks.
    Raises EmitError if a font is missing, and with Typst's own message if it refuses the source.
    """
    typst = typst_module()
    more = {"ppi": _PIXELS_PER_INCH} if target == "png" else {}
    try:
        result, warnings = typst.compile_with_warnings(source.encode(), format=target, **more)
    except typst.TypstError as error:
        raise EmitError.single(
            where="the Typst document",
            what="Typst does not accept it",
            expected="a document without errors",
            got="; ".join([error.message, *error.hints]),
            way_out="this is a fault of bpsym: please report the network and the options",
        ) from error
    missing = [each.message for each in warnings if _UNKNOWN_FONT in each.message]
    if missing:
        raise EmitError.single(
            where="the Typst document",
            what="a font is missing",
            expected="every font that the document names",
            got="; ".join(missing),
            way_out=FONT_HINT,
        )
    pages = result if isinstance(result, list) else [result]
    if len(pages) != 1:
        raise EmitError.single(
            where=f"--format {target}",
            what="the document has several pages",
            expected="one page",
            got=str(len(pages)),
            way_out="take --format pdf",
        )
    page = pages[0]
    return page.encode() if isinstance(page, str) else bytes(page)
