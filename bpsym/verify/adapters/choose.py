"""Tries the ways in which code can be read, and keeps the one that fits.

A reading is a route (how to call, how to read) and a form (which way round arrays are held). A
reading fits if the call returns, and every gradient has the shape of its parameter; one that fits
and agrees with the derivation is taken at once. Agreement under any consistent reading is a pass:
code that is right for columns is right. Code is read as taking one sample per call only where it
cannot be read as taking a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from bpsym.verify.adapters.arguments import ADAPTER
from bpsym.verify.adapters.construct import constructions, filled
from bpsym.verify.adapters.forms import (
    BATCH_FORMS,
    SINGLE_FORMS,
    Declared,
    Form,
    given,
    slices,
    target_variants,
)
from bpsym.verify.adapters.function import FunctionRoute
from bpsym.verify.adapters.functions import function_routes
from bpsym.verify.adapters.instance import object_routes
from bpsym.verify.adapters.names import matched
from bpsym.verify.adapters.reading import Reading, reading_of
from bpsym.verify.adapters.route import Options, ReadingError
from bpsym.verify.adapters.trials import AnyRoute, Search, Trial
from bpsym.verify.laws import factor
from bpsym.verify.sandbox import Runner, UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.observe import Point
    from bpsym.verify.reference import Reference

ALIASES = 40
# What code raises however it is read.
NO_READING = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")
# What code raises that takes its arguments in another shape.
OF_ARGUMENTS = ("AttributeError", "KeyError", "TypeError", "IndexError", "ValueError")
# A step changes the weights by less than this part of them.
NEAR = 0.5


def read_target(
    runner: Runner,
    description: Mapping[str, Any],
    reference: Reference,
    network: Declared,
    point: Point,
    options: Options,
    method: str | None = None,
    *,
    fresh: bool = False,
) -> Reading:
    """Find out how to call the target and how to read what it gives.

    fresh: load the file anew before each call, for code that remembers the last one.
    Raises ReadingError if nothing fits, UserCodeError if it only raises.
    """
    search = Search(runner, reference, network, options, fresh=fresh)
    routes = list(_routes(search, description, point, method))
    best = None
    # Steps are looked at only where nothing gives gradients.
    for updates in (False, True):
        group = [each for each in routes if each.update == updates]
        found = _search(search, group, point) if group else None
        if best is None or (found is not None and _are_parameters(best, point)):
            best = found or best
        if best is not None and not _are_parameters(best, point):
            break
    if best is None:
        _give_up(search, routes, network)
    return reading_of(search, best)


def _are_parameters(trial: Trial, point: Point) -> bool:
    """Whether what was taken for gradients is the parameters, a step further on."""
    if trial.matches or trial.route.update:
        return False
    shapes = trial.fits
    return bool(shapes) and all(
        np.linalg.norm(
            trial.form.back(trial.returned.grads[name], point.params[name].shape)
            - point.params[name]
        )
        < NEAR * np.linalg.norm(point.params[name])
        for name in shapes
    )


def _routes(
    search: Search, description: Mapping[str, Any], point: Point, method: str | None
) -> Iterator[AnyRoute]:
    network = search.network
    if description["kind"] == "function":
        yield from function_routes(description, network)
        return
    if description["kind"] == "instance":
        yield from object_routes(description, description["attributes"], (), network, method)
        return
    if description["kind"] == "module":
        raise ReadingError.single(
            where="target",
            what="it is a module",
            expected="a function or a class in it",
            got=str(description["name"]),
            way_out="name one: FILE.py:NAME",
        )
    problem: ReadingError | None = None
    error: UserCodeError | None = None
    for new in constructions(description["signature"], network):
        user = given(point, BATCH_FORMS[0], network)
        steps = [{**each, "args": filled(each["args"], user.X, user.Y)} for each in new]
        steps.append({"do": "state", "of": "obj", "to": "state"})
        try:
            answer = search.runner.request(
                {"do": "run", "steps": steps, "want": ["state"]}, f"{description['name']}(...)"
            )
            routes = object_routes(description, answer["value"]["state"], new, network, method)
        except ReadingError as found:
            problem = problem or found
            continue
        except UserCodeError as found:
            error = error or found
            continue
        yield from routes
        return
    if problem is not None:
        raise problem
    if error is not None:
        raise error
    raise ReadingError.single(
        where=f"class {description['name']!r}",
        what="its constructor is not understood",
        expected="no arguments, a list of widths, or the widths one by one",
        got=", ".join(str(each["name"]) for each in description["signature"] or []),
        way_out="give an instance: a variable of the file, FILE.py:VARIABLE",
    )


def _search(search: Search, routes: Sequence[AnyRoute], point: Point) -> Trial | None:
    best: Trial | None = None
    count = len(search.network.parameters)
    rank = 0

    def better(trials: Sequence[Trial]) -> bool:
        """Take over what is better; whether it is as good as can be."""
        nonlocal best
        for trial in trials:
            if best is None or trial.score > best.score:
                best = trial
        return best is not None and len(best.matches) == count and best.loss_agrees is not False

    working: list[AnyRoute] = []
    for route in routes:
        forms = [f for f in BATCH_FORMS if _allowed(search, route, f)]
        for form in forms:
            rank += 1
            tried, actual = _tried(search, route, form, point, rank)
            if tried and actual not in working:
                working.append(actual)
            if better(tried):
                return best
    for route in working or routes:
        for form in (f for f in BATCH_FORMS if _allowed(search, route, f)):
            for variant in target_variants(form, search.network):
                rank += 1
                tried, actual = _tried(search, route, variant, point, rank)
                if tried and actual not in working:
                    working.append(actual)
                if better(tried):
                    return best
    batch = best
    if batch is not None and len(batch.fits) == count:
        return batch
    if batch is not None and batch.matches and search.options.samples != "one":
        return batch
    best = None
    singles = (
        (route, form)
        for route in working or routes
        for form in SINGLE_FORMS
        if _allowed(search, route, form) and not (form.samples == "one row" and batch is not None)
    )
    for route, form in singles:
        rank += 1
        if better(_tried(search, route, form, point, rank)[0]):
            break
    if batch is None:
        return best
    if best is None or len(best.fits) <= len(batch.fits) or _counts(search, batch, best, point):
        return batch
    return best


def _counts(search: Search, batch: Trial, single: Trial, point: Point) -> bool:
    """Whether code that also takes a batch divides by its size: then it is no code for one sample.

    With one sample per call any power of 1/m is 1. On a batch, code for one sample gives the sum
    of what it gives for each, or something else altogether, where it adds up what it should not.
    """
    try:
        parts = [search.run(single.route, single.form, each) for each in slices(point)]
    except UserCodeError:
        return False
    if any(len(each) <= single.which for each in parts):
        return False
    shapes = search.network.parameters
    factors = []
    for name in batch.fits & single.fits:
        shape = shapes[name]
        added = sum(single.form.back(each[single.which].grads[name], shape) for each in parts)
        whole = batch.form.back(batch.returned.grads[name], shape)
        c = factor([np.asarray(added)], [whole])
        if c is None or np.max(np.abs(whole - c * added)) > 1e-9 * np.max(np.abs(whole)):
            return False
        factors.append(c)
    return bool(factors) and any(
        all(abs(c * point.m**power - 1) < 1e-9 for c in factors) for power in (1, 2, 3)
    )


def _allowed(search: Search, route: AnyRoute, form: Form) -> bool:
    forms = route.forms()
    plain = replace(form, target="array")
    return search.options.allows(form) and (forms is None or plain in forms)


def _tried(
    search: Search, route: AnyRoute, form: Form, point: Point, rank: int
) -> tuple[list[Trial], AnyRoute]:
    """A trial; a dict's keys are learnt from the KeyErrors that the code raises."""
    trials = search.trials(route, form, point, rank)
    if trials or not isinstance(route, FunctionRoute) or route.bundle.kind != "dict":
        return trials, route
    for _ in range(ALIASES):
        key = _missing_key(search)
        if key is None or key in route.bundle.aliases:
            break
        found = matched([*route.bundle.aliases, key], search.network.names, gradient=False)
        if key not in found:
            break
        aliases = {**found}
        route = replace(route, bundle=replace(route.bundle, aliases=aliases))
        search.errors.pop()
        trials = search.trials(route, form, point, rank)
        if trials:
            break
    return trials, route


def _missing_key(search: Search) -> str | None:
    error = search.errors[-1] if search.errors else None
    if error is None or "raised KeyError: '" not in error.problems[0].what:
        return None
    return error.problems[0].what.split("raised KeyError: ", 1)[1].strip("'")


def _give_up(search: Search, routes: Sequence[AnyRoute], network: Declared) -> NoReturn:
    """Say why no reading fits: the code's own error, or that nothing like gradients came back."""
    if search.errors and not search.returned_nothing:
        error = _telling(search.errors)
        # What it takes its arguments for is a guess of ours where it fails on one of them.
        raise error.otherwise_called(ADAPTER) if error.type in OF_ARGUMENTS else error
    call = routes[0].call() if routes else "the target"
    raise ReadingError.single(
        where=call,
        what="no gradients were found in what it returns or leaves behind",
        expected=f"gradients of {', '.join(network.names)}, by name or in this order",
        got="something else",
        way_out='return a dict: {"W1": dW1, "b1": db1, ...}',
    )


def _telling(errors: Sequence[UserCodeError]) -> UserCodeError:
    """The error of the reading that got furthest; of several, the one that most of them end in.

    Where shapes clash early, it is the reading that is wrong. No reading makes a name unknown.
    """
    errors = [each for each in errors if each.kind != "own"] or errors
    errors = [each for each in errors if each.type in NO_READING] or errors
    furthest = max(each.reached for each in errors)
    errors = [each for each in errors if each.reached == furthest]
    ends = [(each.traceback.strip().splitlines() or [""])[-1] for each in errors]
    return errors[ends.index(max(ends, key=ends.count))]


__all__ = ["Options", "Reading", "ReadingError", "Search", "read_target"]
