"""What the letters of a notation stand for: the numbers of the code, as its reader arranges them.

The arrays come from the oracle in the layout of the code. They are taken for one sample or turned
into columns, weights from-to are transposed, and deltas are scaled, as a reader of the notation
would do it; nothing of the code that writes the notations is used for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.errors import EmitError
from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build
from bpsym.typeset.document import Document
from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Formula,
    Kind,
    Partial,
    Prime,
    Symbol,
    symbols,
)
from bpsym.typeset.notations import Notation, notation_of
from bpsym.typeset.notations.by_outputs import derived_by_outputs
from bpsym.typeset.notations.hops import needs_hops
from bpsym.typeset.notations.notation import Samples, Scale
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.notations.systems import hop_by_hop
from bpsym.typeset.story import Story
from tests.typeset import oracle, values
from tests.typeset.networks import DECLARED

RATE = 0.1
# Where functions are evaluated, away from kinks; the value of a parameter of theirs; a step.
POINTS = (-7.3, -2.9, -1.4, -0.6, 0.4, 0.9, 2.2, 4.7)
PARAMETER = 0.3
STEP = 1e-5


@cache
def built_of(spec: str) -> BuiltNetwork:
    """A network of a shorthand, or of the list of graphs by its name."""
    return build(parse(tomllib.loads(DECLARED[spec]) if spec in DECLARED else spec))


THRESHOLDS = "watermelon, thresholds"


def assert_has_no_word(reason: EmitError) -> None:
    """A network that a notation cannot tell is refused whole, and for no other reason."""
    assert "it has no word for" in str(reason), reason


def notation_named(name: str) -> Notation | None:
    """A notation, with thresholds if its name says so; the empty name is that of the code."""
    base, comma, _ = name.partition(", ")
    return notation_of(base or None, thresholds=bool(comma))


@cache
def story_of(spec: str, name: str, view: str = "all") -> Story:
    """Its story in a notation; the empty name is that of the code."""
    built, notation = built_of(spec), notation_named(name)
    record = prepared(built, notation).derivation
    return Story(record, built, notation=notation, view=view)  # type: ignore[arg-type]


@cache
def document_of(spec: str, name: str, view: str = "all") -> Document:
    """Its document."""
    return story_of(spec, name, view).document()


@cache
def code_arrays(spec: str, system: System, samples: int) -> Mapping[str, Any]:
    """Every tensor and the adjoints that have names, in the layout of the code.

    system: that of the network, or the one that a notation has made of it.
    """
    built = replace(built_of(spec), system=system)
    with mock.patch.object(oracle, "M", samples):
        known = oracle.forward(oracle.random_arrays(built), system)
        _add_adjoints(derive_system(system, inputs=True), known)
        known["C"] = oracle.cost(oracle.random_arrays(built), system)
    return known


@cache
def other_adjoints(spec: str, system: System, samples: int, *, hops: bool) -> Mapping[str, Any]:
    """The same with the adjoints of the outputs of layers, or of every tensor."""
    known = dict(code_arrays(spec, system, samples))
    record = (
        derive_system(hop_by_hop(system), inputs=True)
        if hops
        else derived_by_outputs(system, inputs=True)
    )
    with mock.patch.object(oracle, "M", samples):
        _add_adjoints(record, known)
    return known


def _add_adjoints(record: Derivation, known: dict[str, Any]) -> None:
    value = oracle.SympyValue(known, oracle.sizes_of(record.system))
    for adjoint in record.adjoints:
        letters, result = adjoint.equation
        if adjoint.name not in known:
            known[adjoint.name] = values.tabulated(
                adjoint.tensor, letters, result, value, record.system
            )
        for number, free, expr in adjoint.formal.substituted:
            inner, of = adjoint.adjoint_names[number], adjoint.tensors[number]
            if inner not in known:
                names = tuple(symbol.name for symbol in free)
                known[inner] = values.tabulated(
                    of, names, adjoint.named(expr), value, record.system
                )


class Reader:
    """Reads the formulas of a document in a notation."""

    def __init__(self, spec: str, name: str) -> None:
        self.story, self.notation = story_of(spec, name), notation_named(name)
        self.built = self.story.built
        one = self.notation is not None and self.notation.samples is Samples.ONE
        self.samples = 1 if one else 3
        system = self.built.system
        self.code = code_arrays(spec, system, self.samples)
        if needs_hops(self.notation) or (self.notation and self.notation.by_outputs):
            hops = needs_hops(self.notation)
            self.code = other_adjoints(spec, system, self.samples, hops=hops)
        # Each line defines one block of these.
        self.joined = {name for name, blocks in system.definitions.items() if len(blocks) > 1}
        self.of_adjoint = {each.adjoint: each.name for each in system.tensors.values()}
        self.indexed = {each: self._arranged(each, matrix=False) for each in self.code}
        self.matrices = {each: self._arranged(each, matrix=True) for each in self.code}
        self.functions = {
            called: np.vectorize(function, otypes=[float])
            for called, function in _functions(self.story).items()
        }
        self.functions["softmax"] = lambda z: self._softmax(z)
        self.functions["np.sum"] = lambda x, axis=None, keepdims=False: np.sum(
            x, axis=axis, keepdims=keepdims
        )

    def _softmax(self, z: Any) -> Any:
        axis = 1 if self.notation is None else 0
        shifted = np.exp(z - z.max(axis=axis, keepdims=True))
        return shifted / shifted.sum(axis=axis, keepdims=True)

    def _arranged(self, name: str, *, matrix: bool, partial: bool = False) -> Any:
        array, system = np.asarray(self.code[name]), self.built.system
        tensor = system.tensors.get(self.of_adjoint.get(name, name))
        if tensor is None or array.ndim == 0:
            return array
        hidden_adjoint = name in self.of_adjoint and tensor.role is Role.HIDDEN
        notation = self.notation
        if hidden_adjoint and not partial and notation is not None:
            array = array * self._scale(notation)
        if notation is None or notation.samples is Samples.ROWS:
            return array[:, None] if matrix and tensor.sizes == (SAMPLES,) else array
        if tensor.role is Role.PARAMETER:
            if array.ndim == 2:
                return array.T if notation.from_to else array
            return array[:, None] if matrix else array
        assert tensor.sizes[0] == SAMPLES
        if notation.samples is Samples.COLUMNS or matrix:
            return array.T
        return array[0]

    def _scale(self, notation: Notation) -> float:
        if notation.scale is Scale.MINUS:
            return -1
        mean = self.built.network.reduction == "mean"
        return self.samples if notation.scale is Scale.SAMPLES and mean else 1

    def _values(self, chain: Chain) -> tuple[Values, bool]:
        matrix = chain.first != self.story.cost and not any(
            symbol.subscripts for symbol in symbols(chain) if symbol.kind is Kind.TENSOR
        )
        tensors = self.matrices if matrix else self.indexed
        table = self.story.table
        numbers = {**self.built.system.sizes, SAMPLES: self.samples}
        sizes = {each: numbers[label] for label, each in table.sizes.items() if label in numbers}
        sizes[SAMPLES] = self.samples

        def partial(node: Partial, at: Values) -> Any:
            assert isinstance(node.by, Symbol)
            assert isinstance(node.of, Symbol)
            if node.of.name != "C":
                return self._between(node.of, node.by, at)
            name = self.built.system.tensors[node.by.name].adjoint
            array = self._arranged(name, matrix=matrix, partial=True)
            return _at(array, node.by, at) if node.by.subscripts else array

        steps = {
            f"Delta_{name}": -RATE * self._arranged(tensor.adjoint, matrix=matrix, partial=True)
            for name, tensor in self.built.system.tensors.items()
            if tensor.adjoint in self.code
        }
        known = {**tensors, **steps, **_ones(sizes), "eta": RATE}
        return Values(known, sizes, {}, self.functions, partial, matrix=np.block), matrix

    def _between(self, of: Symbol, by: Symbol, at: Values) -> float:
        """The partial derivative of one tensor in another that its equation reads."""
        elements = ((each.name, self._place(each, at)) for each in (of, by))
        return values.between(self.built.system, self.code, *elements, samples=self.samples)

    def _define(self, chain: Chain, at: Values) -> None:
        """Learn what a letter stands for that the document brings in itself."""
        assert isinstance(chain.first, Symbol)
        if not chain.first.subscripts:
            self.indexed[chain.first.name] = evaluate(chain, at)
            return
        (sample,) = (each.name for each in chain.first.subscripts if isinstance(each, Symbol))
        rows = [evaluate(chain, at.at(**{sample: k + 1})) for k in range(self.samples)]
        self.indexed[chain.first.name] = np.array(rows)

    def _wrong_of_functions(self, chain: Chain) -> list[str]:
        """The same for a line on functions: a slope is a difference quotient."""
        left = chain.first.of if isinstance(chain.first, Partial) else chain.first
        assert isinstance(left, Apply)
        of = left.function.function if isinstance(left.function, Prime) else left.function
        f, names = self.functions[of], [each.name for each in symbols(left)]
        moved = 0 if isinstance(left.function, Prime) else None
        if isinstance(chain.first, Partial):
            assert isinstance(chain.first.by, Symbol)
            moved = names.index(chain.first.by.name)
        found = []
        for z in POINTS:
            at = [z, *[PARAMETER] * (len(names) - 1)]
            expected = f(*at) if moved is None else _quotient(f, at, moved)
            known = {**self.indexed, **dict(zip(names, at, strict=True)), "a": f(*at)}
            primed = {
                f"{name}'": lambda u, g=g: _quotient(g, [u], 0)
                for name, g in values.FLOAT_FUNCTIONS.items()
            }
            here = Values(known, functions={**primed, **self.functions})
            for number, (_, side) in enumerate(chain.rest, 1):
                got = evaluate(side, here)
                if not np.isclose(got, expected, rtol=1e-6, atol=1e-7):
                    found.append(f"side {number} at {z}: {got}, not {expected}")
        return found

    def _place(self, symbol: Symbol, at: Values) -> tuple[int, ...]:
        """The place of an element in the layout of the code, counted from 1."""
        numbers = [int(evaluate(each, at)) for each in symbol.subscripts]
        tensor, notation = self.built.system.tensors[symbol.name], self.notation
        if notation is None or not tensor.sizes:
            return tuple(numbers)
        if tensor.role is Role.PARAMETER:
            return tuple(numbers[::-1] if notation.from_to else numbers)
        if notation.samples is Samples.ONE:
            return (1, *numbers)
        return (numbers[-1], *numbers[:-1])

    def wrong_sides(self, chain: Chain) -> list[str]:
        """The sides that are not what the left side is: none, if the line is true."""
        if _is_of_functions(chain):
            return self._wrong_of_functions(chain)
        at, matrix = self._values(chain)
        if isinstance(chain.first, Symbol) and chain.first.name not in at.tensors:
            self._define(chain, at)
            return []
        found = []
        left = chain.first.by if isinstance(chain.first, Partial) else chain.first
        written_out = isinstance(left, Symbol) and any(
            not isinstance(each, Symbol) for each in left.subscripts
        )
        for here in [at] if matrix or written_out else values.places(chain.first, at):
            expected = np.asarray(evaluate(chain.first, here))
            for number, (_, side) in enumerate(chain.rest, 1):
                got = np.asarray(evaluate(side, here))
                if matrix and got.shape != expected.shape:
                    found.append(f"side {number}: shape {got.shape}, not {expected.shape}")
                elif not np.allclose(got, expected, rtol=1e-6, atol=1e-8):
                    found.append(f"side {number} at {dict(here.indices)}: {got}, not {expected}")
        return found


def _ones(sizes: Mapping[str, int]) -> dict[str, Any]:
    """A vector and a column of ones of every length."""
    vectors = {f"ones_{label}": np.ones(number) for label, number in sizes.items()}
    return vectors | {f"{name}_1": each[:, None] for name, each in vectors.items()}


def _is_of_functions(chain: Chain) -> bool:
    left = chain.first.of if isinstance(chain.first, Partial) else chain.first
    return isinstance(left, Apply)


def _quotient(function: Any, at: list[float], moved: int) -> float:
    """The derivative of a function in one of its arguments by a central difference."""
    up, down = list(at), list(at)
    up[moved] += STEP
    down[moved] -= STEP
    return float(function(*up) - function(*down)) / (2 * STEP)


def _at(array: Any, symbol: Symbol, at: Values) -> float:
    return float(array[tuple(int(evaluate(each, at)) - 1 for each in symbol.subscripts)])


def _functions(story: Story) -> dict[str, Any]:
    import sympy as sp

    found: dict[str, Any] = dict(values.FLOAT_FUNCTIONS)
    for activation, called in story.table.functions.items():
        arguments = [sp.Symbol(f"u{k}", real=True) for k in range(1 + len(activation.learned))]
        node = activation.function(*arguments)
        found[called] = values._callable(node, arguments)
        found[f"{called}'"] = values._callable(node.fdiff(1), arguments)
        for position in range(1, len(arguments)):
            slope = values._callable(node.fdiff(position + 1), arguments)
            found[f"{called}'{position}"] = slope
    return found


__all__ = ["Formula", "Reader", "built_of", "document_of", "story_of"]
