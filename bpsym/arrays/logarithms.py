"""Logarithms of an activation, and quotients by it, written in the pre-activation.

Losses take log a and log(1 - a), their derivatives divide by a and by 1 - a. A float may have
reached 0 or 1 there long before the true value does:

    log sigmoid(z) = -softplus(-z)          log exp(-z^2) = -z^2
    f'(z) / f(z) = (log f)'(z)              f'(z) / (1 - f(z)) = -(log(1 - f))'(z)

Only the code is written so; the derivation keeps the textbook's form, which is equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp

from bpsym.arrays.calls import Emitted, emitted
from bpsym.arrays.stable import log_one_minus_softmax, log_softmax, softmax_argument
from bpsym.calculus.slopes.activation import Activation, Opaque
from bpsym.calculus.terms.functions import U, sigmoid, softplus
from bpsym.calculus.terms.indexed import name_of, top_sums

Sources = Mapping[str, tuple[sp.Expr, sp.Expr]]


class Unbounded(Emitted):
    """A call that may be infinite; where its weight is 0 it must not be looked at."""


@cache
def unbounded(name: str) -> type[Unbounded]:
    """The sympy function that stands for calls of ``name``."""
    return type(name, (Unbounded,), {"emitted_name": name})


# What has a kernel for its logarithm, and another, ``..._slope``, for the derivative of that.
_KERNELS: Mapping[sp.Expr, type[Emitted]] = {
    softplus(U): emitted("log_softplus"),
    sp.exp(-(U**2)): unbounded("log_gaussian"),
    1 - sp.exp(-(U**2)): unbounded("log_one_minus_gaussian"),
}


def _slope_kernel(of: type[Emitted]) -> type[Emitted]:
    name = f"{of.emitted_name}_slope"
    return unbounded(name) if issubclass(of, Unbounded) else emitted(name)


@cache
def logarithm(activation: Activation, *, complement: bool) -> sp.Expr | None:
    """log f, or log(1 - f), as an expression in ``U`` that needs no logarithm of a small number.

    None if there is none, as for a relu, whose value is 0 on a half-line.
    """
    expression = activation.expression
    if isinstance(expression, sigmoid):
        (u,) = expression.args
        return -softplus(u) if complement else -softplus(-u)
    kernel = _KERNELS.get(1 - expression if complement else expression)
    if kernel is not None:
        return kernel(U)
    is_exponential = isinstance(expression, sp.exp) and not complement
    return expression.args[0] if is_exponential else None


@cache
def logarithmic_slope(activation: Activation, *, complement: bool) -> sp.Expr | None:
    """The derivative of log f, or of log(1 - f), in ``U``, branch by branch.

    It is f'/f, or -f'/(1 - f), reduced; and 0 in a branch where f is constant, whatever f is.
    None if the quotient cannot be reduced.
    """
    f = 1 - activation.expression if complement else activation.expression
    kernel = _KERNELS.get(f)
    if kernel is not None:
        return _slope_kernel(kernel)(U)
    expression, slope = activation.expression, activation.slope
    if isinstance(expression, sp.Piecewise) and isinstance(slope, sp.Piecewise):
        if [test for _, test in expression.args] != [test for _, test in slope.args]:
            return None
        quotients = []
        for (branch, test), (its_slope, _) in zip(expression.args, slope.args, strict=True):
            quotient = _quotient(its_slope, branch, complement)
            quotients.append((quotient, _before_a_pole(quotient, test)))
        return sp.Piecewise(*quotients)
    reduced = _quotient(slope, expression, complement)
    return None if reduced.atoms(sp.Function) & expression.atoms(sp.Function) else reduced


def _quotient(slope: sp.Expr, expression: sp.Expr, complement: bool) -> sp.Expr:
    if slope == 0:
        return slope
    return sp.cancel(-slope / (1 - expression)) if complement else sp.cancel(slope / expression)


def _before_a_pole(quotient: sp.Expr, test: sp.Basic) -> sp.Basic:
    """At a kink where the quotient is infinite, and so is the loss, the next branch is taken."""
    at_kink = isinstance(test, sp.LessThan) and sp.denom(quotient).subs(test.lhs, test.rhs) == 0
    return sp.StrictLessThan(*test.args) if at_kink else test


def of_logits(expr: sp.Expr, sources: Sources) -> sp.Expr:
    """Write log of an activation through its pre-activation, so that no log meets a zero.

        log sigmoid(z) = -softplus(-z),   log(1 - sigmoid(z)) = -softplus(z),   log softmax(z)
        log(a/y) = log a - log y,         log(a + y) = log(exp(log a) + y)

    sources: for each output tensor the right side that defines it, with plain indices.
    """
    replacement = {
        node: form for node in expr.atoms(sp.log) if (form := _log_form(node.args[0], sources))
    }
    if not replacement:
        return expr
    return _weighted(expr, replacement).xreplace(replacement)


def _log_form(argument: sp.Expr, sources: Sources) -> sp.Expr | None:
    """The logarithm of an activation, of 1 less it, of a product or a sum with one, or None."""
    for read, complement in ((argument, False), (sp.expand(1 - argument), True)):
        if isinstance(read, sp.Indexed) and name_of(read) in sources:
            lhs, rhs = sources[name_of(read)]
            form = _form_of_definition(rhs, complement=complement)
            at = dict(zip(lhs.indices, read.indices, strict=True))
            return None if form is None else form.xreplace(at)
    if isinstance(argument, sp.Mul):
        return _log_of_product(argument, sources)
    return _log_of_sum(argument, sources) if isinstance(argument, sp.Add) else None


def _form_of_definition(rhs: sp.Expr, *, complement: bool) -> sp.Expr | None:
    if isinstance(rhs, Opaque):
        form = logarithm(rhs.activation, complement=complement)
        return None if form is None else form.xreplace({U: rhs.args[0]})
    argument = softmax_argument(rhs)
    if argument is None or top_sums(argument):
        return None
    return (log_one_minus_softmax if complement else log_softmax)(argument)


def _log_of_product(product: sp.Mul, sources: Sources) -> sp.Expr | None:
    """``log(c a u^k) = log c + log a + k log u``, where a > 0 makes the sign of u^k known."""
    number, rest = product.as_coeff_Mul()
    known, others = [], []
    for factor in sp.Mul.make_args(rest):
        base, power = factor.as_base_exp()
        form = _log_form(base, sources) if isinstance(base, sp.Indexed) else None
        if form is None:
            others.append(factor)
        else:
            known.append(power * form)
    if not known or not number.is_positive:
        return None
    base, power = sp.Mul(*others).as_base_exp()
    if not (power.is_Integer and power.is_odd):
        base, power = sp.Mul(*others), sp.Integer(1)
    logarithm_of_base = _log_form(base, sources) or sp.log(base)
    return sp.Add(sp.log(number), *known, power * logarithm_of_base)


def _log_of_sum(total: sp.Add, sources: Sources) -> sp.Expr | None:
    """``log(a + y)``: where y is 0 it is log a, which a float may hold where it does not hold a."""
    for term in total.args:
        rest = total - term
        form = _log_form(term, sources) if isinstance(term, sp.Indexed | sp.Mul) else None
        if form is not None and rest.has(sp.Indexed) and not rest.has(*_outputs(term)):
            return emitted("log_plus")(form, rest)
    return None


def _outputs(term: sp.Expr) -> list[sp.Expr]:
    return [node.base for node in term.atoms(sp.Indexed)]


def _weighted(expr: sp.Expr, forms: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """``y log(a/y)`` as ``y log a - y log y``: at y = 0 both are 0, and their difference is not."""

    def split(product: sp.Mul) -> sp.Expr:
        for factor in product.args:
            form = forms.get(factor)
            weight = sp.Mul(*(each for each in product.args if each is not factor))
            if isinstance(form, sp.Add) and any(
                node.args[0].atoms(sp.Indexed) & weight.atoms(sp.Indexed)
                for node in form.atoms(sp.log)
            ):
                return sp.Add(*(term * weight for term in form.args))
        return product

    return expr.replace(lambda node: isinstance(node, sp.Mul), split)
