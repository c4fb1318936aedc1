"""What each loss reads, by its own word or by default, and whether the sizes fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpsym.errors import quoted, way_to
from bpsym.network.check.inference import Known, infer
from bpsym.network.check.loss_draft import OUTPUT, OUTPUTS, TARGET, LossDraft
from bpsym.network.check.report import Report, listing
from bpsym.text import syntax

_SECOND_SCORER = "declare two scorers and name both; the second may share layers with the first"


def check_of(
    draft: LossDraft, ends: Sequence[str] | None, labels: Sequence[str], report: Report
) -> bool:
    """Settle what a loss reads. True if all is well; else ``of`` is None.

    ends: the layers that nobody reads, None if that cannot be told.
    """
    seen = len(report.problems)
    _settle_of(draft, ends, labels, report)
    if len(report.problems) > seen:
        draft.of = None
    return draft.of is not None


def _settle_of(
    draft: LossDraft, ends: Sequence[str] | None, labels: Sequence[str], report: Report
) -> None:
    outputs = draft.row.outputs if draft.row is not None else (OUTPUT,)
    if draft.of is None:
        if ends is None:
            return
        if len(ends) == len(outputs) == 1:
            draft.of = (ends[0],)
            return
        enough = len(ends) >= len(outputs)
        report.add(
            draft.where,
            "what the loss reads is not said",
            f"of, naming {len(outputs)} of the layers {', '.join(map(repr, ends[:20]))}",
            "none",
            f"write of = {_toml(ends[: len(outputs)])}" if enough else _SECOND_SCORER,
        )
        return
    for label in draft.of:
        if label not in labels:
            report.add(
                draft.where,
                "of names a layer that is not there",
                listing(labels[:20]) + (", ..." if len(labels) > 20 else ""),
                quoted(label),
                way_to(label, labels, "name a layer"),
            )
    if len(draft.of) != len(outputs) and (draft.row or draft.tree or draft.is_chosen_later):
        report.add(
            draft.where,
            f"{draft.kind or 'the loss'} reads another number of layers",
            f"{len(outputs)} in of",
            str(len(draft.of)),
            f"write of = {_toml(draft.of[: len(outputs)])}, for example"
            if len(draft.of) > len(outputs)
            else _SECOND_SCORER,
        )
    elif len(set(draft.of)) != len(draft.of):
        report.add(
            draft.where,
            "the loss compares a layer with itself",
            f"{len(outputs)} different layers in of",
            _toml(draft.of),
            _SECOND_SCORER,
        )


def check_loss_sizes(draft: LossDraft, widths: Mapping[str, int], report: Report) -> None:
    """Note a loss whose sizes do not fit; what it reads has been settled."""
    assert draft.of is not None
    known = [(label, widths[label]) for label in draft.of if label in widths]
    if len(known) < len(draft.of):
        return
    (label, width), *others = known
    for other, size in others:
        if size != width:
            report.add(
                draft.where,
                "the layers it compares differ in width",
                f"{width}, like {label!r}",
                f"{size} in {other!r}",
                "give both the same units",
            )
    if draft.tree is None:
        return
    both = Known(width, repr(label))
    lhs = syntax.Read("loss", ())
    inferred = infer(
        [syntax.Equation(lhs, draft.tree)], {OUTPUT: both, TARGET: both}, {}, {OUTPUTS: width}
    )
    for index in inferred.open_indices:
        report.add(
            draft.where,
            f"nothing tells the size of index {index}",
            "an index of a[...] or y[...]",
            index,
            f"use {index} as a subscript, or leave its sum out",
        )


def _toml(labels: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{label}"' for label in labels) + "]"
