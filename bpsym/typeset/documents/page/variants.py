"""The same derivation in every notation that has words for it, each in every language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bpsym.calculus.derivation import Derivation
from bpsym.errors import BpsymError
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.any_depth.recursion import AnyDepthStory
from bpsym.typeset.document import Document
from bpsym.typeset.documents.renderer import Manner
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS, Notation, notation_of
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.notations.systems import as_noted
from bpsym.typeset.printers.printer import ConditionWords, Labels
from bpsym.typeset.sections.context import View
from bpsym.typeset.story import Story
from bpsym.typeset.worked.request import Completion, Request

# Of so many samples the reader can choose one; of more the first of them.
MOST_SAMPLES = 5
# What the names of the code are called among the notations.
CODE = "code"


@dataclass(frozen=True)
class Variant:
    """One notation. name: ``code`` or that of the notation.

    documents: by language, with the numbers of each sample that can be chosen.

    story, told: of the network in English, and its document without numbers; None where there is
    no network.
    """

    name: str
    notation: Notation | None
    documents: Mapping[str, tuple[Document, ...]]
    story: Story | None = None
    told: Document | None = None

    def manner(self, language: str) -> Manner:
        """How its documents are written."""
        words = LANGUAGES[language]
        labels = Labels(self.notation.labels if self.notation is not None else Labels.ROUND.value)
        return Manner(language, labels, ConditionWords(words.when, words.otherwise))


@dataclass(frozen=True)
class Wanted:
    """What is asked for. Options as those of ``printed``; notation: the one to begin with.

    request: the numbers that are to stand in the documents, too.
    """

    notation: str | None = None
    thresholds: bool = False
    view: View = "index"
    full: bool = False
    weight: str | None = None
    steps: bool = False
    input_grads: bool = False
    prove: bool = True
    request: Request = field(default_factory=Request)

    def notations(self) -> Iterator[tuple[str, Notation | None]]:
        """All notations by name, that of the code first; thresholds where they are asked for."""
        yield CODE, None
        for name in NOTATIONS:
            subtracted = self.thresholds and name == self.notation
            yield name, notation_of(name, thresholds=subtracted)


def variants(built: BuiltNetwork, wanted: Wanted) -> tuple[list[Variant], list[str]]:
    """Every notation that can write the network, and the names of those that cannot.

    Raises EmitError if the notation that was asked for cannot, ProofError if a proof fails.
    """
    found, left_out = [], []
    for name, notation in wanted.notations():
        try:
            found.append(_variant(built, name, notation, wanted))
        except BpsymError as error:
            if name == (wanted.notation or CODE) or not _has_no_words(error):
                raise
            left_out.append(name)
    return found, left_out


def _has_no_words(error: BpsymError) -> bool:
    return any(each.where.startswith("notation ") for each in getattr(error, "problems", ()))


def _require_words(built: BuiltNetwork, notation: Notation | None) -> None:
    """Raise EmitError for a notation without words for the network, before much is derived."""
    nothing = Derivation(as_noted(built, notation), ())
    _ = Story(nothing, built, notation=notation).rewriter


def _variant(built: BuiltNetwork, name: str, notation: Notation | None, wanted: Wanted) -> Variant:
    _require_words(built, notation)
    ready = prepared(built, notation, input_grads=wanted.input_grads)
    proof = ready.require_proof() if wanted.prove else None
    story = Story(
        ready.derivation,
        built,
        wanted.steps,
        LANGUAGES["en"],
        notation,
        view=wanted.view,
        full=wanted.full,
        weight=wanted.weight,
        proof=proof,
    )
    completion = Completion(story, wanted.request)
    samples = range(1, min(completion.samples, MOST_SAMPLES) + 1)
    documents, told = {}, None
    for language, words in LANGUAGES.items():
        own = story if words is story.words else story.in_words(words)
        document = own.document()
        told = told or document
        documents[language] = tuple(
            completion.document(own, document, sample) for sample in samples
        )
    return Variant(name, notation, documents, story, told)


def variants_of_any_depth(wanted: Wanted) -> list[Variant]:
    """The recursion for any number of layers in every notation."""
    found = []
    for name, notation in wanted.notations():
        documents = {}
        for language, words in LANGUAGES.items():
            story = AnyDepthStory(words, notation, wanted.view)
            if wanted.prove:
                story.require_proof()
            documents[language] = (story.document(),)
        found.append(Variant(name, notation, documents))
    return found
