"""What is said about code that is wrong: what it remembers, which mistake, which loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bpsym.verify.diagnosis.observe import DiagnosisContext, Observation
from bpsym.verify.inquiry import Inquiry
from bpsym.verify.mending.of_file import mender_of
from bpsym.verify.mending.spelling import parameter_names
from bpsym.verify.numbers.compare import loss_ratios
from bpsym.verify.words import contract as contract_words

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.report import Diagnosis


def remembered(
    inquiry: Inquiry, observations: Sequence[Observation], epsilons: Mapping[str, float]
) -> list[Diagnosis]:
    """Gradients that are right for the inputs, targets or parameters of an earlier call."""
    for at, seen in enumerate(observations):
        if inquiry.agrees(seen, seen.point, epsilons):
            continue
        for earlier in observations[:at]:
            if earlier.point.m != seen.point.m:
                continue
            for kept in ("inputs", "targets", "params"):
                old = replace(seen.point, **{kept: getattr(earlier.point, kept)})
                if inquiry.agrees(seen, old, epsilons):
                    return [contract_words.diagnosis(f"stale {kept}", "state", inquiry.lang, {})]
    return []


def explained(
    inquiry: Inquiry,
    reading: Reading,
    observations: Sequence[Observation],
    epsilon: float,
    kink: Observation | None,
) -> tuple[Diagnosis, ...]:
    """The mistakes that explain what was seen; kink: what was seen at one, if there is one."""
    from bpsym.verify.diagnosis.diagnose import diagnose
    from bpsym.verify.diagnosis.own_mean import means, returns_early

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
        means=means(inquiry.source),
        returns=returns_early(inquiry.source),
        lang=inquiry.lang,
        mend=mender_of(
            inquiry.source if inquiry.mend else None,
            reading,
            inquiry.reference,
            inquiry.points.generic,
            observations[0],
            epsilon,
        ),
    )
    # The first points are searched: one that is wrong must be among them.
    ordered = sorted(observations[1:], key=lambda each: inquiry.is_right(each, epsilon))
    ordered = [observations[0], *ordered]
    return diagnose(inquiry.derivation, ordered[:2], ordered[2:], inquiry.reference, context)


def wrong_loss(inquiry: Inquiry, observations: Sequence[Observation], code: str) -> Diagnosis:
    """That the returned loss is not the declared one."""
    first = observations[0]
    ratios = loss_ratios(inquiry.reference, observations) or {}
    of = "{c:.6g} x (m = {m})" if inquiry.lang == "zh" else "{c:.6g} x right at m = {m}"
    fields = {
        "m": first.point.m,
        "yours": first.loss,
        "right": inquiry.reference.at(first.point).loss,
        "ratio": "".join(", " + of.format(c=c, m=m) for m, c in ratios.items()),
    }
    return contract_words.diagnosis(code, "loss", inquiry.lang, fields)
