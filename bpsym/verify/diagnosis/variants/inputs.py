"""Mistakes in the gradient of a weight: its input, its delta, its orientation, its sum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from bpsym.arrays.index_values import Scope
from bpsym.calculus.system import SAMPLES, Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element
from bpsym.network.build.schemas import activation_of
from bpsym.network.model import ActivationUse
from bpsym.verify.diagnosis.chain import Array, Edit, Term
from bpsym.verify.diagnosis.variants.base import Operand, Sites, Variant, only, together

_FUNCTIONS = ("sigmoid", "tanh", "relu")


def variants(sites: Sites) -> Iterator[Variant]:
    """Gradients of weights."""
    found: list[Variant] = []
    for operand in sites.inputs():
        found += _of_one(sites, operand)
    yield from together(found)
    yield from together(list(_other_deltas(sites)))
    yield from _blocks(sites)


def _of_one(sites: Sites, operand: Operand) -> Iterator[Variant]:
    term, node = operand.term, operand.node
    system = sites.chain.system
    where = sites.place(term.tensor)
    words: dict[str, object] = {"weight": term.tensor, "input": operand.name}

    def reading(code: str, rank: float, tensor: str) -> Variant:
        by = element(tensor, *node.indices)
        more = {"fits": tensor}
        loops = (
            {} if code == "input-preactivation" else {"loops": sites.loops(operand.name, tensor)}
        )
        return Variant(code, where, (operand.replaced(by),), rank, {**words, **more, **loops})

    z = _before_activation(sites, operand.name)
    if z is not None:
        yield reading("input-preactivation", 1, z)
    for other in sites.alike(operand.name, Role.HIDDEN, Role.INPUT):
        if other != z:
            yield reading("wrong-input", 1.5 if system.tensors[other].named else 1.4, other)


def other_functions(sites: Sites) -> Iterator[Variant]:
    """Another function of z where the activation is meant as the input of dW."""
    found = []
    for operand in sites.inputs():
        z = _before_activation(sites, operand.name)
        if z is None:
            continue
        term, node = operand.term, operand.node
        own = sites.chain.system.definitions[operand.name][0].schema.label
        for name in _FUNCTIONS:
            if name == own:
                continue
            by = activation_of(ActivationUse(name)).expression
            by = by.xreplace({U: element(z, *node.indices)})
            fits = f"{name}({z})"
            words = {"weight": term.tensor, "input": operand.name, "fits": fits, "group": name}
            where = sites.place(term.tensor)
            found.append(Variant("wrong-input", where, (operand.replaced(by),), 1.9, words))
    yield from together(found)


def _other_deltas(sites: Sites) -> Iterator[Variant]:
    """The delta of another layer, or dC/da for dC/dz, in the gradient of a parameter."""
    system = sites.chain.system
    for term in sites.terms():
        if system.tensors[term.tensor].role is not Role.PARAMETER:
            continue
        for delta, other in sites.other_adjoints(term):
            adjoint = system.tensors[other].adjoint
            edit = Operand(term, delta).replaced(element(adjoint, *delta.indices))
            relation = system.definitions[other][0]
            activation = relation.schema.activation
            words: dict[str, object] = {"weight": term.tensor, "fits": adjoint}
            code = "wrong-cache"
            if activation is not None and activation.slope.is_number:
                continue  # the same numbers by another name
            if activation is not None and term.relation.defines in relation.reads:
                code = "missing-derivative"  # dC/da of this very layer
                words["activation"] = activation.name
            words["loops"] = (adjoint,) if activation is None else ("dC/da",)
            yield Variant(code, sites.place(term.tensor), (edit,), 2.1, words)


def _before_activation(sites: Sites, a: str) -> str | None:
    for relation in sites.chain.system.definitions.get(a, ()):
        if relation.schema.activation is not None:
            z = relation.reads[relation.schema.tensors.index("z") - 1]
            return z if z != a else None
    return None


def _blocks(sites: Sites) -> Iterator[Variant]:
    """A gradient handed back transposed, as zeros, or in the place of another."""
    chain = sites.chain
    turned: list[Variant] = []
    for name in reversed(chain.parameters):
        shape = sites.shape(name)
        if len(shape) == 2 and shape[0] == shape[1]:
            edit = Edit(name, None, after=_turned)
            turned.append(Variant("gradient-transposed", name, (edit,), 1.1, {"weight": name}))
    yield from together(turned)
    for name in chain.parameters:
        edit = Edit(name, None, after=_zeros)
        yield Variant("zero-gradient", name, (edit,), 1.2, {"weight": name})
    for at, name in enumerate(chain.parameters):
        for other in chain.parameters[at + 1 :]:
            if sites.shape(name) == sites.shape(other):
                edits = (Edit(name, None, handed=other), Edit(other, None, handed=name))
                words = {"weight": name, "fits": other}
                yield Variant("blocks-swapped", name, edits, 1.3, words, (name, other))
    yield from together(
        [each for name in reversed(chain.parameters) for each in _sums(sites, name)]
    )


def _sums(sites: Sites, name: str) -> Iterator[Variant]:
    """Only one sample counted, and the sample axis summed away too early or not at all."""
    is_bias = len(sites.shape(name)) == 1
    for term in sites.chain.terms[name]:
        if term.upstream is None or not isinstance(term.expr, sp.Sum):
            continue
        n, _, last = next(
            (each for each in term.expr.limits if str(each[2]) == SAMPLES), (None, None, None)
        )
        if n is None:
            continue
        for which, at in (("last", last), ("first", sp.Integer(1))):
            edit = Edit(name, term.number, change=only(n, at))
            code = "bias-last-sample" if is_bias else "sample-dropped"
            words = {"weight": name, "which": which, "group": which}
            yield Variant(code, name, (edit,), 1.5, words)
        if is_bias and len(sites.chain.terms[name]) == 1:
            yield Variant("bias-mean", name, (_scaled(name, term),), 1, {"weight": name})
            everywhere = Edit(name, term.number, after=_summed)
            yield Variant("bias-sum-all", name, (everywhere,), 1.1, {"weight": name})


def _scaled(name: str, term: Term) -> Edit:
    return Edit(name, term.number, after=lambda array, scope: array / scope.sizes[SAMPLES])


def _turned(array: Array, scope: Scope) -> Array:
    return array.T


def _zeros(array: Array, scope: Scope) -> Array:
    return np.zeros_like(array)


def _summed(array: Array, scope: Scope) -> Array:
    return np.full_like(array, np.sum(array))
