"""``bpsym verify``: hand-written gradients in, a verdict and the name of the mistake out."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from bpsym.cli.derive import NOTATIONS
from bpsym.cli.network import fail, takes_network
from bpsym.cli.output import columns, wants_colour, write_page
from bpsym.errors import BpsymError, ProofError
from bpsym.network.model import Network

# An error in the user's code and a fault of bpsym have the exit code 1; the words tell which.
PROBLEM_EXIT = 2
OWN_FAULT = 1


@click.command()
@takes_network
@click.argument("target", required=False, metavar="[FILE.py[:NAME]]")
@click.option("--formula", "formulas", multiple=True, help="Judge a formula: dW2 = delta2.T @ a1")
@click.option(
    "--formulas",
    "formula_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge the formulas of a file: one on each line, or what a .tex or .md file displays.",
)
@click.option(
    "--notation",
    type=click.Choice([*NOTATIONS, "code"]),
    help="Of formulas in LaTeX; found out if it is not given.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the report as a page: one file that needs nothing else.",
)
@click.option(
    "--hint",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    help="1: where only; 2: what kind; 3: everything.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--samples", type=click.Choice(["rows", "columns", "one"]), help="How X comes.")
@click.option("--weights", type=click.Choice(["out,in", "in,out"]), help="How W comes.")
@click.option("--bias", type=click.Choice(["flat", "column", "row"]), help="(n,), (n,1), (1,n).")
@click.option("--rate", type=float, help="The learning rate of a step that has it fixed.")
@click.option("--no-loss", is_flag=True, help="Do not judge the loss that comes back.")
@click.option("--in-process", is_flag=True, help="Run the code here, without limits.")
@click.option("--timeout", type=float, default=10.0, show_default=True, help="Seconds a call.")
@click.option("--memory", type=int, default=4096, show_default=True, help="Megabytes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the points.")
@click.option("--no-prove", is_flag=True, help="Do not prove the derivation first.")
@click.option("--color/--no-color", default=None, help="Colour; by default on a terminal.")
def verify(network: Network, target: str | None, **options: Any) -> None:
    """Judge hand-written gradients of SPEC, and name the mistake.

    Without NAME, the one function or class of the file that gives gradients, or the training loop
    of a script. The code runs in a process with a time and a memory limit. Exit codes: 0 the
    gradients are right, 3 they are not, 4 inconclusive, 1 an error in the code, 2 usage.
    """
    formulas = list(options.pop("formulas"))
    file = options.pop("formula_file")
    if (target is None) == (not formulas and file is None):
        raise click.UsageError("give FILE.py:NAME, FILE.py, or --formula, or --formulas FILE")
    try:
        if target is None:
            from bpsym.cli.formulas import judge_formulas

            judge_formulas(network, formulas, file, options)
        else:
            _judge(network, target, options)
    except ProofError as error:
        fail(error, OWN_FAULT)
    except (BpsymError, click.ClickException, OSError):
        raise
    except Exception:  # whatever it is, the user's code has not raised it
        click.echo(traceback.format_exc(), err=True)
        click.echo(
            "This is a fault of bpsym, not of your code: please report the lines above, with the "
            "network, the code and the output of bpsym --version and bpsym doctor.",
            err=True,
        )
        sys.exit(OWN_FAULT)


def _judge(network: Network, target: str, options: dict[str, Any]) -> None:
    from bpsym.verify.adapters.route import ReadingError
    from bpsym.verify.judge import verify as judge
    from bpsym.verify.running.sandbox import UserCodeError

    try:
        report = judge(
            network,
            target,
            samples=options["samples"],
            weights=options["weights"],
            bias=options["bias"],
            rate=options["rate"],
            check_loss=not options["no_loss"],
            in_process=options["in_process"],
            timeout=options["timeout"],
            memory=options["memory"],
            seed=options["seed"],
            lang=options["lang"],
            prove=not options["no_prove"],
        )
    except ReadingError as error:
        raise click.UsageError(str(error)) from error
    except UserCodeError as error:
        if options["html"] is not None:
            from bpsym.verify.html.page import page_of_error

            name = network.spec() or network.name
            write_page(page_of_error(error, name, target, options["lang"]), options["html"])
        if options["as_json"]:
            click.echo(json.dumps(error.to_json(), ensure_ascii=False, indent=2))
        fail(error, OWN_FAULT if error.kind == "own" else 1)
    if options["html"] is not None:
        write_page(report.html(hint=options["hint"], lang=options["lang"]), options["html"])
    if options["as_json"]:
        click.echo(report.json(hint=options["hint"]))
    else:
        from bpsym.verify.words.terminal import render

        colour = wants_colour(options["color"])
        text = render(
            report, colour=colour, hint=options["hint"], lang=options["lang"], width=columns()
        )
        click.echo(text, color=colour)
    sys.exit(report.verdict.exit_code)
