"""How an object is made: the constructor called for the widths of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.names import matched, role_of
from bpsym.verify.adapters.widths import width_roles

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Given

# A rate that a constructor asks for; it is set anew before every step.
RATE = 0.5


def filled(args: Sequence[Any], given: Given) -> list[Any]:
    """Arguments with the data, or the parameters, in the places that are marked for them."""
    values = {**given.params, "X": given.X, "Y": given.Y}
    return [
        values[each["role"]] if isinstance(each, dict) and "role" in each else each for each in args
    ]


def constructions(
    signature: Sequence[Mapping[str, Any]] | None, network: Declared
) -> Iterator[list[Mapping[str, Any]]]:
    """Ways to call a constructor: by the names of its arguments, then by their number."""
    variable = ("VAR_KEYWORD", "VAR_POSITIONAL")
    known = [each for each in signature or [] if each["kind"] not in variable]
    needed = [each for each in known if each["needed"]]
    yield from _by_names(known, network)
    yield from _by_number(needed, network)


def _by_names(
    known: Sequence[Mapping[str, Any]], network: Declared
) -> Iterator[list[Mapping[str, Any]]]:
    """Every argument that is needed, and widths and decay that are not, by what they are called."""
    names = [str(each["name"]) for each in known]
    own = _parameters(names, network)
    widths = width_roles([name for name in names if name not in own], network.widths)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for each in known:
        name = str(each["name"])
        value: Any = None
        role = role_of(name)
        if name in own:
            value = {"role": own[name]}
        elif name in widths:
            value = widths[name]
        elif role == "decay":
            value = network.decay
        elif each["needed"]:
            value = _needed(role)
        if value is None and each["needed"]:
            return
        if value is None or (isinstance(value, dict) and not each["needed"]):
            continue
        if each["needed"] and each["kind"] != "KEYWORD_ONLY":
            args.append(value)
        else:
            kwargs[name] = value
    if not args and not kwargs and any(each["needed"] for each in known):
        return
    yield [{"do": "new", "args": args, "kwargs": kwargs, "to": "obj"}]
    inner = list(network.widths[1:-1])
    if len(inner) == 1:
        # One hidden layer: its width may be asked for as a number or as a list of one.
        other = {
            name: inner if value == inner[0] else inner[0]
            for name, value in widths.items()
            if "hid" in name.lower() and value in (inner, inner[0])
        }
        if other:
            positions = [
                str(e["name"]) for e in known if e["needed"] and e["kind"] != "KEYWORD_ONLY"
            ]
            changed = [other.get(n, v) for n, v in zip(positions, args, strict=True)]
            yield [
                {
                    "do": "new",
                    "args": changed,
                    "kwargs": {**kwargs, **_of(other, kwargs)},
                    "to": "obj",
                }
            ]


def _of(values: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _needed(role: str | None) -> Any:
    """What a constructor may need beside widths."""
    if role == "rate":
        return RATE
    return {"role": role} if role in ("X", "Y") else None


def _parameters(names: Sequence[str], network: Declared) -> dict[str, str]:
    """Arguments that are the parameters themselves; all of them, or none."""
    found = matched(names, network.names, gradient=False)
    return found if set(found.values()) == set(network.names) else {}


def _by_number(
    needed: Sequence[Mapping[str, Any]], network: Declared
) -> Iterator[list[Mapping[str, Any]]]:
    """No arguments, a list of widths, or width by width."""
    widths = list(network.widths)
    roles = [role_of(str(each["name"])) for each in needed]
    fixed: dict[int, Any] = {}
    for at, role in enumerate(roles):
        if role == "rate":
            fixed[at] = RATE
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
    if len(free) == 1:
        yield new([widths])
    if len(free) == len(widths):
        yield new(widths)
    if len(free) == 3 and len(widths) >= 3:
        yield new([widths[0], widths[1:-1], widths[-1]])
