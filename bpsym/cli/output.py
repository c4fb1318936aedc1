"""Where reports go: colour on a terminal, pages into files."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from bpsym.cli.network import fail
from bpsym.errors import EmitError

# The exit code of a report that could not be written: nothing is wrong with the user's code.
UNWRITTEN = 2
# Columns of a report that goes to no terminal, and the bounds of one that does.
WIDTH, NARROWEST, WIDEST = 88, 40, 120


def wants_colour(asked: bool | None) -> bool:
    """Whether to colour: as asked, else on a terminal that does not object."""
    if asked is not None:
        return asked
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def columns() -> int:
    """The columns to wrap a report at: the terminal's, in bounds in which text can be read."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(NARROWEST, min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST))


def write_page(text: str, path: Path) -> None:
    """Write a page and say so on stderr; a path that cannot be written is an error."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(
            EmitError.single(
                where=str(path),
                what="the report cannot be written",
                expected="a path in a folder that exists",
                got=str(error.strerror),
                way_out="choose another path with --html",
            ),
            UNWRITTEN,
        )
    click.echo(f"wrote {path}", err=True)
