"""Documents in Markdown, as GitHub and Jupyter show it."""

from __future__ import annotations

import base64
import re

from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.documents.renderer import Renderer
from bpsym.typeset.pictures.gates import Drawn
from bpsym.typeset.printers.markdown import Markdown

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")


class MarkdownRenderer(Renderer):
    """Writes a ``.md`` file; the picture is part of it, as an image of its own data."""

    folder = "markdown"
    document_template = "document.md.jinja"

    def syntax(self) -> Markdown:
        return Markdown()

    def escaped(self, text: str) -> str:
        return _SPECIAL.sub(r"\\\1", text)

    def picture(self, picture: Drawn) -> str:
        data = base64.b64encode(svg(picture).encode()).decode()
        return f"![{self.escaped(picture.title)}](data:image/svg+xml;base64,{data})"
