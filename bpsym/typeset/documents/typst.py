"""Documents in Typst; from them PDF, SVG and PNG are made."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bpsym.typeset.document import Block, Paragraph
from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.documents.renderer import Manner, Renderer
from bpsym.typeset.pictures.gates import Drawn
from bpsym.typeset.printers import typst
from bpsym.typeset.printers.typst import Typst

# Inside of Typst itself.
LATIN = "New Computer Modern"

# What a file names for Chinese, since nothing is known of where it will be compiled.
CHINESE_FALLBACK = "Noto Serif CJK SC"


class TypstRenderer(Renderer):
    """Writes a ``.typ`` file.

    fonts: the fonts of the text in the order in which they are asked for a character.
    pages: A4, or one page as tall as the document.
    """

    folder = "typst"
    document_template = "document.typ.jinja"

    def __init__(
        self, manner: Manner | None = None, *, fonts: Sequence[str] = (LATIN,), pages: bool = True
    ) -> None:
        super().__init__(manner)
        self.fonts = tuple(fonts)
        self.pages = pages

    def syntax(self) -> Typst:
        return Typst()

    def escaped(self, text: str) -> str:
        return typst.escaped(text)

    def blocks(self, blocks: Sequence[Block]) -> list[str]:
        """Words before something else stay with it: no page ends between the two."""
        found = super().blocks(blocks)
        for number, (block, after) in enumerate(pairwise(blocks)):
            if isinstance(block, Paragraph) and not isinstance(after, Paragraph):
                found[number] = f"#block(sticky: true)[{found[number]}]"
        return found

    def picture(self, picture: Drawn) -> str:
        drawn = svg(picture, font=", ".join(self.fonts))
        width = min(0.75 * picture.width, 450, 600 * picture.width / picture.height)
        return f'#image(bytes({typst.quoted(drawn)}), format: "svg", width: {width:.0f}pt)'

    def more_values(self) -> dict[str, object]:
        fonts = ", ".join(typst.quoted(each) for each in self.fonts)
        return {"fonts": fonts, "pages": self.pages}
