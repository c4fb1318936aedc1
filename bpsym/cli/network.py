"""What every command takes: SPEC and the options that win over it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import click

from bpsym.errors import BpsymError, EmitError


def takes_network(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add SPEC and its options, and hand the command the Network as ``network``.

    Where SPEC is one of the command's ``NO_NETWORK``, ``network`` is None.
    Problems go to stderr, and the exit code is 1, or the command's ``PROBLEM_EXIT``.
    """
    others = getattr(sys.modules[command.__module__], "NO_NETWORK", ())
    code = getattr(sys.modules[command.__module__], "PROBLEM_EXIT", 1)

    @click.argument("spec")
    @click.option("--act", help="Activation of the layers that name none.")
    @click.option("--loss", help="Loss of the last layer, by name or as an expression.")
    @click.option("--reduction", help="mean or sum over the samples.")
    @click.option("--l2", help="Weight decay: l2/2 times the sum of squares of all weights.")
    @functools.wraps(command)
    def with_network(
        spec: str,
        act: str | None,
        loss: str | None,
        reduction: str | None,
        l2: str | None,
        **options: Any,
    ) -> Any:
        from bpsym.network import parse

        try:
            if spec in others:
                _refuse(spec, {"act": act, "loss": loss, "reduction": reduction, "l2": l2})
                return command(network=None, **options)
            network = parse(spec, act=act, loss=loss, reduction=reduction, l2=l2)
            return command(network=network, **options)
        except BpsymError as error:
            fail(error, code)

    return with_network


def _refuse(spec: str, given: Mapping[str, str | None]) -> None:
    """Raise EmitError for an option that changes a network where there is none."""
    wrong = [f"--{name}" for name, value in given.items() if value is not None]
    if wrong:
        raise EmitError.single(
            where=f"{spec} {wrong[0]}",
            what=f"{spec} is of any network, so nothing can be chosen in it",
            expected="a network such as 2-3-1",
            got=" ".join(wrong),
            way_out=f"leave out {' and '.join(wrong)}, or name a network",
        )


def fail(error: BpsymError, code: int = 1) -> NoReturn:
    """Say what is wrong on stderr and exit."""
    click.echo(f"{type(error).__name__}: {error}", err=True)
    sys.exit(code)
