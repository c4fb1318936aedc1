"""The backward pass written out in full: one term for each reader of each tensor.

    adj_a1[n,j]   = sum_i delta2[n,i] W2[i,j]
    delta1[n,i]   = adj_a1[n,i] f'(z1[n,i])
    dW1[i,j]      = sum_n delta1[n,i] X[n,j]

Nothing is substituted and no slope is rewritten, so that every operand of every formula can be
exchanged by itself. That is what a mistake is: an ``Edit`` of one term. Whatever lies below an
edited term is computed from it, as the code with that mistake would.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.adjoint import pull_back
from bpsym.calculus.derivation import Derivation
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.system import SAMPLES, Relation, Role, System
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.indexed import element, index, size

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Point

Array = npt.NDArray[Any]
Change = Callable[[sp.Expr], sp.Expr]
After = Callable[[Array, Scope], Array]


@dataclass(frozen=True, eq=False)
class Term:
    """What one place of one relation adds to the adjoint of ``tensor``.

    number: among the terms of the tensor. upstream: the adjoint it pulls back, None for a term of
    the objective. expr: in the tensors' names and the letters of ``tensor``.
    """

    tensor: str
    number: int
    relation: Relation
    upstream: str | None
    expr: sp.Expr


@dataclass(frozen=True, eq=False)
class Edit:
    """A change of one term, or of the whole adjoint (``term`` None).

    change: of the expression. after: of the computed array. A whole adjoint may be given anew by a
    change, which is then called with the sum of its terms. handed: another parameter, whose
    gradient is handed back in the place of this one.
    """

    tensor: str
    term: int | None
    change: Change | None = None
    after: After | None = None
    handed: str | None = None


@dataclass(frozen=True, eq=False)
class Chain:
    """The terms of every adjoint on the way from the cost to the parameters."""

    derivation: Derivation

    @property
    def system(self) -> System:
        return self.derivation.system

    @cached_property
    def needed(self) -> frozenset[str]:
        """The tensors through which a parameter reaches the cost, the parameters included."""
        reached = {each.name for each in self.system.of_role(Role.PARAMETER)}
        for relation in self.system.relations:
            if reached.intersection(relation.reads):
                reached.add(relation.defines)
        return frozenset(reached)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.system.of_role(Role.PARAMETER))

    def letters(self, tensor: str) -> tuple[sp.Symbol, ...]:
        """One index symbol for each dimension, of this tensor alone."""
        return self._axes[tensor][0]

    def ranges(self, tensor: str) -> tuple[sp.Expr, ...]:
        """The last value of each letter."""
        return self._axes[tensor][1]

    @cached_property
    def _axes(self) -> Mapping[str, tuple[tuple[sp.Symbol, ...], tuple[sp.Expr, ...]]]:
        return {
            name: (
                tuple(index(f"{letter}.{name}") for letter in each.axes),
                tuple(size(label) for label in each.sizes),
            )
            for name, each in self.system.tensors.items()
        }

    def equation(self, relation: Relation) -> Equation:
        """The equation of a relation in the network's names."""
        found = self._equations.get(id(relation))
        if found is None:
            found = self._equations[id(relation)] = self._instance(relation)
        return found

    @cached_property
    def _equations(self) -> dict[int, Equation]:
        return {}

    def _instance(self, relation: Relation) -> Equation:
        formal = relation.formal()
        sizes = {
            symbol: size(self.system.tensors[formal[tensor]].sizes[position])
            for symbol, (tensor, position) in relation.schema.size_of.items()
        }
        return relation.schema.instance(formal, sizes)

    @cached_property
    def terms(self) -> Mapping[str, tuple[Term, ...]]:
        """The terms of every adjoint that is needed, by tensor."""
        found: dict[str, list[Term]] = {name: [] for name in self.system.tensors}
        for relation in self.system.relations:
            if relation.defines not in self.needed:
                continue
            equation = self.equation(relation)
            weight = self.system.weights.get(relation.defines)
            name = self.system.tensors[relation.defines].adjoint
            upstream = (
                rational(weight) if weight is not None else element(name, *equation.subscripts())
            )
            for tensor in dict.fromkeys(relation.reads):
                if tensor not in self.needed:
                    continue
                free = self.letters(tensor)
                ranges = [Range.upto(last) for last in self.ranges(tensor)]
                for each in pull_back(equation, upstream, tensor, free, ranges):
                    number = len(found[tensor])
                    term = Term(
                        tensor, number, relation, None if weight is not None else name, each.solved
                    )
                    found[tensor].append(term)
        return {name: tuple(each) for name, each in found.items() if each}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Tensors in the order of a backward pass; a parameter as soon as it can be computed."""
        adjoint_of = {each.adjoint: each.name for each in self.system.tensors.values()}
        done: dict[str, None] = {}
        waiting = list(self.parameters)

        def ready(name: str) -> bool:
            ups = (each.upstream for each in self.terms.get(name, ()))
            return all(up is None or adjoint_of[up] in done for up in ups)

        for relation in reversed(self.system.relations):
            tensor = relation.defines
            if tensor in self.terms and tensor not in done:
                done[tensor] = None
                for each in [name for name in waiting if ready(name)]:
                    waiting.remove(each)
                    done[each] = None
        done.update(dict.fromkeys(waiting))
        return tuple(done)

    @cached_property
    def below(self) -> Mapping[str, frozenset[str]]:
        """For each tensor the parameters whose gradients are computed from its adjoint."""
        found: dict[str, set[str]] = {name: set() for name in self.order}
        adjoint_of = {each.adjoint: each.name for each in self.system.tensors.values()}
        for name in reversed(self.order):
            if name in self.parameters:
                found[name].add(name)
            for term in self.terms.get(name, ()):
                if term.upstream is not None:
                    found[adjoint_of[term.upstream]] |= found[name]
        # One pass in backward order does not close the relation: what is above comes first.
        changed = True
        while changed:
            changed = False
            for name in self.order:
                for term in self.terms.get(name, ()):
                    if term.upstream is None:
                        continue
                    above = found[adjoint_of[term.upstream]]
                    if not found[name] <= above:
                        above |= found[name]
                        changed = True
        return {name: frozenset(each) for name, each in found.items()}

    @cached_property
    def place(self) -> Mapping[str, str]:
        """Where a fault in the adjoint of a tensor is seen: its own line or the next below it.

        An adjoint without a line of its own (dC/da of a layer) belongs to the line that it is
        substituted in.
        """
        lines = {each.tensor: each.name for each in self.derivation.adjoints}
        found: dict[str, str] = {}
        for name in self.order:
            if name in self.parameters:
                found[name] = name
            elif name in lines:
                found[name] = lines[name]
        for name in reversed(self.order):
            if name in found:
                continue
            adjoint = self.system.tensors[name].adjoint
            for other in self.order:
                if any(t.upstream == adjoint for t in self.terms.get(other, ())) and other in found:
                    found[name] = found[other]
                    break
            else:
                found[name] = adjoint
        return found

    def scope(self, point: Point, rights: Mapping[str, sp.Expr] | None = None) -> Scope:
        """The forward values at a point, and the value of every adjoint by the right formulas.

        rights: other right sides for the relations that define these tensors.
        """
        values: dict[str, Array] = {
            name: np.asarray(array, dtype=float) for name, array in point.values.items()
        }
        scope = Scope(values, {**self.system.sizes, SAMPLES: point.m})
        self._forward(scope, values, rights or {})
        for name in self.order:
            values[self.system.tensors[name].adjoint] = self.adjoint(name, scope)
        return scope

    def _forward(
        self, scope: Scope, values: dict[str, Array], rights: Mapping[str, sp.Expr]
    ) -> None:
        """Every relation in turn; ``values`` is what the scope reads."""
        for relation in self.system.relations:
            name = relation.defines
            equation = self.equation(relation)
            letters = tuple(equation.ranges)
            lasts = tuple(each.last for each in equation.ranges.values())
            array = compiled(rights.get(name, equation.rhs), letters, lasts)(scope)
            places = equation.subscripts()
            if len(self.system.definitions[name]) == 1:
                values[name] = array
                continue
            shape = tuple(scope.sizes[label] for label in self.system.tensors[name].sizes)
            whole = values.setdefault(name, np.zeros(shape))
            # One block of a concatenation: the second subscript is shifted.
            shift = places[1] - next(s for s in places[1].free_symbols if s in equation.ranges)
            start = int(shift.xreplace({s: scope.sizes[s.name] for s in shift.free_symbols}))
            whole[:, start : start + array.shape[1]] = array

    def adjoint(self, tensor: str, scope: Scope, edits: Sequence[Edit] = ()) -> Array:
        """The adjoint of a tensor from the values in scope, with the edits made."""
        letters, ranges = self.letters(tensor), self.ranges(tensor)
        exprs = [each.expr for each in self.terms.get(tensor, ())]
        whole = [edit for edit in edits if edit.term is None]
        total: Array | None = None
        if any(edit.change for edit in whole):
            expr = sp.Add(*exprs)
            for edit in whole:
                expr = edit.change(expr) if edit.change else expr
            total = compiled(expr, letters, ranges)(scope)
        else:
            for number, expr in enumerate(exprs):
                mine = [edit for edit in edits if edit.term == number]
                for edit in mine:
                    expr = edit.change(expr) if edit.change else expr
                array = compiled(expr, letters, ranges)(scope)
                for edit in mine:
                    array = edit.after(array, scope) if edit.after else array
                total = array if total is None else total + array
        if total is None:
            total = np.zeros([scope.sizes[s] for s in self.system.tensors[tensor].sizes])
        for edit in whole:
            total = edit.after(total, scope) if edit.after else total
        return total

    def walk(self, scope: Scope, edits: Iterable[Edit]) -> Iterator[tuple[str, Array]]:
        """The gradients that these mistakes change, one by one, in the order of a backward pass."""
        by_tensor: dict[str, list[Edit]] = {}
        for edit in edits:
            by_tensor.setdefault(edit.tensor, []).append(edit)
        changed: dict[str, Array] = {}
        inner = Scope(ChainMap(changed, dict_of(scope)), scope.sizes)
        handed: dict[str, str] = {}
        for name in self.order:
            mine = by_tensor.get(name, [])
            handed.update((name, edit.handed) for edit in mine if edit.handed is not None)
            inherits = any(term.upstream in changed for term in self.terms.get(name, ()))
            if mine or inherits:
                array = self.adjoint(name, inner, mine)
                changed[self.system.tensors[name].adjoint] = array
                if name in self._parameter_set and name not in handed:
                    yield name, array
        # Gradients change places when all of them are there.
        for name, other in handed.items():
            yield name, inner.values[self.system.tensors[other].adjoint]

    def adjoint_with(self, scope: Scope, edits: Iterable[Edit], tensor: str) -> Array:
        """The adjoint of one tensor when these mistakes are made at it or above it."""
        by_tensor: dict[str, list[Edit]] = {}
        for edit in edits:
            by_tensor.setdefault(edit.tensor, []).append(edit)
        changed: dict[str, Array] = {}
        inner = Scope(ChainMap(changed, dict_of(scope)), scope.sizes)
        for name in self.order:
            if name in by_tensor or any(t.upstream in changed for t in self.terms.get(name, ())):
                array = self.adjoint(name, inner, by_tensor.get(name, []))
                changed[self.system.tensors[name].adjoint] = array
            if name == tensor:
                break
        return inner.values[self.system.tensors[tensor].adjoint]

    @cached_property
    def _parameter_set(self) -> frozenset[str]:
        return frozenset(self.parameters)

    def gradients(self, scope: Scope, edits: Iterable[Edit]) -> dict[str, Array]:
        """The gradients of all parameters when these mistakes are made, in this order."""
        found = {name: scope.values[self.system.tensors[name].adjoint] for name in self.parameters}
        found.update(self.walk(scope, edits))
        return found


def dict_of(scope: Scope) -> dict[str, Array]:
    """The values of a scope as the dict that they are."""
    return scope.values if isinstance(scope.values, dict) else dict(scope.values)


__all__ = ["Array", "Chain", "Edit", "Term"]
