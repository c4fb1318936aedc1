"""A derivation as a document that knows its formats: what the command line and notebooks print.

    printed(built, lang="zh", notation="watermelon").pdf()
    bpsym.derive("2-3-1").document(view="matrix")          # the same for users of Python

Nothing is told that was not proven first; only ``prove=False`` leaves the proofs out, and then the
last section of the document says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

from bpsym.errors import EmitError, quoted, way_to
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.any_depth.recursion import AnyDepthStory
from bpsym.typeset.checked.as_read import chains_in, require_letters
from bpsym.typeset.document import Document
from bpsym.typeset.documents.formats import written
from bpsym.typeset.documents.renderer import Manner
from bpsym.typeset.languages import LANGUAGES, English
from bpsym.typeset.notations import NOTATIONS, Notation, notation_of
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.printers.printer import ConditionWords, Labels
from bpsym.typeset.sections.context import View
from bpsym.typeset.story import Story
from bpsym.typeset.terminal.document import NARROWEST, TerminalPrinter
from bpsym.typeset.terminal.glyphs import ASCII, UNICODE
from bpsym.typeset.worked.paths import PathSection
from bpsym.typeset.worked.request import Request, completed


@dataclass(frozen=True)
class Printed:
    """A document, and the manner in which its notation and its language want it written."""

    document: Document
    manner: Manner

    def text(self, *, width: int = 80, ascii_only: bool = False, color: bool = False) -> str:
        """As text for a terminal; ``width``: the longest line, at least 40 columns."""
        glyphs = ASCII if ascii_only else UNICODE
        printer = TerminalPrinter(
            glyphs, max(width, NARROWEST), color=color, words=self.manner.conditions
        )
        return printer.text(self.document)

    def written(self, format: str) -> bytes:  # noqa: A002 - what the option is called
        """The content of a file in a format of ``FORMATS``.

        Raises EmitError for an unknown format, and where a compiler or a font is missing.
        """
        return written(self.document, format, manner=self.manner)

    def latex(self) -> str:
        """As LaTeX: English for pdflatex, Chinese for xelatex."""
        return self.written("latex").decode()

    def markdown(self) -> str:
        """As Markdown with dollar signs around formulas."""
        return self.written("markdown").decode()

    def html(self) -> str:
        """As an HTML file that needs nothing else."""
        return self.written("html").decode()

    def typst(self) -> str:
        """As Typst source."""
        return self.written("typst").decode()

    def pdf(self) -> bytes:
        """As PDF. Raises EmitError where the Typst compiler or a font is missing."""
        return self.written("pdf")

    def _repr_latex_(self) -> str:
        """What a notebook shows where it takes LaTeX: the formulas."""
        from bpsym.typeset.notebook import latex_of

        return latex_of(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from bpsym.typeset.notebook import html_of

        return html_of(self)


def printed(
    built: BuiltNetwork,
    *,
    notation: str | None = None,
    thresholds: bool = False,
    lang: str = "en",
    view: View = "index",
    full: bool = False,
    weight: str | None = None,
    steps: bool = False,
    input_grads: bool = False,
    prove: bool = True,
    request: Request | None = None,
) -> Printed:
    """The derivation of a network.

    notation: a name of ``NOTATIONS``, None for the names of the code. lang: ``en`` or ``zh``.
    thresholds: they are subtracted where others add biases, as in Zhou's book.
    full: with the whole loss in scalars and its derivative in ``weight``, such as ``"W1[2,1]"``.
    steps: with every named step. input_grads: with the gradient in the inputs.
    request: numbers, gates and paths that are asked for.
    Raises EmitError if there is no such notation, language or view, or the notation has no words
    for the network; ProofError if an equality cannot be proven; NumbersError if numbers do not fit.
    """
    words, chosen = _language(lang), _notation(notation, thresholds=thresholds)
    _known("view", view, get_args(View))
    follows = chosen is not None and chosen.error_signals
    if weight is not None and not full and not follows:
        raise EmitError.single(
            where=f"the weight {quoted(weight)}",
            what="the derivative in a weight is shown in the document in full only",
            expected="a weight together with the option full",
            got="the weight alone",
            way_out="add --full, or full=True in Python",
        )
    ready = prepared(built, chosen, input_grads=input_grads)
    story = Story(
        ready.derivation, built, steps, words, chosen, view=view, full=full, weight=weight
    )
    story.require_words()  # to prove first what cannot be told takes long
    if prove:
        story = replace(story, proof=ready.require_proof())
        if request is not None and request.paths is not None:
            PathSection(story, request.paths).require()
    document = story.document()
    if request:
        document = completed(story, document, request)
    return Printed(document, manner_of(words, chosen))


def printed_any_depth(
    *,
    notation: str | None = None,
    thresholds: bool = False,
    lang: str = "en",
    view: View = "index",
    prove: bool = True,
) -> Printed:
    """The recursion for any number of layers; options and errors as those of ``printed``."""
    words, chosen = _language(lang), _notation(notation, thresholds=thresholds)
    _known("view", view, get_args(View))
    story = AnyDepthStory(words, chosen, view)
    document = story.document()
    if prove:
        story.require_proof()
        for chain in chains_in(document.sections):
            require_letters(chain)
    return Printed(document, manner_of(words, chosen))


def manner_of(words: English, notation: Notation | None) -> Manner:
    """How documents in a language and a notation are written."""
    labels = Labels(notation.labels if notation is not None else Labels.ROUND.value)
    return Manner(words.code, labels, ConditionWords(words.when, words.otherwise))


def _language(name: str) -> English:
    _known("language", name, LANGUAGES)
    return LANGUAGES[name]


def _notation(name: str | None, *, thresholds: bool) -> Notation | None:
    if name is not None:
        _known("notation", name, NOTATIONS)
    return notation_of(name, thresholds=thresholds)


def _known(what: str, name: str, known: Iterable[str] | Mapping[str, object]) -> None:
    names = tuple(known)
    if name not in names:
        raise EmitError.single(
            where="a document",
            what=f"unknown {what}",
            expected="one of " + ", ".join(names),
            got=quoted(str(name)),
            way_out=way_to(str(name), names, f"take {names[0]!r}"),
        )
