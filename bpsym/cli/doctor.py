"""``bpsym doctor``: what is there to make documents with, and what to install for the rest."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(*, as_json: bool) -> None:
    """Say what is available: compilers, fonts, and what each is needed for."""
    from bpsym.typeset.documents.available import findings

    found = findings()
    if as_json:
        rows = [
            {"what": each.what, "found": each.found, "for": each.purpose, "install": each.install}
            for each in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(len(each.what) for each in found)
    for each in found:
        click.echo(f"{each.what.ljust(width)}  {each.found or 'missing'}")
        click.echo(f"{' ' * width}  {each.purpose}")
        if not each.found:
            click.echo(f"{' ' * width}  {each.install}")
