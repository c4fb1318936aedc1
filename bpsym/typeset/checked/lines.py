"""Every printed line of an adjoint, read back and proven before it is printed.

    dC/dz_i = sum_k dC/dz'_k dz'_k/da_i da_i/dz_i = f'(z_i) sum_k W_ki delta_k

What is known of the layers above may be anything; a partial derivative of one tensor in another
is the derivative of the equation that is printed in the forward pass; the last side is the formula
that the engine has derived and proven. Lines that say the same of other layers are proven once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import sympy as sp

from bpsym.calculus.adjoint import partials
from bpsym.calculus.delta import (
    SAMPLE_COUNT,
    FormalAdjoint,
    Step,
    numbered_equation,
    rename,
    size_symbol,
)
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.pattern import Numbering
from bpsym.calculus.slopes.activation import slope_function
from bpsym.calculus.system import SAMPLES, Relation, Role, System
from bpsym.calculus.terms.indexed import element, index, kronecker, size, total
from bpsym.calculus.terms.letters import with_letters, with_own_letters
from bpsym.errors import ProofError
from bpsym.network.build import BuiltNetwork
from bpsym.proof.certificate import Equality
from bpsym.proof.steps import prove_formal
from bpsym.typeset.checked.expressions import Expressions, UnreadableError
from bpsym.typeset.formulas.symbols import COST, SymbolTable
from bpsym.typeset.formulas.tree import Apply, Formula, Partial, Symbol
from bpsym.typeset.notations.hops import hops_of
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.notations.scaling import factor_of
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.sections.sharing import letters_of

RULE = "a printed line"


@dataclass
class Lines:
    """Proves the lines of one document and keeps what it has proven.

    scale: by what deltas are multiplied there. one_sample: whether its formulas are those of one.
    """

    built: BuiltNetwork
    table: SymbolTable
    scale: Scale = Scale.PLAIN
    one_sample: bool = False
    _found: dict[tuple[FormalAdjoint, tuple[sp.Expr, ...]], tuple[Equality, ...]] = field(
        default_factory=dict
    )
    _others: dict[object, tuple[Equality, ...]] = field(default_factory=dict)

    @property
    def equalities(self) -> tuple[Equality, ...]:
        """All that was proven so far."""
        groups = (*self._found.values(), *self._others.values())
        return tuple(each for group in groups for each in group)

    def factor(self, tensor: str) -> sp.Expr:
        """By what the adjoint of a tensor is multiplied."""
        return factor_of(self.built.system.tensors[tensor], self.scale)

    def knows(self, key: object) -> bool:
        """Whether something was added under this key."""
        return key in self._others

    def add(self, key: object, equalities: Sequence[Equality]) -> None:
        """Keep what was proven elsewhere, once for each key. Raises ProofError if one fails."""
        for each in equalities:
            _require(each)
        self._others.setdefault(key, tuple(equalities))

    def require(self, adjoint: Adjoint, sides: Sequence[Formula], *, whole: bool = False) -> None:
        """Prove that all sides are equal for all indices of the adjoint.

        whole: whether more is in them than the adjoint itself reads, up to the cost.
        Raises ProofError if one is not, or says something that cannot be tested.
        """
        if len(sides) < 2:
            return
        if whole:
            adjoint = self._in_all_of_the_network(adjoint)
        try:
            read = [self._formal(adjoint, side) for side in sides]
        except UnreadableError as reason:
            raise _error(adjoint.name, "a formula that can be read back", str(reason)) from None
        key = (adjoint.formal, tuple(read))
        if key not in self._found:
            samples = adjoint.sizes.index(SAMPLES) if SAMPLES in adjoint.sizes else None
            found = _proven(*key, samples, self.one_sample)
            for each in found:
                _require(replace(each, where=adjoint.name))
            self._found[key] = tuple(replace(each, where=adjoint.name) for each in found)

    def _in_all_of_the_network(self, adjoint: Adjoint) -> Adjoint:
        """The adjoint, with every equation and every other adjoint of the network at hand."""
        formal, tensors, sizes = _whole(self.built.system, adjoint.tensor)
        names = tuple(self.built.system.tensors[each].adjoint for each in tensors)
        own = replace(adjoint, tensors=tensors, sizes=sizes, adjoint_names=names)
        return replace(own, formal=replace(formal, free=adjoint.formal.free))

    # What a formula says

    def _formal(self, adjoint: Adjoint, side: Formula) -> sp.Expr:
        """A side in the numbered names of the formal derivation."""
        expr = self.expressions().of(side)
        letters = dict(zip(letters_of(adjoint.formal.free), adjoint.formal.free, strict=True))
        free: dict[sp.Symbol, sp.Expr] = {index("n"): sp.S.One} if self.one_sample else {}
        free |= {index(letter): symbol for letter, symbol in letters.items()}
        sizes: dict[sp.Symbol, sp.Expr] = {
            size(label): size_symbol(number) for number, label in enumerate(adjoint.sizes)
        }
        sizes.pop(SAMPLE_COUNT, None)
        names = {actual: formal for formal, actual in adjoint.names.items()}
        renamed = rename(expr, names, {**sizes, **free})
        lettered, letters_now = with_letters(renamed, adjoint.formal.free)
        own = dict(zip(map(index, letters_now), adjoint.formal.free, strict=True))
        return lettered.xreplace(own)

    def expressions(self, own: Mapping[str, sp.Expr] = MappingProxyType({})) -> Expressions:
        """Reads formulas in the network's names; own: symbols that a document defines itself."""
        functions = {name: each.function for each, name in self.table.functions.items()}
        slopes = {
            f"{name}'": slope_function(each, 0) for each, name in self.table.functions.items()
        }
        same = self.built.system.representative
        return Expressions(
            lambda symbol, places: own.get(symbol.name, self._symbol(symbol, places)),
            self._partial,
            {**functions, **slopes},
            lambda label: size(same.get(label, label)),
        )

    def _symbol(self, symbol: Symbol, places: Sequence[sp.Expr]) -> sp.Expr | None:
        """An adjoint by its own letter is scaled as the notation has it."""
        of = self.table.adjoint_of.get(symbol.name)
        return None if of is None else self.factor(of) * element(symbol.name, *places)

    def _partial(self, partial: Partial, read: Expressions) -> sp.Expr:
        of, by = partial.of, partial.by
        if isinstance(of, Apply) and by in of.arguments:
            return self._learned(of, of.arguments.index(by), read)
        if not isinstance(of, Symbol) or not isinstance(by, Symbol):
            raise UnreadableError("a partial derivative of something that is no tensor")
        places = [read.of(each) for each in by.subscripts]
        if of.name == COST.name:
            return element(self.built.system.tensors[by.name].adjoint, *places)
        at = [read.of(each) for each in of.subscripts]
        relations = self.built.system.definitions[of.name]
        return sp.Add(*(self._local(each, at, by.name, places) for each in relations))

    def _learned(self, of: Apply, position: int, read: Expressions) -> sp.Expr:
        """The derivative of an activation in a parameter that it learns."""
        for activation, name in self.table.functions.items():
            if name == of.function:
                return slope_function(activation, position)(*map(read.of, of.arguments))
        raise UnreadableError(f"no activation is called {of.function}")

    def _local(
        self, relation: Relation, at: Sequence[sp.Expr], by: str, places: Sequence[sp.Expr]
    ) -> sp.Expr:
        """The derivative of the equation of a tensor, at ``at``, in an element that it reads."""
        each = equation_of(relation, self.built.system)
        same = self.built.system.representative
        sizes = {size(old): size(new) for old, new in same.items()}
        rhs = with_own_letters(each.rhs.xreplace(sizes))
        here: dict[sp.Basic, sp.Expr] = {}
        for subscript, place in zip(each.subscripts(), at, strict=True):
            (running,) = [i for i in each.ranges if subscript.has(i)]
            here[running] = place - (subscript.xreplace(sizes) - running)
        found = []
        for partial in partials(rhs, by):
            read = [subscript.xreplace(here) for subscript in partial.subscripts]
            equal = [kronecker(s, v) for s, v in zip(read, places, strict=True)]
            term = sp.Mul(partial.derivative.xreplace(here), *equal)
            found.append(total(term, [(i, lo, hi) for i, lo, hi in reversed(partial.limits)]))
        return sp.Add(*found)


@lru_cache(maxsize=256)
def _whole(system: System, tensor: str) -> tuple[FormalAdjoint, tuple[str, ...], tuple[str, ...]]:
    """All equations and adjoints of a network under numbers, ``tensor`` being the first."""
    numbering = Numbering(system)
    numbering.tensor(tensor)
    numbers = [(relation.schema, numbering.relation(relation)) for relation in system.relations]
    shapes, names = numbering.shapes(), tuple(numbering.tensors)
    labels = tuple(numbering.sizes)
    samples = labels.index(SAMPLES) if SAMPLES in labels else None
    forward = tuple(numbered_equation(*each, shapes, samples) for each in numbers)
    formal_of = {name: f"t{number}" for name, number in numbering.tensors.items()}
    formal_of |= {system.tensors[name].adjoint: f"d{k}" for name, k in numbering.tensors.items()}
    sizes = {size(label): size_symbol(k) for k, label in enumerate(labels) if label != SAMPLES}
    adjoints = []
    for each in hops_of(system, Scale.PLAIN).derivation.adjoints:
        if system.tensors[each.tensor].role is Role.HIDDEN:
            letters, value = each.equation
            free = tuple(index(letter) for letter in letters)
            number = numbering.tensors[each.tensor]
            adjoints.append((number, free, rename(value, formal_of, sizes)))
    formal = FormalAdjoint(shapes, (), (), sp.S.Zero, forward, tuple(adjoints), samples)
    return formal, names, labels


@lru_cache(maxsize=4096)
def _proven(
    formal: FormalAdjoint, sides: tuple[sp.Expr, ...], samples: int | None, one_sample: bool
) -> tuple[Equality, ...]:
    steps = tuple(Step(RULE, 0, left, right, formal.free) for left, right in pairwise(sides))
    return prove_formal(replace(formal, steps=steps), samples, one_sample=one_sample)


def _require(equality: Equality) -> None:
    if not equality.ok:
        reason = str(equality.counterexample or equality.note)
        raise _error(equality.where, "both sides equal", reason)


def _error(where: str, expected: str, got: str) -> ProofError:
    return ProofError.single(
        where=f"a line of the document on {where}",
        what="it could not be proven, so nothing is printed",
        expected=expected,
        got=got,
        way_out="this is a fault of bpsym: please report the network",
    )
