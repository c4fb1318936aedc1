"""All proofs of one derivation.

steps        every equals sign of every adjoint, and every derivative of an activation used
direction    all gradients of the whole network at its full depth, at random points
brute force  single gradients against sympy's derivative of the whole cost
induction    the recursion for any number of layers, where the network is a chain of layers
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bpsym.calculus.delta import FormalAdjoint
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Schema, System
from bpsym.calculus.terms.functions import PRIMITIVES
from bpsym.collection import paused_collection
from bpsym.proof.brute_force.network import differentiate, prove_brute_force
from bpsym.proof.brute_force.twin import shortened
from bpsym.proof.brute_force.work import parameter_count, terms
from bpsym.proof.certificate import Certificate, Equality
from bpsym.proof.directional import prove_directional
from bpsym.proof.evaluate.small import small_sizes
from bpsym.proof.induction import prove_any_depth
from bpsym.proof.layered import not_layered
from bpsym.proof.rows import prove_activation, prove_function
from bpsym.proof.steps import prove_formal

DEFAULT_BUDGET = 0.5
# Products of terms of the equations and parameters that brute force does in a second, measured.
WORK_PER_SECOND = 8000
# Widths for a small network, the preferred ones first, and the number of samples. None is 1: a
# softmax over one unit is constant, and proves nothing.
SMALL = (((2, 3, 4), 2), ((2, 3), 2), ((2, 3), 1), ((2,), 1))
# With more relations than these the network is shortened before anything is counted.
MOST_RELATIONS = 60
# How much of a list of widths a remark shows.
LONGEST_LIST = 40


def prove(
    derivation: Derivation, *, budget_seconds: float = DEFAULT_BUDGET, seed: int = 0
) -> Certificate:
    """Prove a derivation. ``seed`` chooses the random points; the same seed, the same certificate.

    budget_seconds: about how long brute force may take, on the machine it was measured on; it
    decides how large a network it is done on. The other proofs take what they take.
    """
    with paused_collection():
        equalities = [
            *_rows(derivation.system, seed),
            *_steps(derivation, seed),
            *prove_directional(derivation, seed),
        ]
        remarks = [f"assumed: the rows of {name} sum to one" for name in derivation.assumptions]
        brute, remark = _brute_force(derivation, int(budget_seconds * WORK_PER_SECOND), seed)
        equalities += brute
        remarks.append(remark)
        reason = not_layered(derivation.system)
        if reason is None:
            equalities += prove_any_depth(seed)
        else:
            remarks.append(f"any depth: not applicable, {reason}")
    return Certificate(tuple(equalities), tuple(remarks))


def _rows(system: System, seed: int) -> Iterator[Equality]:
    """The derivatives of the activations and named functions that the equations use."""
    schemas: dict[Schema, None] = {relation.schema: None for relation in system.relations}
    activations: dict[Activation, None] = {}
    functions: set[str] = set()
    for schema in schemas:
        expressions = [schema.equation.rhs]
        if schema.activation is not None:
            activations[schema.activation] = None
            expressions.append(schema.activation.expression)
        for expression in expressions:
            functions |= {node.func.__name__ for node in expression.atoms(*PRIMITIVES.values())}
    for activation in activations:
        yield from prove_activation(activation, seed)
    for name in sorted(functions):
        yield prove_function(name, seed)


def _steps(derivation: Derivation, seed: int) -> Iterator[Equality]:
    """The steps of every distinct formal derivation, under the name of the first that has it."""
    alike: dict[FormalAdjoint, list[Adjoint]] = {}
    for adjoint in derivation.adjoints:
        alike.setdefault(adjoint.formal, []).append(adjoint)
    for formal, adjoints in alike.items():
        first = adjoints[0]
        samples = first.sizes.index(SAMPLES) if SAMPLES in first.sizes else None
        more = f" and {len(adjoints) - 1} more" if len(adjoints) > 1 else ""
        for equality in prove_formal(formal, samples, seed):
            name = first.adjoint_names[int(equality.where)]
            yield replace(equality, where=f"{name}{more}")


@dataclass(frozen=True)
class _Subject:
    """What brute force is done on, in words, and its sizes."""

    derivation: Derivation
    sizes: dict[str, int]
    words: str

    @cached_property
    def terms(self) -> int:
        """The number of operands of all its equations."""
        return terms(self.derivation.system, self.sizes)

    @cached_property
    def parameters(self) -> int:
        """The number of its single parameters."""
        return parameter_count(self.derivation, self.sizes)

    @property
    def work(self) -> int:
        """How much there is to differentiate."""
        return self.terms * self.parameters


def _brute_force(derivation: Derivation, budget: int, seed: int) -> tuple[list[Equality], str]:
    """Brute force on the network itself where that is small enough, else on a small one."""
    chosen: _Subject | None = None
    for subject in _subjects(derivation):
        if chosen is None or subject.work < chosen.work:
            chosen = subject
        if chosen.work <= budget:
            break
    if chosen is None:
        return [], "brute force: not done, no small sizes fit the equations"
    affordable = budget // chosen.terms
    if not affordable:
        return [], "brute force: not done, the network is too large for the budget"
    raw = differentiate(chosen.derivation, chosen.sizes, affordable)
    remark = f"brute force: on {chosen.words}"
    if len(raw.gradients) < chosen.parameters:
        remark += f", {len(raw.gradients)} of its {chosen.parameters} single parameters"
    return prove_brute_force(chosen.derivation, raw, seed), remark


def _subjects(derivation: Derivation) -> Iterator[_Subject]:
    """Candidates, the best first."""
    system = derivation.system
    small = len(system.relations) <= MOST_RELATIONS
    if small:
        for samples in (2, 1):
            sizes = {**system.sizes, SAMPLES: samples}
            yield _Subject(derivation, sizes, f"the network itself, {_samples(samples)}")
        yield from _narrow(derivation, "the network with other widths")
    twin = shortened(derivation)
    if twin is not None:
        words = f"a shorter network ({len(twin.derivation.system.relations)} equations"
        words += f" for {len(system.relations)})"
        if twin.missing:
            words += f" in which {twin.missing} of its formulas do not occur"
        yield from _narrow(twin.derivation, words)
    elif not small:
        yield from _narrow(derivation, "the network with other widths")


def _narrow(derivation: Derivation, words: str) -> Iterator[_Subject]:
    for widths, samples in SMALL:
        sizes = small_sizes(derivation.system, widths, samples)
        if sizes is not None:
            same = derivation.system.representative
            classes = dict.fromkeys(same.get(each, each) for each in derivation.system.sizes)
            shown = "-".join(str(sizes[label]) for label in classes)
            shown = shown if len(shown) <= LONGEST_LIST else f"{shown[: LONGEST_LIST - 3]}..."
            yield _Subject(derivation, sizes, f"{words}, {shown}, {_samples(samples)}")


def _samples(number: int) -> str:
    return f"{number} sample{'s' * (number != 1)}"
