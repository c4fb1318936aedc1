"""Every equals sign of the derivation of one adjoint, proven once for all layers that share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT, FormalAdjoint, Step, size_symbol
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.indexed import element, index
from bpsym.calculus.terms.letters import with_letters
from bpsym.proof.certificate import Equality
from bpsym.proof.equality import Setting, prove_chain
from bpsym.proof.evaluate.point import Domain, upto
from bpsym.proof.evaluate.sizes import fitted, size_degree, vectors

# More assignments than the degree of a step in the sizes are tried, and at least so many.
FEWEST_VECTORS = 2


@lru_cache(maxsize=4096)
def prove_formal(
    formal: FormalAdjoint, samples: int | None, seed: int = 0, *, one_sample: bool = False
) -> tuple[Equality, ...]:
    """Prove the steps of a formal derivation; ``where`` is the number of the adjoint.

    samples: the number of the size that is the number of samples; one_sample: whether that is 1.
    What is proven has the letters in it that are printed and emitted.
    """
    formal = replace(formal, steps=tuple(map(_lettered, formal.steps)))
    sizes = _size_symbols(formal, samples)
    shapes = {
        f"{letter}{number}": tuple(sizes[k] for k in shape.sizes)
        for number, shape in enumerate(formal.shapes)
        for letter in "td"
    }
    equations = [*formal.forward, *_substituted(formal, shapes)]
    powers = {symbol: _Powers(equations, symbol) for symbol in sizes.values()}
    needed = [_needed(step, powers) for step in formal.steps]
    most = {symbol: max((each[symbol] for each in needed), default=1) for symbol in sizes.values()}
    fixed = {SAMPLE_COUNT: 1} if one_sample else {}
    setting = Setting(
        [fitted({**each, **fixed}, equations, shapes) for each in vectors(most)],
        equations,
        upto(shapes),
        frozenset(f"t{k}" for k, shape in enumerate(formal.shapes) if shape.sums_to_one),
        seed=seed,
    )
    found: dict[int, Equality] = {}
    for chain in _chains(formal.steps):
        steps = [formal.steps[number] for number in chain]
        count = max((each for number in chain for each in needed[number].values()), default=1)
        ranges = (Range.upto(size) for size in shapes[f"t{steps[0].of}"])
        domain: Domain = tuple(zip(steps[0].free, ranges, strict=True))
        formulas = [steps[0].left, *(step.right for step in steps)]
        rules, where = [step.rule for step in steps], str(steps[0].of)
        proven = prove_chain(rules, where, formulas, domain, setting, count)
        found |= zip(chain, proven, strict=True)
    return tuple(found[number] for number in range(len(formal.steps)))


def _lettered(step: Step) -> Step:
    """The step as it is written, with letters for its sums; its free indices are still its own."""

    def written(side: sp.Expr) -> sp.Expr:
        expr, letters = with_letters(side, step.free)
        return expr.xreplace(dict(zip(map(index, letters), step.free, strict=True)))

    return replace(step, left=written(step.left), right=written(step.right))


def _chains(steps: Sequence[Step]) -> list[list[int]]:
    """The steps by number, each after the one whose right side is its left side."""
    chains: list[list[int]] = []
    for number, step in enumerate(steps):
        for chain in chains:
            last = steps[chain[-1]]
            if (last.of, last.free, last.right) == (step.of, step.free, step.left):
                chain.append(number)
                break
        else:
            chains.append([number])
    return chains


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


def _needed(step: Step, powers: Mapping[sp.Symbol, _Powers]) -> dict[sp.Symbol, int]:
    """How many values each size must take: one more than the degree of the step in it."""
    found = {}
    for symbol, known in powers.items():
        (high, low), (other_high, other_low) = known.of(step.left), known.of(step.right)
        degree = max(high, other_high) - min(low, other_low)
        found[symbol] = max(FEWEST_VECTORS, degree + 1)
    return found


class _Powers(Mapping[str, tuple[int, int]]):
    """The powers of a size within each tensor that has an equation."""

    def __init__(self, equations: Sequence[Equation], symbol: sp.Symbol) -> None:
        self._equations = {each.tensor: each for each in equations}
        self._symbol = symbol
        self._known: dict[str, tuple[int, int]] = {}
        self._formulas: dict[sp.Expr, tuple[int, int]] = {}

    def of(self, formula: sp.Expr) -> tuple[int, int]:
        """The highest and the lowest power in a formula; most are a side of two steps."""
        if formula not in self._formulas:
            self._formulas[formula] = size_degree(formula, self._symbol, self)
        return self._formulas[formula]

    def __getitem__(self, name: str) -> tuple[int, int]:
        if name not in self._known:
            self._known[name] = size_degree(self._equations[name].rhs, self._symbol, self)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._equations)

    def __len__(self) -> int:
        return len(self._equations)
