"""Every equals sign of the derivation of one adjoint, proven once for all layers that share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT, FormalAdjoint, Step, size_symbol
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.indexed import element
from bpsym.proof.certificate import Equality
from bpsym.proof.equality import Setting, prove_equality
from bpsym.proof.point import Domain, upto
from bpsym.proof.sizes import fitted, size_degree, vectors

# More assignments than the degree of a step in the sizes are tried, and at least so many.
FEWEST_VECTORS = 2


@lru_cache(maxsize=4096)
def prove_formal(formal: FormalAdjoint, samples: int | None, seed: int = 0) -> tuple[Equality, ...]:
    """Prove the steps of a formal derivation; ``where`` is the number of the adjoint.

    samples: the number of the size that is the number of samples.
    """
    sizes = _size_symbols(formal, samples)
    shapes = {
        f"{letter}{number}": tuple(sizes[k] for k in shape.sizes)
        for number, shape in enumerate(formal.shapes)
        for letter in "td"
    }
    equations = [*formal.forward, *_substituted(formal, shapes)]
    needed = [_needed(step, equations, sizes.values()) for step in formal.steps]
    most = {symbol: max((each[symbol] for each in needed), default=1) for symbol in sizes.values()}
    setting = Setting(
        [fitted(each, equations, shapes) for each in vectors(most)],
        equations,
        upto(shapes),
        frozenset(f"t{k}" for k, shape in enumerate(formal.shapes) if shape.sums_to_one),
        seed=seed,
    )
    found = []
    for step, counts in zip(formal.steps, needed, strict=True):
        count = max(counts.values(), default=1)
        ranges = (Range.upto(size) for size in shapes[f"t{step.of}"])
        domain: Domain = tuple(zip(step.free, ranges, strict=True))
        found.append(
            prove_equality(step.rule, str(step.of), step.left, step.right, domain, setting, count)
        )
    return tuple(found)


def _size_symbols(formal: FormalAdjoint, samples: int | None) -> dict[int, sp.Symbol]:
    numbers = sorted({number for shape in formal.shapes for number in shape.sizes})
    return {k: SAMPLE_COUNT if k == samples else size_symbol(k) for k in numbers}


def _substituted(
    formal: FormalAdjoint, shapes: Mapping[str, tuple[sp.Symbol, ...]]
) -> list[Equation]:
    """The adjoints that have no name of their own, as equations."""
    return [
        Equation(
            element(f"d{number}", *free),
            value,
            {i: Range.upto(size) for i, size in zip(free, shapes[f"t{number}"], strict=True)},
        )
        for number, free, value in formal.substituted
    ]


def _needed(
    step: Step, equations: Sequence[Equation], sizes: Iterable[sp.Symbol]
) -> dict[sp.Symbol, int]:
    """How many values each size must take: one more than the degree of the step in it."""
    found = {}
    for symbol in sizes:
        known = _Powers(equations, symbol)
        powers = [size_degree(side, symbol, known) for side in (step.left, step.right)]
        degree = max(high for high, _ in powers) - min(low for _, low in powers)
        found[symbol] = max(FEWEST_VECTORS, degree + 1)
    return found


class _Powers(Mapping[str, tuple[int, int]]):
    """The powers of a size within each tensor that has an equation."""

    def __init__(self, equations: Sequence[Equation], symbol: sp.Symbol) -> None:
        self._equations = {each.tensor: each for each in equations}
        self._symbol = symbol
        self._known: dict[str, tuple[int, int]] = {}

    def __getitem__(self, name: str) -> tuple[int, int]:
        if name not in self._known:
            self._known[name] = size_degree(self._equations[name].rhs, self._symbol, self)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._equations)

    def __len__(self) -> int:
        return len(self._equations)
