"""The record of a derivation: from it the formulas, the code and the verdicts are made.

A ``Derivation`` holds, for every parameter, every delta and every other adjoint that has a name,
the formal derivation and the actual names. ``prove`` (in ``bpsym.proof``) checks every step of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from bpsym.calculus.delta import FormalAdjoint, derive_pattern, rename, size_symbol
from bpsym.calculus.equations import Equation
from bpsym.calculus.pattern import pattern_of
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.indexed import element, index, size, tensors_in
from bpsym.calculus.terms.letters import with_letters


@dataclass(frozen=True)
class NamedStep:
    """One equality of the derivation in the network's own names.

    of: the adjoint that is derived. rule: the rewrite. ``left = right`` for all values of the
    index letters ``axes``.
    """

    of: str
    rule: str
    axes: tuple[str, ...]
    left: sp.Expr
    right: sp.Expr


@dataclass(frozen=True, eq=False)
class Adjoint:
    """The adjoint of one tensor: a formal derivation and the names that fill it in."""

    tensor: str
    name: str
    formal: FormalAdjoint
    tensors: tuple[str, ...]
    sizes: tuple[str, ...]
    adjoint_names: tuple[str, ...]

    @property
    def reads(self) -> frozenset[str]:
        """The tensors and adjoints in the formula."""
        return frozenset(self.names[name] for name in self.formal.reads if name in self.names)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Numbered name -> actual name, tensors and adjoints."""
        found = {f"t{number}": name for number, name in enumerate(self.tensors)}
        found.update({f"d{number}": name for number, name in enumerate(self.adjoint_names)})
        return found

    @cached_property
    def size_names(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Numbered size -> symbol of its label."""
        return {size_symbol(number): size(label) for number, label in enumerate(self.sizes)}

    def named(self, expr: sp.Expr) -> sp.Expr:
        """An expression of the formal derivation in the network's names."""
        return rename(expr, self.names, self.size_names)

    @cached_property
    def equation(self) -> tuple[tuple[str, ...], sp.Expr]:
        """The formula: the index letters and the right side, in the network's names."""
        expr, letters = with_letters(self.formal.result, self.formal.free)
        return letters, self.named(expr)

    @cached_property
    def steps(self) -> tuple[NamedStep, ...]:
        """Every step in the network's names."""
        found = []
        for step in self.formal.steps:
            left, letters = with_letters(step.left, step.free)
            right, _ = with_letters(step.right, step.free)
            name = self.adjoint_names[step.of]
            found.append(NamedStep(name, step.rule, letters, self.named(left), self.named(right)))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Derivation:
    """All adjoints of a system, in the order in which a backward pass computes them."""

    system: System
    adjoints: tuple[Adjoint, ...]

    @cached_property
    def by_tensor(self) -> Mapping[str, Adjoint]:
        """Tensor name -> its adjoint."""
        return {each.tensor: each for each in self.adjoints}

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The targets whose rows the derivation assumes to sum to one."""
        used = [
            each.tensors[number]
            for each in self.adjoints
            if any(step.rule == "targets sum to one" for step in each.formal.steps)
            for number, shape in enumerate(each.formal.shapes)
            if shape.sums_to_one
        ]
        return tuple(dict.fromkeys(used))

    def delta_form(self, target: str) -> sp.Expr:
        """The formula of a gradient: ``"W1"`` or one element of it, ``"W1[2,1]"``."""
        from bpsym.calculus.terms.elements import parse_element

        tensor, subscripts = parse_element(target, self.system)
        letters, expr = self.by_tensor[tensor].equation
        values = dict(zip(map(index, letters), map(sp.Integer, subscripts), strict=False))
        return expr.xreplace(values) if subscripts else expr


def derive_system(system: System, *, inputs: bool = False, only_named: bool = False) -> Derivation:
    """Derive the adjoint of every parameter, and of the inputs if asked for.

    only_named: no adjoint gets a name but those of tensors that are always named, even where a
        formula is then written twice.
    The order is that of a backward pass: each adjoint reads only adjoints before it.
    """
    wanted = [each.name for each in system.of_role(Role.PARAMETER)]
    if inputs:
        wanted += [each.name for each in system.of_role(Role.INPUT)]
    needed = _needed(system, wanted)
    named = _named(system, needed)
    if only_named:
        named = {name for name in named if system.tensors[name].named}
    order = [
        relation.defines for relation in reversed(system.relations) if relation.defines in named
    ]
    order = list(dict.fromkeys(order))
    adjoints = [_adjoint(system, name, named) for name in [*order, *wanted]]
    return Derivation(system, tuple(adjoints))


def _needed(system: System, wanted: list[str]) -> set[str]:
    """The tensors that a wanted tensor reaches: only their adjoints are of use."""
    reached = set(wanted)
    for relation in system.relations:
        if reached.intersection(relation.reads):
            reached.add(relation.defines)
    return reached


def _named(system: System, needed: set[str]) -> set[str]:
    """The hidden tensors whose adjoint gets a name.

    Pre-activations always; others where the adjoint enters more than one formula, so that nothing
    is computed twice. What only a loss reads is substituted if no sum is left but one of targets:
    there the loss and the last activation fuse. So is the adjoint of a softmax p that divides by p
    or by 1 - p: it has no bounds, while its product with the derivative of p has.
    """
    named: set[str] = set()
    for name in dict.fromkeys(relation.defines for relation in reversed(system.relations)):
        tensor = system.tensors[name]
        if tensor.role is not Role.HIDDEN or name not in needed:
            continue
        uses = sum(
            relation.schema.uses[formal]
            for relation in system.definitions[name]
            for formal, actual in zip(relation.schema.tensors[1:], relation.reads, strict=True)
            if actual in needed
        )
        if tensor.named or (uses > 1 and not _fuses(system, name, named)):
            named.add(name)
    return named


def _fuses(system: System, name: str, named: set[str]) -> bool:
    """Whether substituting the adjoint of ``name`` leaves no sums in its inputs' adjoints."""
    if any(relation.defines not in system.weights for relation in system.readers[name]):
        return False
    if _is_softmax(system, name) and _divides_by_itself(system, name, named):
        return True
    for relation in system.definitions[name]:
        for read in dict.fromkeys(relation.reads):
            if system.tensors[read].role is not Role.HIDDEN:
                continue
            formal = _adjoint(system, read, named - {name}).formal
            if any(_over_hidden(each, formal) for each in formal.result.atoms(sp.Sum)):
                return False
    return True


def _is_softmax(system: System, name: str) -> bool:
    """Whether a tensor is ``exp(u[k]) / sum_r exp(u[r])``."""
    if len(system.definitions[name]) != 1:
        return False
    factors = sp.Mul.make_args(system.definitions[name][0].schema.equation.rhs)
    sums = [1 / each for each in factors if isinstance(each, sp.Pow) and each.exp == -1]
    return any(isinstance(each, sp.exp) for each in factors) and any(
        isinstance(each, sp.Sum) and isinstance(each.function, sp.exp) for each in sums
    )


def _divides_by_itself(system: System, name: str, named: set[str]) -> bool:
    """Whether the adjoint of a tensor has that tensor below a line."""
    formal = _adjoint(system, name, named).formal
    return any(
        "t0" in tensors_in(power.base)
        for power in formal.result.atoms(sp.Pow)
        if power.exp.could_extract_minus_sign()
    )


def _over_hidden(total: sp.Sum, formal: FormalAdjoint) -> bool:
    """Whether a sum runs over more than targets: its terms are then worth a name."""
    numbers = (int(name[1:]) for name in tensors_in(total.function))
    return any(formal.shapes[number].role is not Role.TARGET for number in numbers)


def _adjoint(system: System, name: str, named: set[str]) -> Adjoint:
    key, tensors, labels = pattern_of(system, name, named)
    samples = labels.index(SAMPLES) if SAMPLES in labels else None
    return Adjoint(
        name,
        system.tensors[name].adjoint,
        derive_pattern(key, samples),
        tensors,
        labels,
        tuple(system.tensors[each].adjoint for each in tensors),
    )


__all__ = ["Adjoint", "Derivation", "Equation", "NamedStep", "derive_system", "element"]
