"""The ways in which a function can be called: with parameters, or beside global ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bindings import bind
from bpsym.verify.adapters.bundles import GROUPS, KINDS, Bundle, Kind
from bpsym.verify.adapters.names import RUN, rate_among, role_of
from bpsym.verify.adapters.route import ReadingError

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared

from bpsym.verify.adapters.arguments import ADAPTER, Argument, arguments_of, unreadable
from bpsym.verify.adapters.function import FunctionRoute

_PARAMETERS = ("params", "weights", "biases")
_UPDATES = ("update", "train", "step", "sgd", "descent", "fit", "learn", "optimi")
_GRADIENTS = ("grad", "backprop", "back_prop", "backward", "__call__")
_FORWARDS = ("forward", "forward_propagation", "forward_pass", "forward_prop", "feedforward")


def function_routes(description: Mapping[str, Any], network: Declared) -> list[FunctionRoute]:
    """The routes for a function, the likeliest first.

    Raises ReadingError if its arguments cannot be told apart.
    """
    name = str(description["name"])
    signature = description["signature"]
    if signature is None:
        raise unreadable(name, "its arguments cannot be seen")
    update = any(part in name.lower() for part in _UPDATES)
    arguments = arguments_of(signature, network, function=name, update=update)
    roles = [each.role for each in arguments]
    if "rate" in roles:
        update = True
    forward = _forward(description, network, roles)
    handed = [*roles, *(each.role for each in forward[1])] if forward else roles
    if not any(role in (*_PARAMETERS, *network.names) for role in handed):
        return _of_script(description, network, arguments, update=update)
    route = FunctionRoute(
        network,
        name,
        tuple(arguments),
        Bundle("dict"),
        update,
        forward=forward,
        returns=tuple(description.get("returns", ())),
    )
    routes = list(_packages(route, signature, handed))
    return [_with_rate_beside(each, description) for each in routes]


def _with_rate_beside(route: FunctionRoute, description: Mapping[str, Any]) -> FunctionRoute:
    """A step with the rate that is a global variable, or stands in the code as a number."""
    if not route.update or route.rated:
        return route
    name = rate_among(description.get("globals", {}))
    if name is not None:
        return replace(route, rate_global=name)
    return replace(route, written_rate=description.get("rate"))


def method_routes(
    description: Mapping[str, Any],
    new: tuple[Mapping[str, Any], ...],
    network: Declared,
    wanted: str | None,
) -> list[FunctionRoute]:
    """The routes for methods that take the parameters, of an object that has none."""
    found: list[FunctionRoute] = []
    for name, signature in description["methods"].items():
        known = any(part in name.lower() for part in _GRADIENTS)
        if name != wanted and (wanted is not None or not known):
            continue
        try:
            arguments = arguments_of(signature or [], network)
        except ReadingError:
            continue
        roles = [each.role for each in arguments]
        if "cache" in roles or not any(role in (*_PARAMETERS, *network.names) for role in roles):
            continue
        route = FunctionRoute(
            network,
            str(description["name"]),
            tuple(arguments),
            Bundle("dict"),
            new=new,
            method=name,
            returns=tuple(description.get("method returns", {}).get(name, ())),
        )
        found += _packages(route, signature or [], roles)
    return found


def _packages(
    route: FunctionRoute, signature: Sequence[Mapping[str, Any]], roles: Sequence[str]
) -> Iterator[FunctionRoute]:
    """A route with the parameters in every package; as a step too, if a rate may be left out."""
    kinds: tuple[Kind, ...] = KINDS if "params" in roles else ("dict",)
    if "weights" in roles and "biases" in roles:
        kinds = GROUPS
    named = (*route.arguments, *(route.forward[1] if route.forward else ()))
    said = next((each.name.lower() for each in named if each.role == "params"), "")
    if said.startswith(("theta", "vec", "flat", "nn_p")):
        flat: tuple[Kind, ...] = ("flat", "weights first")
        kinds = (*flat, *(kind for kind in KINDS if kind not in flat))
    routes = [route]
    stepping = tuple(arguments_of(signature, route.network, update=True))
    if not route.update or stepping != route.arguments:
        # Its name does not say that it makes a step, and it may have a rate that may be left out.
        routes.append(replace(route, arguments=stepping, update=True, guessed=True))
    if route.update and "rate" not in roles:
        # A step may be what it says, or what gives the gradients for one.
        routes.append(replace(route, update=False))
    if "pairs" in roles:
        # A batch is a list of pairs, or a pair of arrays.
        routes += [
            replace(each, arguments=tuple(_as_arrays(one) for one in each.arguments))
            for each in routes
        ]
    for each in routes:
        for kind in kinds:
            yield replace(each, bundle=Bundle(kind))


def _as_arrays(argument: Argument) -> Argument:
    return replace(argument, role="batch") if argument.role == "pairs" else argument


def _of_script(
    description: Mapping[str, Any],
    network: Declared,
    arguments: Sequence[Argument],
    *,
    update: bool,
) -> list[FunctionRoute]:
    """The routes for a function that reads its parameters from global variables."""
    name = str(description["name"])
    space = description.get("globals", {})
    bindings = bind(space, network)
    if not bindings:
        raise _no_parameters(name, space, network)
    roles = {each.role for each in arguments}
    held = bindings[0].paths()
    feeds = tuple(
        (variable, role)
        for variable in space
        if variable not in held
        and (role := role_of(variable)) in ("X", "Y")
        and role not in roles
        and "pairs" not in roles
    )
    feeds += tuple(
        (variable, str(role_of(variable)))
        for variable, value in space.items()
        if isinstance(value, int) and role_of(variable) in RUN
    )
    left = {name: value for name, value in space.items() if name not in held}
    rate = rate_among(left) if "rate" not in roles else None
    forward = _forward(description, network, roles)
    found = []
    for binding in bindings:
        route = FunctionRoute(
            network,
            name,
            tuple(arguments),
            Bundle("dict"),
            beside=binding,
            feeds=feeds,
            forward=forward,
            returns=tuple(description.get("returns", ())),
        )
        if not update:
            found.append(route)
        step = replace(route, update=True, guessed=not update, written_rate=description.get("rate"))
        if rate is not None:
            found.append(replace(step, rate_global=rate))
        found.append(step)
    return found


def _no_parameters(name: str, space: Mapping[str, Any], network: Declared) -> ReadingError:
    """A function without parameters, and global variables that are none."""
    shapes = ", ".join(f"{each} {shape}" for each, shape in network.parameters.items())
    read = ", ".join(
        f"{each} {value.shape}" if isinstance(value, np.ndarray) else each
        for each, value in space.items()
    )
    return ReadingError.single(
        where=f"function {name!r}",
        what="it takes no parameters, and no global variables hold them",
        expected=f"an argument for the parameters, or global variables with {shapes}",
        got=f"it reads the global variables {read}" if read else "it reads no global data",
        way_out=ADAPTER,
    )


def _forward(
    description: Mapping[str, Any], network: Declared, roles: Collection[str]
) -> tuple[str, tuple[Argument, ...]] | None:
    """The function whose result a cache argument wants.

    Raises ReadingError if there is none.
    """
    if "cache" not in roles:
        return None
    lists = None
    for name, signature in description.get("siblings", {}).items():
        if name.lower() not in _FORWARDS and not name.lower().endswith("_forward"):
            continue
        try:
            arguments = tuple(arguments_of(signature or [], network))
        except ReadingError:
            continue
        its = {each.role for each in arguments}
        if "X" not in its or "Y" in its:
            continue
        if "params" in its or {*network.names} <= its:
            return name, arguments
        if {"weights", "biases"} <= its:  # two lists, or one layer alone
            lists = lists or (name, arguments)
    if lists is not None:
        return lists
    name = str(description["name"])
    raise unreadable(name, "it wants the result of a forward pass that is not beside it")
