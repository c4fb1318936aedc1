"""Documents in LaTeX: English with plain pdflatex and amsmath, Chinese with ctex."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.documents.drawing import tikz
from bpsym.typeset.documents.renderer import Renderer
from bpsym.typeset.pictures.gates import Drawn
from bpsym.typeset.printers import latex
from bpsym.typeset.printers.latex import LaTeX


class LatexRenderer(Renderer):
    """Writes a ``.tex`` file."""

    folder = "latex"
    document_template = "document.tex.jinja"

    def syntax(self) -> LaTeX:
        return LaTeX()

    def escaped(self, text: str) -> str:
        return latex.escaped(text)

    def blocks(self, blocks: Sequence[Block]) -> list[str]:
        """A display goes on with the paragraph before it: no page ends between the two."""
        found: list[str] = []
        for number, block in enumerate(blocks):
            text = self.block(block)
            goes_on = isinstance(block, Display) and number > 0
            if goes_on and isinstance(blocks[number - 1], Paragraph):
                found[-1] += f"\n{text}"
            else:
                found.append(text)
        return found

    def picture(self, picture: Drawn) -> str:
        return tikz(picture)
