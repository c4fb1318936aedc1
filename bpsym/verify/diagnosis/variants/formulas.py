"""The formula of a derivative with one part of it wrong, as a pen slips."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.terms.functions import U
from bpsym.verify.diagnosis.variants.branches import cases_lost

# Long formulas have many parts; slips in them are found one by one only so far.
MOST = 60


def misspelt(activation: Activation) -> Iterator[tuple[sp.Expr, float]]:
    """Formulas that are nearly the derivative, in z and in the output, with their ranks.

    Case left out, a factor or a term left out, a sign turned round, a square forgotten (below a
    line too), z written for a, the function itself for its derivative. Each once.
    """
    seen = {activation.slope, activation.slope_in_output, sp.Integer(0), sp.Integer(1)}
    for formula, rank in _slips(activation):
        if formula not in seen:
            seen.add(formula)
            yield formula, rank
        if len(seen) > MOST:
            return


def _slips(activation: Activation) -> Iterator[tuple[sp.Expr, float]]:
    slope = activation.slope
    if isinstance(slope, sp.Piecewise):
        for form in cases_lost(slope):
            yield form, 1.15  # before f'(a), which lies in one case where the output is bounded
        yield from ((form, 1.65) for form in _own_branches(activation, slope))
    for known in (activation.slope_in_output, slope):
        if known is None:
            continue
        if isinstance(known, sp.Piecewise):
            yield from ((form, 1.65) for form in _broken_branches(known))
        if known.has(sp.Piecewise):
            continue
        yield from ((form, 1.65) for form in broken(known))
        if known.has(A):
            yield from ((form, 1.65) for form in _with_z(known))
    yield from ((form, 1.65) for form in _by_name(activation))
    expanded = sp.expand(slope)
    if not slope.has(sp.Piecewise) and expanded != slope:
        yield from ((form, 1.68) for form in broken(expanded))
    yield A, 1.7


def _by_name(activation: Activation) -> tuple[sp.Expr, ...]:
    """Slips in forms of the textbooks that the derivation does not write."""
    if activation.name == "sigmoid":
        return (A**2, A * (1 - A) ** 2, A**2 * (1 - A))
    if activation.name == "tanh":
        return ((1 - A) ** 2, (1 + A) ** 2)
    if activation.name == "softplus":  # the sigmoid's exponent turned round, and half of it
        return (1 / (1 + sp.exp(U)), sp.exp(U))
    return ()


def _with_z(form: sp.Expr) -> Iterator[sp.Expr]:
    """z for a, everywhere and in one factor, and a for z."""
    yield form.xreplace({A: U})
    if form.has(U):
        yield form.xreplace({U: A})
    if isinstance(form, sp.Mul):
        for at, part in enumerate(form.args):
            if part.has(A):
                others = [each for k, each in enumerate(form.args) if k != at]
                yield sp.Mul(part.xreplace({A: U}), *others)


def _own_branches(activation: Activation, slope: sp.Piecewise) -> Iterator[sp.Expr]:
    """One case in which the function itself stands for its derivative."""
    whole = activation.expression
    if not isinstance(whole, sp.Piecewise) or len(whole.args) != len(slope.args):
        return
    for at, ((value, _), (_, test)) in enumerate(zip(whole.args, slope.args, strict=True)):
        if value.has(U):
            yield sp.Piecewise(*slope.args[:at], (value, test), *slope.args[at + 1 :])


def _broken_branches(form: sp.Piecewise) -> Iterator[sp.Expr]:
    """One branch of a case distinction with a part wrong."""
    for at, (branch, test) in enumerate(form.args):
        for each in broken(branch):
            yield sp.Piecewise(*form.args[:at], (each, test), *form.args[at + 1 :])


def broken(form: sp.Expr) -> Iterator[sp.Expr]:
    """A formula with one part left out, turned round or without its power."""
    if isinstance(form, sp.Mul | sp.Add):
        for at, part in enumerate(form.args):
            others = [each for k, each in enumerate(form.args) if k != at]
            rest = form.func(*others)
            if rest.has(U, A):
                yield rest
            if isinstance(form, sp.Add):
                yield rest - part
                if not part.is_number:
                    yield rest + 1
            for each in broken(part):
                yield form.func(each, *others)
    if isinstance(form, sp.Pow):
        if form.exp.is_Integer and form.exp not in (1, -1):
            yield form.base ** sp.sign(form.exp)
        if form.exp.is_negative:  # multiplied by what it is divided by
            yield form.base ** (-form.exp)
        for each in broken(form.base):
            yield each**form.exp
    if isinstance(form, sp.Function) and len(form.args) == 1 and form.has(U, A):
        [argument] = form.args
        yield argument
        if not isinstance(argument, sp.Symbol):
            yield form.func(-argument)
        for each in broken(argument):
            if each.has(U, A):
                yield form.func(each)
