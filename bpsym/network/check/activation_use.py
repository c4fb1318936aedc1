"""Activations and options as a declaration writes them: by name, with numbers, or by formula."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.network.catalogue import activations
from bpsym.network.check.report import Report, Table, is_mapping, listing, shown
from bpsym.network.model import ActivationUse, Options
from bpsym.text import syntax
from bpsym.text.door import read_expression
from bpsym.text.names import PI

VARIABLE = "z"


def is_formula(text: str) -> bool:
    """Whether a formula stands where a name is usual."""
    return any(character in text for character in "([*/")


# Where an option must lie for its formula to be what its name says.
_POSITIVE = frozenset({"delta", "epsilon", "margin", "scale"})
_NOT_NEGATIVE = frozenset({"alpha"})


def read_activation(value: object, where: str, report: Report) -> ActivationUse | None:
    """An activation by name, with options, or by expression; None if it is wrong, and noted."""
    if isinstance(value, str):
        value = {"name": value}
    if not is_mapping(value):
        report.add(
            where,
            "this is not an activation",
            'a name, { name = "leaky_relu", alpha = 0.2 } or { expression = "z*sigmoid(z)" }',
            shown(value),
            'write activation = "tanh", for example',
        )
        return None
    table = Table(value, where, report)
    if "expression" in table:
        expression = table.text("expression")
        table.close({"name": "give a name or an expression, not both"})
        return None if expression is None else _activation_expression(expression, where, report)
    name = table.text("name")
    if name is None:
        if "name" not in table:
            table.wrong("name", "name or expression", 'write { name = "tanh" }')
        return None
    name = activations.ALIASES.get(name, name)
    row = activations.ACTIVATIONS.get(name)
    if row is None and name != activations.SOFTMAX:
        known = (*activations.ACTIVATIONS, activations.SOFTMAX)
        way_out = 'write { expression = "..." } for a formula'
        if not is_formula(name):
            way_out = way_to(name, (*known, *activations.ALIASES), way_out)
        report.add(where, "unknown activation", listing(known), quoted(name), way_out)
        return None
    options = read_options(table, row.options if row is not None else {})
    table.close()
    return ActivationUse(name, options)


def _activation_expression(text: str, where: str, report: Report) -> ActivationUse | None:
    try:
        tree = read_expression(text, where)
    except ExpressionError as error:
        report.take(error)
        return None
    seen = len(report.problems)
    names: dict[str, None] = {}
    for node in syntax.walk(tree):
        match node:
            case syntax.Name(name):
                names[name] = None
            case syntax.Read(tensor):
                report.add(
                    where,
                    "an activation has no subscripts",
                    "z, numbers and functions",
                    f"{tensor}[...]",
                    'write z for the value, or a layer of kind = "equation"',
                )
            case syntax.Sum():
                report.add(
                    where,
                    "an activation has no sums",
                    "z, numbers and functions",
                    f"sum({node.index}, ...)",
                    'write a layer of kind = "equation"',
                )
    for name in names:
        if name not in (VARIABLE, PI):
            way_out = "write exp(1)" if name == "e" else f"write a number for {name}"
            report.add(where, "unknown name", "z and pi only", quoted(name), way_out)
    if VARIABLE not in names and len(report.problems) == seen:
        report.add(
            where, "the expression does not read z", "a function of z", quoted(text), "use z in it"
        )
    return ActivationUse(None, (), text.strip(" ")) if len(report.problems) == seen else None


def read_options(table: Table, defaults: Mapping[str, Fraction]) -> Options:
    """All options of a row, the declared ones checked, the others by default."""
    values: list[tuple[str, Fraction]] = []
    for option, default in defaults.items():
        number = table.number(option)
        if number is not None:
            if option in _POSITIVE and number <= 0:
                table.wrong(option, "a number above 0", f"write {option} = {float(default):g}")
            elif option in _NOT_NEGATIVE and number < 0:
                table.wrong(option, "0 or a number above", f"write {option} = {float(default):g}")
        values.append((option, default if number is None else number))
    return tuple(values)
