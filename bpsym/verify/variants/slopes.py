"""Mistakes in the derivative of an activation: everything below the layer inherits them."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.system import Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.model import ActivationUse
from bpsym.verify.variants.base import Sites, Slope, Variant, together

_POPULAR = ("sigmoid", "tanh", "relu", "leaky_relu", "identity")


def variants(sites: Sites) -> Iterator[Variant]:
    """Every way in which f' is commonly got wrong, at every activation."""
    yield from together([each for slope in _curved(sites) for each in _of_one(sites, slope)])


def rare(sites: Sites) -> Iterator[Variant]:
    """The derivatives of the less common activations: they take time to derive."""
    found = [each for slope in _curved(sites) for each in _of_others(sites, slope, popular=False)]
    yield from together(found)


def _curved(sites: Sites) -> tuple[Slope, ...]:
    return tuple(each for each in sites.slopes() if not each.activation.slope.is_number)


def _of_others(sites: Sites, slope: Slope, *, popular: bool) -> Iterator[Variant]:
    """The derivative of another activation, at z and as it is written through the output."""
    activation = slope.activation
    for number, name in enumerate(_others(activation)):
        if (name in _POPULAR) is not popular:
            continue
        other = _catalogued(name)
        rank = (1.6 if popular else 1.8) + 0.005 * number
        words = {"activation": activation.name, "group": name, "used": name, "fits": name}
        forms = [other.slope.xreplace({U: slope.z})]
        form = other.slope_in_output
        in_output = form is not None and form.has(A) and not form.has(U)
        if form is not None and in_output and form != activation.slope_in_output:
            forms.append(form.xreplace({A: slope.a}))
        for extra, by in enumerate(forms):
            where = sites.place(slope.term.tensor)
            edits = (slope.replaced(by),)
            yield Variant("wrong-derivative", where, edits, rank + 0.002 * extra, words)


def _of_one(sites: Sites, slope: Slope) -> Iterator[Variant]:
    where = sites.place(slope.term.tensor)
    activation = slope.activation

    def variant(code: str, rank: float, by: sp.Expr, **words: object) -> Variant:
        words = {"activation": activation.name, "group": words.get("used", ""), **words}
        return Variant(code, where, (slope.replaced(by),), rank, words)

    yield variant("missing-derivative", 1, sp.Integer(1))
    yield variant("derivative-at-activation", 1.2, slope.form(activation.slope, slope.a))
    yield variant("derivative-twice", 1.5, slope.node**2)
    yield from _masks(slope, variant)
    seen = {activation.slope, sp.Integer(1)}
    for formula in _formulas(activation):
        value = slope.form(formula)
        if formula not in seen:
            seen.add(formula)
            yield variant("derivative-formula", 1.65, value, used=_spelled(formula))
    yield from _of_others(sites, slope, popular=True)
    for other_z in sites.alike(str(slope.z.base.label), Role.HIDDEN):
        if sites.chain.system.tensors[other_z].named:
            node = slope.node.func(element(other_z, *slope.z.indices))
            if len(slope.node.args) == 1:
                yield variant("wrong-cache", 2, node, used=other_z, fits=other_z)


def _masks(slope: Slope, variant: object) -> Iterator[Variant]:
    assert callable(variant)
    form = slope.activation.slope
    if not (isinstance(form, sp.Piecewise) and len(form.args) == 2):
        return
    (above, test), (below, _) = form.args
    swapped = sp.Piecewise((below, test), (above, True))
    yield variant("mask-inverted", 1.3, slope.form(swapped))
    # Without a leak the derivative of relu is another function's: wrong-derivative.
    if below != 0 and not below.has(U):
        lost = sp.Piecewise((above, test), (sp.Integer(0), True))
        yield variant("leak-lost", 1.1, slope.form(lost))


def _formulas(activation: Activation) -> Iterator[sp.Expr]:
    """The right formula with one part wrong, in z and in the output.

    A factor or a term left out, a sign turned round, a square forgotten (below a line too), z
    written for a.
    """
    for form in (activation.slope_in_output, activation.slope):
        if form is None:
            continue
        if isinstance(form, sp.Piecewise):
            yield from _broken_branches(form)
        if form.has(sp.Piecewise):
            continue
        yield from _broken(form)
        if form.has(A):
            yield form.xreplace({A: U})
        if isinstance(form, sp.Mul):
            for at, part in enumerate(form.args):
                others = [each for k, each in enumerate(form.args) if k != at]
                if part.has(A):
                    yield sp.Mul(part.xreplace({A: U}), *others)
    if activation.name == "sigmoid":
        yield from (A**2, A * (1 - A) ** 2, A**2 * (1 - A))
    if activation.name == "tanh":
        yield from ((1 - A) ** 2, (1 + A) ** 2)
    if activation.name == "softplus":  # the sigmoid's exponent turned round, and half of it
        yield from (1 / (1 + sp.exp(U)), sp.exp(U))


def _broken_branches(form: sp.Piecewise) -> Iterator[sp.Expr]:
    """One branch of a case distinction with a part wrong."""
    for at, (branch, test) in enumerate(form.args):
        for broken in _broken(branch):
            changed = [*form.args[:at], (broken, test), *form.args[at + 1 :]]
            yield sp.Piecewise(*changed)


def _broken(form: sp.Expr) -> Iterator[sp.Expr]:
    if isinstance(form, sp.Mul | sp.Add):
        for at, part in enumerate(form.args):
            others = [each for k, each in enumerate(form.args) if k != at]
            rest = form.func(*others)
            if rest.has(U, A):
                yield rest
            if isinstance(form, sp.Add):
                yield rest - part
            for broken in _broken(part):
                yield form.func(broken, *others)
    if isinstance(form, sp.Pow) and form.exp.is_Integer and form.exp not in (1, -1):
        yield form.base ** sp.sign(form.exp)


def _spelled(formula: sp.Expr) -> str:
    return str(formula.xreplace({U: sp.Symbol("z", real=True)})).replace("**", "^")


def _others(activation: Activation) -> tuple[str, ...]:
    """The other activations of the catalogue without learned parameters, the common ones first."""
    names = [name for name, row in ACTIVATIONS.items() if not row.learned and name != "identity"]
    names.sort(key=lambda name: (name not in _POPULAR, name))
    return tuple(name for name in names if name != activation.name)


def _catalogued(name: str) -> Activation:
    options = tuple(ACTIVATIONS[name].options.items())
    return activation_of(ActivationUse(name, options))
