"""What the section on functions says of a function and its slope is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
import sympy as sp

from bpsym.calculus.terms.functions import PRIMITIVES
from bpsym.errors import ProofError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.network.catalogue.activations import ROWS, SOFTMAX, ActivationRow
from bpsym.typeset.checked.lines import Lines
from bpsym.typeset.checked.slopes import Slopes
from bpsym.typeset.formulas.evaluate import FLOAT_FUNCTIONS, Values, evaluate
from bpsym.typeset.formulas.symbols import code_symbols
from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Number,
    Partial,
    Prime,
    Product,
    Symbol,
    symbols,
    walk,
)
from bpsym.typeset.sections.definitions import SLOPES, Definitions
from tests.typeset.oracle import ELEMENTARY, STEP

POINTS = (-7.3, -2.9, -1.4, -0.6, 0.3, 0.9, 2.2, 4.7, 8.1)
ELSEWHERE = [row for row in ROWS if row.name not in (SOFTMAX, "identity")]
PARAMETER = 0.3
NOTHING: Mapping[str, float] = MappingProxyType({})


def network(activation: str) -> Any:
    """A network with one activation, or a formula for one."""
    return build(parse("2-3-1:identity", act=activation)).system


def known(row_name: str, chains: tuple[Chain, ...]) -> Mapping[str, Any]:
    """The functions that a reader has, and those that the chains define."""
    found: dict[str, Any] = {**FLOAT_FUNCTIONS, "huber": FLOAT_FUNCTIONS["huber"]}
    for chain in chains:
        left = chain.first
        if isinstance(left, Apply) and isinstance(left.function, str):
            function = as_function(chain, found, numbers_named(chains))
            found.setdefault(left.function, function)
    assert row_name in found or row_name in ELEMENTARY
    return found


def numbers_named(chains: tuple[Chain, ...] | list[Chain]) -> dict[str, float]:
    """The letters that stand for numbers: ``lambda = 1.05...``."""
    found = [(chain.first, chain.rest[0][1]) for chain in chains]
    return {
        left.name: float(side.value)
        for left, side in found
        if isinstance(left, Symbol) and isinstance(side, Number)
    }


def as_function(
    chain: Chain, functions: Mapping[str, Any], letters: Mapping[str, float] = NOTHING
) -> Any:
    """A definition as something to call."""
    left = chain.first
    assert isinstance(left, Apply)
    names = [each.name for each in left.arguments if isinstance(each, Symbol)]

    def call(*numbers: float) -> float:
        tensors = {**letters, **dict(zip(names, numbers, strict=True))}
        return float(evaluate(chain, Values(tensors, functions=functions)))

    return call


def activation_chains(definitions: Definitions) -> list[Chain]:
    """What is said of all activations of a network."""
    activations = definitions.table.functions
    return [chain for each in activations for chain in definitions.of_activation(each)]


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.name)
def test_slopes_are_slopes(row: ActivationRow) -> None:
    system = network(row.name)
    definitions = Definitions(code_symbols(system, ["1", "2"]))
    (activation,) = definitions.table.functions
    chains = definitions.of_activation(activation)
    functions = known(row.name, chains)
    f = functions.get(row.name) or ELEMENTARY[row.name]
    learned = [each.name for each in activation.learned]
    slopes = 0
    for z in POINTS:
        at = [z, *[PARAMETER] * len(learned)]
        tensors = dict(zip(["z", *learned], at, strict=True)) | {"a": f(*at)}
        tensors |= numbers_named(chains)
        here = Values(tensors, functions=functions)
        for chain in chains:
            match chain.first:
                case Apply(Prime()):
                    moved = 0
                case Partial():
                    moved = 1
                case _:
                    continue
            up, down = list(at), list(at)
            up[moved] += STEP
            down[moved] -= STEP
            expected = (f(*up) - f(*down)) / (2 * STEP)
            for _, side in chain.rest:
                slopes += 1
                assert evaluate(side, here) == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert slopes >= len(POINTS) * (1 + len(learned))


def derived(activation: str) -> list[Chain]:
    """All that a document says of an activation, its slope derived."""
    definitions = Definitions(code_symbols(network(activation), ["1", "2"]))
    shown: list[Chain] = []
    for each in definitions.table.functions:
        shown += [*definitions.definition(each), *definitions.slopes(each)]
    groups = [*definitions.in_formulas(shown), *definitions.slopes_in(shown)]
    shown += [chain for group in groups for chain in group]
    return [*shown, *(each for group in definitions.in_formulas(shown) for each in group)]


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.name)
def test_every_side_of_a_derived_slope_is_the_slope(row: ActivationRow) -> None:
    """Against difference quotients of the definition as printed, functions inside it too."""
    shown = derived(row.name)
    functions = known(row.name, tuple(shown))
    for name in {"tanh", "sigmoid", "softplus", "normal_cdf"} - set(functions):
        functions = {**functions, name: FLOAT_FUNCTIONS[name]}
    called = dict(functions)
    for chain in shown:
        if isinstance(chain.first, Apply) and isinstance(chain.first.function, Prime):
            primed = chain.first.function
            f = functions[str(primed.function)]
            called[f"{primed.function}'"] = quotient_of(f)
    for chain in shown:
        if not (isinstance(chain.first, Apply) and isinstance(chain.first.function, Prime)):
            continue
        f = functions[str(chain.first.function.function)]
        rest = [PARAMETER] * (len(chain.first.arguments) - 1)
        names = [each.name for each in symbols(chain.first)]
        for z in POINTS:
            at = dict(zip(names, [z, *rest], strict=True)) | {"a": f(z, *rest)}
            at |= numbers_named(shown)
            expected = quotient_of(f)(z, *rest)
            for _, side in chain.rest:
                found = evaluate(side, Values(at, functions=called))
                assert found == pytest.approx(expected, rel=1e-6, abs=1e-8)


def quotient_of(function: Any) -> Any:
    """The slope of a function in its first argument by a central difference."""

    def slope(z: float, *rest: float) -> float:
        return float(function(z + STEP, *rest) - function(z - STEP, *rest)) / (2 * STEP)

    return slope


@pytest.mark.parametrize(
    ("activation", "name", "sides"),
    [
        ("sigmoid", "sigmoid", 5),
        ("tanh", "tanh", 4),
        ("silu", "sigmoid", 4),
        ("gelu", "normal_cdf", 2),
        ("mish", "tanh", 3),
        ("softplus", "softplus", 4),
        ("softsign", "softsign", 2),
    ],
)
def test_the_slope_is_derived_step_by_step(activation: str, name: str, sides: int) -> None:
    found = {each.first.function: each for each in derived(activation) if _is_slope(each)}
    assert len(found[Prime(name)].rest) == sides


def _is_slope(chain: Chain) -> bool:
    return isinstance(chain.first, Apply) and isinstance(chain.first.function, Prime)


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.name)
def test_a_wrong_line_on_a_function_is_not_printed(row: ActivationRow) -> None:
    """Every side of every line, changed by itself, is found out."""
    built = build(parse("2-3-1:identity", act=row.name))
    definitions = Definitions(code_symbols(built.system, ["1", "2"]))
    (activation,) = definitions.table.functions
    lines = Lines(built, definitions.table)
    chains = (*definitions.definition(activation), *definitions.slopes(activation))
    checked = Slopes(lines, definitions)
    checked.require_activation(activation, chains)
    assert len(lines.equalities) == sum(
        len(each.rest) for each in chains if not isinstance(each.first, Symbol)
    )
    for chain in chains:
        if isinstance(chain.first, Symbol):
            continue
        for number, (sign, side) in enumerate(chain.rest):
            wrong = Product((Number(Fraction(3, 2)), side))
            sides = (*chain.rest[:number], (sign, wrong), *chain.rest[number + 1 :])
            with pytest.raises(ProofError, match="could not be proven"):
                checked.require_activation(activation, [replace(chain, rest=sides)])


@pytest.mark.parametrize("name", SLOPES)
def test_a_slope_of_a_loss_is_proven_and_a_false_one_found_out(name: str) -> None:
    built = build(parse("2-3-1:identity"))
    definitions = Definitions(code_symbols(built.system, ["1", "2"]))
    checked = Slopes(Lines(built, definitions.table), definitions)
    (chain,) = definitions.slope(name)
    constants = (sp.Rational(3, 2),)
    checked.require([chain], constants)
    assert len(checked.lines.equalities) == len(chain.rest)
    for number, (sign, side) in enumerate(chain.rest):
        wrong = Product((Number(Fraction(3, 2)), side))
        sides = (*chain.rest[:number], (sign, wrong), *chain.rest[number + 1 :])
        with pytest.raises(ProofError, match="could not be proven"):
            checked.require([replace(chain, rest=sides)], constants)


@pytest.mark.parametrize("row", [row for row in ELSEWHERE if row.kinks], ids=lambda row: row.name)
def test_at_a_kink_it_is_the_left_branch(row: ActivationRow) -> None:
    definitions = Definitions(code_symbols(network(row.name), ["1", "2"]))
    (activation,) = definitions.table.functions
    chains = definitions.of_activation(activation)
    f = known(row.name, chains)[row.name]
    at_kinks = definitions.at_kinks(activation)
    assert len(at_kinks) == len(row.kinks)
    for kink, chain in zip(row.kinks, at_kinks, strict=True):
        rest = [PARAMETER] * len(activation.learned)
        left = (f(float(kink), *rest) - f(float(kink) - STEP, *rest)) / STEP
        here = Values({each.name: PARAMETER for each in activation.learned} | numbers_named(chains))
        assert evaluate(chain, here) == pytest.approx(left, abs=1e-4)


@pytest.mark.parametrize("name", sorted({*PRIMITIVES} - {"log_cosh", "xlogx"}))
def test_definitions_are_the_functions(name: str) -> None:
    text = {"huber": "huber(z, 1/2)"}.get(name, f"{name}(2*z)")
    system = network(text)
    definitions = Definitions(code_symbols(system, ["1", "2"]))
    shown = activation_chains(definitions)
    (chain,) = [
        each
        for group in definitions.in_formulas(shown)
        for each in group
        if isinstance(each.first, Apply) and each.first.function == name
    ]
    call = as_function(chain, FLOAT_FUNCTIONS)
    for z in POINTS:
        at = (z, 0.5) if name == "huber" else (z,)
        assert call(*at) == pytest.approx(FLOAT_FUNCTIONS[name](*at), rel=1e-9)


def test_a_function_is_derived_once() -> None:
    definitions = Definitions(code_symbols(network("tanh"), ["1", "2"]))
    lefts = [chain.first for chain in definitions.slope("sigmoid")]
    assert [type(getattr(left, "function", None)) for left in lefts] == [str, Prime]
    assert definitions.slope("sigmoid") == definitions.slope("tanh") == ()


def test_nothing_is_defined_twice() -> None:
    definitions = Definitions(code_symbols(network("mish"), ["1", "2"]))
    shown = activation_chains(definitions)
    groups = (tuple(shown), *definitions.in_formulas(shown))
    lefts = [chain.first for group in groups for chain in group]
    assert len(lefts) == len(set(lefts)) > 3


def test_long_numbers_have_their_digits_in_one_place() -> None:
    (activation,) = Definitions(code_symbols(network("selu"), ["1", "2"])).table.functions
    definitions = Definitions(code_symbols(network("selu"), ["1", "2"]), taken={"alpha"})
    chains = definitions.of_activation(activation)
    numbers = [each for chain in chains for each in walk(chain) if isinstance(each, Number)]
    long = [each.value for each in numbers if each.value.denominator > 1000]
    assert len(long) == len(set(long)) == 2
    assert set(numbers_named(chains)) == {"lambda", "kappa"}
