"""Sigmoid, tanh, softplus and their like, recognised where a user wrote them with exponentials.

    1/(1 + exp(-u))                                      sigmoid(u)
    (exp(u) - exp(-u))/(exp(u) + exp(-u))                tanh(u)
    log(1 + exp(u)), log(exp(u) + exp(-u))               softplus(u), log_cosh(u) + log 2
    log(c exp(u)/sum_r exp(v[r]))                        log c + u - log sum_r exp(v[r])

What the left sides say is right, but they overflow, and on the way their tails are lost. A quotient
of exponentials is written as a rational function of g = exp(v); where it equals c0 + c1 f(v), as
exact arithmetic shows, f being the sigmoid, its slope or the tanh, that is taken instead.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bpsym.calculus.terms.functions import log_cosh, normal_cdf, sigmoid, softplus

_G = sp.Symbol("g", positive=True)
_LARGEST_POWER = 8
_IN_EXPONENTIALS = (sp.exp, sp.cosh, sp.sinh, sp.tanh, sigmoid)


@cache
def recognised(expr: sp.Expr) -> sp.Expr:
    """An equal expression with named functions in place of quotients and logarithms of exp."""
    if not expr.has(*_IN_EXPONENTIALS, sp.erf):
        return expr
    return expr.replace(_is_candidate, _named)


def _is_candidate(node: sp.Basic) -> bool:
    return isinstance(node, sp.Add | sp.Mul | sp.Pow | sp.log)


def _named(node: sp.Expr) -> sp.Expr:
    if isinstance(node, sp.log):
        return _logarithm(node)
    if isinstance(node, sp.Add):
        return _sum(node)
    factors = sp.Mul.make_args(node)
    parts = [each for each in factors if _is_made_of_exponentials(each)]
    folded = _folded(sp.Mul(*parts)) if parts else None
    return node if folded is None else sp.Mul(folded, *(f for f in factors if f not in parts))


def _sum(node: sp.Add) -> sp.Expr:
    """The terms that are made of exponentials, or of erf, with the number beside them."""
    number, _ = node.as_coeff_Add()
    terms = [each for each in node.args if not each.is_number]
    for kind in (_is_made_of_exponentials, _is_multiple_of_erf):
        parts = [each for each in terms if kind(each)]
        folded = _folded(sp.Add(number, *parts)) if parts else None
        if folded is not None:
            return sp.Add(folded, *(term for term in terms if term not in parts))
    return node


def _is_made_of_exponentials(node: sp.Expr) -> bool:
    """Whether nothing but numbers is left when exponentials and their like are taken out."""
    held = {each: sp.Dummy() for each in node.atoms(*_IN_EXPONENTIALS)}
    flat = node.xreplace(held)
    return bool(held) and flat.free_symbols <= set(held.values()) and not flat.has(sp.Function)


def _is_multiple_of_erf(node: sp.Expr) -> bool:
    return isinstance(node.as_coeff_Mul()[1], sp.erf)


def _folded(expr: sp.Expr) -> sp.Expr | None:
    """The expression as one named function, or None; the equality is checked exactly."""
    if isinstance(expr, sp.exp):
        return None  # alone it grows without bounds
    number, rest = expr.as_coeff_Add()
    factor, function = rest.as_coeff_Mul()
    if isinstance(function, sp.erf):
        if number not in (factor, -factor):
            return None
        return 2 * number * normal_cdf(number / factor * sp.sqrt(2) * function.args[0])
    if number == 0 and isinstance(function, sp.tanh | sigmoid):
        return None  # it is one already
    found = _rational(expr)
    if found is None:
        return None
    rational, v = found
    above, below = (sp.Poly(each, _G) for each in sp.fraction(rational))
    if above.degree() > below.degree() or below.eval(0) == 0:
        return None  # it grows without bounds
    low = above.eval(0) / below.eval(0)
    high = above.coeff_monomial(_G ** below.degree()) / below.LC()
    k = below.degree() if low != high else below.degree() // 2
    s = _G**k / (1 + _G**k)
    if low != high and sp.cancel(rational - low - (high - low) * s) == 0:
        return _step(low, high, k * v)
    bump = sp.cancel((rational - low) / (s * (1 - s)))
    if low == high and bump.is_number and expr.has(sp.exp, sp.cosh, sp.sinh):
        return low + bump * sigmoid(k * v) * sigmoid(-k * v)
    return None


def _step(low: sp.Expr, high: sp.Expr, u: sp.Expr) -> sp.Expr:
    """``low + (high - low) sigmoid(u)``, written as shortly as can be."""
    if low == -high:
        return high * sp.tanh(u / 2)
    return low * sigmoid(-u) if high == 0 else low + (high - low) * sigmoid(u)


def _rational(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """R and v with ``expr = R(exp(v))``, R a quotient of polynomials, if there are such."""
    plain = expr.replace(
        lambda each: isinstance(each, _IN_EXPONENTIALS[1:]), lambda each: _through_exp(each)
    )
    arguments = sorted((each.args[0] for each in plain.atoms(sp.exp)), key=sp.default_sort_key)
    if not arguments:
        return None
    ratios = [sp.cancel(each / arguments[0]) for each in arguments]
    if not all(ratio.is_Rational for ratio in ratios):
        return None
    step = sp.gcd_list(ratios)
    v = arguments[0] * step
    if v.could_extract_minus_sign():
        v, step = -v, -step
    powers = {each: _G ** (r / step) for each, r in zip(arguments, ratios, strict=True)}
    if any(abs(r / step) > _LARGEST_POWER for r in ratios):
        return None
    flat = plain.xreplace({sp.exp(each): power for each, power in powers.items()})
    if flat.free_symbols != {_G} or not flat.is_rational_function(_G):
        return None
    return sp.cancel(sp.together(flat)), v


def _through_exp(node: sp.Expr) -> sp.Expr:
    """sigmoid, tanh, cosh and sinh by their definitions."""
    (u,) = node.args
    if isinstance(node, sigmoid):
        return 1 / (1 + sp.exp(-u))
    up, down = sp.exp(u), sp.exp(-u)
    if isinstance(node, sp.tanh):
        return (up - down) / (up + down)
    return (up + down) / 2 if isinstance(node, sp.cosh) else (up - down) / 2


def _logarithm(node: sp.log) -> sp.Expr:
    """``log(c exp(p) + c exp(q))``, ``log cosh`` and ``log sigmoid`` without an overflow."""
    (argument,) = node.args
    if isinstance(argument, sp.cosh):
        return log_cosh(argument.args[0])
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    if isinstance(argument, sp.Mul):
        return _logarithm_of_product(node, argument)
    terms = sp.Add.make_args(sp.expand_mul(argument))
    parts = [part for term in terms if (part := _exponential(term)) is not None]
    if len(terms) != 2 or len(parts) != 2 or parts[0][0] != parts[1][0]:
        return node
    (c, p), (_, q) = parts
    if p == -q:
        return log_cosh(q if p.could_extract_minus_sign() else p) + sp.log(2 * c)
    if q == 0:
        p, q = q, p
    return p + softplus(q - p) + sp.log(c)


def _logarithm_of_product(node: sp.log, product: sp.Mul) -> sp.Expr:
    """``log(c exp(u)/sum_r exp(v[r])) = log c + u - log sum_r exp(v[r])``."""
    found, others = sp.Integer(0), []
    for factor in product.args:
        base, power = factor.as_base_exp()
        is_sum = isinstance(base, sp.Sum) and isinstance(base.function, sp.exp)
        if isinstance(factor, sp.exp):
            found += factor.args[0]
        elif is_sum and power.is_Integer:
            found += power * sp.log(base)
        else:
            others.append(factor)
    if found == 0 or found.has(sp.zoo):
        return node
    rest = sp.Mul(*others)
    return found + sp.log(rest)


def _exponential(term: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """c and p of ``c exp(p)`` with a positive number c; p is 0 for a number."""
    number, rest = term.as_coeff_Mul()
    if not number.is_positive:
        return None
    if rest == 1:
        return number, sp.Integer(0)
    return (number, rest.args[0]) if isinstance(rest, sp.exp) else None
