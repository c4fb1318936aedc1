"""The verdict: contract, then loss, then gradients entry by entry, then the diagnosis."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from bpsym.verify import contract
from bpsym.verify.adapters.choose import Reading
from bpsym.verify.adapters.route import options_of
from bpsym.verify.calling import ask_for_rate, at_kink, left_out, observed
from bpsym.verify.diagnosis.evidence import at_other_widths
from bpsym.verify.diagnosis.observe import Observation
from bpsym.verify.explaining import explained, remembered, wrong_loss
from bpsym.verify.further import further_out
from bpsym.verify.inquiry import Inquiry
from bpsym.verify.mending.resident import file_of
from bpsym.verify.numbers.compare import (
    Judged,
    compared_loss,
    judged,
    returned_dtype,
    roundoffs,
    worst,
)
from bpsym.verify.numbers.points import choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.saturated import loss_is_near
from bpsym.verify.report import Diagnosis, Report, Verdict
from bpsym.verify.running.sandbox import MEGABYTES, SECONDS, UserCodeError
from bpsym.verify.target import no_such_name, open_target
from bpsym.verify.words.remarks import assumed, cannot_tell, left_note, note, notes

if TYPE_CHECKING:
    from bpsym.network.model import Network
    from bpsym.verify.diagnosis.observe import Language, Point

# How many other readings are tried where nothing explains the first.
OTHERS = 3
SECONDS_FOR_OTHERS = 1.5
# What makes numbers useless for a diagnosis of values.
UNUSABLE = ("not-finite", "nondeterministic", "blocks-swapped", "stale")

# What says already why the loss is another.
ABOUT_THE_LOSS = ("wrong-loss", "wrong-activation", "bias-left-out", "wrong-forward")


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
        about = Inquiry(
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
        report = _Judge(about).report(answer["value"])
        report = _with_file(report, target, lang)
    finally:
        runner.close()
    timings = {"reference": ready - started, "whole": time.perf_counter() - started}
    return replace(report, output=runner.output, timings=timings, lang=lang, derivation=derivation)


def _with_file(report: Report, target: Any, lang: Language) -> Report:
    """A report that shows lines of a function's or class's file says of which."""
    place = None if isinstance(target, str | os.PathLike) else file_of(target)
    if place is None or not any(each.changes for each in report.diagnosis):
        return report
    return replace(report, notes=(*report.notes, note("lines", lang, path=place[0].name)))


@dataclass(frozen=True, eq=False)
class _Judge:
    about: Inquiry

    def report(self, description: Mapping[str, Any]) -> Report:
        try:
            reading, observations, state, said = observed(self.about, description)
        except UserCodeError as error:
            labels = None if self.about.labelled else self.about.with_labels()
            if labels is None or error.kind != "raised":
                raise left_out(self.about, error, description) from error
            try:
                return _Judge(labels).report(description)
            except UserCodeError:
                raise left_out(self.about, error, description) from error
        values = not any(each.where == "state" or each.code in UNUSABLE for each in state)
        if values:
            ask_for_rate(self.about, reading, observations)
        if description.get("left"):
            said = (*said, left_note(description["left"], self.about.lang))
        report = self._reported(reading, observations, state, said)
        if any(each.code == "unknown" for each in report.diagnosis):
            # Where the shapes fit in several ways, a mistake hides how the code is to be read.
            ends = time.process_time() + SECONDS_FOR_OTHERS
            for other in islice(reading.others(), OTHERS):
                if time.process_time() > ends:
                    break
                seen = [other.observe(point) for point in self.about.points.generic]
                again = self._reported(other, seen, state, said)
                if all(each.code != "unknown" for each in again.diagnosis):
                    report = again
                    break
        if report.verdict is Verdict.PASS:
            report = self._further_out(report, reading, state, said)
        return report

    def _further_out(
        self, report: Report, reading: Reading, state: Sequence[Diagnosis], said: Sequence[str]
    ) -> Report:
        """What passes at points of ordinary size is looked at where values are large."""
        groups, left = further_out(self.about, reading)
        report = replace(report, cannot_tell=(*report.cannot_tell, *left))
        for further in groups:
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
            epsilons = roundoffs(self.about.reference, seen)
            agrees = self.about.agrees(seen[0], further[0], epsilons)
            if agrees and (
                not self.about.check_loss or loss_is_near(self.about.reference, seen[0])
            ):
                samples = tuple(dict.fromkeys((*report.samples, further[0].m)))
                return replace(report, points=report.points + 1, samples=samples)
            seen += [reading.observe(each) for each in (*further[1:], *self.about.points.generic)]
        except UserCodeError:
            return report
        return self._reported(reading, seen, state, said)

    def _reported(
        self,
        reading: Reading,
        observations: Sequence[Observation],
        state: Sequence[Diagnosis],
        said: Sequence[str],
    ) -> Report:
        """The report on what a reading gives; ``said`` are notes on the calls."""
        about, reference = self.about, self.about.reference
        diagnosis = list(state)
        epsilons = roundoffs(reference, observations)
        widest = max(epsilons.values())
        found = {
            name: [judged(reference, name, each, epsilons[name]) for each in observations]
            for name in reference.parameters
        }
        results = tuple(worst(each) for each in found.values())
        loss = compared_loss(reference, observations, widest, judge=about.check_loss)
        diagnosis += contract.missing(reading, observations[0], about.lang)
        diagnosis += contract.swapped(reading, observations[0], reference, about.lang)
        diagnosis += contract.not_finite(observations, reference, reading, about.lang)
        kink, remark = at_kink(about, reading, epsilons, diagnosis)
        wrong = any(not each.ok for each in results)
        if wrong and not any(each.code in UNUSABLE for each in diagnosis):
            diagnosis += remembered(about, observations, epsilons)
            if not any(each.code in UNUSABLE for each in diagnosis):
                diagnosis += explained(about, reading, observations, widest, kink)
        told = any(each.code in ABOUT_THE_LOSS for each in diagnosis)
        if loss.ok is False and not told:
            certain = wrong and all(each.code != "unknown" for each in diagnosis)
            if not wrong or certain:
                code = "wrong-loss beside" if wrong else "wrong-loss"
                diagnosis.append(wrong_loss(about, observations, code))
        if not wrong:
            remark += at_other_widths(reading, about.derivation.network, about.lang)
        coarse = [name for name, each in found.items() if all(one.coarse for one in each)]
        return Report(
            verdict=_verdict(found, coarse, diagnosis),
            network=about.derivation.network.spec() or about.derivation.network.name,
            target=about.name,
            parameters=results,
            loss=loss,
            diagnosis=tuple(diagnosis),
            assumed=assumed(reading.assumed, about.lang),
            notes=(*said, *remark, *notes(loss, coarse, widest, about.lang)),
            cannot_tell=tuple(cannot_tell(reading, reference, about.points, about.lang)),
            points=len(observations) + (kink is not None),
            samples=about.points.batches,
            dtype=returned_dtype(observations),
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
