"""How much work a system is for brute force, counted and not measured, so that it is repeatable."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import sympy as sp

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.indexed import size


def terms(system: System, sizes: Mapping[str, int]) -> int:
    """The number of operands in all equations, written out for every index."""
    found = 0
    for relation in system.relations:
        formal = relation.formal()
        lengths = {
            symbol: sizes[system.tensors[formal[name]].sizes[at]]
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        lengths[size(SAMPLES)] = sizes[SAMPLES]
        equation = relation.schema.equation
        loops = prod(_length(each.last, lengths) for each in equation.ranges.values())
        found += loops * _operands(equation.rhs, lengths)
    return found


def parameter_count(derivation: Derivation, sizes: Mapping[str, int]) -> int:
    """The number of single parameters (and inputs) whose gradient the derivation has."""
    tensors = derivation.system.tensors
    return sum(
        prod(sizes[label] for label in tensors[each.tensor].sizes)
        for each in derivation.adjoints
        if tensors[each.tensor].role in (Role.PARAMETER, Role.INPUT)
    )


def _length(last: sp.Expr, lengths: Mapping[sp.Symbol, int]) -> int:
    return lengths[last] if last in lengths else int(last.xreplace(lengths))


def _operands(expr: sp.Basic, lengths: Mapping[sp.Symbol, int]) -> int:
    if isinstance(expr, sp.Sum):
        loops = prod(_length(hi, lengths) for _, _, hi in expr.limits)
        return loops * _operands(expr.function, lengths)
    if isinstance(expr, sp.Indexed) or not expr.args:
        return 1
    return sum(_operands(each, lengths) for each in expr.args)
