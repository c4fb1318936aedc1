"""``bpsym derive``: the derivation, printed for reading."""

from __future__ import annotations

import shutil
import sys

import click

from bpsym.cli.network import takes_network
from bpsym.network.model import Network


@click.command()
@takes_network
@click.option("--steps", is_flag=True, help="Show every named step of every derivation.")
@click.option("--input-grads", is_flag=True, help="Also derive the gradient in the inputs.")
@click.option("--width", type=click.IntRange(40, 240), help="Columns; the terminal's by default.")
@click.option("--ascii", "plain", is_flag=True, help="Use ASCII only.")
@click.option("--no-prove", is_flag=True, help="Print without proving first.")
def derive(
    network: Network,
    width: int | None,
    *,
    steps: bool,
    input_grads: bool,
    plain: bool,
    no_prove: bool,
) -> None:
    """Print forward equations, deltas and gradients of SPEC.

    Nothing is printed that was not proven: a failed proof is an error.
    """
    from bpsym.api import derive as derive_network
    from bpsym.typeset.glyphs import ASCII, glyphs_for
    from bpsym.typeset.terminal import render_derivation

    derivation = derive_network(network, input_grads=input_grads)
    if not no_prove:
        derivation.require_proof()
    columns = width or min(shutil.get_terminal_size((80, 24)).columns, 100)
    ascii_only = plain or glyphs_for(sys.stdout.encoding) is ASCII
    text = render_derivation(
        derivation.record, derivation.built, steps=steps, width=columns, ascii_only=ascii_only
    )
    click.echo(text)
    if not no_prove:
        click.echo(f"\n{derivation.certificate}")
