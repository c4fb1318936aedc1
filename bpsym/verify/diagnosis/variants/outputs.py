"""Mistakes at the output: where the loss meets the last activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import sympy as sp

from bpsym.arrays.index_values import Array, Scope, compiled
from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.calculus.terms.indexed import element, index, name_of, tensors_in
from bpsym.verify.diagnosis.chain import After, Change, Edit
from bpsym.verify.diagnosis.variants.base import Number, Sites, Variant


def variants(sites: Sites) -> Iterator[Variant]:
    """Target left out or shifted, a Jacobian too many or too simple, an epsilon in the log."""
    for z, a in sites.outputs():
        yield from _of_one(sites, z, a)
    yield from _samples(sites)


def right_formula(sites: Sites, z: str) -> sp.Expr:
    """The formula of the derivation for the delta of ``z``, in the letters of the chain."""
    letters, expr = sites.chain.derivation.by_tensor[z].equation
    values = dict(zip(map(index, letters), sites.chain.letters(z), strict=True))
    return expr.xreplace(values)


def _of_one(sites: Sites, z: str, a: str) -> Iterator[Variant]:
    chain = sites.chain
    where = sites.place(z)
    letters = chain.letters(z)
    formula = right_formula(sites, z)
    output = element(a, *letters)
    activation = chain.system.definitions[a][0].schema
    softmax = activation.activation is None
    targets = [
        each for each in chain.system.of_role(Role.TARGET) if each.name in tensors_in(formula)
    ]

    stated = sp.Add(*(term.expr for term in chain.terms[z]))

    def whole(code: str, rank: float, change: Change, **words: object) -> Variant:
        """The formula of the derivation changed; one that is changed already is changed further."""
        edit = Edit(z, None, change=lambda expr: change(formula if expr == stated else expr))
        return Variant(code, where, (edit,), rank, {"output": a, **words})

    if targets and not formula.has(sp.Piecewise):
        gone = {n: sp.Integer(0) for n in formula.atoms(sp.Indexed) if _is(n, targets)}
        yield whole("target-ignored", 1.4, lambda expr: expr.xreplace(gone))
    yield from _misspelt(sites, formula, whole)
    fused = chain.terms[a][0].expr.has(sp.Pow) and not formula.has(sp.Sum)
    identity = activation.activation is not None and activation.activation.slope.is_number
    if fused and not identity and not _has_slope(formula, output):
        yield whole("jacobian-twice", 1.1, lambda expr: expr * output * (1 - output))
        ours = activation.activation
        if ours is not None and ours.name != "sigmoid" and ours.short_slope is not None:
            from bpsym.calculus.slopes.activation import A
            from bpsym.calculus.terms.functions import U

            slope = ours.short_slope.xreplace({A: output, U: element(z, *letters)})
            yield whole("jacobian-twice", 1.2, lambda expr: expr * slope)
    if softmax:
        adjoint = element(chain.system.tensors[a].adjoint, *letters)
        diagonal = adjoint * output * (1 - output)
        yield whole("jacobian-diagonal", 1.1, lambda _: diagonal)
        yield whole("missing-derivative", 1.2, lambda _: adjoint, activation="softmax")
        for shifted in (False, True):
            edit = Edit(z, None, after=_over_samples(sites, z, a, formula, shifted=shifted))
            yield Variant("softmax-axis", where, (edit,), 1.3, {"output": a})
    for target in targets:
        yield from _shifted(sites, z, formula, target)
    yield from _clipped(sites, z, a)
    yield from _cut(sites, z, a, formula)


def _misspelt(sites: Sites, formula: sp.Expr, whole: Callable[..., Variant]) -> Iterator[Variant]:
    """``p + y`` and ``-y`` and ``(p - y)^2`` where the formula of the derivation has ``p - y``."""
    node = next((each for each in sp.Mul.make_args(formula) if isinstance(each, sp.Add)), None)
    if node is None or formula.has(sp.Sum, sp.Piecewise):
        return
    forms = [form for part in node.args for form in (node - part, node - 2 * part)]
    label = "the loss"
    for by in dict.fromkeys((*forms, node**2, sp.Abs(node))):
        if by == -node or not by.has(sp.Indexed):
            continue
        names = {each: sp.Symbol(name_of(each), real=True) for each in by.atoms(sp.Indexed)}
        used = str(by.xreplace(names)).replace("**", "^")

        def change(expr: sp.Expr, by: sp.Expr = by) -> sp.Expr:
            return expr.xreplace({node: by})

        yield whole("derivative-formula", 1.71, change, activation=label, used=used)


def _is(node: sp.Indexed, tensors: list[Tensor]) -> bool:
    return name_of(node) in {each.name for each in tensors}


def _has_slope(formula: sp.Expr, output: sp.Expr) -> bool:
    """Whether the activation's derivative still stands in the formula as a factor."""
    factors = sp.Mul.make_args(formula)
    return any(f == output or f in (1 - output, 1 - output**2) for f in factors)


def _shifted(sites: Sites, z: str, formula: sp.Expr, target: Tensor) -> Iterator[Variant]:
    chain = sites.chain
    letters = chain.letters(z)
    ranges = chain.ranges(z)

    def rolled(steps: int, axis: int) -> Edit:
        compute = compiled(formula, letters, ranges)

        def after(_: Array, scope: Scope) -> Array:
            values = dict(scope.values)
            values[target.name] = np.roll(values[target.name], steps, axis=axis)
            return compute(Scope(values, scope.sizes))

        return Edit(z, None, after=after)

    width = sites.shape(target.name)[1] or 0
    places: list[tuple[int, str, tuple[int, ...]]] = [(0, "row", (1, -1))]
    if width > 1:
        places.insert(0, (1, "class", (1, -1) if width > 2 else (1,)))
    for axis, by, shifts in places:
        for steps in shifts:
            words = {"by": by, "steps": steps, "target": target.name}
            yield Variant("label-shift", sites.place(z), (rolled(steps, axis),), 1.6, words)


def _over_samples(sites: Sites, z: str, a: str, formula: sp.Expr, *, shifted: bool) -> After:
    """The softmax normalised over the samples; shifted: the largest of each row taken off first."""
    compute = compiled(formula, sites.chain.letters(z), sites.chain.ranges(z))

    def after(_: Array, scope: Scope) -> Array:
        logits = scope.values[z]
        powers = np.exp(logits - logits.max(axis=1 if shifted else 0, keepdims=True))
        values = {**scope.values, a: powers / powers.sum(axis=0)}
        return compute(Scope(values, scope.sizes))

    return after


def _clipped(sites: Sites, z: str, a: str) -> Iterator[Variant]:
    """``log(a + epsilon)`` for ``log(a)``: epsilon is solved for."""
    chain = sites.chain
    term = chain.terms[a][0]
    quotients = [
        each for each in term.expr.atoms(sp.Pow) if each.exp.is_negative and each.has(sp.Indexed)
    ]
    if not quotients:
        return

    def family(epsilon: Number) -> tuple[Edit, ...]:
        assert not isinstance(epsilon, Mapping)
        by = {each: _grown(each.base, epsilon) ** each.exp for each in quotients}
        return (Edit(a, term.number, change=lambda expr: expr.xreplace(by)),)

    yield Variant(
        "clipped-probability", sites.place(z), rank=1.5, words={"output": a}, family=family,
        start=1e-8,
    )  # fmt: skip


def _cut(sites: Sites, z: str, a: str, formula: sp.Expr) -> Iterator[Variant]:
    """Probabilities cut off before the delta is formed, at a bound or where z is cut off."""
    schema = sites.chain.system.definitions[a][0].schema
    if schema.label not in ("sigmoid", "softmax"):
        return
    compute = compiled(formula, sites.chain.letters(z), sites.chain.ranges(z))
    bounds = {f"{10.0**-k:g}": 10.0**-k for k in range(1, 5)}
    bounds |= {f"sigmoid(-{k})": 1 / (1 + np.exp(float(k))) for k in range(1, 8)}
    for spelled, least in bounds.items():

        def after(_: Array, scope: Scope, least: float = least) -> Array:
            values = {**scope.values, a: np.clip(scope.values[a], least, 1 - least)}
            return compute(Scope(values, scope.sizes))

        edit = Edit(z, None, after=after)
        words = {"output": a, "number": spelled}
        yield Variant("clipped-probability", sites.place(z), (edit,), 1.8, words)


def _grown(base: sp.Expr, epsilon: float) -> sp.Expr:
    """The base, a or 1 - a, moved away from zero; a - 1 is negative."""
    middle = base.xreplace({node: sp.Rational(1, 2) for node in base.atoms(sp.Indexed)})
    return base - sp.Float(epsilon) if middle.is_negative else base + sp.Float(epsilon)


def _samples(sites: Sites) -> Iterator[Variant]:
    """One sample left out of everything, with 1/m or 1/(m - 1)."""
    outputs = [z for z, _ in sites.outputs()]
    if not outputs:
        return
    for which, at in (("last", -1), ("first", 0)):
        for mean in ("m", "m - 1"):
            edits = tuple(Edit(z, None, after=_without(at, mean)) for z in outputs)
            words = {"which": which, "mean": mean}
            yield Variant("sample-dropped", sites.place(outputs[0]), edits, 1.7, words)


def _without(at: int, mean: str) -> After:
    def after(array: Array, scope: Scope) -> Array:
        kept = np.array(array)
        kept[at] = 0
        m = scope.sizes[SAMPLES]
        return kept * (m / (m - 1)) if mean == "m - 1" else kept

    return after
