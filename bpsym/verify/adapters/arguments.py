"""What goes into each argument of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.names import (
    RUN,
    is_upstream,
    letter_of,
    matched,
    role_of,
    spoken,
    value_of,
)
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.adapters.widths import width_roles

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared

ADAPTER = (
    "give an adapter: def adapter(params, X, Y): return loss, "
    '{"W1": ..., "b1": ...}, with X (m, n0), W (out, in), b (out,)'
)
# Roles before a colon: one of several inputs or targets, a value of the forward pass, a width.
INPUT, TARGET, VALUE, WIDTH = "input:", "target:", "value:", "width:"
UPSTREAM = "upstream"
# The shapes of all parameters, beside a flat vector of them.
SHAPES = "shapes"
_SHAPES = re.compile(r"^(?:(?:params?|parameters?|thetas?|weights?|w)_?)?shapes$", re.IGNORECASE)
# A name of at most so many characters is a letter of a formula.
LETTER = 2
_OPTIONAL = ("X", "Y", "params", "pairs")
_DATA = ("X", "Y")


@dataclass(frozen=True)
class Argument:
    """One argument: its name and what goes there, a role or a declared parameter."""

    name: str
    role: str
    keyword: bool = False


def arguments_of(
    signature: Sequence[Mapping[str, Any]],
    network: Declared,
    *,
    function: str = "the function",
    update: bool = False,
    method: bool = False,
) -> list[Argument]:
    """What goes into each argument that is needed, and into known ones that are not.

    function: its name, for messages. update: the call makes a step, so that a rate is given.
    method: of an object that has the parameters, so that a gradient from above may be an argument.
    Raises ReadingError for a needed argument that is not understood.
    """
    own = _own_parameters([str(each["name"]) for each in signature], network)
    several = dict(_several(network, [str(each["name"]).lower() for each in signature]))
    found: list[Argument] = []
    open_places: list[int] = []
    for each in signature:
        name = str(each["name"])
        if each["kind"] in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        role = several.get(name.lower()) or own.get(name) or role_of(name)
        keyword = each["kind"] == "KEYWORD_ONLY" or not each["needed"]
        if not each["needed"] and not _given_anyway(role, network, update=update):
            continue
        if role is None or (role in (a.role for a in found) and role not in network.names):
            open_places.append(len(found))
            role = ""
        found.append(Argument(name, role, keyword))
    if not method:
        _weights_alone(found)
    _in_order(found, network)
    open_places = [place for place in open_places if not found[place].role]
    left = _by_meaning(found, open_places, network, method=method)
    _by_place(found, left, network)
    unknown = [each.name for each in found if not each.role]
    if unknown:
        raise unreadable(function, f"its argument {unknown[0]!r} is not understood")
    return found


def _own_parameters(names: Sequence[str], network: Declared) -> dict[str, str]:
    """Arguments that are parameters by their names."""
    letters = [letter_of(name) for name in network.names]
    single = len([n for n in network.names if letter_of(n) == "W"]) == 1
    untagged = {s.letter for name in names if (s := spoken(name, letters)) and not s.tag}
    numbered = {s.letter for name in names if (s := spoken(name, letters)) and s.tag == "2"}
    tagged = [
        name
        for name in names
        if (s := spoken(name, letters)) is not None
        and (s.tag or single or (s.letter in untagged & numbered))
    ]
    exact = [name for name in names if name in network.names]
    return {**matched(tagged, network.names, gradient=False), **{name: name for name in exact}}


def _several(network: Declared, arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names of several inputs or targets, where each is an argument of its own."""
    for names, role in ((network.input_names, INPUT), (network.target_names, TARGET)):
        if len(names) > 1 and {name.lower() for name in names} <= set(arguments):
            for name in names:
                yield name.lower(), f"{role}{name}"


def _given_anyway(role: str | None, network: Declared, *, update: bool) -> bool:
    """Whether an argument that may be left out is given all the same."""
    if role in _OPTIONAL or role in network.names or (role or "").startswith((INPUT, TARGET)):
        return True
    return (role == "decay" and bool(network.decay)) or (update and role in ("rate", *RUN))


def _weights_alone(found: list[Argument]) -> None:
    """``weights`` without ``biases`` are all the parameters."""
    roles = {each.role for each in found}
    if "weights" in roles and "biases" not in roles:
        for at, each in enumerate(found):
            if each.role == "weights":
                found[at] = replace(each, role="params")


def _in_order(found: list[Argument], network: Declared) -> None:
    """``(W, b, U, x)``: as many arguments as parameters, with letters that number no layer."""
    letters = {letter_of(name) for name in network.names}
    places = [
        at
        for at, each in enumerate(found)
        if each.role in ("weights", "biases", "") and len(each.name) <= LETTER
    ]
    bare = [found[at].name for at in places if found[at].role]
    if (
        bare
        and len(letters) < len(network.names) == len(places)
        and "" in (found[at].role for at in places)
    ):
        for at, name in zip(places, network.names, strict=True):
            found[at] = replace(found[at], role=name)


def _by_meaning(
    found: list[Argument], places: Sequence[int], network: Declared, *, method: bool
) -> list[int]:
    """Give a role to what is a value of the forward pass or a width; the places that are left."""
    widths = width_roles([found[place].name for place in places], network.widths)
    roles = {each.role for each in found}
    left = []
    for place in places:
        name = found[place].name
        value = value_of(name, network.values, network.output)
        role = ""
        if value and (roles & {"X", "Y", "params", *network.names} or name.lower() == "al"):
            role = f"{VALUE}{value}"
        elif name in widths:
            role = f"{WIDTH}{name}"
        elif _SHAPES.match(name) and "params" in roles:
            role = SHAPES
        elif method and network.output and is_upstream(name) and not roles & {"X", "Y"}:
            role = UPSTREAM
        if role:
            found[place] = replace(found[place], role=role)
        else:
            left.append(place)
    return left


def _by_place(found: list[Argument], places: Sequence[int], network: Declared) -> None:
    """Unknown arguments are what is missing of parameters, X and Y, in this order."""
    roles = {each.role for each in found}
    data: tuple[str, ...] = () if "pairs" in roles else _DATA
    if any(role.startswith(INPUT) for role in roles):
        data = tuple(each for each in data if each != "X")
    if any(role.startswith(TARGET) for role in roles) or not network.targets:
        data = tuple(each for each in data if each != "Y")
    missing = [role for role in data if role not in roles]
    named = roles & {"params", "weights", "biases", *network.names}
    if not named and len(places) >= 3 - len(roles & set(_DATA)):
        missing = ["params", *missing]
    for place, role in zip(places, missing, strict=False):
        found[place] = replace(found[place], role=role)


def unreadable(name: str, what: str) -> ReadingError:
    """The error for a function that cannot be called, and the adapter that mends it."""
    return ReadingError.single(
        where=f"function {name!r}",
        what=what,
        expected="a function of (params, X, Y), or of W1, b1, ..., X, Y",
        got="something else",
        way_out=ADAPTER,
    )
