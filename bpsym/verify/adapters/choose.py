"""Tries the ways in which code can be read, and keeps the one that fits.

A reading is a route (how to call, how to read) and a form (which way round arrays are held). A
reading fits if the call returns, and every gradient has the shape of its parameter; one that fits
and agrees with the derivation is taken at once. Agreement under any consistent reading is a pass:
code that is right for columns is right. Code is read as taking one sample per call only where it
cannot be read as taking a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from bpsym.verify.adapters.forms import (
    BATCH_FORMS,
    SINGLE_FORMS,
    Declared,
    Form,
    given,
    slices,
    target_variants,
)
from bpsym.verify.adapters.function import FunctionRoute, function_routes
from bpsym.verify.adapters.instance import ObjectRoute, constructions, filled, object_routes
from bpsym.verify.adapters.names import matched
from bpsym.verify.adapters.returned import Returned
from bpsym.verify.adapters.route import Options, ReadingError
from bpsym.verify.observe import Observation
from bpsym.verify.sandbox import Runner, UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.observe import Array, Arrays, Point
    from bpsym.verify.reference import Reference

AnyRoute = FunctionRoute | ObjectRoute
ALIASES = 40
# What ends a search: the process is gone.
FATAL = ("exit", "crash", "timeout", "flood")


@dataclass(frozen=True, eq=False)
class Trial:
    """One reading, tried at a point.

    which: the number of the way in which the result was read. matches: the parameters whose
    gradient agrees with the derivation. fits: the parameters whose gradient has the right shape.
    """

    route: AnyRoute
    form: Form
    which: int
    returned: Returned
    matches: frozenset[str]
    fits: frozenset[str]
    loss_agrees: bool | None
    rank: int = 0

    @property
    def score(self) -> tuple[int, int, int, int, int]:
        """The larger, the better."""
        return (
            len(self.matches),
            int(self.loss_agrees is True),
            len(self.fits),
            len(self.returned.grads),
            -self.rank,
        )


@dataclass
class Search:
    """Everything that is needed to try readings."""

    runner: Runner
    reference: Reference
    network: Declared
    options: Options
    errors: list[UserCodeError] = field(default_factory=list)
    returned_nothing: int = 0
    fresh: bool = False
    fitting: list[Trial] = field(default_factory=list)
    mutated: tuple[str, ...] = ()

    def rate(self, route: AnyRoute, point: Point) -> float:
        """A learning rate so large that no digits of the gradient are lost in the weights.

        Where the code has a fixed rate, that which the user gave, or 1.
        """
        if not route.rated:
            return self.options.rate or 1.0
        grads = self.reference.at(point).grads.values()
        typical = np.median(np.concatenate([np.abs(np.ravel(each)) for each in grads]))
        largest = max(float(np.max(np.abs(each))) for each in point.params.values())
        if typical == 0:
            return 1.0
        return float(2.0 ** (24 + np.ceil(np.log2(largest / typical))))

    def run(self, route: AnyRoute, form: Form, point: Point, times: int = 1) -> list[Returned]:
        """The ways to read what the code gives at a point, after so many calls."""
        user = given(point, form, self.network)
        rate = self.rate(route, point)
        steps, want = route.script(user, rate)
        for _ in range(times - 1):
            steps += [dict(step) for step in steps if step["do"] != "new"]
        if self.fresh:
            self.runner.request({"do": "reset"}, route.call())
        answer = self.runner.request({"do": "run", "steps": steps, "want": want}, route.call())
        self.mutated = tuple(name for name in answer["mutated"] if not route.harmless(name))
        found = route.read(answer["value"], user, rate)
        return [each.shaped(self.network, form) for each in found]

    def trials(self, route: AnyRoute, form: Form, point: Point, rank: int) -> list[Trial]:
        """A reading tried, and scored; several if the result can be read in several ways."""
        probe = next(iter(slices(point))) if form.single else point
        try:
            found = self.run(route, form, probe)
        except UserCodeError as error:
            if error.kind in FATAL:
                raise
            self.errors.append(error)
            return []
        if not found:
            self.returned_nothing += 1
        count = len(self.network.parameters)
        trials = [
            self.scored(route, form, probe, which, each, rank)
            for which, each in enumerate(found)
            if each.natural or each.fitting(self.network, form) == count
        ]
        self.fitting += [each for each in trials if len(each.fits) == count]
        return trials

    def scored(
        self, route: AnyRoute, form: Form, point: Point, which: int, returned: Returned, rank: int
    ) -> Trial:
        """A way to read a result, beside the derivation."""
        right = self.reference.at(point)
        tolerance = self.reference.tolerance(point, 2.0**-24 / 64)
        matches, fits = set(), set()
        for name, shape in self.network.parameters.items():
            value = returned.grads.get(name)
            if value is None or value.shape != form.shape(shape):
                continue
            fits.add(name)
            difference = np.abs(form.back(value, shape) - right.grads[name])
            slack: Array | float = 0.0
            if route.update and not route.rated:
                slack = 2.0**-50 * np.abs(point.params[name]) / self.rate(route, point)
            if np.all(difference <= tolerance[name] + slack):
                matches.add(name)
        loss = None
        if returned.loss is not None:
            loss = bool(abs(returned.loss - right.loss) <= tolerance["C"])
        return Trial(route, form, which, returned, frozenset(matches), frozenset(fits), loss, rank)


@dataclass(frozen=True, eq=False)
class Reading:
    """How the code is read from here on."""

    search: Search
    route: AnyRoute
    form: Form
    which: int
    spelling: Mapping[str, str]
    assumed: tuple[str, ...]
    unfilled: frozenset[str] = frozenset()
    trial: Trial | None = None

    def others(self) -> Iterator[Reading]:
        """Other readings that fit, the likeliest first: in a square network there may be some."""
        mine = self.trial
        for each in sorted(self.search.fitting, key=lambda one: one.score, reverse=True):
            if mine is None or (each.form, each.which) == (mine.form, mine.which):
                continue
            if each.form.single == mine.form.single and each.form.target == mine.form.target:
                yield _reading(self.search, each)

    def moved(self, reference: Reference, network: Declared) -> Reading:
        """The same reading for a network of other widths."""
        search = replace(self.search, reference=reference, network=network)
        return replace(self, search=search, route=replace(self.route, network=network))

    def observe(self, point: Point, *, times: int = 1) -> Observation:
        """What the code gives at a point, normalised; one call per sample where it takes one."""
        if not self.form.single:
            return self._once(point, times)
        parts = [self._once(each, times) for each in slices(point)]
        share = 1 / point.m if self.search.network.mean else 1.0
        grads = _added([each.grads for each in parts], share)
        losses = [each.loss for each in parts if each.loss is not None]
        loss = sum(losses) * share if len(losses) == len(parts) else None
        slack = _added([each.slack for each in parts], share)
        return Observation(point, loss, grads, parts[0].raw, slack)

    def _once(self, point: Point, times: int) -> Observation:
        found = self.search.run(self.route, self.form, point, times)
        if self.which >= len(found):
            raise ReadingError.single(
                where=self.route.call(),
                what="it returns something else at another point",
                expected="a result of the same kind at every call",
                got="another",
                way_out="look for a return that depends on the data",
            )
        returned = found[self.which]
        network = self.search.network
        grads: dict[str, Array] = {}
        raw: dict[str, Array] = {}
        for name, shape in network.parameters.items():
            value = returned.grads.get(name)
            if value is None:
                continue
            raw[name] = value.T if self.form.transposed and len(shape) == 2 else value
            if value.shape == self.form.shape(shape):
                grads[name] = self.form.back(value, shape)
        return Observation(point, returned.loss, grads, raw, self._slack(point, grads))

    def _slack(self, point: Point, grads: Mapping[str, Array]) -> dict[str, Array]:
        """What a step of a fixed length loses: a roundoff of the weight, over the rate."""
        if not self.route.update:
            return {}
        rate = abs(self.search.rate(self.route, point))
        found: dict[str, Array] = {}
        for name, value in grads.items():
            epsilon = np.finfo(value.dtype).eps if value.dtype.kind == "f" else 2.0**-52
            found[name] = 2 * epsilon * (np.abs(point.params[name]) / rate + np.abs(value))
        return found


def _added(parts: Sequence[Arrays], share: float) -> dict[str, Array]:
    """The sum of what all parts have, times a share, in the type that it came in."""
    names = [name for name in parts[0] if all(name in each for each in parts)]
    return {name: np.sum([each[name] for each in parts], axis=0) * share for name in names}


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
        best = _search(search, group, point) if group else None
        if best is not None:
            break
    if best is None:
        _give_up(search, routes, network)
    return _reading(search, best)


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
    for route in working or routes:
        for form in (f for f in SINGLE_FORMS if _allowed(search, route, f)):
            rank += 1
            if form.samples == "one row" and batch is not None:
                continue
            if better(_tried(search, route, form, point, rank)[0]):
                return best
    if batch is None:
        return best
    if best is None or len(best.fits) <= len(batch.fits):
        return batch
    return best


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


def _reading(search: Search, trial: Trial) -> Reading:
    sentences = [*trial.route.sentences(), *trial.form.sentences()]
    if trial.returned.sentence:
        sentences.append(trial.returned.sentence)
    if trial.route.update and not trial.route.rated:
        rate = search.options.rate
        sentences.append(
            f"the step has the length {rate:g} times the gradient"
            if rate is not None
            else "no learning rate was found, so 1 is assumed; give the rate if it is another"
        )
    if trial.form.single:
        share = "averaged" if search.network.mean else "added"
        sentences.append(f"the results of the samples are {share}")
    return Reading(
        search,
        trial.route,
        trial.form,
        trial.which,
        trial.returned.spelling,
        tuple(sentences),
        trial.returned.unfilled,
        trial,
    )


def _give_up(search: Search, routes: Sequence[AnyRoute], network: Declared) -> NoReturn:
    """Say why no reading fits: the code's own error, or that nothing like gradients came back."""
    if search.errors and not search.returned_nothing:
        raise _telling(search.errors)
    call = routes[0].call() if routes else "the target"
    raise ReadingError.single(
        where=call,
        what="no gradients were found in what it returns or leaves behind",
        expected=f"gradients of {', '.join(network.names)}, by name or in this order",
        got="something else",
        way_out='return a dict: {"W1": dW1, "b1": db1, ...}',
    )


def _telling(errors: Sequence[UserCodeError]) -> UserCodeError:
    """The error that most readings end in, or the first: shapes that clash come from readings."""
    counts: dict[str, int] = {}
    for each in errors:
        last = each.traceback.strip().splitlines()[-1:] or [""]
        counts[last[0]] = counts.get(last[0], 0) + 1
    common = max(counts, key=lambda text: counts[text])
    if counts[common] * 2 > len(errors):
        return next(e for e in errors if e.traceback.strip().endswith(common))
    return errors[0]


__all__ = ["Options", "Reading", "ReadingError", "Search", "read_target"]
