"""Long numbers of an activation have a letter, and their digits stand in one place.

    lambda = 1.0507009873554805,  alpha = 1.6732632423543772
    selu'(z) = lambda alpha exp(z)  where z <= 0

They are the options of its row in the catalogue, and products of them, which sympy multiplies out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from fractions import Fraction
from itertools import combinations

from bpsym.calculus.slopes.activation import Activation
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.typeset.formulas.numerals import digits_of, is_decimal
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Number,
    Product,
    Symbol,
    equation,
    map_nodes,
    walk,
)

# From so many digits on a number has a letter: of the option's name, of the textbook if it has one.
_LONG = 8
_LETTERS = {"scale": "lambda"}
_SPARE = "kappa"


def letters_of(activation: Activation, taken: Container[str]) -> Mapping[Fraction, Formula]:
    """What is written for each long number of a function and for their products.

    taken: letters that mean something else.
    """
    row = ACTIVATIONS.get(activation.name)
    if row is None or not activation.catalogued:
        return {}
    found: dict[Fraction, Formula] = {}
    named = [
        (_letter(name, taken), value) for name, value in row.options.items() if _is_long(value)
    ]
    for count in range(1, len(named) + 1):
        for group in combinations(named, count):
            value = Fraction(1)
            for _, factor in group:
                value *= factor
            letters = tuple(letter for letter, _ in group)
            found[value] = letters[0] if count == 1 else Product(letters)
    return found


def in_letters(chain: Chain, letters: Mapping[Fraction, Formula]) -> Chain:
    """A chain with letters for its long numbers."""

    def change(node: Formula) -> Formula:
        match node:
            case Number(value):
                return letters.get(value, node)
            case Product(factors, joint):
                flat: list[Formula] = []
                for each in factors:
                    together = isinstance(each, Product) and each in letters.values()
                    flat += each.factors if together and isinstance(each, Product) else (each,)
                return Product(tuple(flat), joint)
        return node

    found = map_nodes(chain, change)
    assert isinstance(found, Chain)
    return found


def values_of(letters: Mapping[Fraction, Formula], chains: tuple[Chain, ...]) -> Iterator[Chain]:
    """``lambda = 1.05...`` for each letter that the chains have."""
    used = {node for chain in chains for node in walk(chain)}
    for value, letter in letters.items():
        if isinstance(letter, Symbol) and letter in used:
            yield equation(letter, Number(value))


def _letter(option: str, taken: Container[str]) -> Symbol:
    base = _LETTERS.get(option, option)
    if base in taken:
        base = _SPARE
    return Symbol(base, Kind.TENSOR, base)


def _is_long(value: Fraction) -> bool:
    return is_decimal(value) and len(digits_of(value)[0]) > _LONG
