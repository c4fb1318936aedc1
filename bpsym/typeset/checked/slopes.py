"""Definitions and slopes as they are printed, read back and proven.

The derivative that they are held against is that of the definition, found by the rules of dual
numbers; nothing of what sympy has made of it, or of the writing, is used for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import sympy as sp

from bpsym.calculus.slopes.activation import Activation, slope_function
from bpsym.calculus.terms.functions import PRIMITIVES, U, huber
from bpsym.proof.certificate import Equality
from bpsym.proof.equality import Setting, prove_chain
from bpsym.typeset.checked.expressions import Called, Expressions
from bpsym.typeset.checked.lines import RULE, Lines
from bpsym.typeset.formulas.long_numbers import letters_of
from bpsym.typeset.formulas.tree import Apply, Chain, Partial, Prime, Symbol
from bpsym.typeset.sections.definitions import ARGUMENT, OUTPUT, Definitions
from bpsym.typeset.sections.slopes import BY_EXPONENTIALS

DEFINITION, SLOPE = "a definition", "the slope of a function"
# The rules under which printed lines are proven.
AS_PRINTED = frozenset({RULE, DEFINITION, SLOPE})


@dataclass(frozen=True)
class Slopes:
    """Proves the lines on functions of one document."""

    lines: Lines
    definitions: Definitions

    def require_activation(self, activation: Activation, chains: Sequence[Chain]) -> None:
        """Prove what is printed of an activation. Raises ProofError if a side is false."""
        learned = tuple(activation.learned)
        own = {each.name: each for each in learned}
        own[OUTPUT.name] = activation.function(U, *learned)
        for value, letter in letters_of(activation, self.definitions.taken).items():
            if isinstance(letter, Symbol):
                own[letter.name] = sp.Rational(value.numerator, value.denominator)
        for chain in chains:
            match chain.first:
                case Apply(Prime()):
                    rule, left = SLOPE, slope_function(activation, 0)(U, *learned)
                case Partial(_, Symbol(name=name)):
                    position = 1 + [each.name for each in learned].index(name)
                    rule, left = SLOPE, slope_function(activation, position)(U, *learned)
                case Apply():
                    rule, left = DEFINITION, activation.function(U, *learned)
                case _:
                    continue
            self._prove(rule, chain, left, own)

    def require(self, chains: Sequence[Chain], constants: Iterable[sp.Expr] = ()) -> None:
        """Prove what is printed of functions that are no activations.

        constants: the numbers that stand for the second argument of a function.
        """
        activations = {*self.definitions.table.functions.values()}
        for chain in chains:
            match chain.first:
                case Apply(Prime(name)) if name not in activations:
                    left = slope_function(_as_activation(name), 0)(U)
                    self._prove(SLOPE, chain, left, {})
                case Partial(Apply("abs")):
                    self._prove(SLOPE, chain, slope_function(_as_activation("Abs"), 0)(U), {})
                case Partial(Apply("log", (Apply("cosh"),))):
                    self._prove(SLOPE, chain, slope_function(_as_activation("log_cosh"), 0)(U), {})
                case Partial(Apply("huber", (Symbol(name=argument), Symbol(name=second)))):
                    for constant in constants:
                        left = slope_function(_huber_of(constant), 0)(U)
                        self._prove(SLOPE, chain, left, {argument: U, second: constant})
                case Apply(str() as name, (only,)) if name not in activations:
                    if only == ARGUMENT:
                        self._prove(DEFINITION, chain, _function(name)(U), {})

    def _prove(self, rule: str, chain: Chain, left: sp.Expr, own: dict[str, sp.Expr]) -> None:
        own = {**own, ARGUMENT.name: U}
        named = self.definitions.table.functions
        functions: dict[str, Called] = {name: each.function for each, name in named.items()}
        for name in (*PRIMITIVES, *BY_EXPONENTIALS):
            functions.setdefault(f"{name}'", _slope_of(name))
        read = Expressions(lambda symbol, places: own.get(symbol.name), None, functions)
        sides = tuple(read.of(side) for _, side in chain.rest)
        where = str(getattr(chain.first, "function", ""))
        key = (rule, left, sides)
        if not self.lines.knows(key):
            self.lines.add(key, _proven(rule, where, (left, *sides)))


@lru_cache(maxsize=256)
def _proven(rule: str, where: str, formulas: tuple[sp.Expr, ...]) -> tuple[Equality, ...]:
    rules = [rule] * (len(formulas) - 1)
    return tuple(prove_chain(rules, where, formulas, (), Setting([{}])))


def _function(name: str) -> Called:
    return PRIMITIVES[name] if name in PRIMITIVES else BY_EXPONENTIALS[name]


def _slope_of(name: str) -> Called:
    return lambda u: slope_function(_as_activation(name), 0)(u)


@cache
def _huber_of(constant: sp.Expr) -> Activation:
    return Activation("huber", huber.definition(U, constant), catalogued=False)


@cache
def _as_activation(name: str) -> Activation:
    if name == "Abs":
        return Activation(name, sp.Abs(U), catalogued=False)
    function = _function(name)
    definition = PRIMITIVES[name].definition(U) if name in PRIMITIVES else function(U)
    return Activation(name, definition, catalogued=False)
