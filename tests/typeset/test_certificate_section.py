"""The last section of every document: what was proven, and how."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.main import main
from bpsym.proof import certificate as proofs
from bpsym.proof.prove import prove
from bpsym.typeset.document import Items
from bpsym.typeset.languages import LANGUAGES, Chinese
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.printed import printed
from bpsym.typeset.sections.certificate import CertificateSection
from bpsym.typeset.story import Story
from tests.typeset.networks import NAMES, derived

REMARKS = [
    "brute force: on the network itself, 2 samples",
    "brute force: on the network itself, 1 sample, 12 of its 40 single parameters",
    "brute force: on the network with other widths, 2-3-4, 2 samples",
    "brute force: on a shorter network (9 equations for 200), 2-3-4-..., 1 sample",
    "brute force: on a shorter network (9 equations for 200) in which 2 of its formulas do not "
    "occur, 2-3, 2 samples, 5 of its 30 single parameters",
    "brute force: not done, no small sizes fit the equations",
    "brute force: not done, the network is too large for the budget",
    "any depth: not applicable, the network is no chain of dense layers",
    "any depth: not applicable, each output of softmax depends on all units of its layer",
    "any depth: not applicable, prelu has a parameter that is learned",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["2-3-1", "residual", "ranking"])
def test_it_counts_what_was_proven(name: str, language: str) -> None:
    built = derived(name)[0]
    document = printed(built, lang=language).document
    section = document.sections[-1]
    assert section.title == LANGUAGES[language].certificate
    derivation = derived(name)[1]
    story = Story(derivation, built, proof=prove(derivation))
    story.document()
    assert story.proof is not None
    equalities = (*story.proof.equalities, *story.lines.equalities)
    shown = " ".join(printed(built, lang=language).text(width=240).split())
    shown = shown.partition(section.title)[2]
    assert str(len(equalities)) in shown
    numbers = [*Counter(each.kind for each in equalities).values(), len(story.lines.equalities)]
    for number in numbers:
        assert re.search(rf"(?<!\d){number}(?!\d)", shown)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_has_it(notation: str) -> None:
    document = printed(derived("2-3-1")[0], notation=notation).document
    assert document.sections[-1].title == "Certificate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_without_proofs_says_so(language: str) -> None:
    built, derivation = derived("2-3-1")
    words = LANGUAGES[language]
    for shown in (printed(built, lang=language, prove=False).text(width=240),):
        assert words.nothing_proven in shown
    assert words.nothing_proven not in printed(built, lang=language).text(width=240)
    story = Story(derivation, built, words=words)
    assert words.nothing_proven in str(story.document().sections[-1])


@pytest.mark.parametrize("remark", REMARKS)
def test_every_remark_is_said_in_chinese(remark: str) -> None:
    said = Chinese().proof_remark(remark)
    assert said is not None
    # The names of functions are the same in all languages.
    assert not re.search("[a-zA-Z]", re.sub("softmax|prelu", "", said))
    assert re.findall(r"\d+", said) or not re.findall(r"\d+", remark)
    assert set(re.findall(r"\d+", said)) == set(re.findall(r"\d+", remark))


@pytest.mark.parametrize("name", NAMES)
def test_the_remarks_of_the_prover_are_among_these(name: str) -> None:
    """A new remark has to be translated."""
    for remark in prove(derived(name)[1]).remarks:
        said = Chinese().proof_remark(remark)
        assert said is None or not re.search("[a-zA-Z]", re.sub("softmax|prelu", "", said))


def test_only_what_was_proven_is_counted() -> None:
    built, derivation = derived("2-3-1")
    certificate = prove(derivation)
    first = replace(certificate.equalities[0], ok=False)
    failed = replace(certificate, equalities=(first, *certificate.equalities[1:]))
    story = Story(derivation, built)

    def points(each: proofs.Certificate) -> Items:
        (items,) = CertificateSection(story, each).blocks()[1:]
        assert isinstance(items, Items)
        return items

    assert points(failed) != points(certificate)


@pytest.mark.parametrize("width", [40, 60])
def test_the_terminal_keeps_to_its_width(width: int) -> None:
    result = CliRunner().invoke(main, ["derive", "2-3-1", "--width", str(width)])
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= width
    assert "Certificate" in lines


def test_a_notebook_shows_it() -> None:
    assert "Certificate" in bpsym.derive("2-3-1")._repr_html_()


def test_sizes_of_several_layers_are_explained() -> None:
    shown = " ".join(printed(derived("residual")[0], prove=False).text().split())
    assert "n_h1 is the size of h1, h2, s and ln alike." in shown
    shown = " ".join(printed(derived("residual")[0], lang="zh", prove=False).text().split())
    assert "h1、h2、s 和 ln 的大小都是 n_h1。" in shown
    assert "alike" not in printed(derived("2-3-1")[0], prove=False).text()
