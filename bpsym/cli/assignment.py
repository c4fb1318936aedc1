"""``bpsym assignment``: a network in; the student's file, the solution and the tests out."""

from __future__ import annotations

from pathlib import Path

import click

from bpsym.cli.network import takes_network
from bpsym.errors import EmitError
from bpsym.network.model import Network


@click.command()
@takes_network
@click.option(
    "--blank",
    "blanks",
    multiple=True,
    metavar="NAME[=POINTS]",
    help="What to leave out: z1, a1, C, delta2, dW1=2, or all, forward, backward, deltas, "
    "gradients. Repeat.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files.",
)
@click.option(
    "--layout",
    type=click.Choice(["rows", "columns"]),
    default="rows",
    show_default=True,
    help="Whether samples are rows or columns.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the numeric examples.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def assignment(
    network: Network,
    blanks: tuple[str, ...],
    output: Path,
    *,
    layout: str,
    lang: str,
    seed: int,
    force: bool,
) -> None:
    """Write an assignment about the loss and the gradients of SPEC.

    Three files: assignment.py with a function to write for each blank, solution.py, and
    test_assignment.py, which judges each function by itself with right arguments and counts points.
    Without --blank the whole backward pass is left out.
    """
    from bpsym.cli.generate import as_given, write_whole
    from bpsym.emit.header import harmless
    from bpsym.verify.assignment.kit import make_assignment

    given = harmless(as_given(click.get_current_context().params))
    spec = network.spec() or given or f"{network.name}.toml"
    wanted = "".join(f" --blank {name}" for name in blanks)
    wanted += "" if layout == "rows" else f" --layout {layout}"
    wanted += "" if lang == "en" else f" --lang {lang}"
    files = make_assignment(
        network,
        blanks,
        seed=seed,
        command=f"bpsym assignment {spec}{wanted} --seed {seed}",
        layout="columns" if layout == "columns" else "rows",
        lang="zh" if lang == "zh" else "en",
    )
    output.mkdir(parents=True, exist_ok=True)
    there = [name for name in files if (output / name).exists()]
    if there and not force:
        raise EmitError.single(
            where=f"output {str(output)!r}",
            what="files of the assignment are there already",
            expected="a folder without " + ", ".join(files),
            got=", ".join(there),
            way_out="choose another folder, or give --force",
        )
    for name, text in files.items():
        write_whole(output / name, text)
    click.echo(f"wrote {', '.join(files)} to {output}", err=True)
