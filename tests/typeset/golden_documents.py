"""Rewrite the golden documents, or check that they are what they would be rewritten to.

python -m tests.typeset.golden_documents            write, and delete what no longer belongs
python -m tests.typeset.golden_documents --check    exit 1 on any difference, missing or extra file

Most are Markdown: a difference in a formula is a difference in a line, and a site that shows
Markdown shows them as pages. A few are what a terminal shows. Look at them before you commit them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bpsym.emit.regenerate import differences, rewrite
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.printed import printed, printed_any_depth
from bpsym.typeset.sections.context import View
from tests.typeset.networks import RESIDUAL, derived

FOLDER = Path(__file__).parent / "golden"
SCORER = Path(__file__).parents[2] / "examples" / "networks" / "scorer.toml"
# Graphs have words in these notations only; the empty name is that of the code.
OF_GRAPHS = ("", "nielsen", "ng", "cs224n")
ALL = ("", *NOTATIONS)


def without_pictures(text: str) -> str:
    """A document without the drawing in it, which has tests of its own and no lines to compare."""
    return re.sub(r"\(data:image/svg[^)]*\)", "(network.svg)", text)


@dataclass(frozen=True)
class Golden:
    """A network and how it is told. notations: those that have words for it."""

    name: str
    declared: str
    notations: tuple[str, ...] = ALL
    view: View = "index"

    def texts(self) -> Iterator[tuple[str, str]]:
        """File name and text for every notation and language."""
        for notation in self.notations:
            for lang in LANGUAGES:
                file = ".".join(filter(None, (self.name, notation, lang, "md")))
                yield file, without_pictures(self.text(notation or None, lang))

    def text(self, notation: str | None, lang: str, *, thresholds: bool = False) -> str:
        """One document, proven."""
        if self.declared == "any-depth":
            return printed_any_depth(
                notation=notation, lang=lang, view=self.view, thresholds=thresholds
            ).markdown()
        declared = tomllib.loads(self.declared) if "\n" in self.declared else self.declared
        return printed(
            build(parse(declared)),
            notation=notation,
            lang=lang,
            view=self.view,
            thresholds=thresholds,
        ).markdown()


DOCUMENTS = (
    Golden("2-3-1", "2-3-1"),
    Golden("2-3-3-1", "2-3-3-1", view="all"),
    Golden("784-128-10", "784-128:relu-10:softmax", view="matrix"),
    Golden("residual", RESIDUAL, ("",), view="all"),
    Golden("scorer", str(SCORER), OF_GRAPHS, view="all"),
    Golden("any-depth", "any-depth", view="all"),
)


# As a terminal shows them: file -> network, whether step by step, whether in ASCII.
TERMINAL = {
    "2-3-1.txt": ("2-3-1", False, False),
    "2-3-1-steps.txt": ("2-3-1", True, False),
    "784-128-10.txt": ("784-128:relu-10:softmax", False, False),
    "residual.txt": ("residual", False, False),
    "residual-ascii.txt": ("residual", False, True),
}


def in_terminal(name: str, *, steps: bool, ascii_only: bool) -> str:
    """What a terminal of 80 columns shows."""
    shown = printed(derived(name)[0], steps=steps)
    return shown.text(width=80, ascii_only=ascii_only) + "\n"


def expected() -> Mapping[str, str]:
    """File name -> text of everything that belongs into the folder."""
    found = {
        file: in_terminal(name, steps=steps, ascii_only=ascii_only)
        for file, (name, steps, ascii_only) in TERMINAL.items()
    }
    found |= {file: text for each in DOCUMENTS for file, text in each.texts()}
    for lang in LANGUAGES:
        text = DOCUMENTS[0].text("watermelon", lang, thresholds=True)
        found[f"2-3-1.watermelon-thresholds.{lang}.md"] = without_pictures(text)
    return found


def main(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m tests.typeset.golden_documents [--check]\n")
        return 2
    texts = expected()
    if not arguments:
        FOLDER.mkdir(parents=True, exist_ok=True)
        rewrite(texts, FOLDER)
        return 0
    problems = differences(texts, FOLDER)
    for problem in problems:
        sys.stderr.write(f"golden documents: {problem}\n")
    if problems:
        sys.stderr.write("Run python -m tests.typeset.golden_documents, and read the difference.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
