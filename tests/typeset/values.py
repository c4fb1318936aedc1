"""The numbers that a formula is evaluated with, and those that it must give."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from bpsym.calculus.system import SAMPLES, System
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.typeset.document import Display, Document, Step
from bpsym.typeset.formulas.evaluate import FLOAT_FUNCTIONS, Values, evaluate
from bpsym.typeset.formulas.symbols import COST
from bpsym.typeset.formulas.tree import Chain, Formula, Partial, Symbol
from bpsym.typeset.story import Story
from tests.typeset import oracle
from tests.typeset.networks import derived

Arrays = dict[str, Any]


@cache
def story(name: str) -> Story:
    """The story of a network of the list, gradients of the inputs and all steps included."""
    built, derivation = derived(name, inputs=True)
    return Story(derivation, built, steps=True)


@cache
def document(name: str) -> Document:
    """The document of a network of the list."""
    return story(name).document()


@cache
def arrays(name: str) -> Arrays:
    """Every tensor and every adjoint of a network, by the oracle, and the cost.

    Adjoints are sympy's formulas of the derivation, tabulated. That these are the derivatives of
    the cost is checked against finite differences elsewhere.
    """
    built, derivation = derived(name, inputs=True)
    system = built.system
    given = oracle.random_arrays(built)
    known = oracle.forward(given, system)
    value = oracle.SympyValue(known, oracle.sizes_of(system))
    for adjoint in derivation.adjoints:
        letters, result = adjoint.equation
        known[adjoint.name] = tabulated(adjoint.tensor, letters, result, value, system)
        for number, free, expr in adjoint.formal.substituted:
            inner = adjoint.adjoint_names[number]
            if inner not in known:
                letters = tuple(symbol.name for symbol in free)
                of = adjoint.tensors[number]
                known[inner] = tabulated(of, letters, adjoint.named(expr), value, system)
    known[COST.name] = oracle.cost(given, system)
    for relation in system.relations:
        if relation.schema.label == SOFTMAX:
            # What the exponentials are divided by has a letter of its own.
            sums = np.exp(np.asarray(known[relation.reads[0]], dtype=float)).sum(axis=-1)
            known |= {"S": sums, f"S_{relation.defines}": sums}
    return known


def tabulated(
    tensor: str, letters: Iterable[str], expr: Any, value: oracle.SympyValue, system: System
) -> Any:
    """An expression at all values of its indices."""
    table = np.empty(oracle.shape_of(tensor, system))
    for place in np.ndindex(*table.shape):
        env = {letter: at + 1 for letter, at in zip(letters, place, strict=True)}
        table[place] = value.of(expr, env)
    return table


@cache
def functions(name: str) -> Mapping[str, Callable[..., float]]:
    """The activations of a network and their slopes, by the oracle."""
    found = dict(FLOAT_FUNCTIONS)
    for activation, called in story(name).table.functions.items():
        arguments = [sp.Symbol(f"u{k}", real=True) for k in range(1 + len(activation.learned))]
        node = activation.function(*arguments)
        found[called] = _callable(node, arguments)
        found[f"{called}'"] = _callable(node.fdiff(1), arguments)
    return found


def _callable(node: Any, arguments: list[sp.Symbol]) -> Callable[..., float]:
    names = [each.name for each in arguments]

    def call(*numbers: float) -> float:
        return oracle.SympyValue(dict(zip(names, numbers, strict=True)), {}).of(node, {})

    return call


def values(name: str) -> Values:
    """What the symbols in the formulas of a network stand for; indices are still to be set."""
    system, table = derived(name, inputs=True)[0].system, story(name).table
    sizes = oracle.sizes_of(system)
    shown = {each: sizes[label] for label, each in table.sizes.items() if label in sizes}
    adjoints = {tensor.name: tensor.adjoint for tensor in system.tensors.values()}

    def partial(node: Partial, at: Values) -> float:
        assert isinstance(node.by, Symbol)
        if node.of == COST:
            return element(at.tensors[adjoints[node.by.name]], node.by.subscripts, at)
        if isinstance(node.of, Symbol):
            of, by = (
                tuple(int(evaluate(each, at)) for each in symbol.subscripts)
                for symbol in (node.of, node.by)
            )
            return between(system, arrays(name), (node.of.name, of), (node.by.name, by))
        return partial_difference(node.of, node.by, at)

    return Values(arrays(name), shown, {}, functions(name), partial)


def element(table: Any, subscripts: Iterable[Formula], at: Values) -> float:
    """An element of an array, its subscripts counted from 1."""
    return float(table[tuple(int(evaluate(each, at)) - 1 for each in subscripts)])


Element = tuple[str, tuple[int, ...]]


def between(
    system: System, known: Mapping[str, Any], of: Element, by: Element, samples: int | None = None
) -> float:
    """The derivative of an element in another that its equation reads, places counted from 1."""
    sizes = oracle.sizes_of(system) | ({} if samples is None else {SAMPLES: samples})
    found = 0.0
    for relation in system.definitions[of[0]]:
        each = oracle.relation_equation(relation, system)
        env = _indices_of(each, of[1], sizes)
        if env is not None and by[0] in relation.reads:
            found += _slope(each.rhs, env, by, known, sizes)
    return found


def _indices_of(
    each: Any, place: tuple[int, ...], sizes: Mapping[str, int]
) -> dict[str, int] | None:
    """The indices at which an equation defines an element; None if another block does."""
    env = dict[str, int]()
    for subscript, k in zip(each.subscripts(), place, strict=True):
        (running,) = [i for i in each.ranges if subscript.has(i)]
        offset, last = subscript - running, each.ranges[running].last
        first, last = (
            int(side.xreplace({s: sp.Integer(sizes[s.name]) for s in side.free_symbols}))
            for side in (offset, last)
        )
        env[running.name] = k - first
        if not 1 <= k - first <= last:
            return None
    return env


def _slope(
    rhs: Any,
    env: Mapping[str, int],
    by: Element,
    known: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> float:
    def moved(by_step: float) -> float:
        table = np.array(known[by[0]], dtype=float)
        table[tuple(k - 1 for k in by[1])] += by_step
        return float(oracle.SympyValue({**known, by[0]: table}, sizes).of(rhs, dict(env)))

    step = 10 * oracle.STEP
    near, far = moved(step) - moved(-step), moved(2 * step) - moved(-2 * step)
    return (8 * near - far) / (12 * step)


def partial_difference(of: Formula, by: Symbol, at: Values) -> float:
    """The derivative of a formula in one element, by a difference of fourth order."""
    place = tuple(int(evaluate(each, at)) - 1 for each in by.subscripts)

    def moved(times: int) -> float:
        table = np.array(at.tensors[by.name], dtype=float)
        table[place] += times * oracle.STEP
        tensors = {**at.tensors, by.name: table}
        moved = Values(tensors, at.sizes, at.indices, at.functions, at.partials)
        return float(evaluate(of, moved))

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * oracle.STEP)


def chains(shown: Document, *titles: str) -> Iterator[Chain]:
    """All equations of a document, or of some of its sections."""
    for section in shown.sections:
        for block in section.blocks if not titles or section.title in titles else ():
            match block:
                case Display(formulas):
                    yield from (each for each in formulas if isinstance(each, Chain))
                case Step(_, Chain() as chain):
                    yield chain


def places(left: Formula, at: Values) -> Iterator[Values]:
    """All values of the free indices of a left side, each with a subscript of its own."""
    symbol = left.by if isinstance(left, Partial) else left
    assert isinstance(symbol, Symbol)
    lengths = _lengths(symbol, at)
    if isinstance(left, Partial) and isinstance(left.of, Symbol):
        lengths |= _lengths(left.of, at)
    for place in itertools.product(*(range(1, n + 1) for n in lengths.values())):
        yield at.at(**dict(zip(lengths, place, strict=True)))


def _lengths(symbol: Symbol, at: Values) -> dict[str, int]:
    letters = [each.name for each in symbol.subscripts if isinstance(each, Symbol)]
    assert len(letters) == len(symbol.subscripts), "an index of its own for each dimension"
    return dict(zip(letters, np.shape(at.tensors[symbol.name]), strict=False))


def wrong_sides(chain: Chain, at: Values) -> list[str]:
    """Where a side of an equation has not the value of its left side: none, if it is true."""
    found = []
    for here in places(chain.first, at):
        expected = evaluate(chain.first, here)
        for number, (_, side) in enumerate(chain.rest, 1):
            got = evaluate(side, here)
            if not np.isclose(got, expected, rtol=1e-6, atol=1e-8):
                found.append(f"side {number} at {dict(here.indices)}: {got}, not {expected}")
    return found
