"""The losses of a declaration: read, given their defaults, and held against what they read."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.network.catalogue import losses
from bpsym.network.check.activation_use import read_options
from bpsym.network.check.names import Scope
from bpsym.network.check.report import Report, Table, is_mapping, listing, shown
from bpsym.network.model import DEFAULT_TARGET, Loss, Options
from bpsym.text import syntax
from bpsym.text.door import read_expression
from bpsym.text.names import PI

OUTPUT, TARGET, OUTPUTS = "a", "y", "K"
TARGETS: tuple[Literal["rows", "labels", "weights"], ...] = ("rows", "labels", "weights")


@dataclass
class LossDraft:
    """One loss as declared; None where nothing usable was said."""

    where: str
    of: tuple[str, ...] | None
    kind: str | None = None
    expression: str | None = None
    tree: syntax.Expression | None = None
    options: Options = ()
    weight: Fraction = Fraction(1)
    target: str | None = None
    targets: Literal["rows", "labels", "weights"] = "rows"
    is_chosen_later: bool = False

    @property
    def row(self) -> losses.LossRow | None:
        """The row of its kind; None for an expression and for an unknown kind."""
        return losses.LOSSES.get(self.kind or "")

    @property
    def reads_target(self) -> bool:
        """Whether it compares with a target."""
        if self.tree is not None:
            nodes = syntax.walk(self.tree)
            return any(isinstance(each, syntax.Read) and each.tensor == TARGET for each in nodes)
        return self.row is not None and self.row.target

    def loss(self) -> Loss:
        """The finished loss; call it when nothing was noted."""
        assert self.of is not None
        return Loss(
            of=self.of,
            kind=self.kind,
            expression=self.expression,
            options=self.options,
            weight=self.weight,
            target=self.target,
            targets=self.targets,
        )


def read_losses(value: object, network: str, report: Report) -> list[LossDraft]:
    """Read one loss, a list of them, or none, which is one that is chosen by the output."""
    if isinstance(value, list | tuple) and value:
        return [
            read_loss(
                each, f"loss {k} of {network}" if len(value) > 1 else f"loss of {network}", report
            )
            for k, each in enumerate(value, start=1)
        ]
    return [read_loss(value, f"loss of {network}", report)]


def read_loss(value: object, where: str, report: Report) -> LossDraft:
    """Read the declaration of one loss, noting what is wrong with it."""
    if isinstance(value, str):
        value = {"kind": value}
    if value is None:
        return LossDraft(where, None, target=DEFAULT_TARGET, is_chosen_later=True)
    if not is_mapping(value):
        report.add(
            where,
            "this is not a loss",
            'a name such as "cross_entropy", or a table with kind or expression',
            shown(value),
            'write loss = "half_squared_error", for example',
        )
        return LossDraft(where, None)
    table = Table(value, where, report)
    draft = LossDraft(where, table.texts("of"))
    weight = table.number("weight")
    if weight == 0:
        table.wrong("weight", "a number other than 0", "leave the loss out if it does not count")
    draft.weight = Fraction(1) if weight is None else weight
    draft.targets = cast(
        Literal["rows", "labels", "weights"], table.choice("targets", TARGETS) or "rows"
    )
    target = table.text("target")
    if "expression" in table:
        _read_expression(draft, table)
        hints = {"kind": "give a kind or an expression, not both"}
    else:
        _read_kind(draft, table)
        hints = {"name": "write kind"}
    if draft.reads_target:
        draft.target = target or DEFAULT_TARGET
    elif target is not None and (draft.row or draft.tree):
        table.wrong("target", "no target, since the loss reads none", "leave target out")
    if draft.row or draft.tree or draft.is_chosen_later:
        table.close(hints)
    return draft


def _read_kind(draft: LossDraft, table: Table) -> None:
    kind = table.text("kind")
    if kind is None:
        draft.is_chosen_later = "kind" not in table
        draft.target = DEFAULT_TARGET
        return
    kind = losses.ALIASES.get(kind, kind)
    if kind not in losses.LOSSES:
        table.report.add(
            table.where,
            "unknown loss",
            listing(losses.LOSSES),
            quoted(kind),
            way_to(kind, (*losses.LOSSES, *losses.ALIASES), 'write { expression = "..." }'),
        )
        return
    draft.kind = kind
    draft.options = read_options(table, losses.LOSSES[kind].options)


def _read_expression(draft: LossDraft, table: Table) -> None:
    text = table.text("expression")
    if text is None:
        return
    try:
        tree = read_expression(text, draft.where)
    except ExpressionError as error:
        table.report.take(error)
        return
    scope = Scope(draft.where, table.report, {OUTPUT: 1, TARGET: 1}, (PI, OUTPUTS))
    seen = len(table.report.problems)
    scope.walk(tree, frozenset())
    reads = (node for node in syntax.walk(tree) if isinstance(node, syntax.Read))
    if len(table.report.problems) == seen and all(node.tensor != OUTPUT for node in reads):
        table.report.add(
            draft.where,
            "the loss does not read the output",
            "an expression with a[k]",
            quoted(text),
            "write a[k] for the output, y[k] for the target",
        )
    draft.tree = tree
    draft.expression = text.strip(" ")
