"""Index equations as plain ASCII, for the comments of emitted code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from bpsym.arrays.numbered import Ranks
from bpsym.arrays.order import by_role, terms_in_order
from bpsym.arrays.program import Statement
from bpsym.calculus.rewrites import Context, pull_out_of_sums
from bpsym.calculus.slopes.activation import Activation, Opaque, OpaqueSlope
from bpsym.calculus.slopes.margins import sides
from bpsym.calculus.terms.indexed import name_of

SUM, PRODUCT, ATOM = range(3)


_NUMBERED = re.compile(r"\b[tds][0-9]+\b")


def statement_text(
    name: str,
    statement: Statement,
    sizes: Mapping[str, int],
    activations: Mapping[Activation, str],
) -> str:
    """The equation that a statement computes, under ``name``; sizes as numbers, but for m.

    activations: what they are called in the module, where two may have one name of their own.
    """
    lowered = statement.lowered
    expression = _with_names(lowered.expression, activations)
    text = _numbered_text(lowered.letters, expression, lowered.ranks)
    numbers = {key: str(sizes.get(label, label)) for key, label in statement.sizes.items()}
    known = {**statement.names, **numbers}
    return name + _NUMBERED.sub(lambda match: known[match[0]], text)


def _with_names(expr: sp.Expr, activations: Mapping[Activation, str]) -> sp.Expr:
    """An expression with f2' for the slope of the function that the module calls f2."""
    if all(name == activation.name for activation, name in activations.items()):
        return expr

    def is_renamed(node: sp.Basic) -> bool:
        return isinstance(node, Opaque | OpaqueSlope) and (
            activations.get(node.activation, node.activation.name) != node.activation.name
        )

    def renamed(node: sp.Expr) -> sp.Expr:
        old, new = node.activation.name, activations[node.activation]
        return sp.Function(new + node.func.__name__.removeprefix(old), real=True)(*node.args)

    return expr.replace(is_renamed, renamed)


@lru_cache(maxsize=4096)
def _numbered_text(letters: tuple[str, ...], expr: sp.Expr, ranks: Ranks) -> str:
    return equation_text("", letters, expr, dict(ranks))


def equation_text(
    name: str, letters: tuple[str, ...], expr: sp.Expr, ranks: Mapping[str, int]
) -> str:
    """``delta1[n,i] = sum_k delta2[n,k] W2[k,i] a1[n,i] (1 - a1[n,i])``."""
    left = f"{name}[{','.join(letters)}]" if letters else name
    return f"{left} = {_Writer(ranks).text(pull_out_of_sums(expr, Context({}, ())), SUM)}"


class _Writer:
    def __init__(self, ranks: Mapping[str, int]) -> None:
        self.ranks = ranks

    def text(self, expr: sp.Expr, context: int) -> str:
        """The expression, in brackets where it binds looser than its surroundings."""
        if isinstance(expr, sp.Add):
            return self._bracket(self._add(expr), context > SUM)
        if isinstance(expr, sp.Mul):
            return self._bracket(self._mul(expr), context > PRODUCT)
        if isinstance(expr, sp.Sum):
            letters = ",".join(limit[0].name for limit in reversed(expr.limits))
            inner = f"sum_{letters} {self.text(expr.function, PRODUCT)}"
            return self._bracket(inner, context > SUM)
        if isinstance(expr, sp.Pow):
            if expr.exp == sp.Rational(1, 2):
                return f"sqrt({self.text(expr.base, SUM)})"
            if expr.exp.could_extract_minus_sign():
                return self._bracket(f"1/{self.text(1 / expr, ATOM)}", context > PRODUCT)
            return f"{self.text(expr.base, ATOM)}^{self.text(expr.exp, ATOM)}"
        if isinstance(expr, sp.Piecewise):
            cases = [
                f"{self.text(value, SUM)} if {self.text(test, SUM)}"
                if test != sp.true
                else self.text(value, SUM)
                for value, test in expr.args
            ]
            if len(cases) == 2 and expr.args[1][0] == 0 and expr.args[0][0] == 1:
                return f"[{self.text(expr.args[0][1], SUM)}]"
            return f"({' else '.join(cases)})"
        if isinstance(expr, sp.Indexed):
            return f"{name_of(expr)}[{','.join(self.text(i, SUM) for i in expr.indices)}]"
        if isinstance(expr, sp.Rational):
            return _number(expr)
        if isinstance(expr, sp.core.relational.Relational):
            left, relation, right = sides(expr)
            return f"{self.text(left, SUM)} {relation} {self.text(right, SUM)}"
        if isinstance(expr, sp.Function):
            inner = ", ".join(self.text(each, SUM) for each in expr.args)
            name = {"Abs": "abs", "atan": "arctan"}.get(expr.func.__name__, expr.func.__name__)
            return f"{name}({inner})"
        return str(expr)

    def _bracket(self, text: str, needed: bool) -> str:
        return f"({text})" if needed else text

    def _add(self, expr: sp.Add) -> str:
        pieces: list[str] = []
        for sign, term in terms_in_order(expr.args, self.ranks):
            operator = "-" if sign < 0 else "+"
            piece = self.text(term, PRODUCT if sign < 0 else SUM)
            pieces.append(f"{operator} {piece}" if pieces else "-" * (sign < 0) + piece)
        return " ".join(pieces)

    def _mul(self, expr: sp.Mul) -> str:
        coefficient, rest = expr.as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        below = [
            1 / f for f in factors if isinstance(f, sp.Pow) and f.exp.could_extract_minus_sign()
        ]
        above = [f for f in factors if 1 / f not in below]
        sign = "-" if coefficient.is_negative else ""
        coefficient = abs(coefficient)
        numbers = [] if coefficient == 1 else [_number(coefficient)]
        written = by_role([f for f in above if not isinstance(f, sp.Sum)], self.ranks)
        sums = [f for f in above if isinstance(f, sp.Sum)]
        pieces = [*numbers, *(self.text(f, ATOM) for f in written)]
        # A sum reaches to the end of what is written: it stands last, or in brackets.
        pieces += [self.text(f, ATOM if below or f is not sums[-1] else SUM) for f in sums]
        text = " ".join(pieces) or "1"
        if below:
            divisor = " ".join(self.text(f, ATOM) for f in by_role(below, self.ranks))
            text += f" / ({divisor})" if len(below) > 1 else f" / {divisor}"
        return sign + text


def _number(value: sp.Rational) -> str:
    if value.q == 1 or (value.q <= 12 and value.q not in (5, 10)):
        return str(value)
    return f"{float(value):.10g}"
