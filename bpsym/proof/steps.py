"""Every equals sign of the derivation of one adjoint, proven once for all layers that share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT, FormalAdjoint, size_symbol
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.indexed import element
from bpsym.proof.certificate import Equality
from bpsym.proof.equality import Setting, prove_equality
from bpsym.proof.point import Domain, upto
from bpsym.proof.sizes import fitted, size_degree, vectors

# More assignments than the degree of a step in the sizes are tried, within these limits.
FEWEST_VECTORS, MOST_VECTORS = 2, 5


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
    degrees = _Degrees(equations)
    symbols = [sizes[k] for k in sorted(sizes)]
    count = max((_vectors_for(step.left, step.right, degrees) for step in formal.steps), default=1)
    setting = Setting(
        [fitted(each, equations, shapes) for each in vectors(symbols, count)],
        equations,
        upto(shapes),
        frozenset(f"t{k}" for k, shape in enumerate(formal.shapes) if shape.sums_to_one),
        seed=seed,
    )
    found = []
    for step in formal.steps:
        ranges = (Range.upto(size) for size in shapes[f"t{step.of}"])
        domain: Domain = tuple(zip(step.free, ranges, strict=True))
        found.append(
            prove_equality(step.rule, str(step.of), step.left, step.right, domain, setting)
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


class _Degrees(Mapping[str, tuple[int, int]]):
    """The powers of the sizes within each tensor that has an equation."""

    def __init__(self, equations: list[Equation]) -> None:
        self._equations = {each.tensor: each for each in equations}
        self._known: dict[str, tuple[int, int]] = {}

    def __getitem__(self, name: str) -> tuple[int, int]:
        if name not in self._known:
            self._known[name] = size_degree(self._equations[name].rhs, self)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._equations)

    def __len__(self) -> int:
        return len(self._equations)


def _vectors_for(left: sp.Expr, right: sp.Expr, known: Mapping[str, tuple[int, int]]) -> int:
    powers = [size_degree(side, known) for side in (left, right)]
    degree = max(high for high, _ in powers) - min(low for _, low in powers)
    return min(max(FEWEST_VECTORS, degree + 1), MOST_VECTORS)
