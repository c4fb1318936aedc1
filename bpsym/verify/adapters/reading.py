"""How the code is read from here on, and what it gives when read so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.adapters.declared import Declared, merged
from bpsym.verify.adapters.forms import Form, slices
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.diagnosis.observe import Observation

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Array, Arrays, Point
    from bpsym.verify.numbers.reference import Reference

from bpsym.verify.adapters.trials import AnyRoute, Search, Trial


@dataclass(frozen=True, eq=False)
class Reading:
    """How the code is read from here on."""

    search: Search
    route: AnyRoute
    form: Form
    which: int
    spelling: Mapping[str, str]
    assumed: tuple[str, ...]
    unfilled: Mapping[str, str] = field(default_factory=dict)
    trial: Trial | None = None

    def others(self) -> Iterator[Reading]:
        """Other readings that fit, the likeliest first: in a square network there may be some."""
        mine = self.trial
        for each in sorted(self.search.fitting, key=lambda one: one.score, reverse=True):
            if mine is None or (each.form, each.which) == (mine.form, mine.which):
                continue
            if each.form.single == mine.form.single and each.form.target == mine.form.target:
                yield reading_of(self.search, each)

    def moved(self, reference: Reference, network: Declared) -> Reading:
        """The same reading for a network of other widths."""
        search = replace(self.search, reference=reference, network=network)
        own = merged(network) if self.form.merged else network
        return replace(self, search=search, route=replace(self.route, network=own or network))

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
        alike = all(
            each.raw.get(name, np.empty(0)).shape == value.shape
            for each in parts
            for name, value in parts[0].raw.items()
        )
        raw = _added([each.raw for each in parts], share) if alike else parts[0].raw
        return Observation(point, loss, grads, raw, slack)

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


def reading_of(search: Search, trial: Trial) -> Reading:
    """The reading that a trial was."""
    sentences = [*trial.route.sentences(), *trial.form.sentences()]
    if trial.returned.sentence:
        sentences.append(trial.returned.sentence)
    if trial.route.update and not trial.route.rated:
        rate = search.options.rate or trial.route.written_rate
        sentences.append(
            f"the step has the length {rate:g} times the gradient"
            if rate
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
