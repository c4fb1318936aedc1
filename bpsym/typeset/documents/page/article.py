"""The derivation as an article in all languages and samples: what is alike stands there once.

Each displayed formula is an element of its own, marked with the tensor that it defines, so that it
can be pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bpsym.calculus.system import System
from bpsym.typeset.document import Block, Display, Document, Figure, Step
from bpsym.typeset.documents.html import HtmlRenderer
from bpsym.typeset.documents.page.compact import CompactMathML
from bpsym.typeset.documents.renderer import Manner
from bpsym.typeset.formulas.tree import Chain, Formula, Kind, Partial, Symbol
from bpsym.typeset.pictures.parts import Picture
from bpsym.typeset.printers.mathml import MathML
from bpsym.typeset.printers.printer import PAGE


def about(formula: Formula, system: System) -> str:
    """The name of what a formula defines: a tensor, an adjoint or ``C``; empty for none."""
    match formula.first if isinstance(formula, Chain) else formula:
        case Partial(Symbol(), Symbol(kind=Kind.TENSOR, name=name)):
            tensor = system.tensors.get(name)
            return "" if tensor is None else tensor.adjoint
        case Symbol(kind=Kind.TENSOR, name=name):
            return name
        case _:
            return ""


class ArticleRenderer(HtmlRenderer):
    """Writes the blocks of one document. known: the names that can be pointed at."""

    def __init__(
        self,
        manner: Manner,
        system: System | None = None,
        known: frozenset[str] = frozenset(),
        *,
        room: float = PAGE,
    ) -> None:
        super().__init__(manner, room=room)
        self.system = system
        self.known = known
        self._is_first = system is not None

    def syntax(self) -> MathML:
        return CompactMathML()

    def block(self, block: Block) -> str:
        """A block; the network is drawn elsewhere on the page, other figures stay."""
        match block:
            case Figure(Picture()) if self._is_first:
                self._is_first = False
                return ""
            case Display(formulas, shapes):
                return "\n".join(
                    self._pointed(each, self.formulas.display((each,), dict(shapes)))
                    for each in formulas
                )
            case Step(_, formula):
                return self._pointed(formula, super().block(block))
            case _:
                return super().block(block)

    def _pointed(self, formula: Formula, shown: str) -> str:
        name = about(formula, self.system) if self.system is not None else ""
        if name not in self.known:
            return f'<div class="formula display">{shown}</div>'
        name = escape(name)
        return (
            f'<div class="formula display" data-of="{name}" data-point="{name}" tabindex="-1" '
            f'role="group">{shown}</div>'
        )


Versions = Sequence[Sequence[Block]]


def article(
    written: Sequence[tuple[Sequence[Document], ArticleRenderer]],
    name: str,
) -> str:
    """One article of the same document in several languages, and with numbers of each sample.

    written: for each language the documents, those of the samples in order. name: what its
    headings' ids have.
    """
    (first, *_), _ = written[0]
    parts: list[str] = []
    for number, _ in enumerate(first.sections):
        titles = [(escape(each[0].sections[number].title), by) for each, by in written]
        identity = escape(f"{name}-{number + 1}")
        parts.append(f'<section aria-labelledby="{identity}">')
        parts.append(f'<h2 id="{identity}">{alike(titles, "span")}</h2>')
        parts += _blocks(
            [([each.sections[number].blocks for each in of], by) for of, by in written]
        )
        parts.append("</section>")
    return "\n".join(each for each in parts if each)


def _blocks(sections: Sequence[tuple[Versions, ArticleRenderer]]) -> list[str]:
    written = [
        [(text, renderer) for text in _of_samples(versions, renderer)]
        for versions, renderer in sections
    ]
    if len({len(each) for each in written}) > 1:
        # A language tells it in other steps: each language by itself.
        whole = [("\n".join(text for text, _ in each), each[0][1]) for each in written if each]
        return [alike(whole, "div")]
    return [alike(list(texts), "div") for texts in zip(*written, strict=True)]


def _of_samples(versions: Versions, renderer: ArticleRenderer) -> list[str]:
    """The blocks of a section; where samples differ each of them, the first to be seen."""
    first, *others = versions
    if any(len(each) != len(first) for each in others):
        return [_chosen(["\n".join(renderer.blocks(each)) for each in versions])]
    found = []
    for blocks in zip(*versions, strict=True):
        shown = renderer.block(blocks[0])
        same = [each == blocks[0] for each in blocks]
        texts = [
            shown if is_same else renderer.block(each)
            for each, is_same in zip(blocks, same, strict=True)
        ]
        found.append(_chosen(texts))
    return found


def _chosen(texts: Sequence[str]) -> str:
    """What all samples have as it is, else a part for each of them."""
    if len(set(texts)) == 1:
        return texts[0]
    return "".join(
        f'<div data-sample="{sample}"{" hidden" if sample > 1 else ""}>{text}</div>'
        for sample, text in enumerate(texts, 1)
    )


def alike(texts: Sequence[tuple[str, ArticleRenderer]], tag: str) -> str:
    """A text that is the same in all languages as it is, else once in each."""
    if len({text for text, _ in texts}) == 1:
        return texts[0][0]
    return "".join(
        f'<{tag} data-language="{renderer.manner.language}" lang="{renderer.manner.language}">'
        f"{text}</{tag}>"
        for text, renderer in texts
    )
