"""What the functions of a network are, and what their slopes are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.terms.functions import PRIMITIVES, Primitive, U
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.typeset.formula import (
    ONE,
    Apply,
    Cases,
    Chain,
    Comparison,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Symbol,
    Terms,
    equation,
    symbols,
    walk,
)
from bpsym.typeset.from_sympy import Translator
from bpsym.typeset.slopes import BY_EXPONENTIALS, between, in_exponentials
from bpsym.typeset.symbols import SymbolTable

ARGUMENT = Symbol("z", Kind.TENSOR, "z")
OUTPUT = Symbol("a", Kind.TENSOR, "a")


def _huber() -> Chain:
    """As textbooks have it; sympy would turn the conditions round."""
    u, c = (Symbol(letter, Kind.TENSOR, letter) for letter in "uc")
    half = Quotient(ONE, Number(Fraction(2)))
    size = Apply("abs", (u,))
    inner = Product((half, Power(u, Fraction(2))))
    outer = Product((c, Terms(((1, size), (-1, Product((half, c)))))))
    return equation(
        Apply("huber", (u, c)), Cases(((inner, Comparison(size, (("<=", c),))), (outer, None)))
    )


WRITTEN: Mapping[str, Chain] = MappingProxyType({"huber": _huber()})


class Definitions:
    """Definitions and slopes of the activations and functions of one system."""

    def __init__(self, table: SymbolTable, *, full: bool = False) -> None:
        """full: whether slopes are derived from the definitions, and not only stated."""
        self.table = table
        self.full = full

    def _translator(self, learned: Iterable[sp.Symbol] = ()) -> Translator:
        letters = {U: ARGUMENT, A: OUTPUT}
        letters |= {each: Symbol(each.name, Kind.TENSOR, each.name) for each in learned}
        return Translator(self.table, letters)

    def of_activation(self, activation: Activation) -> tuple[Chain, ...]:
        """``f(z) = ...``, ``f'(z) = ... = ...`` in z and in the output a, slopes in parameters."""
        name = self.table.functions[activation]
        translator = self._translator(activation.learned)
        arguments = tuple(translator.formula(each) for each in (U, *activation.learned))
        left = Apply(name, arguments)
        definition = defining(activation)
        if self.full:
            definition = in_exponentials(definition)
        value = translator.formula(definition)
        found = [equation(left, value)] if value != left else []
        sides = list(between(definition, translator)) if self.full else []
        sides.append(translator.formula(activation.slope))
        if activation.slope_in_output is not None:
            sides.append(translator.formula(activation.slope_in_output))
        found.append(equation(Apply(Prime(name), arguments), *dict.fromkeys(sides)))
        for parameter, argument in zip(activation.learned, arguments[1:], strict=True):
            slope = translator.formula(activation.learned_slope(parameter))
            found.append(equation(Partial(left, argument), slope))
        return tuple(found)

    def at_kinks(self, activation: Activation) -> tuple[Chain, ...]:
        """``relu'(0) = 0``: the slopes at the kinks that the catalogue knows."""
        row = ACTIVATIONS.get(activation.name)
        translator = self._translator(activation.learned)
        parameters = tuple(translator.formula(each) for each in activation.learned)
        found = []
        for kink in row.kinks if row is not None else ():
            place = sp.Rational(kink.numerator, kink.denominator)
            slope = translator.formula(activation.slope.xreplace({U: place}))
            name = Prime(self.table.functions[activation])
            found.append(equation(Apply(name, (translator.formula(place), *parameters)), slope))
        return tuple(found)

    def of_functions(
        self, forward: Iterable[Formula], others: Iterable[Formula]
    ) -> tuple[tuple[Chain, ...], ...]:
        """The definitions of all functions used that a reader may not know, each once.

        Those of the forward pass come with their slope.
        """
        known = set(self.table.functions.values())
        others = tuple(others)
        differentiated = {*_functions(forward), *(_primed(others) if self.full else ())}
        found: list[tuple[Chain, ...]] = []
        waiting = sorted({*differentiated, *_functions(others)})
        while waiting:
            name = waiting.pop(0)
            if name in known:
                continue
            if self.full and name in differentiated and name in BY_EXPONENTIALS:
                known.add(name)
                found.append(self._in_exponentials(name))
            if name not in PRIMITIVES or name in known:
                continue
            known.add(name)
            definition = WRITTEN.get(name) or self._of_primitive(name)
            with_slope = name in differentiated and name not in WRITTEN
            found.append((definition, self._slope(name)) if with_slope else (definition,))
            primed = list(_primed(found[-1])) if self.full else []
            differentiated.update(primed)
            waiting += dict.fromkeys([*_functions([definition]), *primed])
        return tuple(found)

    def _in_exponentials(self, name: str) -> tuple[Chain, ...]:
        """A function that is no named one of the catalogue: ``tanh`` inside another function."""
        activation = Activation(name, BY_EXPONENTIALS[name](U))
        named = Definitions(replace(self.table, functions={activation: name}), full=True)
        definition, slope = named.of_activation(activation)
        sides = [side for _, side in slope.rest if OUTPUT not in symbols(side)]
        return definition, equation(slope.first, *sides)

    def _of_primitive(self, name: str) -> Chain:
        value = self._translator().formula(PRIMITIVES[name].definition(U))
        return equation(Apply(name, (ARGUMENT,)), value)

    def _slope(self, name: str) -> Chain:
        translator = self._translator()
        sides = [translator.formula(PRIMITIVES[name](U).fdiff())]
        if self.full:
            sides[:0] = between(PRIMITIVES[name].definition(U), translator)
        return equation(Apply(Prime(name), (ARGUMENT,)), *dict.fromkeys(sides))


def defining(activation: Activation) -> sp.Expr:
    """What a function is: one that is known by its name is written out."""
    expression = activation.expression
    if isinstance(expression, Primitive) and expression.args == (U,):
        return expression.definition(U)
    return expression


def _primed(formulas: Iterable[Formula]) -> Iterator[str]:
    """The named functions whose slopes stand in formulas."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and isinstance(node.function, Prime):
                function = node.function.function
                if isinstance(function, str):
                    yield function


def _functions(formulas: Iterable[Formula]) -> Iterator[str]:
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and isinstance(node.function, str):
                yield node.function
