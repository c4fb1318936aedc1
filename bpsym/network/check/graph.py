"""Who reads whom: references resolved, layers put in an order in which they can be computed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from bpsym.errors import quoted, way_to
from bpsym.network.catalogue import kinds
from bpsym.network.check.layer_draft import LayerDraft
from bpsym.network.check.report import Report, listing, shown
from bpsym.network.limits import MOST_READ
from bpsym.text import syntax


def connect(drafts: Sequence[LayerDraft], inputs: Iterable[str], report: Report) -> bool:
    """Fill in ``sources`` of every draft and check them; True if every reference is good."""
    inputs = tuple(inputs)
    labels = dict.fromkeys(inputs) | {draft.label: None for draft in drafts}
    meant = {draft.misnamed: draft.label for draft in drafts if draft.misnamed is not None}
    seen = len(report.problems)
    above: str | None = inputs[0] if len(inputs) == 1 else None
    if not inputs:  # noted before
        return False
    for draft in drafts:
        if draft.sources is None:
            draft.sources = _default_sources(draft, above, labels, report)
        else:
            draft.sources = tuple(
                source if source in labels else meant.get(source, source)
                for source in draft.sources
            )
            _check_references(draft, labels, report)
        _check_arity(draft, report)
        above = draft.label
    return len(report.problems) == seen and all(draft.sources is not None for draft in drafts)


def _default_sources(
    draft: LayerDraft, above: str | None, labels: Mapping[str, None], report: Report
) -> tuple[str, ...] | None:
    """What a layer reads that does not say: its equation tells, or it is the layer above."""
    if draft.kind == kinds.EQUATION:
        if draft.tree is None:
            return None
        own = {draft.label, draft.tree.lhs.tensor}
        reads = (node for node in syntax.walk(draft.tree.rhs) if isinstance(node, syntax.Read))
        found = dict.fromkeys(
            node.tensor for node in reads if node.tensor in labels and node.tensor not in own
        )
        if found:
            return tuple(found)
        report.add(
            draft.where,
            "the equation reads no layer",
            listing(label for label in labels if not label.isdigit()) or "a layer with a name",
            quoted(draft.equation or ""),
            "read the layer above by its name; give it one if it has none",
        )
        return None
    if above is None:
        report.add(
            draft.where,
            "what the first layer reads is not said",
            "from, since there are several inputs",
            "none",
            f'write from = ["{next(iter(labels))}"]',
        )
        return None
    return (above,)


def _check_references(draft: LayerDraft, labels: Mapping[str, None], report: Report) -> None:
    assert draft.sources is not None
    for source in draft.sources:
        if source not in labels:
            draft.is_usable = False
            others = [label for label in labels if label != draft.label]
            report.add(
                draft.where,
                "from names a layer that is not there",
                listing(others[:20]) + (", ..." if len(others) > 20 else ""),
                quoted(source),
                way_to(source, others, "name a layer or an input"),
            )


def _check_arity(draft: LayerDraft, report: Report) -> None:
    if draft.sources is None:
        return
    least, most = draft.row.inputs if draft.row is not None else (1, None)
    most = MOST_READ if most is None else most
    count = len(draft.sources)
    if not least <= count <= most and (draft.row is not None or draft.kind == kinds.EQUATION):
        many = f"{least}" if least == most else f"{least} to {most}"
        way_out = (
            f'write from = ["a", "b"] with {least} layers'
            if count < least
            else "nest two layers of this kind"
            if most > 1
            else 'join them first with a layer of kind = "concat" or "add"'
        )
        draft.is_usable = False
        report.add(
            draft.where,
            f"{draft.kind} reads another number of layers",
            f"{many} in from",
            str(count),
            way_out,
        )


def ordered(drafts: Sequence[LayerDraft], report: Report) -> list[LayerDraft] | None:
    """The layers, each after those it reads and the one it shares with, else as declared.

    None if they run in a circle.
    """
    by_label = {draft.label: k for k, draft in enumerate(drafts)}
    readers: list[list[int]] = [[] for _ in drafts]
    missing = [0] * len(drafts)
    for k, draft in enumerate(drafts):
        for source in _needs(draft):
            if source in by_label:
                readers[by_label[source]].append(k)
                missing[k] += 1
    ready = [k for k, count in enumerate(missing) if not count]
    order: list[LayerDraft] = []
    while ready:
        k = heapq.heappop(ready)
        order.append(drafts[k])
        for reader in readers[k]:
            missing[reader] -= 1
            if not missing[reader]:
                heapq.heappush(ready, reader)
    if len(order) == len(drafts):
        return order
    _report_circle([draft for k, draft in enumerate(drafts) if missing[k]], report)
    return None


def _needs(draft: LayerDraft) -> dict[str, str]:
    """The labels of what must come before a layer, with the reason: it reads or shares it."""
    shared = {} if draft.share is None else {draft.share: "shares"}
    return shared | dict.fromkeys(draft.sources or (), "reads")


def _report_circle(stuck: Sequence[LayerDraft], report: Report) -> None:
    """Every stuck layer needs a stuck one, so walking back among them comes round."""
    by_label = {draft.label: draft for draft in stuck}
    path: dict[str, str] = {}
    label = stuck[0].label
    while label not in path:
        needs = _needs(by_label[label])
        following = next(source for source in needs if source in by_label)
        path[label] = needs[following]
        label = following
    steps = list(path.items())[list(path).index(label) :]
    report.add(
        by_label[label].where,
        "the layers run in a circle",
        "layers that can be computed one after the other",
        quoted(" ".join([*(f"{each} {verb}" for each, verb in steps), label])),
        "let the first of them share its parameters with the others"
        if "shares" in dict(steps).values()
        else "take one of them out of from",
    )


def resolve_shares(drafts: Sequence[LayerDraft], report: Report) -> None:
    """Point every ``share`` at the layer that has the parameters, and check that they suit."""
    by_label = {draft.label: draft for draft in drafts}
    for draft in drafts:
        if draft.share is None:
            continue
        owner = _owner(draft, by_label, report)
        if owner is None:
            draft.share = None
        else:
            _adopt(draft, owner, report)


def _owner(
    draft: LayerDraft, by_label: Mapping[str, LayerDraft], report: Report
) -> LayerDraft | None:
    passed = {draft.label}
    owner = draft
    while owner.share is not None:
        following = by_label.get(owner.share)
        if following is None or following.label in passed:
            others = [label for label in by_label if label != draft.label]
            report.add(
                draft.where,
                "share names no other layer with parameters",
                listing(others[:20]) if others else "another layer",
                quoted(owner.share),
                way_to(owner.share, others, "name the layer that has the parameters"),
            )
            return None
        owner = following
        passed.add(owner.label)
    return owner


def _adopt(draft: LayerDraft, owner: LayerDraft, report: Report) -> None:
    """Take over what a sharing layer leaves unsaid; note where the two do not go together."""
    draft.share = owner.label
    if draft.kind is None or owner.kind is None:
        return
    if draft.kind != owner.kind:
        report.add(
            draft.where,
            "layers of different kinds cannot share",
            f"kind {owner.kind}, like {owner.label!r}",
            draft.kind,
            "share with a layer of the same kind",
        )
        draft.share = None
        return
    if draft.kind == kinds.EQUATION:
        report.add(
            draft.where,
            "an equation cannot share parameters",
            "parameters of its own",
            f"share = {owner.label!r}",
            'leave share out, or write the layer with kind = "dense"',
        )
        draft.share = None
        return
    draft.units = owner.units if draft.units is None else draft.units
    draft.bias = owner.bias if draft.bias is None else draft.bias
    same: list[tuple[str, object, object]] = [
        ("units", owner.units, draft.units),
        ("bias", owner.bias is not False, draft.bias is not False),
    ]
    for key, wanted, got in same:
        if wanted != got:
            report.add(
                draft.where,
                f"shared parameters ask for the same {key}",
                f"{key} = {shown(wanted)}, like {owner.label!r}",
                shown(got),
                f"make {key} the same, or leave share out",
            )
            draft.share = None
