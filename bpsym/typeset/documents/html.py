"""Documents in HTML: one file with MathML and SVG, without a script or a request."""

from __future__ import annotations

from html import escape

from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.documents.renderer import Renderer
from bpsym.typeset.pictures.gates import Drawn
from bpsym.typeset.printers.mathml import MathML


class HtmlRenderer(Renderer):
    """Writes an ``.html`` file."""

    folder = "html"
    document_template = "document.html.jinja"

    def syntax(self) -> MathML:
        return MathML()

    def escaped(self, text: str) -> str:
        return escape(text)

    def picture(self, picture: Drawn) -> str:
        return svg(picture, in_page=True)
