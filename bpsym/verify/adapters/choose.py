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
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.declared import Declared
from bpsym.verify.adapters.forms import (
    BATCH_FORMS,
    NUMBER_FORMS,
    SINGLE_FORMS,
    Form,
    Merged,
    slices,
    target_variants,
)
from bpsym.verify.adapters.function import FunctionRoute
from bpsym.verify.adapters.reading import Reading, reading_of
from bpsym.verify.adapters.refusal import OF_ARGUMENTS, give_up
from bpsym.verify.adapters.route import Options, ReadingError
from bpsym.verify.adapters.routes import routes_of
from bpsym.verify.adapters.trials import AnyRoute, Search, Trial
from bpsym.verify.diagnosis.laws import factor
from bpsym.verify.running.sandbox import Runner, UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Point
    from bpsym.verify.numbers.reference import Reference

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
    routes = routes_of(search, description, point, method)
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
        give_up(search, routes)
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
        for form in _forms(search, route, BATCH_FORMS):
            rank += 1
            tried, actual = _tried(search, route, form, point, rank)
            if tried and actual not in working:
                working.append(actual)
            if better(tried):
                return best
    for route in working or routes:
        for form in _forms(search, route, BATCH_FORMS):
            for variant in target_variants(form, search.network):
                rank += 1
                tried, actual = _tried(search, route, variant, point, rank)
                if tried and actual not in working:
                    working.append(actual)
                if better(tried):
                    return best
    batch = best
    if batch is not None and len(batch.fits) == count:
        return _with_thresholds(search, [batch], point) or batch
    if batch is not None and batch.matches and search.options.samples != "one":
        return batch
    best = None
    singles = (
        (route, form)
        for route in working or routes
        for form in _forms(search, route, SINGLE_FORMS)
        if not (form.samples == "one row" and batch is not None)
    )
    for route, form in singles:
        rank += 1
        if better(_tried(search, route, form, point, rank)[0]):
            break
    found = _with_thresholds(search, [each for each in (best, batch) if each is not None], point)
    if found is not None:
        return found
    if batch is None:
        return best
    if best is None or len(best.fits) <= len(batch.fits) or _counts(search, batch, best, point):
        return batch
    return best


def _with_thresholds(search: Search, trials: Sequence[Trial], point: Point) -> Trial | None:
    """The same readings with thresholds that are subtracted; None where they agree no better."""
    if not any(len(shape) == 1 for shape in search.network.parameters.values()):
        return None
    for trial in trials:
        if trial.form.merged or len(trial.fits) < len(search.network.parameters):
            continue
        form = replace(trial.form, thresholds=True)
        known = list(search.fitting)
        for other in search.trials(trial.route, form, point, trial.rank):
            if len(other.matches) > max(1, len(trial.matches)):
                return other
        search.fitting = known
    return None


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


def _forms(search: Search, route: AnyRoute, forms: Sequence[Form]) -> Iterator[Form]:
    """The forms that suit a route and what was said: with the bias in W for code of that kind."""
    if route.network.merged:
        places: tuple[Merged, ...] = ("first", "last")
        forms = [
            replace(form, merged=place)
            for form in forms
            for place in places
            if form.bias == "flat" or (form.columns and form.bias == "column")
        ]
        held = route.forms()
        turned = None if held is None else {each.transposed for each in held}
        for form in forms:
            if search.options.allows(form) and (turned is None or form.transposed in turned):
                yield form
        return
    biases = [shape for shape in search.network.parameters.values() if len(shape) == 1]
    if forms is BATCH_FORMS and biases and all(shape == (1,) for shape in biases):
        forms = [*forms, *NUMBER_FORMS]
    for form in forms:
        if _allowed(search, route, form):
            yield form


def _allowed(search: Search, route: AnyRoute, form: Form) -> bool:
    forms = route.forms()
    return search.options.allows(form) and (forms is None or form in forms)


def _tried(
    search: Search, route: AnyRoute, form: Form, point: Point, rank: int
) -> tuple[list[Trial], AnyRoute]:
    """A trial; where it fails, another with the parameters packed as the code asks for them."""
    trials = search.trials(route, form, point, rank)
    if trials or not isinstance(route, FunctionRoute):
        return trials, route
    if not search.errors or search.errors[-1].type not in OF_ARGUMENTS:
        return trials, route
    bundle = search.asked(route, form, point)
    if bundle is None:
        return trials, route
    route = replace(route, bundle=bundle)
    return search.trials(route, form, point, rank), route


__all__ = ["Options", "Reading", "ReadingError", "Search", "read_target"]
