"""How a derivation shows itself in a notebook: ``_repr_latex_``, ``_repr_html_``, ``_repr_svg_``.

A notebook prefers HTML to all else, so the HTML has the picture and the whole derivation in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpsym.calculus.derivation import Derivation
from bpsym.emit.render import environment
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.document import Display, Document
from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.documents.html import HtmlRenderer
from bpsym.typeset.formula import Formula
from bpsym.typeset.picture import picture_of
from bpsym.typeset.printers.markdown import Markdown
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.typeset.story import Story

_TEMPLATE = "documents/html/fragment.html.jinja"


def latex_of(derivation: Derivation, built: BuiltNetwork) -> str:
    """All displayed formulas as one ``$$`` block, which MathJax and KaTeX read."""
    document = Story(derivation, built).document()
    return FormulaPrinter(Markdown()).display(tuple(_formulas(document)))


def html_of(derivation: Derivation, built: BuiltNetwork) -> str:
    """The picture and the document as a part of a page."""
    document = Story(derivation, built).document()
    renderer = HtmlRenderer()
    values = renderer.values(document, picture_of(built))
    return environment().get_template(_TEMPLATE).render(values)


def svg_of(built: BuiltNetwork) -> str:
    """The network as a picture."""
    return svg(picture_of(built))


def _formulas(document: Document) -> Iterator[Formula]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Display):
                yield from block.formulas
