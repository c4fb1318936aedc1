"""A scalar expression in one shape: what the terms of a sum share stands in front of the sum.

    W1 s x + W2 s x   ->   s x (W1 + W2)          (2 u - 2 v) w/2   ->   (u - v) w

Only common factors move; nothing is multiplied out, and nothing is looked for that is not written
there. sympy's ``diff`` leaves numbers and signs wherever the product rule met them, so two ways of
writing one derivative become equal here if they differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

Powers = dict[sp.Expr, sp.Expr]


class Tidy:
    """The rewriting with its memory: expressions share most of their parts.

    one_sign: give every sum in a product the sign that sympy's ordering prefers. That makes two
    expressions comparable, at the price of a minus sign in front now and then.
    """

    def __init__(self, *, one_sign: bool = False) -> None:
        self._one_sign = one_sign
        self._known: dict[sp.Basic, sp.Basic] = {}

    def __call__(self, node: sp.Basic) -> sp.Basic:
        if not node.args:
            return node
        found = self._known.get(node)
        if found is None:
            found = node.func(*map(self, node.args))
            if isinstance(found, sp.Mul):
                found = self._product(found)
            elif isinstance(found, sp.Add):
                found = self._sum(found)
            elif isinstance(found, sp.Piecewise):
                found = _cases(found)
            elif isinstance(found, sp.sign) and self._one_sign:
                found = _odd(found)
            self._known[node] = found
        return found

    def _sum(self, node: sp.Add) -> sp.Expr:
        number, shared, rest = self._split(node)
        return sp.Mul(number, *shared, rest) if shared else node

    def _product(self, node: sp.Mul) -> sp.Expr:
        number: sp.Expr = sp.Integer(1)
        factors: list[sp.Expr] = []
        for factor in node.args:
            base, power = _base_and_power(factor)
            if isinstance(base, sp.Add) and power.is_Integer:
                inner, shared, rest = self._split(base)
                number *= inner**power
                factors += [each**power for each in (*shared, rest)]
            else:
                factors.append(factor)
        return sp.Mul(number, *factors)

    def _split(self, node: sp.Add) -> tuple[sp.Expr, list[sp.Expr], sp.Expr]:
        """A sum as a number, the factors that all terms share, and the sum that is left."""
        number, rest = node.primitive()
        terms = [_powers(term) for term in sp.Add.make_args(rest)]
        shared = _common([powers for _, powers in terms])
        if shared:
            rest = sp.Add(
                *(
                    inner * sp.Mul(*(b ** (e - shared.get(b, 0)) for b, e in powers.items()))
                    for inner, powers in terms
                )
            )
            again, rest = rest.primitive()
            number *= again
        if self._one_sign and isinstance(rest, sp.Add) and rest.could_extract_minus_sign():
            number, rest = -number, -rest
        return number, [b**e for b, e in shared.items()], rest


def _cases(node: sp.Piecewise) -> sp.Expr:
    """What all cases share but those that are 0 stands in front of the cases."""
    values = [value for value, _ in node.args]
    shared = _common([_powers(value)[1] for value in values if value != 0])
    factor = sp.Mul(*(base**power for base, power in shared.items()))
    if factor == 1:
        return node
    return factor * sp.Piecewise(*((value / factor, test) for value, test in node.args))


def _odd(node: sp.Expr) -> sp.Expr:
    """``sign(-x) = -sign(x)``, which sympy leaves as it is."""
    (argument,) = node.args
    return -node.func(-argument) if argument.could_extract_minus_sign() else node


def _base_and_power(factor: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """``x**3`` as x and 3; an exponential is a factor as it is."""
    if isinstance(factor, sp.Pow):
        return factor.base, factor.exp
    return factor, sp.Integer(1)


def _powers(term: sp.Expr) -> tuple[sp.Expr, Powers]:
    """A product as a number and its factors to integer powers."""
    number, rest = term.as_coeff_Mul()
    powers: Powers = {}
    for factor in sp.Mul.make_args(rest):
        base, power = _base_and_power(factor)
        if not power.is_Integer:
            base, power = factor, sp.Integer(1)
        powers[base] = powers.get(base, sp.Integer(0)) + power
    powers.pop(sp.S.One, None)
    return number, powers


def _common(terms: Sequence[Powers]) -> Powers:
    """The factors of every term, to the smallest power of one sign that occurs."""
    first, *others = terms or [{}]
    shared = dict(first)
    for powers in others:
        for base, power in list(shared.items()):
            other = powers.get(base, sp.Integer(0))
            if (power * other).is_positive:
                shared[base] = min(power, other, key=abs)
            else:
                del shared[base]
    return shared
