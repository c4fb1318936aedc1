"""Mistakes in the derivative of an activation: everything below the layer inherits them."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.system import Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.model import ActivationUse
from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.variants.base import Number, Sites, Slope, Variant, together
from bpsym.verify.diagnosis.variants.branches import swapped
from bpsym.verify.diagnosis.variants.formulas import misspelt

_POPULAR = ("sigmoid", "tanh", "relu", "leaky_relu", "identity")


_KEPT = (Role.HIDDEN, Role.INPUT)


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
    yield from _other_leak(slope, where)
    yield from _masks(slope, variant)
    for formula, rank in misspelt(activation):
        yield variant("derivative-formula", rank, slope.form(formula), used=_spelled(formula))
    yield from _of_others(sites, slope, popular=True)
    for kind, other, by in _caches(sites, slope):
        kept = sites.loops(name_of(slope.a), sites.output_of(other))
        loops = tuple(f"{kind} {each}" for each in kept)
        yield variant("wrong-cache", 2, by, used=other, fits=other, loops=loops)


def _caches(sites: Sites, slope: Slope) -> Iterator[tuple[str, str, sp.Expr]]:
    """f' of what another layer kept: of its z, or through its output; kind, name and formula."""
    tensors = sites.chain.system.tensors
    one = (slope.z.indices[0], sp.Integer(1))
    places = dict.fromkeys(sites.alike(name_of(slope.z), Role.HIDDEN), slope.z.indices)
    places |= dict.fromkeys(sites.spread(name_of(slope.z), Role.HIDDEN), one)
    for other, at in places.items():
        if tensors[other].named and len(slope.node.args) == 1:
            yield "z", other, slope.node.func(element(other, *at))
    form = slope.activation.slope_in_output
    if form is None or not form.has(A):
        return
    places = dict.fromkeys(sites.alike(name_of(slope.a), *_KEPT), slope.z.indices)
    places |= dict.fromkeys(sites.spread(name_of(slope.a), *_KEPT), one)
    for other, at in places.items():
        if sites.output_of(other) == other:  # z written for a is a slip in the formula
            yield "a", other, slope.form(form).xreplace({slope.a: element(other, *at)})


def _other_leak(slope: Slope, where: str) -> Iterator[Variant]:
    """Another number for the slope of one case: 0.1 for 0.01, solved for."""
    form = slope.activation.slope
    if not isinstance(form, sp.Piecewise):
        return
    for at, (value, _) in enumerate(form.args):
        number, shape = value.as_coeff_Mul()
        # Without its factor, with another one, and a number where a function is meant.
        for rest in (shape, sp.Integer(1)) if value.has(U) else (sp.Integer(1),):
            if value in (0, 1) or not number.is_positive:
                continue

            def family(t: Number, at: int = at, rest: sp.Expr = rest) -> tuple[Edit, ...]:
                test = form.args[at][1]
                changed = (*form.args[:at], (sp.Float(t) * rest, test), *form.args[at + 1 :])
                return (slope.replaced(slope.form(sp.Piecewise(*changed))),)

            used = _spelled(sp.Symbol("c") * rest)
            words = {"activation": slope.activation.name, "used": f"{used} in one case"}
            yield Variant(
                "derivative-formula", where, rank=1.66, words=words, family=family,
                start=float(number),
            )  # fmt: skip


def _masks(slope: Slope, variant: object) -> Iterator[Variant]:
    assert callable(variant)
    form = slope.activation.slope
    if not isinstance(form, sp.Piecewise):
        return
    turned = swapped(form)
    if turned is not None:
        yield variant("mask-inverted", 1.3, slope.form(turned))
    if len(form.args) != 2:
        return
    (above, test), (below, _) = form.args
    # Without a leak the derivative of relu is another function's: wrong-derivative.
    if below != 0 and not below.has(U):
        lost = sp.Piecewise((above, test), (sp.Integer(0), True))
        yield variant("leak-lost", 1.1, slope.form(lost))


def _spelled(formula: sp.Expr) -> str:
    plain = formula.xreplace({U: sp.Symbol("z", real=True)})
    if isinstance(plain, sp.Piecewise):
        *cases, (last, _) = plain.args
        parts = [f"{value} if {condition}" for value, condition in cases]
        return ", ".join([*parts, f"else {last}"]).replace("**", "^")
    return str(plain).replace("**", "^")


def _others(activation: Activation) -> tuple[str, ...]:
    """The other activations of the catalogue without learned parameters, the common ones first."""
    names = [name for name, row in ACTIVATIONS.items() if not row.learned and name != "identity"]
    names.sort(key=lambda name: (name not in _POPULAR, name))
    return tuple(name for name in names if name != activation.name)


def _catalogued(name: str) -> Activation:
    options = tuple(ACTIVATIONS[name].options.items())
    return activation_of(ActivationUse(name, options))
