"""Calls of the code: what it gives at the points, what it remembers, what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpsym.verify import contract
from bpsym.verify.adapters.choose import Reading
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.diagnosis.observe import Observation
from bpsym.verify.inquiry import Inquiry
from bpsym.verify.numbers.compare import common_factor
from bpsym.verify.report import Diagnosis
from bpsym.verify.running.sandbox import UserCodeError
from bpsym.verify.words.remarks import note


def left_out(
    inquiry: Inquiry, error: UserCodeError, description: Mapping[str, Any]
) -> UserCodeError:
    """Why the code fails: what the file itself raised, if its reading ended there."""
    left = description.get("left")
    if left is None or error.kind != "raised":
        return error
    return UserCodeError.told(
        "raised",
        f"{inquiry.name}, line {left['line']}",
        f"the file raised {left['type']}: {left['message']}",
        traceback=left["traceback"] if left["type"] != "TooLongError" else error.traceback,
        output=inquiry.runner.output,
    )


def observed(
    inquiry: Inquiry, description: Mapping[str, Any]
) -> tuple[Reading, list[Observation], list[Diagnosis], tuple[str, ...]]:
    """What the code gives at all points, what is wrong with its calls, and notes on them."""
    first, *others = inquiry.points.generic
    reading = inquiry.read(description, fresh=False)
    calls = contract.repeated(reading, first, inquiry.lang)
    seen = calls.first
    remembers = calls.adding or any(
        each.code in ("accumulated", "nondeterministic") for each in calls.diagnosis
    )
    if remembers:
        # What earlier calls left behind must not decide how the code is read.
        reading = inquiry.read(description, fresh=True)
        seen = reading.observe(first)
    found = list(calls.diagnosis)
    said: tuple[str, ...] = ()
    if calls.adding:
        told = contract.added_to_a_step(reading, seen, inquiry.lang)
        if isinstance(told, str):
            said = (told,)
        else:
            found.append(told)
    observations = [seen, *(reading.observe(point) for point in others)]
    return reading, observations, found, said


def ask_for_rate(inquiry: Inquiry, reading: Reading, observations: Sequence[Observation]) -> None:
    """A step of unknown length cannot be judged, unless it is right as a step of length one."""
    route = reading.route
    if not route.update or route.rated or inquiry.options.rate or route.written_rate:
        return
    if all(inquiry.is_right(each, 2.0**-53) for each in observations):
        return
    rate = common_factor(inquiry.reference, observations)
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


def at_kink(
    inquiry: Inquiry, reading: Reading, epsilons: Mapping[str, float], diagnosis: list[Diagnosis]
) -> tuple[Observation | None, tuple[str, ...]]:
    """At a kink either one-sided derivative is right; what is not finite is not."""
    at, above = inquiry.points.kink, inquiry.points.above
    if at is None:
        return None, ()
    seen = reading.observe(at)
    bad = contract.not_finite([seen], inquiry.reference, reading, inquiry.lang)
    if bad:
        if not any(each.code == "not-finite" for each in diagnosis):
            diagnosis.extend(bad)
        return seen, (note("kink nan", inquiry.lang),)
    right_hand = (
        above is not None
        and not inquiry.agrees(seen, at, epsilons)
        and inquiry.agrees(seen, above, epsilons)
    )
    return seen, (note("kink", inquiry.lang),) if right_hand else ()
