"""The verdict: contract, then loss, then gradients entry by entry, then the diagnosis."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from bpsym.verify import contract
from bpsym.verify.adapters.choose import Reading, read_target
from bpsym.verify.adapters.declared import Declared, declared
from bpsym.verify.adapters.route import Options, ReadingError, options_of
from bpsym.verify.diagnosis.evidence import at_other_widths
from bpsym.verify.diagnosis.observe import DiagnosisContext, Observation
from bpsym.verify.mending.of_file import mender_of
from bpsym.verify.mending.spelling import parameter_names
from bpsym.verify.numbers.compare import (
    Judged,
    common_factor,
    compared_loss,
    judged,
    loss_ratios,
    returned_dtype,
    roundoffs,
    worst,
)
from bpsym.verify.numbers.points import Points, choose_points, kinks_of, one_hot
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.saturated import loss_is_near, saturated_points
from bpsym.verify.numbers.wide import unvisited, wide_points
from bpsym.verify.report import Diagnosis, Report, Verdict
from bpsym.verify.running.sandbox import MEGABYTES, SECONDS, Runner, UserCodeError
from bpsym.verify.target import no_such_name, open_target
from bpsym.verify.words import contract as contract_words
from bpsym.verify.words.remarks import assumed, cannot_tell, left_note, note, notes

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.network.model import Network
    from bpsym.verify.diagnosis.observe import Language, Point

# How many other readings are tried where nothing explains the first.
OTHERS = 3
SECONDS_FOR_OTHERS = 1.5
# What makes numbers useless for a diagnosis of values.
UNUSABLE = ("not-finite", "nondeterministic", "blocks-swapped", "stale")

# What says already why the loss is another.
ABOUT_THE_LOSS = ("wrong-loss", "wrong-activation", "bias-left-out")


def verify(
    network: Network | str | Mapping[str, object],
    target: Any,
    *,
    samples: str | None = None,
    weights: str | None = None,
    bias: str | None = None,
    rate: float | None = None,
    check_loss: bool = True,
    in_process: bool = False,
    timeout: float = SECONDS,
    memory: int = MEGABYTES,
    seed: int = 0,
    lang: Language = "en",
    prove: bool = True,
    mend: bool = True,
) -> Report:
    """Judge hand-written gradients of a network, and name the mistake.

    network: a Network, or anything that ``parse`` takes.
    target: ``"FILE.py:NAME"``, a function, a class or an object.
    samples: ``rows``, ``columns`` or ``one`` (a sample per call); weights: ``out,in`` or
    ``in,out``; bias: ``flat``, ``column`` or ``row``; rate: the learning rate of a step that has
    it fixed. Each is found out if it is not given.
    check_loss: judge the loss too, where one is returned.
    in_process: run the code here instead of in a process with limits. timeout: seconds for each
    call; memory: megabytes. seed: of the points.
    mend: try changes of the file until it passes, to show the statement that mends it.
    Raises UserCodeError if the code raises, exits, crashes or does not end; ReadingError if it
    cannot tell how the code is to be called; NetworkError if the declaration is not sound.
    """
    from bpsym.api import derive

    options = options_of(samples, weights, bias, rate)
    started = time.perf_counter()
    # A worker starts while this process derives.
    runner, load, name = open_target(target, in_process=in_process, timeout=timeout, memory=memory)
    try:
        derivation = derive(network)
        if prove:
            derivation.require_proof()
        reference = Reference(derivation)
        points = choose_points(reference, seed=seed)
        reference.guard(points.generic[0])
        ready = time.perf_counter()
        answer = runner.request(load, name)
        if answer["value"] is None:
            raise no_such_name(name, str(answer["missing"]), answer["names"])
        judge = _Judge(
            derivation,
            reference,
            points,
            runner,
            options,
            name,
            lang,
            check_loss,
            target,
            mend,
        )
        report = judge.report(answer["value"])
    finally:
        runner.close()
    timings = {"reference": ready - started, "whole": time.perf_counter() - started}
    return replace(report, output=runner.output, timings=timings, lang=lang, derivation=derivation)


@dataclass(frozen=True, eq=False)
class _Judge:
    derivation: Derivation
    reference: Reference
    points: Points
    runner: Runner
    options: Options
    name: str
    lang: Language
    check_loss: bool
    source: Any = None
    mend: bool = True
    labelled: bool = False

    def _with_labels(self) -> _Judge | None:
        """The judge for code that takes integer labels where the network does not ask for them."""
        points = one_hot(self.reference, self.points)
        return None if points is None else replace(self, points=points, labelled=True)

    def report(self, description: Mapping[str, Any]) -> Report:
        try:
            reading, observations, state, said = self._observed(description)
        except UserCodeError as error:
            labels = None if self.labelled else self._with_labels()
            if labels is None or error.kind != "raised":
                raise self._left_out(error, description) from error
            try:
                return labels.report(description)
            except UserCodeError:
                raise self._left_out(error, description) from error
        values = not any(each.where == "state" or each.code in UNUSABLE for each in state)
        if values:
            self._ask_for_rate(reading, observations)
        if description.get("left"):
            said = (*said, left_note(description["left"], self.lang))
        report = self._reported(reading, observations, state, said)
        if any(each.code == "unknown" for each in report.diagnosis):
            # Where the shapes fit in several ways, a mistake hides how the code is to be read.
            ends = time.process_time() + SECONDS_FOR_OTHERS
            for other in islice(reading.others(), OTHERS):
                if time.process_time() > ends:
                    break
                seen = [other.observe(point) for point in self.points.generic]
                again = self._reported(other, seen, state, said)
                if all(each.code != "unknown" for each in again.diagnosis):
                    report = again
                    break
        if report.verdict is Verdict.PASS:
            report = self._further_out(report, reading, state, said)
        return report

    def _left_out(self, error: UserCodeError, description: Mapping[str, Any]) -> UserCodeError:
        """Why the code fails: what the file itself raised, if its reading ended there."""
        left = description.get("left")
        if left is None or error.kind != "raised":
            return error
        return UserCodeError.told(
            "raised",
            f"{self.name}, line {left['line']}",
            f"the file raised {left['type']}: {left['message']}",
            traceback=left["traceback"] if left["type"] != "TooLongError" else error.traceback,
            output=self.runner.output,
        )

    def _further_out(
        self, report: Report, reading: Reading, state: Sequence[Diagnosis], said: Sequence[str]
    ) -> Report:
        """What passes at points of ordinary size is looked at where values are large."""
        wide = wide_points(self.reference, self.points)
        kinks = kinks_of(self.reference)
        values = [self.reference.at(each).values for each in (*self.points.generic, *wide)]
        left = [
            note("branch", self.lang, z=z, low=low, high=high)
            for z, low, high in unvisited(kinks, values)
        ]
        report = replace(report, cannot_tell=(*report.cannot_tell, *left))
        for further in (wide, saturated_points(self.reference, self.points)):
            if further and report.verdict is Verdict.PASS:
                report = self._at_points(further, report, reading, state, said)
        return report

    def _at_points(
        self,
        further: Sequence[Point],
        report: Report,
        reading: Reading,
        state: Sequence[Diagnosis],
        said: Sequence[str],
    ) -> Report:
        """The report as it is if the first of these points agrees with it, else a new one."""
        try:
            seen = [reading.observe(further[0])]
            epsilons = roundoffs(self.reference, seen)
            agrees = self._agrees(seen[0], further[0], epsilons)
            if agrees and (not self.check_loss or loss_is_near(self.reference, seen[0])):
                return replace(report, points=report.points + 1)
            seen += [reading.observe(each) for each in (*further[1:], *self.points.generic)]
        except UserCodeError:
            return report
        return self._reported(reading, seen, state, said)

    def _ask_for_rate(self, reading: Reading, observations: Sequence[Observation]) -> None:
        """A step of unknown length cannot be judged, unless it is right as a step of length one."""
        route = reading.route
        if not route.update or route.rated or self.options.rate is not None:
            return
        if all(self._is_right(each, 2.0**-53) for each in observations):
            return
        rate = common_factor(self.reference, observations)
        what = "it changes the weights by a learning rate times the gradient, and the rate is not "
        what += "known; " + (
            "with a rate of 1 the gradients are not right"
            if rate is None
            else f"with a rate of {rate:.9g} every gradient is right"
        )
        raise ReadingError.single(
            where=route.call(),
            what=what,
            expected="the rate as an argument, an attribute or a variable, or told",
            got="no argument and no variable that looks like a rate",
            way_out="tell the rate that the code uses, such as --rate "
            + ("0.1" if rate is None else f"{rate:.9g}"),
        )

    def _reported(
        self,
        reading: Reading,
        observations: Sequence[Observation],
        state: Sequence[Diagnosis],
        said: Sequence[str],
    ) -> Report:
        """The report on what a reading gives; ``said`` are notes on the calls."""
        diagnosis = list(state)
        epsilons = roundoffs(self.reference, observations)
        widest = max(epsilons.values())
        found = {
            name: [judged(self.reference, name, each, epsilons[name]) for each in observations]
            for name in self.reference.parameters
        }
        results = tuple(worst(each) for each in found.values())
        loss = compared_loss(self.reference, observations, widest, judge=self.check_loss)
        diagnosis += contract.missing(reading, observations[0], self.lang)
        diagnosis += contract.swapped(reading, observations[0], self.reference, self.lang)
        diagnosis += contract.not_finite(observations, self.reference, reading, self.lang)
        kink, remark = self._at_kink(reading, epsilons, diagnosis)
        wrong = any(not each.ok for each in results)
        if wrong and not any(each.code in UNUSABLE for each in diagnosis):
            diagnosis += self._remembered(observations, epsilons)
            if not any(each.code in UNUSABLE for each in diagnosis):
                diagnosis += self._explained(reading, observations, widest, kink)
        told = any(each.code in ABOUT_THE_LOSS for each in diagnosis)
        if loss.ok is False and not told:
            certain = wrong and all(each.code != "unknown" for each in diagnosis)
            if not wrong or certain:
                code = "wrong-loss beside" if wrong else "wrong-loss"
                diagnosis.append(self._wrong_loss(observations, code))
        if not wrong:
            remark += at_other_widths(reading, self.derivation.network, self.lang)
        coarse = [name for name, each in found.items() if all(one.coarse for one in each)]
        return Report(
            verdict=_verdict(found, coarse, diagnosis),
            network=self.derivation.network.spec() or self.derivation.network.name,
            target=self.name,
            parameters=results,
            loss=loss,
            diagnosis=tuple(diagnosis),
            assumed=assumed(reading.assumed, self.lang),
            notes=(*said, *remark, *notes(loss, coarse, widest, self.lang)),
            cannot_tell=tuple(cannot_tell(reading, self.reference, self.points, self.lang)),
            points=len(observations) + (kink is not None),
            samples=self.points.batches,
            dtype=returned_dtype(observations),
        )

    def _observed(
        self, description: Mapping[str, Any]
    ) -> tuple[Reading, list[Observation], list[Diagnosis], tuple[str, ...]]:
        """What the code gives at all points, what is wrong with its calls, and notes on them."""
        first, *others = self.points.generic
        reading = self._reading(description, fresh=False)
        calls = contract.repeated(reading, first, self.lang)
        seen = calls.first
        remembers = calls.adding or any(
            each.code in ("accumulated", "nondeterministic") for each in calls.diagnosis
        )
        if remembers:
            # What earlier calls left behind must not decide how the code is read.
            reading = self._reading(description, fresh=True)
            seen = reading.observe(first)
        found = list(calls.diagnosis)
        said: tuple[str, ...] = ()
        if calls.adding:
            told = contract.added_to_a_step(reading, seen, self.lang)
            if isinstance(told, str):
                said = (told,)
            else:
                found.append(told)
        observations = [seen, *(reading.observe(point) for point in others)]
        return reading, observations, found, said

    def _remembered(
        self, observations: Sequence[Observation], epsilons: Mapping[str, float]
    ) -> list[Diagnosis]:
        """Gradients that are right for the inputs, targets or parameters of an earlier call."""
        for at, seen in enumerate(observations):
            if self._agrees(seen, seen.point, epsilons):
                continue
            for earlier in observations[:at]:
                if earlier.point.m != seen.point.m:
                    continue
                for kept in ("inputs", "targets", "params"):
                    old = replace(seen.point, **{kept: getattr(earlier.point, kept)})
                    if self._agrees(seen, old, epsilons):
                        return [contract_words.diagnosis(f"stale {kept}", "state", self.lang, {})]
        return []

    def _declared(self) -> Declared:
        """The network as adapters know it, with every target one-hot where labels are tried."""
        network = declared(self.derivation)
        if not self.labelled:
            return network
        return replace(network, classes=frozenset(network.targets))

    def _reading(self, description: Mapping[str, Any], *, fresh: bool) -> Reading:
        return read_target(
            self.runner,
            description,
            self.reference,
            self._declared(),
            self.points.generic[0],
            self.options,
            description.get("method"),
            fresh=fresh,
        )

    def _explained(
        self,
        reading: Reading,
        observations: Sequence[Observation],
        epsilon: float,
        kink: Observation | None,
    ) -> tuple[Diagnosis, ...]:
        from bpsym.verify.diagnosis.diagnose import diagnose
        from bpsym.verify.diagnosis.own_mean import means

        route = reading.route
        rate = reading.search.rate(route, observations[0].point) if route.update else None
        context = DiagnosisContext(
            single=reading.form.single,
            vectors=reading.form.samples == "vector",
            epsilon=epsilon,
            rate=rate,
            kink=kink,
            columns=reading.form.columns,
            transposed=reading.form.transposed,
            bias=reading.form.bias,
            parameters=parameter_names(reading),
            spelling=reading.spelling,
            means=means(self.source),
            lang=self.lang,
            mend=mender_of(
                self.source if self.mend else None,
                reading,
                self.reference,
                self.points.generic,
                observations[0],
                epsilon,
            ),
        )
        # The first points are searched: one that is wrong must be among them.
        ordered = sorted(observations[1:], key=lambda each: self._is_right(each, epsilon))
        ordered = [observations[0], *ordered]
        return diagnose(self.derivation, ordered[:2], ordered[2:], self.reference, context)

    def _is_right(self, seen: Observation, epsilon: float) -> bool:
        return self._agrees(seen, seen.point, dict.fromkeys(self.reference.parameters, epsilon))

    def _wrong_loss(self, observations: Sequence[Observation], code: str) -> Diagnosis:
        first = observations[0]
        ratios = loss_ratios(self.reference, observations) or {}
        of = "{c:.6g} x (m = {m})" if self.lang == "zh" else "{c:.6g} x right at m = {m}"
        fields = {
            "m": first.point.m,
            "yours": first.loss,
            "right": self.reference.at(first.point).loss,
            "ratio": "".join(", " + of.format(c=c, m=m) for m, c in ratios.items()),
        }
        return contract_words.diagnosis(code, "loss", self.lang, fields)

    def _at_kink(
        self, reading: Reading, epsilons: Mapping[str, float], diagnosis: list[Diagnosis]
    ) -> tuple[Observation | None, tuple[str, ...]]:
        """At a kink either one-sided derivative is right; what is not finite is not."""
        at, above = self.points.kink, self.points.above
        if at is None:
            return None, ()
        seen = reading.observe(at)
        bad = contract.not_finite([seen], self.reference, reading, self.lang)
        if bad:
            if not any(each.code == "not-finite" for each in diagnosis):
                diagnosis.extend(bad)
            return seen, (note("kink nan", self.lang),)
        right_hand = (
            above is not None
            and not self._agrees(seen, at, epsilons)
            and self._agrees(seen, above, epsilons)
        )
        return seen, (note("kink", self.lang),) if right_hand else ()

    def _agrees(self, seen: Observation, point: Point, epsilons: Mapping[str, float]) -> bool:
        """Whether what was seen is right at a point."""
        moved = replace(seen, point=point)
        return all(
            judged(self.reference, name, moved, epsilons[name]).result.ok
            for name in self.reference.parameters
        )


def _verdict(
    found: Mapping[str, Sequence[Judged]],
    coarse: Sequence[str],
    diagnosis: Sequence[Diagnosis],
) -> Verdict:
    """FAIL if something is surely wrong; INCONCLUSIVE if it may be either."""
    every = [one for each in found.values() for one in each]
    sure = any(not each.result.ok and not each.close for each in every)
    if sure or any(each.code != "unknown" for each in diagnosis):
        return Verdict.FAIL
    doubtful = any(not each.result.ok for each in every)
    return Verdict.INCONCLUSIVE if doubtful or coarse else Verdict.PASS
