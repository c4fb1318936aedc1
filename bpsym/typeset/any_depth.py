"""The recursion for any number of layers, with its proof by induction, as a document.

The equations are those of ``bpsym.calculus.depth.recursion``, where the layer number is an index;
here that index becomes the label of a symbol, and the letters become those of a notation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import sympy as sp

from bpsym.calculus.depth.batch import any_depth_of_batch
from bpsym.calculus.depth.recursion import (
    LAYERS,
    AnyDepth,
    LayerFunction,
    LayerSlope,
    any_depth,
    any_depth_with_thresholds,
)
from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import Iverson, element, name_of
from bpsym.calculus.terms.indexed import index as number
from bpsym.calculus.terms.letters import with_letters
from bpsym.errors import ProofError
from bpsym.proof.certificate import Equality
from bpsym.proof.induction import (
    prove_any_depth,
    prove_any_depth_of_batch,
    prove_any_depth_with_thresholds,
)
from bpsym.typeset.any_depth_proof import InductionProof
from bpsym.typeset.context import View
from bpsym.typeset.document import Block, Display, Document, Items, Paragraph, Section, Text
from bpsym.typeset.formula import (
    Apply,
    Chain,
    Formula,
    Kind,
    Number,
    Partial,
    Prime,
    Product,
    Summation,
    Symbol,
    Terms,
    equation,
    map_symbols,
    negative,
    symbols,
)
from bpsym.typeset.from_sympy import Translator
from bpsym.typeset.languages.en.words import English
from bpsym.typeset.notations.notation import Letters, Notation, Scale, Word
from bpsym.typeset.repetition import running
from bpsym.typeset.symbols import COST, Entry, Rank, SymbolTable, index
from bpsym.typeset.updates import RATE, updates
from bpsym.typeset.vectors import vector_form, vectors_of_batch

_RANKS = {
    "x": Rank.VALUE,
    "z": Rank.VALUE,
    "a": Rank.VALUE,
    "W": Rank.PARAMETER,
    "b": Rank.PARAMETER,
    "delta": Rank.ADJOINT,
    "adj_a": Rank.ADJOINT,
    "g": Rank.ADJOINT,
}
_LAST = "L"
# An element in what the prover says, or a number of layers: ``delta[l, i]``, ``z[l+1]``, ``L``.
_ELEMENT = re.compile(
    r"(?P<name>adj_a|delta|dW|db|a|z)\[(?P<layer>L|l(?:[+]1)?)[^\]]*\]|(?P<count>\b(?:L|l[+]1|l)\b)"
)
_CODE = Letters("i", "j", "k")


class _AnyLayer(Translator):
    """Writes an activation of a layer without the number of the layer."""

    def _function(self, expr: sp.Function, bound: tuple[str, ...]) -> Formula:
        if isinstance(expr, LayerFunction | LayerSlope):
            argument = self._formula(expr.args[1], bound)
            name: str | Prime = "f" if isinstance(expr, LayerFunction) else Prime("f")
            return Apply(name, (argument,))
        return super()._function(expr, bound)


@dataclass(frozen=True)
class AnyDepthStory:
    """Tells the recursion in a notation and a language."""

    words: English = field(default_factory=English)
    notation: Notation | None = None
    view: View = "all"

    @cached_property
    def equalities(self) -> tuple[Equality, ...]:
        """The proof."""
        if self._is_batch:
            return prove_any_depth_of_batch()
        return prove_any_depth_with_thresholds() if self._thresholds else prove_any_depth()

    def require_proof(self) -> None:
        """Raise ProofError unless everything is proven."""
        for each in self.equalities:
            if not each.ok:
                raise ProofError.single(
                    where="the recursion for any depth",
                    what="an equality could not be proven, so nothing is printed",
                    expected=each.rule,
                    got=str(each.counterexample),
                    way_out="this is a fault of bpsym: please report it",
                )

    def document(self) -> Document:
        """The document."""
        words = self.words
        proven = (Items(tuple(self._spoken(e.rule, e.note) for e in self.equalities)),)
        sections = [
            Section(words.forward, self._forward()),
            Section(words.recursion, self._recursion()),
            Section(words.proof, InductionProof(self).blocks()),
            Section(words.certificate, proven),
        ]
        if self.notation is not None and self.notation.written_out:
            steps = Display(tuple(updates(self._displays(self.gradients()))))
            sections.insert(2, Section(words.updates, (Paragraph(words.update(RATE)), steps)))
        return Document(words.any_depth_title, tuple(sections))

    def _spoken(self, rule: str, note: str) -> Text:
        """What was proven, with the letters of the notation for those of the record."""
        parts: Text = ()
        said, start = self.words.checked(rule, note), 0
        for match in _ELEMENT.finditer(said):
            name, layer = match["name"], match["layer"] or match["count"]
            label, offset = (self.last, 0) if layer == _LAST else ("l", int(layer[1:] or 0))
            written = self._written(name, label, offset) if name else _counted(label, offset)
            parts += (said[start : match.start()], written)
            start = match.end()
        return (*parts, said[start:])

    def _written(self, name: str, label: str, offset: int) -> Formula:
        """A tensor or an adjoint of the record in the letters of the notation."""
        if name in ("dW", "db"):
            return self._gradient_of(self.symbol(name[1:], label, offset))
        if name == "delta" and self.by_outputs:
            return self.derivative("z", label, offset)
        return self.symbol(name, label, offset)

    def _forward(self) -> tuple[Block, ...]:
        last = index(self.last)
        outputs, slope = self.symbol("a", self.last, 0), self.symbol("g", "", None)
        width = Symbol("n", Kind.SIZE, "n", "l", self._shift)
        equations = [each for each in self.record.equations if name_of(each.lhs) in "az"]
        first, *others = (self.chain(each) for each in equations)
        said = self.words.any_depth_cost(self.cost, outputs, slope)
        if self._is_batch:
            said = self.words.any_depth_cost_of_batch(self.cost, outputs, slope)
        counted = self.words.any_depth_layers(
            (running(), " = 1, ..., ", last),
            *(running(), width, self.symbol("z", "l", 0)),
            batch=self._is_batch,
        )
        blocks: list[Block] = [
            Paragraph(counted),
            *self._displays((first,)),
            *self._displays(tuple(others)),
            Paragraph(said),
        ]
        special = self._of_last_layer()
        return (*blocks, Paragraph(self.words.in_last_layer(special))) if special else tuple(blocks)

    def _of_last_layer(self) -> list[tuple[Formula, Formula]]:
        """What has another letter in the last layer of a network of given depth."""
        if self.notation is None:
            return []
        found: list[tuple[Formula, Formula]] = []
        for part, word in self.notation.last.items():
            if not (part == "delta" and self.by_outputs):
                other = Symbol(part, Kind.TENSOR, word.base, accent=word.accent)
                found.append((self.symbol(part, self.last, 0), other))
        return found

    def _recursion(self) -> tuple[Block, ...]:
        proof, words = InductionProof(self), self.words
        last, base = index(self.last), self._base()
        blocks: list[Block] = []
        if base:
            blocks += [Paragraph(words.recursion_base(last)), *self._displays(base)]
        step = (*self._by_hops(), self._step())
        return (
            *blocks,
            Paragraph(words.recursion_step(proof.layers_below())),
            *self._displays(step),
            Paragraph(words.recursion_gradients(proof.layers_below(0))),
            *self._displays(self.gradients()),
            Paragraph(words.softmax_at_the_end(self.symbol("z", self.last, 0))),
        )

    def _displays(self, chains: tuple[Chain, ...]) -> tuple[Display, ...]:
        """Equations in the views that are wanted; what has no vector form keeps its indices."""
        vectors = [
            vectors_of_batch(each) if self._is_batch else vector_form(each) for each in chains
        ]
        match self.view:
            case "index" | "scalar":
                return (Display(chains),)
            case "matrix":
                pairs = zip(vectors, chains, strict=True)
                return (Display(tuple(each or chain for each, chain in pairs)),)
            case _:
                return (Display(chains), Display(tuple(each for each in vectors if each)))

    def _base(self) -> tuple[Chain, ...]:
        """The last layer; nothing where derivatives in the outputs are passed back."""
        return () if self.by_outputs else (self.chain(self.record.base),)

    def _step(self) -> Chain:
        """From a layer to the one before it."""
        if self.by_outputs:
            return self.chain(self.step_in_outputs())
        return self.chain(self.record.step)

    def _by_hops(self) -> Iterator[Chain]:
        """What comes back to the outputs of a layer, and from there to what goes into it."""
        if not self._is_batch:
            return
        in_a, in_z = self.record.adjoint("a"), self.record.adjoint("z")
        l = next(iter(in_a.ranges))
        behind, at_last = Iverson(sp.Le(l + 1, LAYERS)), Iverson(sp.Eq(LAYERS, l))
        right = in_a.rhs.xreplace({behind: sp.S.One, at_last: sp.S.Zero})
        yield self.chain(replace(in_a, rhs=right))
        yield self.chain(in_z)

    def gradients(self) -> tuple[Chain, ...]:
        """The gradients of the weights and biases of a layer."""
        return tuple(self.chain(self.record.adjoint(name)) for name in ("W", "b"))

    # From the record to formulas

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
        return self.notation is not None and self.notation.by_outputs

    @property
    def _shift(self) -> int:
        return 0 if self.notation is None else self.notation.shift

    @property
    def _is_batch(self) -> bool:
        """Whether samples are columns, and deltas m times the derivatives."""
        return self.notation is not None and self.notation.scale is Scale.SAMPLES

    @property
    def _thresholds(self) -> bool:
        return self.notation is not None and self.notation.thresholds

    @property
    def record(self) -> AnyDepth:
        if self._is_batch:
            return any_depth_of_batch().scaled
        return any_depth_with_thresholds() if self._thresholds else any_depth()

    @cached_property
    def _translator(self) -> Translator:
        tensors = {
            name: Entry(Symbol(name, Kind.TENSOR, name), rank, place)
            for place, (name, rank) in enumerate(_RANKS.items())
        }
        return _AnyLayer(SymbolTable(tensors, {}, {}, {}))

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

    def _gradient_of(self, left: Formula) -> Formula:
        """``dC/dW``, written dW where the notation has it."""
        if self.notation is not None and self.notation.differentials and isinstance(left, Symbol):
            return replace(left, name=f"d{left.name}", base=f"d{left.base}")
        return Partial(self.cost, left)

    def noted(self, chain: Chain, *, is_gradient: bool, is_delta: bool) -> Chain:
        owners: dict[str, int] = {}
        at = _layer_of(chain.first)
        for symbol in symbols(chain):
            for name, owner in _owners(symbol):
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

        found = map_symbols(_sizes_labelled(chain, self._shift), change)
        assert isinstance(found, Chain)
        if is_gradient:
            sides = tuple((sign, _input_last(side)) for sign, side in found.rest)
            return Chain(self._gradient_of(found.first), sides)
        return found

    def _labelled(self, symbol: Symbol) -> Formula:
        if symbol.kind is not Kind.TENSOR or not symbol.subscripts or symbol.name not in _RANKS:
            return symbol
        if symbol.name in ("x", "g"):
            return self.symbol(symbol.name, "", None, symbol.subscripts)
        layer, *rest = symbol.subscripts
        label, offset = _layer_label(layer)
        label = self.last if label == _LAST else label
        return self.symbol(symbol.name, label, offset, tuple(rest))

    def symbol(
        self, part: str, label: str, offset: int | None, subscripts: tuple[Formula, ...] = ()
    ) -> Formula:
        """A part of the layer with that number; the derivatives g in the outputs by themselves."""
        if part in ("g", "adj_a"):
            where = (self.last, 0) if part == "g" else (label, offset)
            output = self.symbol("a", *where, subscripts)
            if self._is_batch and isinstance(output, Symbol):
                return replace(output, name="adj_a", base=f"d{output.base}")
            return Partial(self.cost, output)
        word = self._word(part)
        shift = 0 if part == "x" else word.shift
        if self.notation is not None and self.notation.from_to and part == "W":
            subscripts = subscripts[::-1]
        if offset is None or label == "":
            return Symbol(part, Kind.TENSOR, word.base, subscripts=subscripts)
        if label.isdigit():
            number = str(int(label) + shift)
            return Symbol(part, Kind.TENSOR, word.base, number, subscripts=subscripts)
        return Symbol(part, Kind.TENSOR, word.base, label, offset + shift, subscripts)

    def _word(self, part: str) -> Word:
        if self.notation is None:
            return Word(part)
        if part == "x":
            return Word("X" if self._is_batch else "x")
        return self.notation.words[part]

    def delta(self, label: str, offset: int) -> Formula:
        return self.symbol("adj_a" if self.by_outputs else "delta", label, offset)

    def formula(self, expr: sp.Expr) -> Formula:
        """An expression of the record, in the names of the record."""
        return self._translator.formula(expr)

    def derivative_of(self, of: Formula) -> Formula:
        """The derivative of the cost, whatever deltas are."""
        return Partial(self.cost, of)

    def derivative(self, part: str, label: str, offset: int) -> Formula:
        partial = Partial(self.cost, self.symbol(part, label, offset))
        if self._is_batch:
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


def _counted(label: str, offset: int) -> Formula:
    """The number of a layer by itself: ``l+1``."""
    letter = index(label)
    return Terms(((1, letter), (1, Number(Fraction(offset))))) if offset else letter


def _layer() -> sp.Symbol:
    return next(iter(any_depth().step.ranges))


def _layer_label(formula: Formula) -> tuple[str, int]:
    """The label and offset of a subscript that is a layer: ``l+1``, ``L``, ``0``."""
    match formula:
        case Symbol(name=name):
            return name, 0
        case Number(value):
            return str(value), 0
        case Terms(((1, Symbol(name=name)), (sign, Number(value)))):
            return name, sign * int(value)
    raise TypeError(f"no layer: {formula}")


def _layer_of(left: Formula) -> int:
    assert isinstance(left, Symbol)
    return _layer_label(left.subscripts[0])[1]


def _owners(symbol: Symbol) -> Iterable[tuple[str, int]]:
    """The letters of a symbol's units, each with the offset of its layer."""
    if symbol.name in ("x", "g"):
        return [(each.name, 0) for each in symbol.subscripts[:1] if isinstance(each, Symbol)]
    if symbol.name not in _RANKS or not symbol.subscripts:
        return []
    layer, *units = symbol.subscripts
    if symbol.name not in ("W", "b"):
        units = units[:1]  # what follows is the sample
    at = _layer_label(layer)[1]
    offsets: Mapping[int, int] = {0: at, 1: at - 1}
    return [
        (each.name, offsets[place]) for place, each in enumerate(units) if isinstance(each, Symbol)
    ]


def _sizes_labelled(chain: Chain, shift: int) -> Formula:
    """``n(l-1)`` as the letter n with the label of its layer."""

    def upper(formula: Formula) -> Formula:
        match formula:
            case Summation(i, low, Apply("n", (layer,)), body):
                label, offset = _layer_label(layer)
                size = Symbol("n", Kind.SIZE, "n", label, offset + shift)
                return Summation(i, low, size, body)
        return formula

    return _map_sums(chain, upper)


def _map_sums(formula: Formula, change: Callable[[Formula], Formula]) -> Formula:
    match formula:
        case Chain(first, rest):
            return Chain(first, tuple((sign, _map_sums(side, change)) for sign, side in rest))
        case Terms(terms):
            return Terms(tuple((sign, _map_sums(term, change)) for sign, term in terms))
        case Product(factors, joint):
            return Product(tuple(_map_sums(each, change) for each in factors), joint)
        case Summation():
            changed = change(formula)
            assert isinstance(changed, Summation)
            return replace(changed, body=_map_sums(changed.body, change))
        case _:
            return formula
