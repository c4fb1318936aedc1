"""The equation of a layer of the user: its left side, what it reads, its indices."""

from __future__ import annotations

from collections.abc import Collection

from bpsym.network.check.names import Scope, plain_index
from bpsym.network.check.report import Report
from bpsym.text import syntax
from bpsym.text.names import SAMPLE, index_name_problem


def check_equation(
    tree: syntax.Equation,
    sources: Collection[str],
    labels: Collection[str],
    place: str,
    report: Report,
) -> bool:
    """Check the names in the equation of a layer; True if all is well.

    sources: what the layer reads. labels: all inputs and layers. place: the layer, in words.
    """
    where = f"equation of {place}"
    seen = len(report.problems)
    lhs = tree.lhs
    indices = [plain_index(affine) for affine in lhs.subscripts]
    if len(indices) != 2 or indices[0] != SAMPLE or indices[1] in (None, SAMPLE):
        report.add(
            where,
            "the left side is not one value per sample and index",
            f"{lhs.tensor}[n,i]",
            f"{lhs.tensor}[{', '.join(name or 'a formula' for name in indices)}]",
            f"write {lhs.tensor}[n,i] = ..., n first; n is the sample",
        )
        return False
    bound = frozenset(name for name in indices if name is not None)
    for name in bound - {SAMPLE}:
        report.note(index_name_problem(name, where))
    strangers = {
        label: (
            f"{label} is not among what the layer reads",
            f"add {label!r} to from",
        )
        for label in labels
        if label not in sources
    }
    strangers[lhs.tensor] = ("the layer reads itself", "read the layers below it only")
    scope = Scope(
        where,
        report,
        dict.fromkeys(sources, 2),
        samples=True,
        strangers=strangers,
        parameters=True,
    )
    scope.walk(tree.rhs, bound)
    for name in scope.found:
        if f"d{name}" in scope.found:
            report.add(
                where,
                f"d{name} is the gradient of {name}",
                "parameters of other names",
                f"both {name} and d{name}",
                f"rename d{name}",
            )
    read = {node.tensor for node in syntax.walk(tree.rhs) if isinstance(node, syntax.Read)}
    for source in sources:
        if source not in read and len(report.problems) == seen:
            report.add(
                where,
                "the equation does not read all of from",
                ", ".join(sources),
                f"nothing of {source!r}",
                f"take {source!r} out of from, or read {source}[n,j]",
            )
    return len(report.problems) == seen


def index_names(tree: syntax.Equation) -> tuple[str, ...]:
    """The indices of an equation other than the sample, in the order of writing."""
    names = [name for affine in tree.lhs.subscripts for name, _ in affine.terms]
    names += [node.index for node in syntax.walk(tree.rhs) if isinstance(node, syntax.Sum)]
    return tuple(name for name in dict.fromkeys(names) if name != SAMPLE)
