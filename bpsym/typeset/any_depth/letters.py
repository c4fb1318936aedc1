"""The letters of the recursion for any number of layers: symbols with a running layer number.

In the equations of ``bpsym.calculus.depth`` the layer number is an index; here it becomes the label
of a symbol, and the letters become those of a notation.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import sympy as sp

from bpsym.calculus.depth.batch import any_depth_of_batch
from bpsym.calculus.depth.recursion import (
    AnyDepth,
    LayerFunction,
    LayerSlope,
    any_depth,
    any_depth_with_thresholds,
)
from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.calculus.terms.indexed import index as number
from bpsym.calculus.terms.letters import with_letters
from bpsym.typeset.any_depth.labels import (
    RANKS,
    layer_label,
    layer_of,
    layers_of_units,
    sizes_labelled,
)
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.symbols import COST, Entry, SymbolTable, activation_of, index
from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Formula,
    Kind,
    Partial,
    Prime,
    Product,
    Symbol,
    equation,
    map_symbols,
    negative,
    symbols,
)
from bpsym.typeset.notations.notation import Letters, Notation, Scale, Word

_LAST = "L"
_CODE = Letters("i", "j", "k")


class _AnyLayer(Translator):
    """Writes the activation of layer l as ``f_l``, with the number that the notation counts."""

    def __init__(self, table: SymbolTable, last: str, shift: int) -> None:
        super().__init__(table)
        self.last = last
        self.shift = shift

    def _function(self, expr: sp.Function, bound: tuple[str, ...]) -> Formula:
        if isinstance(expr, LayerFunction | LayerSlope):
            label, offset = layer_label(self._formula(expr.args[0], bound))
            label = self.last if label == _LAST else label
            name = activation_of(label, offset + self.shift)
            argument = self._formula(expr.args[1], bound)
            return Apply(name if isinstance(expr, LayerFunction) else Prime(name), (argument,))
        return super()._function(expr, bound)


class AnyDepthLetters:
    """Writes the equations of the record in a notation."""

    notation: Notation | None

    @property
    def cost(self) -> Symbol:
        """The letter of the cost."""
        return COST if self.notation is None else replace(COST, base=self.notation.cost)

    @property
    def last(self) -> str:
        """The letter of the number of layers."""
        return "N" if self.cost.base == _LAST else _LAST

    @property
    def by_outputs(self) -> bool:
        """Whether derivatives in the outputs of layers are passed back."""
        return self.notation is not None and self.notation.by_outputs

    @property
    def shift(self) -> int:
        """How much the layer numbers of values differ from those of the record."""
        return 0 if self.notation is None else self.notation.shift

    @property
    def is_batch(self) -> bool:
        """Whether samples are columns, and deltas m times the derivatives."""
        return self.notation is not None and self.notation.scale is Scale.SAMPLES

    @property
    def thresholds(self) -> bool:
        """Whether they are subtracted."""
        return self.notation is not None and self.notation.thresholds

    @property
    def record(self) -> AnyDepth:
        """The equations, and what the rule makes of them."""
        if self.is_batch:
            return any_depth_of_batch().scaled
        return any_depth_with_thresholds() if self.thresholds else any_depth()

    @cached_property
    def _translator(self) -> Translator:
        tensors = {
            name: Entry(Symbol(name, Kind.TENSOR, name), rank, place)
            for place, (name, rank) in enumerate(RANKS.items())
        }
        table = SymbolTable(tensors, {}, {}, {})
        return _AnyLayer(table, self.last, self.word("z").shift)

    def step_in_outputs(self) -> Equation:
        """The recursion with dC/dz written as dC/da times the slope."""
        step, in_z = self.record.step, self.record.adjoint("z")
        in_a = self.record.adjoint("a")
        sums = [each for each in step.rhs.args if isinstance(each, sp.Sum)]
        l, j = in_a.ranges
        i = tuple(step.ranges)[1]
        right = self._in_outputs(sums[0], in_z)
        return Equation(in_a.lhs.xreplace({j: i}), right, {l: step.ranges[l]})

    def _in_outputs(self, expr: sp.Expr, in_z: Equation) -> sp.Expr:
        l, i = in_z.subscripts()
        found = {
            node: in_z.rhs.xreplace(dict(zip((l, i), node.indices, strict=True)))
            for node in expr.atoms(sp.Indexed)
            if name_of(node) == "delta"
        }
        return expr.xreplace(found)

    def chain(self, each: Equation) -> Chain:
        right = each.rhs
        name = name_of(each.lhs)
        if self.by_outputs and name in ("dW", "db"):
            right = self._in_outputs(right, self.record.adjoint("z"))
        if self.notation is not None and self.notation.scale is Scale.MINUS:
            sign = -1 if name == "delta" else 1
            right = sign * right.xreplace(
                {n: -n for n in right.atoms(sp.Indexed) if name_of(n) == "delta"}
            )
        left = each.lhs
        if name in ("dW", "db"):
            left = element(name[1:], *each.subscripts())
        free = tuple(i for i in each.subscripts() if isinstance(i, sp.Symbol) and i != _layer())
        renamed, letters = with_letters(right, free)
        left = left.xreplace({i: number(k) for i, k in zip(free, letters, strict=True)})
        chain = equation(self._translator.formula(left), self._translator.formula(renamed))
        return self.noted(
            chain, is_gradient=name in ("dW", "db"), is_delta=name in ("delta", "adj_a")
        )

    def gradient_of(self, left: Formula) -> Formula:
        """``dC/dW``, written dW where the notation has it."""
        if self.notation is not None and self.notation.differentials and isinstance(left, Symbol):
            return replace(left, name=f"d{left.name}", base=f"d{left.base}")
        return Partial(self.cost, left)

    def noted(self, chain: Chain, *, is_gradient: bool, is_delta: bool) -> Chain:
        owners: dict[str, int] = {}
        at = layer_of(chain.first)
        for symbol in symbols(chain):
            for name, owner in layers_of_units(symbol):
                owners.setdefault(name, owner - at)
        units = _CODE if self.notation is None else self.notation.units
        if self.notation is not None and is_delta and self.notation.delta_units is not None:
            units = self.notation.delta_units
        letters: dict[str, str] = {}
        for name, owner in owners.items():
            wanted = units.own if owner == 0 else units.below if owner < 0 else units.above
            letters[name] = wanted

        def change(symbol: Symbol) -> Formula:
            if symbol.kind is Kind.INDEX:
                return index(letters.get(symbol.name, symbol.name))
            return self._labelled(symbol)

        found = map_symbols(sizes_labelled(chain, self.shift), change)
        assert isinstance(found, Chain)
        if is_gradient:
            sides = tuple((sign, _input_last(side)) for sign, side in found.rest)
            return Chain(self.gradient_of(found.first), sides)
        return found

    def _labelled(self, symbol: Symbol) -> Formula:
        if symbol.kind is not Kind.TENSOR or not symbol.subscripts or symbol.name not in RANKS:
            return symbol
        if symbol.name in ("x", "g"):
            return self.symbol(symbol.name, "", None, symbol.subscripts)
        layer, *rest = symbol.subscripts
        label, offset = layer_label(layer)
        label = self.last if label == _LAST else label
        return self.symbol(symbol.name, label, offset, tuple(rest))

    def symbol(
        self, part: str, label: str, offset: int | None, subscripts: tuple[Formula, ...] = ()
    ) -> Formula:
        """A part of the layer with that number; the derivatives g in the outputs by themselves."""
        if part in ("g", "adj_a"):
            where = (self.last, 0) if part == "g" else (label, offset)
            output = self.symbol("a", *where, subscripts)
            if self.is_batch and isinstance(output, Symbol):
                return replace(output, name="adj_a", base=f"d{output.base}")
            return Partial(self.cost, output)
        word = self.word(part)
        shift = 0 if part == "x" else word.shift
        if self.notation is not None and self.notation.from_to and part == "W":
            subscripts = subscripts[::-1]
        if offset is None or label == "":
            return Symbol(part, Kind.TENSOR, word.base, subscripts=subscripts)
        if label.isdigit():
            number = str(int(label) + shift)
            return Symbol(part, Kind.TENSOR, word.base, number, subscripts=subscripts)
        return Symbol(part, Kind.TENSOR, word.base, label, offset + shift, subscripts)

    def word(self, part: str) -> Word:
        """How a part is written."""
        if self.notation is None:
            return Word(part)
        if part == "x":
            return Word("X" if self.is_batch else "x")
        return self.notation.words[part]

    def delta(self, label: str, offset: int) -> Formula:
        """What is passed back, in the layer with that number."""
        return self.symbol("adj_a" if self.by_outputs else "delta", label, offset)

    def formula(self, expr: sp.Expr) -> Formula:
        """An expression of the record, in the names of the record."""
        return self._translator.formula(expr)

    def derivative_of(self, of: Formula) -> Formula:
        """The derivative of the cost, whatever deltas are."""
        return Partial(self.cost, of)

    def derivative(self, part: str, label: str, offset: int) -> Formula:
        partial = Partial(self.cost, self.symbol(part, label, offset))
        if self.is_batch:
            return Product((Symbol(SAMPLES, Kind.SIZE, SAMPLES), partial))
        minus = self.notation is not None and self.notation.scale is Scale.MINUS
        return negative(partial) if minus else partial


def _input_last(side: Formula) -> Formula:
    """The factor that the layer reads behind those of the layer itself."""
    match side:
        case Product(factors, joint):
            ordered = sorted(factors, key=lambda each: getattr(each, "name", "") == "a")
            return Product(tuple(ordered), joint)
    return side


def _layer() -> sp.Symbol:
    return next(iter(any_depth().step.ranges))
