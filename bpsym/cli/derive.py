"""``bpsym derive``: the derivation, printed for reading."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bpsym.cli.network import fail, takes_network
from bpsym.errors import EmitError
from bpsym.network.model import Network

if TYPE_CHECKING:
    from bpsym.typeset.document import Document
    from bpsym.typeset.documents.renderer import Manner
    from bpsym.typeset.languages.en import English
    from bpsym.typeset.notations.notation import Notation
    from bpsym.typeset.picture import Picture

# What the options take; the tables themselves are loaded when they are needed.
VIEWS = ("scalar", "index", "matrix", "all")
NOTATIONS = ("watermelon", "haykin", "fully-connected", "nielsen", "ng", "cs224n")
LANGUAGES = ("en", "zh")
FORMATS = ("terminal", "latex", "markdown", "html", "typst", "pdf", "svg", "png")

# What SPEC may be instead of a network: the recursion for any number of layers.
ANY_DEPTH = "any-depth"
NO_NETWORK = (ANY_DEPTH,)


@click.command()
@takes_network
@click.option(
    "--view",
    type=click.Choice(VIEWS),
    default="index",
    help="How formulas are written.",
)
@click.option("--notation", type=click.Choice(NOTATIONS), help="Letters and habits of a text.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the text.")
@click.option("--format", "to", type=click.Choice(FORMATS), default="terminal", help="Format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File.")
@click.option("--full", is_flag=True, help="Write chains as products of derivatives first.")
@click.option("--steps", is_flag=True, help="Show every named step of every derivation.")
@click.option("--input-grads", is_flag=True, help="Also derive the gradient in the inputs.")
@click.option("--width", type=click.IntRange(40, 240), help="Columns; the terminal's by default.")
@click.option("--ascii", "plain", is_flag=True, help="Use ASCII only.")
@click.option("--no-prove", is_flag=True, help="Print without proving first.")
def derive(network: Network | None, to: str, output: Path | None, **options: Any) -> None:
    """Print forward equations, deltas and gradients of SPEC.

    SPEC may also be any-depth: the recursion for any number of layers, proven by induction.
    Nothing is printed that was not proven: a failed proof is an error.
    """
    if network is None:
        _any_depth(to, output, options)
        return
    from bpsym.network.build import build
    from bpsym.typeset.languages import LANGUAGES as WORDS
    from bpsym.typeset.notations import NOTATIONS as TABLES
    from bpsym.typeset.notations.prepare import prepared
    from bpsym.typeset.story import Story

    built = build(network)
    notation = TABLES.get(options["notation"] or "")
    if options["steps"] and notation is not None:
        raise EmitError.single(
            where="bpsym derive --steps",
            what="the steps are printed in the names of the code only",
            expected="--steps or --notation",
            got="both",
            way_out="leave out one of them",
        )
    ready = prepared(built, notation, input_grads=options["input_grads"])
    certificate = None if options["no_prove"] else ready.require_proof()
    words = WORDS[options["lang"]]
    manner = _manner(words, notation)
    story = Story(
        ready.derivation,
        built,
        options["steps"],
        words,
        notation,
        view=options["view"],
        full=options["full"],
    )
    document = story.document()
    if to == "terminal":
        text = _terminal(document, options)
        if certificate is not None:
            text += f"\n\n{certificate}"
        _write((text + "\n").encode(), output, binary=False)
        return
    from bpsym.typeset.picture import picture_of

    content = _formatted(document, manner, to, picture_of(built))
    _write(content, output, binary=to in ("pdf", "png"))


def _any_depth(to: str, output: Path | None, options: dict[str, Any]) -> None:
    from bpsym.typeset.any_depth import AnyDepthStory
    from bpsym.typeset.languages import LANGUAGES as WORDS
    from bpsym.typeset.notations import NOTATIONS as TABLES

    words, notation = WORDS[options["lang"]], TABLES.get(options["notation"] or "")
    story = AnyDepthStory(words, notation, options["view"])
    if not options["no_prove"]:
        story.require_proof()
    document = story.document()
    if to == "terminal":
        _write((_terminal(document, options) + "\n").encode(), output, binary=False)
        return
    content = _formatted(document, _manner(words, notation), to, None)
    _write(content, output, binary=to in ("pdf", "png"))


def _manner(words: English, notation: Notation | None) -> Manner:
    from bpsym.typeset.documents.renderer import Manner
    from bpsym.typeset.printers.printer import ConditionWords, Labels

    return Manner(
        words.code,
        Labels(notation.labels if notation is not None else Labels.ROUND.value),
        ConditionWords(words.when, words.otherwise),
    )


def _terminal(document: Document, options: dict[str, Any]) -> str:
    from bpsym.typeset.glyphs import ASCII, UNICODE, glyphs_for
    from bpsym.typeset.terminal import TerminalPrinter

    columns = options["width"] or min(shutil.get_terminal_size((80, 24)).columns, 100)
    ascii_only = options["plain"] or glyphs_for(sys.stdout.encoding) is ASCII
    return TerminalPrinter(ASCII if ascii_only else UNICODE, columns).text(document)


def _formatted(document: Document, manner: Manner, to: str, picture: Picture | None) -> bytes:
    from bpsym.typeset.documents.formats import written

    return written(document, to, picture=picture, manner=manner)


def _write(content: bytes, output: Path | None, *, binary: bool) -> None:
    if output is not None:
        try:
            output.write_bytes(content)
        except OSError as error:
            problem = EmitError.single(
                where=str(output),
                what="the file cannot be written",
                expected="a path in a folder that exists",
                got=str(error.strerror),
                way_out="choose another path with -o",
            )
            fail(problem)
    elif binary and sys.stdout.isatty():
        fail(
            EmitError.single(
                where="bpsym derive --format",
                what="this format is no text",
                expected="a file to write it to",
                got="a terminal",
                way_out="add -o FILE",
            )
        )
    else:
        click.echo(content, nl=False)
