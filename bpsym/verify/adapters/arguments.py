"""What goes into each argument of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.names import letter_of, matched, role_of, spoken
from bpsym.verify.adapters.route import ReadingError

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared

ADAPTER = (
    "give an adapter: def adapter(params, X, Y): return loss, "
    '{"W1": ..., "b1": ...}, with X (m, n0), W (out, in), b (out,)'
)


@dataclass(frozen=True)
class Argument:
    """One argument: its name and what goes there, a role or a declared parameter."""

    name: str
    role: str
    keyword: bool = False


def arguments_of(
    signature: Sequence[Mapping[str, Any]], network: Declared, *, update: bool = False
) -> list[Argument]:
    """What goes into each argument that is needed, and into known ones that are not."""
    letters = [letter_of(name) for name in network.names]
    names = [str(each["name"]) for each in signature]
    single = len([n for n in network.names if letter_of(n) == "W"]) == 1
    tagged = [
        name for name in names if (s := spoken(name, letters)) is not None and (s.tag or single)
    ]
    own = matched(tagged, network.names, gradient=False)
    found: list[Argument] = []
    open_places: list[int] = []
    for each in signature:
        name = str(each["name"])
        if each["kind"] in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        role = own.get(name) or role_of(name)
        keyword = each["kind"] == "KEYWORD_ONLY" or not each["needed"]
        if not each["needed"]:
            known = role in ("X", "Y", "params", "pairs") or role in network.names
            if role == "decay" and network.decay:
                known = True
            if role == "rate" and update:
                known = True
            if not known:
                continue
        if role is None or (role in (a.role for a in found) and role not in network.names):
            open_places.append(len(found))
            role = ""
        found.append(Argument(name, role, keyword))
    roles = {each.role for each in found}
    if roles & {"params", "weights", "biases", *network.names}:
        missing = [role for role in ("X", "Y") if role not in roles and "pairs" not in roles]
    elif len(open_places) >= 3 - len(roles & {"X", "Y"}):
        missing = [role for role in ("params", "X", "Y") if role not in roles]
    else:
        missing = [role for role in ("X", "Y") if role not in roles]
    if "weights" in roles and "biases" not in roles:
        found = [replace(a, role="params") if a.role == "weights" else a for a in found]
    if not network.targets:
        missing = [role for role in missing if role != "Y"]
    for place, role in zip(open_places, missing, strict=False):
        found[place] = replace(found[place], role=role)
    left = [each.name for each in found if not each.role]
    if left:
        raise unreadable("the function", f"its argument {left[0]!r} is not understood")
    return found


def unreadable(name: str, what: str) -> ReadingError:
    """The error for a function that cannot be called, and the adapter that mends it."""
    return ReadingError.single(
        where=f"function {name!r}",
        what=what,
        expected="a function of (params, X, Y), or of W1, b1, ..., X, Y",
        got="something else",
        way_out=ADAPTER,
    )
