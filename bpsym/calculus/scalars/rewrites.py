"""The named rewrites of the delta form, for expressions in single scalars.

They bear the names of those in ``bpsym.calculus.rewrites`` and do the same to sums that are
written out term by term. None of them guesses: each maps an expression to an equal one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.rewrites import Context, activation_slope, cancel
from bpsym.calculus.scalars.tidy import Tidy
from bpsym.calculus.scalars.unroll import Row, Unrolled
from bpsym.calculus.terms.functions import signs


@dataclass(frozen=True)
class Surroundings:
    """What the rewrites may use.

    rows: the equations of the units that are no activations.
    distributions: the elements of each row of targets that is assumed to sum to one.
    targets: those of the other targets.
    adjoints: the names given to adjoints so far.
    """

    rows: tuple[Row, ...]
    distributions: tuple[tuple[sp.Symbol, ...], ...]
    targets: tuple[tuple[sp.Symbol, ...], ...]
    adjoints: Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class ScalarRewrite:
    """A named rewrite; ``assumes`` tells whether it uses an assumption on the targets."""

    name: str
    apply: Callable[[sp.Expr, Surroundings], sp.Expr]
    assumes: bool = False


def surroundings(unrolled: Unrolled, adjoints: Mapping[sp.Symbol, sp.Expr]) -> Surroundings:
    """What the equations say."""
    rows = tuple(row for row in unrolled.rows.values() if row.relation.schema.activation is None)
    return Surroundings(
        rows,
        tuple(unrolled.target_rows(sum_to_one=True)),
        tuple(unrolled.target_rows(sum_to_one=False)),
        adjoints,
    )


def local_slope(row: Row, unit: sp.Symbol) -> sp.Expr:
    """How a unit depends on one that it reads: the slope of an activation in its short form.

    An activation without one keeps the name of its slope, ``gelu'(z1[2])``.
    """
    slope = sp.diff(row.rhs, unit)
    if row.relation.schema.activation is None:
        return slope
    z = row.rhs.args[0]
    return activation_slope(
        slope, Context({(z.name, row.equation.rhs.activation): row.equation}, ())
    )


def through_the_output(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """Write exp(z) as p S where p = exp(z)/S, and x - mean as norm sd where norm = (x - mean)/sd.

    An equation is solved for a factor of its right side; what comes out is taken if it is shorter
    and divides by nothing new: a zero there would be no zero of the derivative.
    """
    for row in known.rows:
        if not expr.free_symbols & (row.rhs.free_symbols | {row.symbol}):
            continue
        for part, solution, held in _solved(row):
            candidate = _replaced(expr, part, solution, held)
            shorter = sp.count_ops(candidate) < sp.count_ops(expr)
            if shorter and _divisors(candidate) <= _divisors(expr) | _roots(row):
                expr = candidate
    return expr


Held = Mapping[sp.Expr, sp.Symbol]


def _solved(row: Row) -> Iterator[tuple[sp.Expr, sp.Expr, Held]]:
    """Parts of the right side, what each is by the equation, and the sums not to be looked into."""
    rhs = row.rhs
    if isinstance(rhs, sp.Function):
        yield rhs, row.symbol, {}
    elif isinstance(rhs, sp.Pow) and rhs.exp == sp.Rational(1, 2):
        yield rhs.base, row.symbol**2, {}
    elif isinstance(rhs, sp.Mul):
        for factor in rhs.args:
            if isinstance(factor, sp.exp | sp.Add):
                rest = sp.Mul(*(each for each in rhs.args if each != factor))
                sums = {each: sp.Dummy("S", positive=True) for each in rest.atoms(sp.Add)}
                yield factor, row.symbol / rest.xreplace(sums), sums


def _divisors(expr: sp.Expr) -> set[sp.Expr]:
    """What an expression divides by."""
    return {power.base for power in expr.atoms(sp.Pow) if power.exp.is_negative}


def _roots(row: Row) -> set[sp.Expr]:
    """A unit that is a square root: it is 0 only where what stands under the root is."""
    return {row.symbol} if isinstance(row.rhs, sp.Pow) else set()


def _replaced(expr: sp.Expr, part: sp.Expr, solution: sp.Expr, held: Held) -> sp.Expr:
    flat = expr.xreplace(held)
    replacement: dict[sp.Expr, sp.Expr] = {}
    if isinstance(part, sp.exp):
        for node in flat.atoms(sp.exp):
            times = node.args[0] / part.args[0]
            if times.is_Integer:
                replacement[node] = solution**times
    elif isinstance(part, sp.Add):
        for node in flat.atoms(sp.Add):
            factor = _multiple(node, part)
            if factor is not None:
                replacement[node] = factor * solution
        for node in flat.atoms(sp.Pow):
            if node.base == part and (2 * node.exp).is_Integer:
                replacement[node] = _power(solution, node.exp)
    else:
        replacement[part] = solution
    back = {symbol: node for node, symbol in held.items()}
    return flat.xreplace(replacement).xreplace(back)


def _power(square: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """``(s**2)**(1/2)`` is s for the standard deviation s, which is positive."""
    if isinstance(square, sp.Pow) and square.exp == 2:
        return square.base ** (2 * exponent)
    return square**exponent


def _multiple(node: sp.Add, of: sp.Add) -> sp.Rational | None:
    """The number c with ``node = c of``."""
    if len(node.args) != len(of.args):
        return None
    ratio = sp.cancel(node.args[0] / of.args[0])
    for candidate in (ratio, -ratio):
        if candidate.is_Rational and sp.Add(*(candidate * term for term in of.args)) == node:
            return candidate
    number, primitive = node.primitive()
    other, rest = of.primitive()
    if primitive == rest:
        return number / other
    return -number / other if primitive == -rest else None


def centred_sums_vanish(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """``(x1 - mean) + (x2 - mean) = 0`` where the mean is that of these x."""
    means = {row.symbol: row.rhs for row in known.rows if _is_mean(row)}
    replacement = {}
    for node in expr.atoms(sp.Add):
        used = means.keys() & node.free_symbols
        if used and sp.expand(node.xreplace({symbol: means[symbol] for symbol in used})) == 0:
            replacement[node] = sp.Integer(0)
    return expr.xreplace(replacement)


def _is_mean(row: Row) -> bool:
    """Whether the right side is a sum of units with numbers in front."""
    terms = sp.Add.make_args(row.rhs)
    return len(terms) > 1 and all(term.as_coeff_Mul()[1].is_Symbol for term in terms)


def targets_sum_to_one(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """``p y1 + p y2 + p y3 = p`` for targets that are a distribution."""
    for targets in known.distributions:
        expr = _over_targets(expr, targets, sp.Integer(1))
    return expr


def constants_out_of_sums(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """``p y1 + p y2 + p y3 = p (y1 + y2 + y3)`` for any other targets."""
    for targets in known.targets:
        if len(targets) > 1:
            shorter = _over_targets(expr, targets, sp.Add(*targets))
            if sp.count_ops(shorter) < sp.count_ops(expr):
                expr = shorter
    return expr


def _over_targets(expr: sp.Expr, targets: tuple[sp.Symbol, ...], total: sp.Expr) -> sp.Expr:
    """Take out of every sum what stands in front of all these targets, times their total."""
    replacement = {}
    for node in {expr, *expr.atoms(sp.Add)}:
        if not set(targets) <= node.free_symbols:
            continue
        flat = sp.expand(node)
        in_front = [set(sp.Add.make_args(flat.coeff(target))) for target in targets]
        shared = set.intersection(*in_front) - {sp.Integer(0)}
        if shared and all(flat.coeff(target, 2) == 0 for target in targets):
            taken = [factor * target for factor in shared for target in targets]
            kept = sp.Add(flat, *(-term for term in taken))
            replacement[node] = sp.Add(kept, *(factor * total for factor in shared))
    return expr.xreplace(replacement)


def common_factors(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """What the terms of a sum share stands in front of it."""
    return signs(Tidy()(expr))


def cancelled(expr: sp.Expr, known: Surroundings) -> sp.Expr:
    """Cancel fractions; a factor that is a sum over adjoints stays as it is."""
    held = {
        factor: sp.Dummy("S", real=True)
        for term in sp.Add.make_args(expr)
        for factor in sp.Mul.make_args(term)
        if isinstance(factor, sp.Add) and factor.free_symbols & known.adjoints.keys()
    }
    back = {symbol: node for node, symbol in held.items()}
    return cancel(expr.xreplace(held), Context({}, ())).xreplace(back)


REWRITES: tuple[ScalarRewrite, ...] = (
    ScalarRewrite("centred sums vanish", centred_sums_vanish),
    ScalarRewrite("through the output", through_the_output),
    ScalarRewrite("targets sum to one", targets_sum_to_one, assumes=True),
    ScalarRewrite("constants out of sums", constants_out_of_sums),
    ScalarRewrite("common factors", common_factors),
    ScalarRewrite("cancel", cancelled),
)


def equal(left: sp.Expr, right: sp.Expr, known: Surroundings) -> bool:
    """Whether two forms of an adjoint are shown to be equal by multiplying out.

    Units that are no activations are replaced by their right sides; functions are unknowns.
    """
    difference = left - right
    meanings = {row.symbol: row.rhs for row in known.rows}
    while used := difference.free_symbols & meanings.keys():
        difference = difference.xreplace({symbol: meanings[symbol] for symbol in used})
    if sp.expand(difference) == 0:
        return True
    numerator, _ = sp.fraction(sp.together(difference))
    return bool(sp.expand(numerator) == 0)
