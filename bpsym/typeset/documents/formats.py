"""The formats of a document: a document tree in, the content of a file out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bpsym.errors import EmitError, quoted, way_to
from bpsym.typeset.document import Document
from bpsym.typeset.documents.compiled import Target, compiled, fonts_for
from bpsym.typeset.documents.html import HtmlRenderer
from bpsym.typeset.documents.latex import LatexRenderer
from bpsym.typeset.documents.markdown import MarkdownRenderer
from bpsym.typeset.documents.renderer import Manner
from bpsym.typeset.documents.typst import CHINESE_FALLBACK, LATIN, TypstRenderer

Writer = Callable[[Document, Manner], bytes]


def _latex(document: Document, manner: Manner) -> bytes:
    return LatexRenderer(manner).text(document).encode()


def _markdown(document: Document, manner: Manner) -> bytes:
    return MarkdownRenderer(manner).text(document).encode()


def _html(document: Document, manner: Manner) -> bytes:
    return HtmlRenderer(manner).text(document).encode()


def _typst(document: Document, manner: Manner) -> bytes:
    """The source names a font that whoever compiles it may have to replace."""
    fonts = (LATIN, CHINESE_FALLBACK) if manner.language == "zh" else (LATIN,)
    return TypstRenderer(manner, fonts=fonts).text(document).encode()


def _compiled(target: Target) -> Writer:
    def write(document: Document, manner: Manner) -> bytes:
        fonts = fonts_for(manner.language)
        renderer = TypstRenderer(manner, fonts=fonts, pages=target == "pdf")
        return compiled(renderer.text(document), target)

    return write


FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        "latex": _latex,
        "markdown": _markdown,
        "html": _html,
        "typst": _typst,
        "pdf": _compiled("pdf"),
        "svg": _compiled("svg"),
        "png": _compiled("png"),
    }
)

# What is not text and does not belong on a terminal.
BINARY = frozenset(("pdf", "png"))


def written(
    document: Document,
    format: str,  # noqa: A002 - what the option is called
    *,
    manner: Manner | None = None,
) -> bytes:
    """A document in a format of ``FORMATS``; texts are in UTF-8.

    Raises EmitError for an unknown format, and where a compiler or a font is missing.
    """
    if format not in FORMATS:
        raise EmitError.single(
            where="the format of a document",
            what="unknown format",
            expected="one of " + ", ".join(FORMATS),
            got=quoted(format),
            way_out=way_to(format, FORMATS, "take latex for a file that TeX reads"),
        )
    return FORMATS[format](document, manner or Manner())
