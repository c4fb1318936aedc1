"""The named rewrites that bring an adjoint into delta form: each total, each terminating.

A rewrite maps an expression to an equal one. What it needs to know of the network (which output
belongs to which pre-activation, which targets sum to one) is in the ``Context``. None of them
guesses: the prover evaluates both sides of every application.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.slopes.activation import A, Activation, OpaqueSlope, shortest
from bpsym.calculus.terms.functions import U, signs
from bpsym.calculus.terms.indexed import element, name_of, subscripts_of, top_sums


@dataclass(frozen=True)
class Context:
    """What the rewrites may use.

    outputs: for each pre-activation and activation that reads it, the equation a = f(z, ...).
    forward: equations whose right side may be recognised and replaced by their left side.
    sum_to_one: targets whose rows are assumed to sum to one.
    """

    outputs: Mapping[tuple[str, Activation], Equation]
    forward: Sequence[Equation]
    sum_to_one: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rewrite:
    """A named rewrite; ``assumes`` tells whether it uses an assumption on the targets."""

    name: str
    apply: Callable[[sp.Expr, Context], sp.Expr]
    assumes: bool = False


def activation_slope(expr: sp.Expr, context: Context) -> sp.Expr:
    """Write f'(z) of each activation in the form derived for it: sigma'(z) = a (1 - a)."""
    replacement = {}
    for node in expr.atoms(OpaqueSlope):
        slope = node.activation.short_slope if node.position == 0 else None
        if slope is None:
            continue
        z = node.args[0]
        output = context.outputs[name_of(z), node.activation]
        a = element(output.tensor, *subscripts_of(z))
        replacement[node] = slope.xreplace({U: z, A: a})
    return expr.xreplace(replacement)


def recognise_forward(expr: sp.Expr, context: Context) -> sp.Expr:
    """Express the derivative of an equation through its own output.

    p = exp(z)/S gives exp(z) = p S, sd = sqrt(v) gives v = sd^2: the equation is solved for a part
    of its right side, the part is replaced wherever it stands, and the result is kept if it is
    shorter and divides by nothing new: y = g x must not bring in y/g, which is 0/0 at g = 0.
    """
    for equation in context.forward:
        roots = {equation.tensor} if _is_root(equation.rhs) else set()
        for part, solution in _solved_parts(equation):
            candidate = pull_out_of_sums(_replace_part(expr, equation, part, solution), context)
            if sp.count_ops(candidate) >= sp.count_ops(expr):
                continue
            if _divisors(candidate) <= _divisors(expr) | roots:
                expr = candidate
    return expr


def _is_root(rhs: sp.Expr) -> bool:
    return isinstance(rhs, sp.Pow) and rhs.exp == sp.Rational(1, 2)


def _divisors(expr: sp.Expr) -> set[str]:
    """The tensors that an expression divides by."""
    return {
        name_of(node)
        for power in expr.atoms(sp.Pow)
        if power.exp.could_extract_minus_sign()
        for node in power.base.atoms(sp.Indexed)
    }


def _solved_parts(equation: Equation) -> list[tuple[sp.Expr, sp.Expr]]:
    """Parts G of the right side for which ``lhs = rhs`` gives G by one multiplication or power."""
    rhs, lhs = equation.rhs, equation.lhs
    parts: list[tuple[sp.Expr, sp.Expr]] = []
    if _is_root(rhs):
        parts.extend((rhs**power, lhs**power) for power in (1, -1, -3))
    if isinstance(rhs, sp.Function | sp.Sum):
        parts.append((rhs, lhs))
    if isinstance(rhs, sp.Mul):
        for factor in rhs.args:
            if isinstance(factor, sp.exp | sp.Add):
                parts.append((factor, lhs / sp.Mul(*(f for f in rhs.args if f != factor))))
            if isinstance(factor, sp.Sum):
                parts.append((rhs, lhs))
    return parts


def _replace_part(expr: sp.Expr, equation: Equation, part: sp.Expr, solution: sp.Expr) -> sp.Expr:
    """Replace every instance of ``part``, at whatever subscripts, by ``solution`` there."""
    sums = top_sums(solution)
    for values in _instances(expr, equation, part):
        here, there = part.xreplace(values), solution.xreplace(values)
        # Sums of the solution are held aside: their bodies must not be rewritten.
        held = {each.xreplace(values): sp.Dummy("S", positive=True) for each in sums}
        back = {symbol: each for each, symbol in held.items()}
        flat = expr.xreplace(held)
        if isinstance(here, sp.Add):
            multiples = {
                node: factor * there.xreplace(held)
                for node in flat.atoms(sp.Add)
                if (factor := _multiple(node, here)) is not None
            }
            flat = flat.xreplace(multiples)
        else:
            flat = flat.xreplace({here: there.xreplace(held)})
        expr = flat.xreplace(back)
    return expr


def _multiple(node: sp.Add, of: sp.Add) -> sp.Rational | None:
    """The number c with ``node = c of``: sympy multiplies numbers into sums by itself."""
    if len(node.args) != len(of.args):
        return None
    ratio = node.args[0].as_coeff_Mul()[0] / of.args[0].as_coeff_Mul()[0]
    for candidate in (ratio, -ratio):
        if sp.Add(*(candidate * term for term in of.args)) == node:
            return candidate
    return None


def _instances(expr: sp.Expr, equation: Equation, part: sp.Expr) -> list[dict[sp.Symbol, sp.Expr]]:
    """The subscripts at which the tensors of ``part`` are read in ``expr``, as substitutions."""
    indices = tuple(equation.ranges)
    pattern = next(
        (
            node
            for node in sorted(part.atoms(sp.Indexed), key=lambda n: -len(n.indices))
            if set(indices) <= set(node.indices)
        ),
        None,
    )
    if pattern is None:
        return _instances_by_lhs(expr, equation)
    found = []
    for node in sorted(expr.atoms(sp.Indexed), key=sp.default_sort_key):
        if node.base == pattern.base:
            values = {
                i: s for i, s in zip(pattern.indices, node.indices, strict=True) if i in indices
            }
            if values not in found:
                found.append(values)
    return found


def _instances_by_lhs(expr: sp.Expr, equation: Equation) -> list[dict[sp.Symbol, sp.Expr]]:
    found = []
    for node in sorted(expr.atoms(sp.Indexed), key=sp.default_sort_key):
        if node.base == equation.lhs.base:
            values = dict(zip(equation.lhs.indices, node.indices, strict=True))
            if values not in found:
                found.append(values)
    return found


def pull_out_of_sums(expr: sp.Expr, context: Context) -> sp.Expr:
    """``sum_j c f(j) = c sum_j f(j)``, the innermost sums first."""

    def pull(node: sp.Sum) -> sp.Expr:
        body = _map_sums(node.function, pull)
        bound = [limit[0] for limit in node.limits]
        constant, rest = body.as_independent(*bound, as_Add=False)
        return constant * sp.Sum(rest, *node.limits)

    return _map_sums(expr, pull)


def _map_sums(expr: sp.Expr, change: Callable[[sp.Sum], sp.Expr]) -> sp.Expr:
    return expr.xreplace({each: change(each) for each in top_sums(expr)})


def targets_sum_to_one(expr: sp.Expr, context: Context) -> sp.Expr:
    """``sum_k y[n,k] = 1`` for targets that are distributions."""
    replacement = {}
    for each in expr.atoms(sp.Sum):
        body = each.function
        if (
            isinstance(body, sp.Indexed)
            and name_of(body) in context.sum_to_one
            and len(each.limits) == 1
            and body.indices[-1] == each.limits[0][0]
        ):
            replacement[each] = sp.Integer(1)
    return expr.xreplace(replacement)


def centred_sums_vanish(expr: sp.Expr, context: Context) -> sp.Expr:
    """``sum_j (x[j] - mean) = 0`` where the mean is that of the same x."""
    means = {
        equation.tensor: equation
        for equation in context.forward
        if isinstance(equation.lhs, sp.Indexed) and equation.rhs.atoms(sp.Sum)
    }
    replacement = {}
    for each in expr.atoms(sp.Sum):
        for equation in means.values():
            if _is_centred(each, equation):
                replacement[each] = sp.Integer(0)
    return expr.xreplace(replacement)


def _is_centred(each: sp.Sum, mean: Equation) -> bool:
    body = sp.expand(each.function)
    if not isinstance(body, sp.Add) or len(each.limits) != 1:
        return False
    i, lo, hi = each.limits[0]
    constant, varying = body.as_independent(i, as_Add=True)
    count = hi - lo + 1
    for values in _instances_by_lhs(constant, mean):
        # The terms that do not run add up to count * constant: the sum is zero if they cancel.
        known = mean.rhs.xreplace(values)
        sums = top_sums(known)
        if len(sums) != 1:
            continue
        aligned = sums[0].function.xreplace({sums[0].limits[0][0]: i})
        ratio = sp.cancel(varying / aligned)
        if ratio.has(i) or sums[0].limits[0][1:] != (lo, hi):
            continue
        at = mean.lhs.xreplace(values)
        scale = sp.cancel(known / sums[0])
        if sp.cancel(constant * count + ratio * at / scale) == 0:
            return True
    return False


def cancel(expr: sp.Expr, context: Context) -> sp.Expr:
    """Cancel fractions and take out common factors, sums and functions held as atoms."""
    expr = _map_sums(expr, lambda each: sp.Sum(cancel(each.function, context), *each.limits))
    if not _has_terms(expr):
        return expr
    atoms: dict[sp.Expr, sp.Symbol] = {}

    def atom(node: sp.Expr) -> sp.Symbol:
        return atoms.setdefault(node, sp.Dummy(f"q{len(atoms):03d}", real=True))

    def flatten(node: sp.Expr) -> sp.Expr:
        if isinstance(node, sp.Add | sp.Mul):
            return node.func(*(flatten(each) for each in node.args))
        if isinstance(node, sp.Pow) and node.exp.is_Integer:
            return flatten(node.base) ** node.exp
        if node.is_Number:
            return node
        return atom(node)

    flat = flatten(expr)
    back = {symbol: node for node, symbol in atoms.items()}
    divisors = [power.base for power in flat.atoms(sp.Pow) if power.exp.is_negative]
    has_fraction = any(
        not back[symbol].is_integer for base in divisors for symbol in base.free_symbols
    )
    candidates = [flat]
    factored = signs(sp.factor_terms(flat))
    if factored != flat:
        candidates.append(factored)
    if has_fraction and isinstance(flat, sp.Add | sp.Mul):
        candidates.append(shortest(sp.cancel(sp.together(flat))))
    best = min(candidates, key=sp.count_ops) if len(candidates) > 1 else flat
    best = _numbers_in_front(best)
    return expr if best is flat else best.xreplace(back)


def _numbers_in_front(expr: sp.Expr) -> sp.Expr:
    """``(2 a - 2 y)/m`` is read as ``2 (a - y)/m``; sympy multiplies only ``2 (a - y)`` out."""
    if not isinstance(expr, sp.Mul):
        return expr
    number, factors = sp.S.One, []
    for factor in expr.args:
        content, rest = factor.primitive() if isinstance(factor, sp.Add) else (sp.S.One, factor)
        number *= content
        factors.append(rest)
    return expr if number == 1 else sp.Mul(number, *factors)


def _has_terms(expr: sp.Expr) -> bool:
    """Whether a product or power has a sum of terms in it: nothing else is left to cancel."""
    if isinstance(expr, sp.Mul | sp.Pow):
        return any(_has_terms(each) for each in expr.args)
    return isinstance(expr, sp.Add)


REWRITES: tuple[Rewrite, ...] = (
    Rewrite("activation slope", activation_slope),
    Rewrite("constants out of sums", pull_out_of_sums),
    Rewrite("centred sums vanish", centred_sums_vanish),
    Rewrite("through the output", recognise_forward),
    Rewrite("targets sum to one", targets_sum_to_one, assumes=True),
    Rewrite("cancel", cancel),
)
