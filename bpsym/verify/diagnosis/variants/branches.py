"""Formulas by cases with a case lost, swapped or moved: masks, clips, margins.

relu'        (1 where z > 0, else 0)              the cases swapped: the mask is inverted
hard_sigmoid' (0, 1/6, 0)                         its ends left out: 1/6 everywhere
hinge'       (-y where y a < 1, else 0)           the mask left out: -y everywhere
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp


def cases_lost(form: sp.Piecewise) -> Iterator[sp.Expr]:
    """The formula with one case written in the place of others: of its neighbour, of all.

    What is zero everywhere then is another mistake.
    """
    values = [value for value, _ in form.args]
    tests = [test for _, test in form.args]
    seen: set[sp.Expr] = {form}
    for value in dict.fromkeys(values):
        if value != 0 and value not in seen:
            seen.add(value)
            yield value
    for at, value in enumerate(values):
        for neighbour in (at - 1, at + 1):
            if not 0 <= neighbour < len(values):
                continue
            changed = [*values[:at], values[neighbour], *values[at + 1 :]]
            if any(each != 0 for each in changed):
                # Equal neighbours are one case: sympy folds them.
                found = sp.Piecewise(*zip(changed, tests, strict=True))
                if found not in seen and value != values[neighbour]:
                    seen.add(found)
                    yield found


def swapped(form: sp.Piecewise) -> sp.Expr | None:
    """Two cases in each other's place, or zero and the one other value; None if there are more."""
    values = list(dict.fromkeys(value for value, _ in form.args))
    if len(values) != 2 or (len(form.args) > 2 and 0 not in values):
        return None
    other = dict(zip(values, reversed(values), strict=True))
    return sp.Piecewise(*((other[value], test) for value, test in form.args))


def edge_lost(form: sp.Piecewise) -> sp.Expr | None:
    """The number that two cases part at left out: ``y a < 0`` for ``y a < 1``; None if it is 0."""
    if len(form.args) != 2:
        return None
    (above, test), (below, _) = form.args
    if not isinstance(test, sp.core.relational.Relational):
        return None
    difference = test.lhs - test.rhs
    constant, rest = difference.as_coeff_Add()
    if not constant or not rest.free_symbols:
        return None
    return sp.Piecewise((above, test.func(rest, 0)), (below, True))


def by_cases(expr: sp.Expr) -> sp.Piecewise | None:
    """The one formula by cases in an expression; None if there is none, or several."""
    found = expr.atoms(sp.Piecewise)
    return found.pop() if len(found) == 1 else None
