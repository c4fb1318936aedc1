"""How a derivation shows itself in a notebook: ``_repr_latex_``, ``_repr_html_``, ``_repr_svg_``.

A notebook prefers HTML to all else, so the HTML has the picture and the whole derivation in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpsym.emit.render import environment
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.document import Display, Document
from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.documents.html import HtmlRenderer
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.printed import Printed
from bpsym.typeset.printers.markdown import Markdown
from bpsym.typeset.printers.printer import FormulaPrinter

_TEMPLATE = "documents/html/fragment.html.jinja"


def latex_of(printed: Printed) -> str:
    """All displayed formulas as one ``$$`` block, which MathJax and KaTeX read."""
    manner = printed.manner
    printer = FormulaPrinter(Markdown(), labels=manner.labels, words=manner.conditions)
    return printer.display(tuple(_formulas(printed.document)))


def html_of(printed: Printed) -> str:
    """The document as a part of a page."""
    values = HtmlRenderer(printed.manner).values(printed.document)
    return environment().get_template(_TEMPLATE).render(values)


def svg_of(built: BuiltNetwork) -> str:
    """The network as a picture."""
    return svg(picture_of(built))


def _formulas(document: Document) -> Iterator[Formula]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Display):
                yield from block.formulas
