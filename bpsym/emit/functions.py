"""The text of an activation or a slope that the module defines."""

from __future__ import annotations

import sympy as sp

from bpsym.arrays.activations import LEARNED, LOG_SLOPE, LOG_SLOPE_OF_COMPLEMENT, VALUE, Helper
from bpsym.arrays.layout import LAYOUTS
from bpsym.arrays.lower import Lowering
from bpsym.arrays.nodes import Elementwise, walk
from bpsym.arrays.stable import stable_forms
from bpsym.arrays.storage import Storage
from bpsym.calculus.terms.functions import normal_cdf, normal_pdf, sigmoid, softplus
from bpsym.calculus.terms.indexed import scalar
from bpsym.emit.comments import equation_text
from bpsym.emit.numpy_text import NumpyPrinter
from bpsym.emit.source import docstring, statement

_LOGARITHMS = {LOG_SLOPE: "log {}", LOG_SLOPE_OF_COMPLEMENT: "log(1 - {})"}
_LETTERS = {sigmoid: "s", sp.tanh: "t", softplus: "p", normal_cdf: "c", normal_pdf: "d"}


def helper_text(helper: Helper) -> tuple[str, set[str]]:
    """The definition of a helper, and the functions that it calls."""
    expression = _tidy(helper.body)
    repeated, [body] = _repeated(expression)
    printer = NumpyPrinter(lambda name: name, {}, columns=False)
    lines = [f"def {helper.name}({', '.join(helper.arguments)}):", *_doc(helper)]
    called: set[str] = set()
    lowering = Lowering(Storage(LAYOUTS["rows"], {}, {}, {}, {}), frozenset())
    for head, value in [*((f"{s.name} = ", v) for s, v in repeated), ("return ", body)]:
        node = lowering.lower(stable_forms(value), ())
        called |= {each.operator for each in walk(node) if isinstance(each, Elementwise)}
        lines += statement(head, printer.source(node))
    return "\n".join(lines), called


def _doc(helper: Helper) -> list[str]:
    text = equation_text("", (), helper.expression, {}).removeprefix(" = ")
    if helper.kind == VALUE:
        return docstring(f"{text}.", text, short="Return the activation.")
    of = _LOGARITHMS.get(helper.kind, "{}").format(helper.of)
    what = f"Derivative of {of}"
    if helper.kind == LEARNED:
        what += f" in {helper.learned}"
    elif helper.arguments == ("a",):
        what += " from its output a"
    return docstring(f"{what}: {text}.", text, short=f"{what}.")


def _tidy(expression: sp.Expr) -> sp.Expr:
    """Take out what all terms share: s + z s (1 - s) = s (1 + z (1 - s))."""
    if expression.has(sp.Piecewise):
        return expression
    return sp.factor_terms(expression) if isinstance(expression, sp.Add) else expression


def _repeated(expression: sp.Expr) -> tuple[list[tuple[sp.Symbol, sp.Expr]], list[sp.Expr]]:
    """Name the functions that occur more than once, by a letter that suits them."""
    named: list[tuple[sp.Symbol, sp.Expr]] = []
    if expression.has(sp.Piecewise):
        return named, [expression]
    for function, letter in _LETTERS.items():
        for number, node in enumerate(sorted(expression.atoms(function), key=sp.default_sort_key)):
            count = sum(each == node for each in sp.preorder_traversal(expression))
            if count > 1:
                symbol = scalar(letter + (str(number + 1) if number else ""))
                named.append((symbol, node))
                expression = expression.xreplace({node: symbol})
    return named, [expression]
