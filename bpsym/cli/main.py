"""``bpsym``: the group of commands. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import click

from bpsym import __version__
from bpsym.cli.assignment import assignment
from bpsym.cli.derive import derive
from bpsym.cli.doctor import doctor
from bpsym.cli.generate import generate
from bpsym.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bpsym")
def main() -> None:
    """Derive backpropagation for a network, prove it, write it as numpy, judge yours.

    SPEC is a topology such as 2-3-3-1 or 784-128:relu-10:softmax, or a .toml or .json file.
    """


main.add_command(generate)
main.add_command(derive)
main.add_command(verify)
main.add_command(assignment)
main.add_command(doctor)
