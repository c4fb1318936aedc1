"""What the functions of a network are, and what their slopes are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.terms.functions import PRIMITIVES, Primitive, U
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.long_numbers import in_letters, letters_of, values_of
from bpsym.typeset.formulas.symbols import SymbolTable
from bpsym.typeset.formulas.tree import (
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
    negative,
    walk,
)
from bpsym.typeset.sections.slopes import BY_EXPONENTIALS, between, in_exponentials

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


def _slope_of_huber() -> Chain:
    """In u: the three cases of where u lies, and what they are in one."""
    u, c = (Symbol(letter, Kind.TENSOR, letter) for letter in "uc")
    low = negative(c)
    cases = Cases(
        ((low, Comparison(u, (("<=", low),))), (u, Comparison(u, (("<=", c),))), (c, None))
    )
    clipped = Apply("min", (Apply("max", (low, u)), c))
    return equation(Partial(Apply("huber", (u, c)), u), cases, clipped)


def _slope_of_abs() -> Chain:
    """With the slope at the kink that is agreed on."""
    zero = Number(Fraction(0))
    cases = Cases(
        (
            (ONE, Comparison(ARGUMENT, ((">", zero),))),
            (zero, Comparison(ARGUMENT, (("=", zero),))),
            (negative(ONE), None),
        )
    )
    sides = (cases, Apply("sign", (ARGUMENT,)))
    return equation(Partial(Apply("abs", (ARGUMENT,)), ARGUMENT), *sides)


def _slope_of_log_cosh() -> Chain:
    """The chain rule, with what cosh and its slope are."""
    up, down = (Apply("exp", (each,)) for each in (ARGUMENT, negative(ARGUMENT)))
    ratio = Quotient(Terms(((1, up), (-1, down))), Terms(((1, up), (1, down))))
    cosh, sinh, tanh = (Apply(each, (ARGUMENT,)) for each in ("cosh", "sinh", "tanh"))
    left = Partial(Apply("log", (cosh,)), ARGUMENT)
    return equation(left, Quotient(sinh, cosh), ratio, tanh)


def error_function() -> tuple[Chain, Chain]:
    """``erf(0) = 0`` and ``erf'(z) = 2/sqrt(pi) exp(-z^2)``, which is all that erf is."""
    two = Number(Fraction(2))
    root = Power(Symbol("pi", Kind.CONSTANT, "pi"), Fraction(1, 2))
    bell = Apply("exp", (negative(Power(ARGUMENT, Fraction(2))),))
    slope = equation(Apply(Prime("erf"), (ARGUMENT,)), Product((Quotient(two, root), bell)))
    zero = Number(Fraction(0))
    return equation(Apply("erf", (zero,)), zero), slope


WRITTEN: Mapping[str, Chain] = MappingProxyType({"huber": _huber()})
# Slopes that are written otherwise than the rules of a machine would have it; proven like all.
SLOPES: Mapping[str, Chain] = MappingProxyType(
    {"Abs": _slope_of_abs(), "huber": _slope_of_huber(), "log_cosh": _slope_of_log_cosh()}
)


class Definitions:
    """Definitions and slopes of the activations and functions of one system.

    known: the functions that have been defined so far. derived: those whose slopes have been.
    """

    def __init__(self, table: SymbolTable, *, taken: Container[str] = ()) -> None:
        """taken: letters that are no name for a number, as they mean something else."""
        self.table = table
        self.taken = taken
        self.known = set[str]()
        self.derived = set[str]()

    def _translator(self, learned: Iterable[sp.Symbol] = ()) -> Translator:
        letters = {U: ARGUMENT, A: OUTPUT}
        letters |= {each: Symbol(each.name, Kind.TENSOR, each.name) for each in learned}
        return Translator(self.table, letters)

    # Activations

    def of_activation(self, activation: Activation) -> tuple[Chain, ...]:
        """What it is and what its slopes are, in short: ``f(z) = ...``, ``f'(z) = ... = ...``."""
        return (*self.definition(activation), *self.slopes(activation, derived=False))

    def definition(self, activation: Activation) -> tuple[Chain, ...]:
        """``f(z) = ...``; before it the letters that numbers with many digits have."""
        self.known.add(self.table.functions[activation])
        left, translator = self._left(activation)
        value = translator.formula(in_exponentials(defining(activation)))
        if value == left:
            return ()
        letters = letters_of(activation, self.taken)
        found = in_letters(equation(left, value), letters)
        return (*values_of(letters, (found,)), found)

    def slopes(self, activation: Activation, *, derived: bool = True) -> tuple[Chain, ...]:
        """``f'(z) = ... = ...`` in z and in the output a, and the slopes in learned parameters.

        derived: whether by the rules, from the definition on, and not only stated.
        """
        name = self.table.functions[activation]
        self.derived.add(name)
        left, translator = self._left(activation)
        definition = in_exponentials(defining(activation))
        sides = list(between(definition, translator)) if derived else []
        sides.append(translator.formula(activation.slope))
        in_output = activation.slope_in_output
        if in_output is not None and (not derived or in_output == activation.short_slope):
            # In a derivation only where it is put in afterwards.
            sides.append(translator.formula(in_output))
        found = [equation(Apply(Prime(name), left.arguments), *dict.fromkeys(sides))]
        parameters = left.arguments[1:]
        for parameter, argument in zip(activation.learned, parameters, strict=True):
            slope = translator.formula(activation.learned_slope(parameter))
            found.append(equation(Partial(left, argument), slope))
        letters = letters_of(activation, self.taken)
        return tuple(in_letters(each, letters) for each in found)

    def _left(self, activation: Activation) -> tuple[Apply, Translator]:
        translator = self._translator(activation.learned)
        arguments = tuple(translator.formula(each) for each in (U, *activation.learned))
        return Apply(self.table.functions[activation], arguments), translator

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
            chain = equation(Apply(name, (translator.formula(place), *parameters)), slope)
            found.append(in_letters(chain, letters_of(activation, self.taken)))
        return tuple(found)

    # Named functions that are no activations

    def in_formulas(self, formulas: Iterable[Formula]) -> tuple[tuple[Chain, ...], ...]:
        """The definitions of all functions in formulas that a reader may not know, each once."""
        found: list[tuple[Chain, ...]] = []
        waiting = sorted({*_functions(formulas)})
        while waiting:
            name = waiting.pop(0)
            is_named = name in PRIMITIVES or name in BY_EXPONENTIALS
            if is_named and name not in self.known | {*self.table.functions.values()}:
                self.known.add(name)
                definition = WRITTEN.get(name) or self._definition(name)
                found.append((definition,))
                waiting += dict.fromkeys(_functions([definition]))
        return tuple(found)

    @staticmethod
    def have_erf(formulas: Iterable[Formula]) -> bool:
        """Whether the error function stands in formulas."""
        return "erf" in _functions(formulas)

    def slopes_in(self, formulas: Iterable[Formula]) -> tuple[tuple[Chain, ...], ...]:
        """The slopes of all functions whose slopes stand in formulas by name, each once."""
        found: list[tuple[Chain, ...]] = []
        waiting = list(dict.fromkeys(_primed(formulas)))
        while waiting:
            group = self.slope(waiting.pop(0))
            if group:
                found.append(group)
                waiting += dict.fromkeys(_primed(group))
        return tuple(found)

    def slope(self, name: str) -> tuple[Chain, ...]:
        """The slope of a named function, with its definition if that was not there yet.

        Nothing if it was derived before, or is one that everybody knows.
        """
        is_named = name in PRIMITIVES or name in BY_EXPONENTIALS or name in SLOPES
        if name in self.derived or name in self.table.functions.values() or not is_named:
            return ()
        self.derived.add(name)
        if name in SLOPES:
            return (SLOPES[name],)
        found = [] if name in self.known else [self._definition(name)]
        self.known.add(name)
        translator = self._translator()
        if name in PRIMITIVES:
            definition, short = PRIMITIVES[name].definition(U), PRIMITIVES[name](U).fdiff()
        else:
            definition = in_exponentials(BY_EXPONENTIALS[name](U))
            short = BY_EXPONENTIALS[name](U).diff(U)
        sides = dict.fromkeys((*between(definition, translator), translator.formula(short)))
        return (*found, equation(Apply(Prime(name), (ARGUMENT,)), *sides))

    def _definition(self, name: str) -> Chain:
        if name in PRIMITIVES:
            value = PRIMITIVES[name].definition(U)
        else:
            value = in_exponentials(BY_EXPONENTIALS[name](U))
        return equation(Apply(name, (ARGUMENT,)), self._translator().formula(value))


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
