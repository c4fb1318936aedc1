"""How an object is made: the constructor called for the widths of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.names import role_of

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared


def filled(args: Sequence[Any], X: Any, Y: Any) -> list[Any]:
    """Arguments with the data in the places that are marked for it."""
    values = {"X": X, "Y": Y}
    return [
        values[each["role"]] if isinstance(each, dict) and "role" in each else each for each in args
    ]


def constructions(
    signature: Sequence[Mapping[str, Any]] | None, network: Declared
) -> Iterator[list[Mapping[str, Any]]]:
    """Ways to call a constructor: without arguments, with a list of widths, width by width."""
    variable = ("VAR_KEYWORD", "VAR_POSITIONAL")
    needed = [each for each in signature or [] if each["needed"] and each["kind"] not in variable]
    widths = list(network.widths)
    roles = [role_of(str(each["name"])) for each in needed]
    fixed: dict[int, Any] = {}
    for at, role in enumerate(roles):
        if role == "rate":
            fixed[at] = 0.5
        elif role == "decay":
            fixed[at] = network.decay
    # inputs, hidden, outputs are widths; x, y are data.
    if len(needed) - len(fixed) not in (3, len(widths)):
        fixed |= {at: {"role": role} for at, role in enumerate(roles) if role in ("X", "Y")}
    free = [at for at in range(len(needed)) if at not in fixed]

    def new(values: Sequence[Any]) -> list[Mapping[str, Any]]:
        args = {**fixed, **dict(zip(free, values, strict=True))}
        return [{"do": "new", "args": [args[at] for at in range(len(needed))], "to": "obj"}]

    if not free:
        yield new([])
        optional = [str(each["name"]) for each in signature or [] if not each["needed"]]
        for name in optional:
            if name.lower() in ("sizes", "layers", "layer_sizes", "dims", "layer_dims", "shape"):
                yield [{"do": "new", "args": [], "kwargs": {name: widths}, "to": "obj"}]
        return
    if len(free) == 1:
        yield new([widths])
    if len(free) == len(widths):
        yield new(widths)
    if len(free) == 3 and len(widths) >= 3:
        yield new([widths[0], widths[1:-1], widths[-1]])
