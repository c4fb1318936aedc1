"""``bpsym``: the group of commands. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from bpsym import __version__
from bpsym.cli.assignment import assignment
from bpsym.cli.derive import derive
from bpsym.cli.doctor import doctor
from bpsym.cli.generate import generate
from bpsym.cli.verify import verify
from bpsym.collection import end_without_collection

end_without_collection()


class Commands(click.Group):
    """The commands; where the output cannot be written, that is said in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as error:
            if error.filename is not None:
                raise
            click.echo(f"bpsym: the output cannot be written: {error.strerror}.", err=True)
            # What is still in the buffer must not be tried again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
