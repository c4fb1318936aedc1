"""The part of ``bpsym verify`` that judges formulas instead of code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bpsym.network.model import Network

if TYPE_CHECKING:
    from bpsym.verify.lines.result import FormulaReport
    from bpsym.verify.words.terminal import Hint

# What is read as a document whose displayed formulas are judged; other files hold lines.
DOCUMENTS = (".tex", ".ltx", ".latex", ".md", ".markdown", ".mdown", ".rmd", ".qmd")


def judge_formulas(
    network: Network, lines: Sequence[str], file: Path | None, options: Mapping[str, Any]
) -> None:
    """Judge lines, or a file of them, print the report and exit with the code of its verdict.

    Raises BpsymError for a line that cannot be read.
    """
    report = _judged(network, lines, file, options)
    if options.get("html") is not None:
        from bpsym.cli.output import write_page

        write_page(report.html(hint=options["hint"]), options["html"])
    if options.get("as_json"):
        click.echo(report.json(hint=options.get("hint") or 3))
    else:
        from bpsym.cli.output import columns, wants_colour
        from bpsym.verify.lines.terminal import render

        colour = wants_colour(options.get("color"))
        hint: Hint = options.get("hint") or 3
        click.echo(render(report, colour=colour, hint=hint, width=columns()), color=colour)
    sys.exit(report.verdict.exit_code)


def _judged(
    network: Network, lines: Sequence[str], file: Path | None, options: Mapping[str, Any]
) -> FormulaReport:
    from bpsym.verify.lines.formulas import judge_document, judge_lines

    shared: dict[str, Any] = {
        "seed": options.get("seed") or 0,
        "lang": options.get("lang") or "en",
        "prove": not options.get("no_prove"),
        "notation": _notation(options.get("notation")),
    }
    if file is not None and file.suffix.lower() in DOCUMENTS:
        if lines:
            raise click.UsageError("give --formula or a document, not both")
        return judge_document(network, _text(file), file=file.name, **shared)
    texts = [*lines, *(_text(file).splitlines() if file is not None else ())]
    return judge_lines(
        network,
        texts,
        samples=options.get("samples"),
        weights=options.get("weights"),
        bias=options.get("bias"),
        strict=file is None,
        **shared,
    )


def _notation(name: str | None) -> str | None:
    return "" if name == "code" else name


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is no text in UTF-8: {error.reason}") from error
