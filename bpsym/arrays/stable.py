"""Which code a function becomes: numpy's own, a stable kernel, or a case distinction.

The mathematics writes ``log(1 + exp(z))`` or ``max(0, z)``; code must not overflow on the way and
must keep the floating type. Every choice between the two is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType

import sympy as sp

from bpsym.arrays.calls import emitted
from bpsym.arrays.cases import case_distinction
from bpsym.arrays.kernels import KERNELS
from bpsym.arrays.refusal import not_yet
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.slopes.margins import sides
from bpsym.calculus.terms.functions import (
    U,
    log_cosh,
    normal_cdf,
    normal_pdf,
    sigmoid,
    sign,
    softplus,
    xlogx,
)

NUMPY_NAMES: Mapping[type[sp.Function], str] = MappingProxyType(
    {
        sp.exp: "exp",
        sp.log: "log",
        sp.tanh: "tanh",
        sp.sin: "sin",
        sp.cos: "cos",
        sp.sinh: "sinh",
        sp.cosh: "cosh",
        sp.Abs: "abs",
        sp.sign: "sign",
        sign: "sign",
        sp.atan: "arctan",
    }
)

KERNEL_NAMES: Mapping[type[sp.Function], str] = MappingProxyType(
    {each: each.__name__ for each in (sigmoid, softplus, normal_cdf, normal_pdf, log_cosh, xlogx)}
)


class log_softmax(sp.Function):  # noqa: N801 - written like the function it is
    """Entry k of the logarithm of a softmax; a kernel acts on the whole row."""

    nargs = 1


class log_one_minus_softmax(sp.Function):  # noqa: N801
    """Entry k of log(1 - softmax); a kernel acts on the whole row."""

    nargs = 1


class softmax_of_others(sp.Function):  # noqa: N801
    """``softmax_of_others(z[i], v[i])`` is ``sum_k v[k] p[i] / (1 - p[k])`` over all k but i.

    p is the softmax of z; a kernel acts on the whole row.
    """

    nargs = 2


class softmax(sp.Function):  # noqa: N801
    """``softmax(exp(u[k]), sum_r exp(u[r]))`` is their quotient; a kernel acts on the whole row."""

    nargs = 2


class logsumexp(sp.Function):  # noqa: N801
    """``logsumexp(sum_r w[r] exp(u[r]))`` is the logarithm of the sum; a kernel acts on the row."""

    nargs = 1


def softmax_index(above: sp.Expr, below: sp.Expr) -> sp.Symbol | None:
    """The k of ``exp(u[k])`` and ``sum_r exp(u[r])``, or None if they are no softmax."""
    if not (isinstance(above, sp.exp) and isinstance(below, sp.Sum) and len(below.limits) == 1):
        return None
    bound = below.limits[0][0]
    for node in above.atoms(sp.Indexed):
        last = node.indices[-1]
        if isinstance(last, sp.Symbol) and below.function.xreplace({bound: last}) == above:
            return last
    return None


def weight_and_exponent(body: sp.Expr, bound: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """The w and u of ``w exp(u)``, None without an exponential in which the index stands."""
    weights, exponents = [], []
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.exp):
            exponents.append(factor.args[0])
        else:
            weights.append(factor)
    u = sp.Add(*exponents)
    return (sp.Mul(*weights), u) if bound in u.free_symbols else None


def softmax_argument(expr: sp.Expr) -> sp.Expr | None:
    """The u of ``exp(u[k])/sum_r exp(u[r])``, or None if the expression is no softmax."""
    stable = stable_forms(expr)
    return stable.args[0].args[0] if isinstance(stable, softmax) else None


def stable_forms(expr: sp.Expr) -> sp.Expr:
    """The same values, written so that they neither overflow on the way nor lose their digits.

    log(1 + exp(u)), log sigmoid(u), log cosh(u), log sum_r exp(u[r])
    1/(1 + exp(u)), exp(u)/(1 + exp(u)), sinh(u)/cosh(u), exp(u[k])/sum_r exp(u[r])
    exp(-u^2), exp(-u^2/2)
    """
    return expr.replace(lambda node: isinstance(node, sp.log | sp.exp | sp.Pow | sp.Mul), _stable)


def _stable(node: sp.Expr) -> sp.Expr:
    if isinstance(node, sp.Mul):
        return _stable_product(node)
    if isinstance(node, sp.Pow):
        u = _above_one(node.base)
        is_below = node.exp.is_Integer and node.exp.is_negative
        return sigmoid(-u) ** -node.exp if u is not None and is_below else node
    argument = node.args[0]
    if isinstance(node, sp.exp):
        return _gaussian(argument) or node
    u = _above_one(argument)
    if u is not None:
        return softplus(u)
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    if isinstance(argument, sp.cosh):
        return log_cosh(argument.args[0])
    return _log_sum_exp(argument) or node


def _log_sum_exp(total: sp.Expr) -> sp.Expr | None:
    """The logarithm of ``sum_r w[r] exp(u[r])``, in which no term is computed by itself."""
    if not isinstance(total, sp.Sum) or len(total.limits) != 1:
        return None
    total = _with_exponentials(total)
    is_one = weight_and_exponent(total.function, total.limits[0][0]) is not None
    return logsumexp(total) if is_one else None


def _gaussian(exponent: sp.Expr) -> sp.Expr | None:
    """``exp(-u^2)`` and ``exp(-u^2/2)``, whose u^2 may be more than a float can hold."""
    factor, square = exponent.as_coeff_Mul()
    if not (isinstance(square, sp.Pow) and square.exp == 2):
        return None
    if factor == -1:
        return emitted("gaussian")(square.base)
    half = sp.Rational(1, 2)
    return emitted("gaussian")(square.base, half) if factor == -half else None


def _with_exponentials(expr: sp.Expr) -> sp.Expr:
    """The converse of ``_gaussian``: beside a sum of its like, exp(-u^2) is an exponential."""
    kernel = emitted("gaussian")
    return expr.replace(
        lambda node: isinstance(node, kernel),
        lambda node: sp.exp(-sp.Mul(*node.args[1:]) * node.args[0] ** 2),
    )


def _above_one(expr: sp.Expr) -> sp.Expr | None:
    """The u of ``1 + exp(u)``."""
    is_pair = isinstance(expr, sp.Add) and len(expr.args) == 2 and expr.args[0] == 1
    return expr.args[1].args[0] if is_pair and isinstance(expr.args[1], sp.exp) else None


def _stable_product(product: sp.Expr) -> sp.Expr:
    """Quotients of functions that grow alike, as one function that does not."""
    if not isinstance(product, sp.Mul):
        return product
    factors = dict(factor.as_base_exp() for factor in product.args)
    for above in [f for f in product.args if isinstance(f, sp.exp | sp.sinh)]:
        (u,) = above.args
        for base, exponent in factors.items():
            whole = None
            if isinstance(above, sp.sinh) and exponent == -1 and base == sp.cosh(u):
                whole = sp.tanh(u) * base
            elif isinstance(above, sp.exp) and exponent.is_positive and base == sigmoid(-u):
                whole = sigmoid(u) / base
            if whole is not None:
                return _stable_product(sp.Mul(*_without(product.args, [above]), whole))
    for base in [base for base, exponent in factors.items() if exponent.is_negative]:
        whole = _over_sum(product.args, base)
        if whole is not None:
            return _stable_product(sp.Mul(*whole, base))
        for total in [f for f in product.args if isinstance(f, sp.Sum) and len(f.limits) == 1]:
            inside = _over_sum(sp.Mul.make_args(total.function), base, total.limits[0][0])
            if inside is not None:
                inside_sum = sp.Sum(sp.Mul(*inside), *total.limits)
                return _stable_product(sp.Mul(*_without(product.args, [total]), inside_sum, base))
    return product


def _without(factors: Sequence[sp.Expr], gone: Sequence[sp.Expr]) -> list[sp.Expr]:
    """The other factors: a division by exp(u + v) would leave exp(-u - v) exp(u + v)."""
    return [each for each in factors if not any(each is one for one in gone)]


def _over_sum(
    factors: Sequence[sp.Expr], below: sp.Expr, at: sp.Symbol | None = None
) -> list[sp.Expr] | None:
    """Factors divided by ``sum_r w[r] exp(u[r])``, where one is ``exp(u[k])``, or a part of it.

    Without weights that is a softmax; with them, exp(u[k] - log of the sum). at: what k is to be.
    """
    if not isinstance(below, sp.Sum) or len(below.limits) != 1:
        return None
    total = _apart(_with_exponentials(below), factors)
    ((bound, *_),) = total.limits
    parts = weight_and_exponent(total.function, bound)
    if parts is None:
        return None
    weight, u = parts
    terms = sp.Sum(sp.exp(u), *total.limits)
    powers = [
        each
        for each in factors
        if isinstance(each, sp.exp | emitted("gaussian")) and not each.has(logsumexp)
    ]
    for chosen in [*([each] for each in powers), powers]:
        above = _with_exponentials(sp.Mul(*chosen))
        index = softmax_index(above, terms)
        if index is not None and at in (None, index):
            if weight == 1:
                return [*_without(factors, chosen), softmax(above, terms)]
            break
    else:
        # A part of u[k], where the rest stands further out: exp(b[k]) sum_n exp(v[n,k])/...
        chosen = [each for each in powers if _tensors(each) & _tensors(u)]
        above = _with_exponentials(sp.Mul(*chosen))
        if not isinstance(above, sp.exp):
            return None
    return [*_without(factors, chosen), sp.exp(above.args[0] - logsumexp(total))]


def _apart(total: sp.Sum, beside: Sequence[sp.Expr]) -> sp.Sum:
    """The sum over a letter that stands nowhere beside it: code tells indices by their letters."""
    taken = {each.name for factor in (total, *beside) for each in factor.free_symbols}
    letter = next(each for each in reversed(ascii_uppercase) if each not in taken)
    return total.xreplace({total.limits[0][0]: sp.Dummy(letter, integer=True)})


def _tensors(expr: sp.Expr) -> set[sp.Expr]:
    return {node.base for node in expr.atoms(sp.Indexed)}


def elementwise_function(expr: sp.Expr) -> tuple[str, tuple[sp.Expr, ...]]:
    """The operator or function that computes the top of an expression, and its arguments."""
    if isinstance(expr, sp.Piecewise):
        return case_distinction(expr)
    if isinstance(expr, sp.core.relational.Relational):
        left, relation, right = sides(expr)
        return relation, (left, right)
    if isinstance(expr, sp.ITE | sp.Not):
        return elementwise_function(expr.to_nnf())
    if isinstance(expr, sp.And | sp.Or):
        return "&" if isinstance(expr, sp.And) else "|", tuple(expr.args)
    name = NUMPY_NAMES.get(expr.func) or KERNEL_NAMES.get(expr.func)
    if name is None and expr.func.__name__ in KERNELS:
        name = expr.func.__name__
    if name is not None:
        return name, tuple(expr.args)
    if expr.is_number:
        return "number", (expr,)
    raise not_yet(expr)


def exponential_minus_one(expr: sp.Expr) -> sp.Expr | None:
    """``exp(u) - 1`` and ``1 - exp(u)`` keep their digits near u = 0 through expm1."""
    if not isinstance(expr, sp.Add):
        return None
    constant, rest = expr.as_coeff_Add()
    factor, function = rest.as_coeff_Mul()
    if isinstance(function, sp.exp) and constant == -factor:
        return factor * emitted("expm1")(function.args[0])
    return None


def in_place(activation: Activation) -> sp.Expr | None:
    """The activation as one function call of its input, if it is no more than that."""
    expression = activation.expression
    if expression == U or activation.learned:
        return expression if expression == U else None
    if isinstance(expression, sp.Piecewise):
        name, arguments = case_distinction(expression)
        simple = name in ("maximum", "minimum", "clip") and arguments[0] == U
        return expression if simple else None
    if isinstance(expression, sp.Function) and expression.args == (U,):
        return expression
    return None
