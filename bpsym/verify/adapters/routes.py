"""The ways in which a target can be called, from what can be seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.construct import constructions, filled
from bpsym.verify.adapters.declared import Declared, merged
from bpsym.verify.adapters.forms import BATCH_FORMS, given
from bpsym.verify.adapters.function import FunctionRoute
from bpsym.verify.adapters.functions import function_routes, method_routes
from bpsym.verify.adapters.instance import object_routes
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.running.sandbox import UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.adapters.trials import AnyRoute, Search
    from bpsym.verify.diagnosis.observe import Point

FLOWS = {
    "async": ("it is async: a call gives a coroutine, not gradients", "write def for async def"),
    "generator": (
        "it is a generator: a call computes nothing yet",
        "return the gradients, all at once, instead of yielding them",
    ),
}


def routes_of(
    search: Search, description: Mapping[str, Any], point: Point, method: str | None
) -> list[AnyRoute]:
    """All routes, the likeliest first; those with biases inside W last.

    Raises ReadingError if there is none, UserCodeError if a constructor only raises.
    """
    _no_flow(description, method)
    problem: ReadingError | UserCodeError | None = None
    found: list[AnyRoute] = []
    try:
        found = list(_routes(search, search.network, description, point, method))
    except (ReadingError, UserCodeError) as error:
        problem = error
    inside = merged(search.network)
    if inside is not None:
        with suppress(ReadingError, UserCodeError):
            found += _routes(search, inside, description, point, method)
    if not found and problem is not None:
        raise problem
    shared = [
        replace(each, divided=True)
        for each in found
        if search.network.decay and any(a.role == "decay" for a in each.arguments)
    ]
    return [*found, *shared]


def _no_flow(description: Mapping[str, Any], method: str | None) -> None:
    """Refuse what gives no gradients when it is called."""
    flow = description.get("flow", "")
    name = str(description["name"])
    if method is not None:
        flow, name = description.get("flows", {}).get(method, ""), f"{name}.{method}"
    if flow:
        what, way_out = FLOWS[flow]
        raise ReadingError.single(
            where=f"function {name!r}",
            what=what,
            expected="a function that returns",
            got=f"{'an' if flow[0] == 'a' else 'a'} {flow} function",
            way_out=way_out,
        )


def _routes(
    search: Search,
    network: Declared,
    description: Mapping[str, Any],
    point: Point,
    method: str | None,
) -> Iterator[AnyRoute]:
    kind = description["kind"]
    if kind == "function":
        yield from function_routes(description, network)
    elif kind == "instance":
        yield from _of_object(description, description["attributes"], (), network, method)
    elif kind == "class":
        yield from _of_class(search, network, description, point, method)
    else:
        raise ReadingError.single(
            where="target",
            what="it is a module",
            expected="a function or a class in it",
            got=str(description["name"]),
            way_out="name one: FILE.py:NAME",
        )


def _of_object(
    description: Mapping[str, Any],
    state: Mapping[str, Any],
    new: tuple[Mapping[str, Any], ...],
    network: Declared,
    method: str | None,
) -> list[AnyRoute]:
    """Of an object with weights; of one without, methods that take them."""
    try:
        return list(object_routes(description, state, new, network, method))
    except ReadingError:
        taking: list[FunctionRoute] = method_routes(description, new, network, method)
        if not taking:
            raise
        return list(taking)


def _of_class(
    search: Search,
    network: Declared,
    description: Mapping[str, Any],
    point: Point,
    method: str | None,
) -> Iterator[AnyRoute]:
    """Of an object of a class, made in the first way in which its constructor can be called."""
    problem: ReadingError | None = None
    error: UserCodeError | None = None
    for new in constructions(description["signature"], network):
        roles = [each for step in new for each in step["args"] if isinstance(each, dict)]
        takes_weights = any(each["role"] in network.parameters for each in roles)
        made = []
        for form in BATCH_FORMS if takes_weights else BATCH_FORMS[:1]:
            form = replace(form, merged="first") if network.merged else form
            user = given(point, form, network if takes_weights else search.network)
            steps = [{**each, "args": filled(each["args"], user)} for each in new]
            steps.append({"do": "state", "of": "obj", "to": "state"})
            try:
                answer = search.runner.request(
                    {"do": "run", "steps": steps, "want": ["state"]}, f"{description['name']}(...)"
                )
                state = answer["value"]["state"]
                made += _of_object(description, state, tuple(new), network, method)
            except ReadingError as found:
                problem = problem or found
            except UserCodeError as found:
                error = error or found
        if made:
            yield from (each for at, each in enumerate(made) if each not in made[:at])
            return
    if problem is not None:
        raise problem
    if error is not None:
        raise error
    raise ReadingError.single(
        where=f"class {description['name']!r}",
        what="its constructor is not understood",
        expected="no arguments, a list of widths, widths by name or one by one",
        got=", ".join(str(each["name"]) for each in description["signature"] or []),
        way_out="give an instance: a variable of the file, FILE.py:VARIABLE",
    )
