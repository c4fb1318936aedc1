"""One equals sign of a formula: what it is about, what it gives, what would be right."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.calculus.system import Role
from bpsym.typeset.formulas.tree import Apply, Formula, Kind, Partial, Prime, Symbol, symbols
from bpsym.verify.lines.arranged import RATE, STEP, Arranged
from bpsym.verify.lines.tree_values import FormulaError, TreeValues, range_of

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.cases import Array
    from bpsym.verify.lines.function_values import FunctionValues
    from bpsym.verify.lines.numpy_lines import Line

ARGUMENTS = 41
# The learning rate of an update, in formulas and in code.
RATE_NAME = "eta"
_SEED = 20


class Equality(ABC):
    """``left = side``, wherever it was written.

    text: as the user wrote it. where: the place, for messages. name: the left side as written.
    of: what the derivation calls it, a tensor, an adjoint or ``C``; empty for a name of the user's
    own, which is computed and not judged. group: equalities of one group are one line of the user.
    """

    text: str
    where: str
    name: str
    of: str
    group: int

    @abstractmethod
    def given(self, at: Arranged) -> Array:
        """The side's value. Raises ValueError, FormulaError, IndexError for what has none."""

    @abstractmethod
    def named(self, at: Arranged) -> Array:
        """The value of what stands on the left, in the shape that it asks for."""

    @abstractmethod
    def reads_itself(self) -> bool:
        """Whether what stands on the left is read on the right: ``W1 = W1 - eta dW1``."""

    def wanted(self, at: Arranged) -> Array:
        """What is right, in the shape that the left side asks for; of an update a step downhill."""
        value = self.named(at)
        rate = self.rate(at) if self.updates(at) else None
        return value if rate is None else value - abs(rate) * self.gradient(at)

    def updates(self, at: Arranged) -> bool:
        """Whether it is no equation but a step: a parameter's new value, from its old one."""
        tensors = at.case.chain.system.tensors
        known = tensors.get(self.of)
        return known is not None and known.role is Role.PARAMETER and self.reads_itself()

    def gradient(self, at: Arranged) -> Array:
        """The gradient in the parameter on the left, in the same layout."""
        return self.named(at.instead_of(self.of, at.in_code(at.tensor(self.of).adjoint)))

    def rate(self, at: Arranged) -> float | None:
        """How many times the gradient an update takes off, by least squares; None for no step."""
        try:
            old, new, gradient = self.named(at), self.given(at), self.gradient(at)
        except (FormulaError, ValueError, TypeError, IndexError, KeyError):
            return None
        below = float(np.vdot(gradient, gradient))
        if new.shape != old.shape or not below or not np.all(np.isfinite(new)):
            return None
        return float(np.vdot(gradient, old - new)) / below


@dataclass(frozen=True, eq=False)
class NumpyEquality(Equality):
    """A line in numpy notation.

    spelled: the user's name of a tensor -> the derivation's. above: the lines before it that
    define names of the user's own.
    """

    line: Line
    where: str
    of: str
    group: int
    spelled: Mapping[str, str]
    above: Sequence[Line] = ()

    @property
    def text(self) -> str:  # type: ignore[override]
        return self.line.text

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.line.name

    def given(self, at: Arranged) -> Array:
        own: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for each in self.above:
                own[each.name] = np.asarray(each.compute(self._values(each, at, own)), dtype=float)
            return np.asarray(self.line.compute(self._values(self.line, at, own)), dtype=float)

    def _values(self, line: Line, at: Arranged, own: Mapping[str, Array]) -> dict[str, Array]:
        return {
            name: own[name] if name in own else self._value(self.spelled[name], at)
            for name in line.reads
        }

    @staticmethod
    def _value(name: str, at: Arranged) -> Array:
        if name == RATE_NAME:
            return np.asarray(RATE)
        return np.asarray(float(at.size(name))) if at.is_size(name) else at.matrix(name)

    def named(self, at: Arranged) -> Array:
        return at.matrix(self.of)

    def reads_itself(self) -> bool:
        return self.of in self.reads

    @property
    def reads(self) -> frozenset[str]:
        """The tensors that it is computed from, through names of the user's own too."""
        lines = (self.line, *self.above)
        return frozenset(self.spelled[n] for each in lines for n in each.reads if n in self.spelled)


@dataclass(frozen=True, eq=False)
class TreeEquality(Equality):
    """One side of an equation read from LaTeX."""

    text: str
    where: str
    name: str
    of: str
    group: int
    left: Formula
    side: Formula
    functions: FunctionValues

    def given(self, at: Arranged) -> Array:
        found = self.value(self.side, at)
        if not self.of and isinstance(self.left, Symbol):
            at.own[self.left.name] = found
        return found

    def named(self, at: Arranged) -> Array:
        return self.value(self.left, at)

    def reads_itself(self) -> bool:
        return isinstance(self.left, Symbol) and any(
            each.name == self.of for each in symbols(self.side)
        )

    def value(self, formula: Formula, at: Arranged) -> Array:
        """The value of a formula that stands in place of the side."""
        values = TreeValues(at, self.functions, matrix=self.is_matrix)
        with np.errstate(all="ignore"):
            for name, length in self._free(at):
                values = self._with_free(values, name, length)
            return np.asarray(values.of(formula), dtype=float)

    @staticmethod
    def _with_free(values: TreeValues, name: str, length: int) -> TreeValues:
        return values.with_letter(name, np.arange(1, length + 1))

    @property
    def is_matrix(self) -> bool:
        """Whether it is an equation of whole matrices: there are no indices on tensors."""
        if self.of == "C":
            return False
        found = [each for each in (*symbols(self.left), *symbols(self.side))
                 if each.kind is Kind.TENSOR]  # fmt: skip
        return not any(each.subscripts for each in found)

    def _free(self, at: Arranged) -> list[tuple[str, int]]:
        """The indices of the left side and how far they run, the last axis first."""
        symbol = _indexed(self.left)
        if symbol is None or not symbol.subscripts:
            return []
        if not self.of:
            letters = [each for each in symbols(self.left) if each.kind is Kind.INDEX]
            return [
                (each.name, range_of(each, self.side, at))
                for each in reversed(dict.fromkeys(letters))
            ]
        name = symbol.name.removeprefix(STEP)
        shape = at.element(name).shape
        if len(shape) != len(symbol.subscripts):
            raise FormulaError(
                "subscripts", name=symbol.base, count=len(symbol.subscripts), wanted=len(shape)
            )
        found: dict[str, int] = {}
        block = len(at.case.chain.system.definitions.get(name, ())) > 1
        for place, length in zip(symbol.subscripts, shape, strict=True):
            for each in symbols(place):
                if each.kind is Kind.INDEX:
                    own = _within(each, self.side, at, length) if block else length
                    found[each.name] = min(own, found.get(each.name, length))
        return list(reversed(found.items()))


@dataclass(frozen=True, eq=False)
class DefinitionEquality(TreeEquality):
    """A function or its slope defined: judged at random arguments."""

    def value(self, formula: Formula, at: Arranged) -> Array:
        values = TreeValues(at, self.functions, local=self._arguments(at))
        with np.errstate(all="ignore"):
            return np.asarray(values.of(formula), dtype=float)

    def _arguments(self, at: Arranged) -> Mapping[str, Any]:
        applied = self.left.of if isinstance(self.left, Partial) else self.left
        assert isinstance(applied, Apply)
        rng = np.random.default_rng(_SEED + at.m)
        local: dict[str, Any] = {}
        letters = dict.fromkeys(e for each in applied.arguments for e in symbols(each))
        for number, each in enumerate(letters):
            drawn = rng.normal(0, 2, ARGUMENTS)
            local[each.name] = drawn if number == 0 else np.abs(drawn) + 0.1
        if isinstance(applied.function, Prime):
            applied = replace(applied, function=applied.function.function)
        local.setdefault("a", TreeValues(at, self.functions, local=local).of(applied))
        return local


def _indexed(left: Formula) -> Symbol | None:
    """The symbol whose subscripts are the free indices of an equation."""
    match left:
        case Symbol():
            return left
        case Partial(_, Symbol() as by):
            return by
    return None


def about(left: Formula, adjoint_of: Mapping[str, str]) -> str | None:
    """The tensor or adjoint that a left side is; None if it is none.

    adjoint_of: adjoint -> tensor.
    """
    adjoints = {tensor: name for name, tensor in adjoint_of.items()}
    match left:
        case Symbol(name=name) if name.startswith(STEP):
            return adjoints.get(name.removeprefix(STEP))
        case Symbol(kind=Kind.TENSOR, name=name) if name != "eta":
            return name
        case Partial(Symbol(name="C"), Symbol(name=name)):
            return adjoints.get(name)
    return None


def _within(index: Symbol, side: Formula, at: Arranged, length: int) -> int:
    """How far an index runs in one block of a concatenation: as far as in what it is made of."""
    try:
        return min(length, range_of(index, side, at))
    except FormulaError:
        return length
