"""The part of ``bpsym verify`` that judges formulas instead of code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from bpsym.network.model import Network


def judge_formulas(network: Network, lines: Sequence[str], options: Mapping[str, Any]) -> None:
    """Judge the lines, print the report and exit with the code of its verdict.

    Raises BpsymError for a line that cannot be read.
    """
    from bpsym.verify.formulas import judge_lines

    samples = options.get("samples")
    report = judge_lines(
        network,
        lines,
        samples=samples if samples in ("rows", "columns") else None,
        seed=options.get("seed") or 0,
        lang=options.get("lang") or "en",
        prove=not options.get("no_prove"),
    )
    click.echo(report.json() if options.get("as_json") else str(report))
    sys.exit(report.verdict.exit_code)
