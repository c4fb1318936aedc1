"""Whether a loss suits what it reads: a hinge wants scores, a cross-entropy a distribution, ..."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bpsym.errors import quoted
from bpsym.network.catalogue import activations, kinds, losses
from bpsym.network.check.loss_draft import TARGETS, LossDraft
from bpsym.network.check.report import Report
from bpsym.network.model import Layer
from bpsym.text.names import tensor_name_problem

UNKNOWN = "unknown"

# The sets of values that each need accepts; what is unknown is accepted, and said to be assumed.
_ACCEPTED: Mapping[str, frozenset[str]] = {
    "real": frozenset({"real", "nonnegative", "positive", "unit", "symmetric"}),
    "positive": frozenset({"positive", "unit"}),
    "unit": frozenset({"unit"}),
}
_NEED_IN_WORDS: Mapping[str, str] = {
    "positive": "positive values",
    "unit": "values between 0 and 1",
}
# 0 itself, where a loss takes the logarithm, is what a relu gives for half of all z.
_GIVEN_IN_WORDS: Mapping[str, str] = {"nonnegative": "nonnegative values, 0 for half of all z"}
_ACTIVATION_FOR: Mapping[str, str] = {"positive": "softplus", "unit": "sigmoid"}


class Values:
    """What values each layer gives, as the rows of activations name them, or unknown."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self._of: dict[str, str] = dict.fromkeys(inputs, UNKNOWN)
        self._distributions: set[str] = set()
        self._open: set[str] = set()

    def add(self, label: str, layer: Layer) -> None:
        """Take in a layer whose inputs were taken in."""
        row = kinds.KINDS.get(layer.kind)
        name = layer.activation.name
        if name == activations.SOFTMAX or (row is not None and row.distribution):
            self._of[label] = "unit"
            self._distributions.add(label)
        elif name is None:
            self._of[label] = UNKNOWN
        elif name != "identity":
            self._of[label] = activations.ACTIVATIONS[name].output
        elif row is None:
            self._of[label] = UNKNOWN
            self._open.add(label)
        elif row.weights or row.starts:
            self._of[label] = "real"
        else:
            self._of[label] = _joined([self.of(source) for source in layer.inputs])

    def of(self, label: str) -> str:
        """The values of an input or layer."""
        return self._of.get(label, UNKNOWN)

    def may_be_distribution(self, label: str) -> bool:
        """Whether the values of a sample sum to one, as far as can be told."""
        return label in self._distributions or label in self._open or label not in self._of

    def is_distribution(self, label: str) -> bool:
        """Whether the values of a sample sum to one for certain."""
        return label in self._distributions


def _joined(parts: Sequence[str]) -> str:
    """The values of a layer without parameters, such as add or concat, by what it reads.

    Sums leave the unit interval, so only what holds for sums, products and lists is claimed.
    """
    if len(parts) == 1:
        return parts[0]
    if all(part in ("nonnegative", "positive", "unit") for part in parts):
        return "nonnegative" if set(parts) == {"nonnegative"} else "positive"
    return UNKNOWN if UNKNOWN in parts else "real"


def check_suit(draft: LossDraft, values: Values, report: Report) -> list[str]:
    """Note a loss that does not suit what it reads; returns what had to be assumed."""
    row = draft.row
    assumed: list[str] = []
    if row is None or draft.of is None:
        return assumed
    for label in draft.of:
        given = values.of(label)
        distribution = values.is_distribution(label)
        if row.distribution and not values.may_be_distribution(label):
            report.add(
                draft.where,
                f"{row.name} does not suit {label!r}",
                "a softmax output, whose values sum to one",
                f"{given} values",
                f'give {label!r} activation = "softmax", or write {_instead(given)}',
            )
        elif row.scores and distribution:
            report.add(
                draft.where,
                f"{row.name} does not suit {label!r}",
                "scores or rates as they are",
                "a softmax output",
                "take the softmax away, or write cross_entropy",
            )
        elif given == UNKNOWN and (row.needs != "real" or row.distribution):
            what = "a distribution" if row.distribution else _NEED_IN_WORDS[row.needs]
            assumed.append(f"The output of {label!r} is taken to give {what}, for {row.name}.")
        elif given not in (*_ACCEPTED[row.needs], UNKNOWN):
            report.add(
                draft.where,
                f"{row.name} does not suit {label!r}",
                _NEED_IN_WORDS[row.needs],
                _GIVEN_IN_WORDS.get(given, f"{given} values"),
                f'give {label!r} activation = "{_ACTIVATION_FOR[row.needs]}", '
                "or write half_squared_error",
            )
    return assumed


def _instead(values: str) -> str:
    return "binary_cross_entropy" if values == "unit" else "half_squared_error"


def check_targets(
    drafts: Sequence[LossDraft],
    layers: Sequence[str],
    inputs: Iterable[str],
    widths: Mapping[str, int],
    report: Report,
) -> None:
    """Note targets with bad names, and targets that two losses understand differently."""
    taken = dict.fromkeys(inputs, "input") | dict.fromkeys(layers, "layer")
    first: dict[str, tuple[LossDraft, int | None]] = {}
    for draft in drafts:
        if (
            draft.targets != TARGETS[0]
            and (draft.row is not None or draft.tree is not None)
            and not (draft.row is not None and draft.row.distribution)
        ):
            _report_mode(draft, report)
        if draft.target is None:
            continue
        where = draft.where
        if report.note(tensor_name_problem(draft.target, where, "target name")):
            continue
        if draft.target in taken:
            report.add(
                where,
                f"the target has the name of an {taken[draft.target]}".replace("an l", "a l"),
                "a name of its own",
                quoted(draft.target),
                f'write target = "{draft.target[:28]}_t", for example',
            )
            continue
        width = widths.get(draft.of[0]) if draft.of else None
        other, size = first.setdefault(draft.target, (draft, width))
        known = other is not draft and size is not None and width is not None
        if known and (size, other.targets) != (width, draft.targets):
            report.add(
                where,
                f"the target {draft.target!r} is used in two ways",
                f"{size} columns of {other.targets}, as in the {other.where}",
                f"{width} columns of {draft.targets}",
                'give the targets two names: target = "..."',
            )


def _report_mode(draft: LossDraft, report: Report) -> None:
    fitting = ", ".join(row.name for row in losses.ROWS if row.distribution)
    report.add(
        draft.where,
        f"{draft.kind or 'an expression'} takes its targets as numbers",
        'targets = "rows"',
        f'targets = "{draft.targets}"',
        f"leave targets out; labels and weights are for {fitting}",
    )
