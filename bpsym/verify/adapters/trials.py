"""Ways of reading code, tried at a point and scored."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import Bundle, asked
from bpsym.verify.adapters.declared import Declared
from bpsym.verify.adapters.forms import Form, given, slices
from bpsym.verify.adapters.function import FunctionRoute
from bpsym.verify.adapters.object_route import ObjectRoute
from bpsym.verify.adapters.returned import Returned, told
from bpsym.verify.adapters.route import Options
from bpsym.verify.running.sandbox import Runner, UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Array, Point
    from bpsym.verify.numbers.reference import Reference

AnyRoute = FunctionRoute | ObjectRoute
# What ends a search: the process is gone, or has run out of memory, which it would do again.
FATAL = ("exit", "crash", "timeout", "flood", "memory")
# A search may take as long as so many calls, each of which takes all the time that it has.
CALLS = 3


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
    came: str = ""
    spent: float = 0.0

    @property
    def over(self) -> bool:
        """Whether calls have taken so long that no other reading is tried."""
        return self.spent > CALLS * self.runner.seconds

    def _request(self, request: Mapping[str, Any], route: AnyRoute) -> dict[str, Any]:
        """An answer of the user's code, the time that it takes noted."""
        started = time.monotonic()
        try:
            return self.runner.request(request, route.call())
        finally:
            self.spent += time.monotonic() - started

    def rate(self, route: AnyRoute, point: Point) -> float:
        """A learning rate so large that no digits of the gradient are lost in the weights.

        Where the code has a fixed rate, that which the user gave, or which stands in it, or 1.
        """
        if not route.rated:
            return self.options.rate or route.written_rate or 1.0
        grads = self.reference.at(point).grads.values()
        typical = np.median(np.concatenate([np.abs(np.ravel(each)) for each in grads]))
        largest = max(float(np.max(np.abs(each))) for each in point.params.values())
        if typical == 0:
            return 1.0
        return float(2.0 ** (24 + np.ceil(np.log2(largest / typical))))

    def run(self, route: AnyRoute, form: Form, point: Point, times: int = 1) -> list[Returned]:
        """The ways to read what the code gives at a point, after so many calls."""
        values = self.reference.at(point).values if route.wants_values else None
        user = given(point, form, self.network, values)
        rate = self.rate(route, point)
        steps, want = route.script(user, rate)
        for _ in range(times - 1):
            steps += [dict(step) for step in steps if step["do"] != "new"]
        if self.fresh:
            self._request({"do": "reset"}, route)
        answer = self._request({"do": "run", "steps": steps, "want": want}, route)
        self.mutated = tuple(name for name in answer["mutated"] if not route.harmless(name))
        found = list(route.read(answer["value"], user, rate))
        if not found:
            self.came = told(answer["value"].get("result"))
        shaped = [each.shaped(route.network, form) for each in found]
        return [each.parted(self.network, form) for each in shaped]

    def asked(self, route: FunctionRoute, form: Form, point: Point) -> Bundle | None:
        """The package in which the code asks for its parameters; None where that is no other."""
        probe = next(iter(slices(point))) if form.single else point
        values = self.reference.at(probe).values if route.wants_values else None
        user = given(probe, form, self.network, values)
        if self.over or route.bundle.stand_in(user.params, route.network) is None:
            return None
        steps, want = replace(route, asking=True).script(user, self.rate(route, probe))
        try:
            self._request({"do": "run", "steps": steps, "want": want}, route)
        except UserCodeError as error:
            if error.kind in FATAL:
                raise
        told = self._request({"do": "asked"}, route)["value"]
        return asked(told, route.network)

    def trials(self, route: AnyRoute, form: Form, point: Point, rank: int) -> list[Trial]:
        """A reading tried, and scored; several if the result can be read in several ways."""
        probe = next(iter(slices(point))) if form.single else point
        if self.over:
            return []
        try:
            found = self.run(route, form, probe)
        except UserCodeError as error:
            if error.kind in FATAL:
                raise
            # That biases are columns of W is a guess: where it fails, it tells nothing.
            if not form.merged or not self.errors:
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
