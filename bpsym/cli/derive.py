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
    from bpsym.typeset.printed import Printed
    from bpsym.typeset.worked.request import Request

# What the options take; the tables themselves are loaded when they are needed.
VIEWS = ("scalar", "index", "matrix", "all")
NOTATIONS = ("watermelon", "haykin", "fully-connected", "nielsen", "ng", "cs224n")
LANGUAGES = ("en", "zh")
FORMATS = ("terminal", "latex", "markdown", "html", "typst", "pdf", "svg", "png")

# What SPEC may be instead of a network: the recursion for any number of layers.
ANY_DEPTH = "any-depth"
NO_NETWORK = (ANY_DEPTH,)

# The options that ask for more of a network.
OF_A_NETWORK = ("full", "weight", "steps", "input_grads")

# The options that put numbers, gates and paths into the document.
WORKED = ("numbers", "samples", "rate", "digits", "freeze", "gates", "paths")


@click.command()
@takes_network
@click.option(
    "--view",
    type=click.Choice(VIEWS),
    default="index",
    help="How formulas are written.",
)
@click.option("--notation", type=click.Choice(NOTATIONS), help="Letters and habits of a text.")
@click.option("--thresholds", is_flag=True, help="Subtract thresholds, as Zhou's book does.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the text.")
@click.option("--format", "to", type=click.Choice(FORMATS), default="terminal", help="Format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File.")
@click.option(
    "--full",
    is_flag=True,
    help="Add the whole loss in single weights, its raw derivative, and what it costs.",
)
@click.option("--weight", help="With --full: the weight to differentiate by, such as W1[2,1].")
@click.option("--steps", is_flag=True, help="Show every named step of every derivation.")
@click.option("--input-grads", is_flag=True, help="Also derive the gradient in the inputs.")
@click.option("--numbers", help="Follow formulas by numbers: a .toml or .json file, or seed:0.")
@click.option("--samples", type=int, help="With --numbers seed:0: how many samples, 1 if left out.")
@click.option("--rate", type=float, help="With --numbers: the learning rate, 0.5 if left out.")
@click.option("--digits", type=int, help="With --numbers: significant digits, 6 if left out.")
@click.option("--freeze", help="With --numbers: parameters that the step leaves, such as b1,b2.")
@click.option("--gates", is_flag=True, help="With --numbers: every operation as a gate.")
@click.option("--paths", help="All paths from one weight to the cost, such as W1[2,1].")
@click.option("--width", type=click.IntRange(40, 240), help="Columns; the terminal's by default.")
@click.option("--ascii", "plain", is_flag=True, help="Use ASCII only.")
@click.option("--no-prove", is_flag=True, help="Print without proving first.")
def derive(network: Network | None, to: str, output: Path | None, **options: Any) -> None:
    """Print forward equations, deltas and gradients of SPEC.

    SPEC may also be any-depth: the recursion for any number of layers, proven by induction.
    Nothing is printed that was not proven: a failed proof is an error.
    """
    if to == "html":
        _write(_page(network, options).encode(), output, binary=False)
        return
    shown = _printed(network, options)
    if to == "terminal":
        columns = options["width"] or min(shutil.get_terminal_size((80, 24)).columns, 100)
        text = shown.text(width=columns, ascii_only=options["plain"] or not _has_greek())
        _write((text + "\n").encode(), output, binary=False)
    else:
        _write(shown.written(to), output, binary=to in ("pdf", "png"))


def _printed(network: Network | None, options: dict[str, Any]) -> Printed:
    from bpsym.network.build import build
    from bpsym.typeset.printed import printed, printed_any_depth

    common = {name: options[name] for name in ("notation", "thresholds", "lang", "view")}
    common["prove"] = not options["no_prove"]
    if network is None:
        _refuse_without_network(options)
        return printed_any_depth(**common)
    own = {name: options[name] for name in ("full", "weight", "steps", "input_grads")}
    return printed(build(network), **common, **own, request=_request(options))


def _page(network: Network | None, options: dict[str, Any]) -> str:
    """The interactive page, in all notations and languages."""
    from bpsym.network.build import build
    from bpsym.typeset.documents.page.build import page_of, page_of_any_depth
    from bpsym.typeset.documents.page.variants import Wanted

    own = ("notation", "thresholds", "view", "full", "weight", "steps", "input_grads")
    wanted = {name: options[name] for name in own} | {"prove": not options["no_prove"]}
    if network is None:
        _refuse_without_network(options)
        return page_of_any_depth(Wanted(**wanted), language=options["lang"])
    wanted["request"] = _request(options)
    return page_of(build(network), Wanted(**wanted), language=options["lang"])


def _request(options: dict[str, Any]) -> Request:
    from bpsym.typeset.worked.request import Request

    names = tuple(each.strip() for each in (options["freeze"] or "").split(",") if each.strip())
    asked = {name: options[name] for name in WORKED if name != "freeze"}
    return Request(freeze=names, **asked)


def _refuse_without_network(options: dict[str, Any]) -> None:
    """Raise EmitError for an option that needs a network."""
    own = [f"--{name.replace('_', '-')}" for name in OF_A_NETWORK if options[name]]
    if own:
        raise EmitError.single(
            where=f"bpsym derive {ANY_DEPTH} {own[0]}",
            what="that is asked of a network",
            expected="a network such as 2-3-1",
            got=ANY_DEPTH,
            way_out=f"leave out {' and '.join(own)}, or name a network",
        )
    wrong = [f"--{name}" for name in WORKED if options[name] not in (None, False)]
    if wrong:
        raise EmitError.single(
            where=f"bpsym derive {ANY_DEPTH} {wrong[0]}",
            what="there is no network to put numbers into",
            expected="a network such as 2-3-1",
            got=ANY_DEPTH,
            way_out=f"leave out {wrong[0]}, or name a network",
        )


def _has_greek() -> bool:
    """Whether the encoding of stdout has what formulas need."""
    from bpsym.typeset.terminal.glyphs import UNICODE, glyphs_for

    return glyphs_for(sys.stdout.encoding) is UNICODE


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
