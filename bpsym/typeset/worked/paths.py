"""The section on all paths from one weight: written out, then factored into deltas, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from bpsym.calculus.scalars.cost import unroll
from bpsym.calculus.scalars.unroll import Place
from bpsym.calculus.system import SAMPLES, Role
from bpsym.errors import ExpressionError
from bpsym.typeset.document import Block, Display, Items, Paragraph, Section, Text
from bpsym.typeset.formulas.evaluate import Values
from bpsym.typeset.formulas.scalar_symbols import ScalarTranslator
from bpsym.typeset.formulas.symbols import COST
from bpsym.typeset.formulas.tree import (
    ONE,
    Chain,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Symbol,
    Terms,
    equation,
    walk,
)
from bpsym.typeset.languages.en.numbers import NumbersEnglish
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.sharing import letters_of
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.worked.elements import Writer
from bpsym.typeset.worked.numbered import WORDS
from bpsym.typeset.worked.reading import Reading
from bpsym.typeset.worked.sums import elided
from bpsym.worked.path_sum import PathSum, path_sum
from bpsym.worked.paths import paths_of

# More paths fill pages; the sum is then only counted.
MOST_WRITTEN = 64
_ARROW = " → "


@dataclass(frozen=True)
class PathSection:
    """Writes all paths from one element, in the notation of a context.

    reading: the values of one sample, None for no numbers.
    """

    context: Context
    target: str
    reading: Reading | None = None

    def section(self) -> Section:
        """The section. Raises ExpressionError for no element, NumbersError for too many paths."""
        words = self.words
        paths = paths_of(self.context.built, self._code_target, most=MOST_WRITTEN)
        exact = all(each.kind == "exact" for each in self.sum.proof)
        weight, cost = self._element(self.sum.leaf.name), self.context.cost
        if not paths:
            return Section(words.paths, (Paragraph(words.no_path(weight, cost)),))
        blocks: list[Block] = [Paragraph(words.paths_are(weight, cost, len(paths)))]
        blocks.append(Items(tuple(self._named_path(path) for path in paths)))
        blocks.append(Paragraph(words.paths_multiply()))
        whole, before = self._written_out()
        blocks += [Display((whole,)), Paragraph((words.paths_proven(exact=exact),))]
        factored = list(self._factored())
        blocks.append(Paragraph(words.paths_factored(shared=self._has_shared_steps())))
        blocks.append(Display(tuple(factored)))
        after = sum(multiplications(each.rest[-1][1]) for each in factored)
        blocks.append(Paragraph((words.paths_counted(before, after),)))
        return Section(words.paths, tuple(blocks))

    def require(self) -> None:
        """Prove the sum, so that the certificate of the document counts it.

        Raises as ``section``.
        """
        self.context.lines.add(("paths", self._code_target), self.sum.proof)

    @property
    def words(self) -> NumbersEnglish:
        """The sentences in the language of the context."""
        return WORDS[self.context.words.code]

    @cached_property
    def sum(self) -> PathSum:
        """The paths with their slopes."""
        paths = paths_of(self.context.built, self._code_target, most=MOST_WRITTEN)
        return path_sum(self.context.built.system, self._code_target, paths)

    @cached_property
    def _code_target(self) -> str:
        """The element in the names of the code; it may be given in those of the notation."""
        wanted = "".join(self.target.split())
        name = wanted.partition("[")[0]
        if self.context.notation is None or name in self.context.built.system.tensors:
            return self.target
        unrolled = unroll(self.context.built.system, 1)
        leaves = unrolled.elements(Role.PARAMETER, Role.INPUT)
        for symbol, (tensor, place) in leaves.items():
            plain = self.context.table.tensor(tensor, tuple(map(_number, place)))
            if Printer().line(self._noted(plain)).replace(" ", "") == wanted:
                return str(symbol.name)
        weights = list(unrolled.elements(Role.PARAMETER).items())
        of_first = [each for each in weights if each[1][0] == weights[0][1][0]]
        first, (tensor, place) = of_first[-1]
        noted = Printer().line(
            self._noted(self.context.table.tensor(tensor, tuple(map(_number, place))))
        )
        raise ExpressionError.single(
            where=repr(self.target[:60]),
            what="no such weight",
            expected=f"one in the names of the code, such as {first.name}, or in those of the "
            f"notation, there {noted}",
            got=self.target[:60],
            way_out=f"take {first.name}",
        )

    def _has_shared_steps(self) -> bool:
        """Whether some step is one of several paths."""
        steps = [(hop.of, hop.by) for path in self.sum.hops for hop in path]
        return len(set(steps)) < len(steps)

    # Names

    @cached_property
    def _places(self) -> dict[str, Place]:
        unrolled = self.sum.unrolled
        return {
            symbol.name: place
            for symbol, place in unrolled.elements(
                Role.PARAMETER, Role.INPUT, Role.HIDDEN, Role.LOSS
            ).items()
        }

    def _noted(self, formula: Formula) -> Formula:
        (block,) = self.context.noted(Display((formula,)))
        assert isinstance(block, Display)
        return block.formulas[0]

    def _plain(self, name: str) -> Symbol:
        if name == COST.name:
            return COST
        tensor, place = self._places[name]
        return self.context.table.tensor(tensor, tuple(map(_number, place)))

    def _element(self, name: str) -> Formula:
        return self._noted(self._plain(name))

    def _named_path(self, path: tuple[str, ...]) -> Text:
        text: Text = ()
        for name in path:
            text += (_ARROW,) * bool(text) + (self._element(name),)
        return text

    # Written out

    def _written_out(self) -> tuple[Chain, int]:
        """The sum over all paths, evaluated, with numbers if there are any; its multiplications."""
        translator = ScalarTranslator(self.context.table, self.sum.unrolled)
        partials, slopes = list[tuple[int, Formula]](), list[tuple[int, Formula]]()
        for hops in self.sum.hops:
            parts = tuple(Partial(self._plain(hop.of), self._plain(hop.by)) for hop in hops)
            partials.append((1, _beside(parts)))
            factors = [translator.formula(hop.slope) for hop in hops]
            slopes.append(_signed(factors))
        left = self._noted(Partial(COST, self._plain(self.sum.leaf.name)))
        sides = [self._noted(_summed(each)) for each in (partials, slopes)]
        count = multiplications(sides[1])
        if self.reading is not None:
            writer = Writer(self.reading.values(), self.reading.digits)
            sides += writer.sides(sides[1], {}, writer.value(left, {}))
        return equation(left, *dict.fromkeys(map(elided_paths, sides))), count

    # Factored

    def _factored(self) -> Iterator[Chain]:
        """The document's own formulas of every delta on a path, from the cost to the weight."""
        on_paths = dict.fromkeys(
            self._places[hop.by] for path in self.sum.hops for hop in path if hop.by != COST.name
        )
        visited: dict[str, list[tuple[int, ...]]] = {}
        for tensor, place in on_paths:
            visited.setdefault(tensor, []).append(place)
        backward = Backward(self.context)
        for adjoint in self.context.derivation.adjoints:
            chain = None
            for place in sorted(visited.get(adjoint.tensor, ())):
                chain = chain or backward.chain(adjoint)
                at = dict(zip(letters_of(adjoint.formal.free), place, strict=True))
                yield self._at(chain, at)

    def _at(self, chain: Chain, at: dict[str, int]) -> Chain:
        """One element of a formula, its sums written out, in the notation."""
        numbers = {**self.context.built.system.sizes, SAMPLES: 1}
        table = self.context.table.sizes
        sizes = {shown: numbers[label] for label, shown in table.items() if label in numbers}
        writer = Writer(Values({}, {**sizes, SAMPLES: 1}), 6)
        side = without_ones(writer.symbolic(chain.rest[-1][1], at))
        left = writer.symbolic(chain.first, at)
        found = self._noted(equation(left, side))
        assert isinstance(found, Chain)
        return found


def multiplications(formula: Formula) -> int:
    """How many numbers are multiplied with another in a formula; signs and 1/m are not counted."""
    found = 0
    for node in walk(formula):
        match node:
            case Product(factors):
                found += sum(not _is_trivial(each) for each in factors) - 1
            case Power(_, exponent) if exponent.denominator == 1 and exponent > 1:
                found += int(exponent) - 1
    return found


def _is_trivial(factor: Formula) -> bool:
    match factor:
        case Number(value):
            return value == 1
        case Quotient(above, Symbol() | Number()) if above == ONE:
            return True
        case _:
            return False


def without_ones(formula: Formula) -> Formula:
    """A formula of one sample: m is 1, and factors and denominators of 1 are left out."""
    match formula:
        case Symbol() if _is_m(formula):
            return ONE
        case Product(factors, joint):
            kept = tuple(each for each in map(without_ones, factors) if each != ONE)
            return Product(kept, joint) if len(kept) > 1 else kept[0] if kept else ONE
        case Terms(terms):
            return Terms(tuple((sign, without_ones(term)) for sign, term in terms))
        case Quotient(above, below):
            top, bottom = without_ones(above), without_ones(below)
            return top if bottom == ONE else Quotient(top, bottom)
        case _:
            return formula


def _is_m(formula: Formula) -> bool:
    return isinstance(formula, Symbol) and formula.kind is Kind.SIZE and formula.name == SAMPLES


def elided_paths(formula: Formula) -> Formula:
    """All paths are written, however many; longer sums inside of them are elided."""
    if isinstance(formula, Terms):
        return Terms(tuple((sign, elided(term)) for sign, term in formula.terms))
    return formula


def _number(value: int) -> Number:
    return Number(Fraction(value))


def _beside(factors: tuple[Formula, ...]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(factors)


def _signed(factors: list[Formula]) -> tuple[int, Formula]:
    """A product with its signs pulled out, and what is 1 left out."""
    sign, kept = 1, list[Formula]()
    for each in factors:
        if isinstance(each, Terms) and len(each.terms) == 1:
            inner, each = each.terms[0]
            sign *= inner
        if each != ONE:
            kept += each.factors if isinstance(each, Product) else (each,)
    return sign, _beside(tuple(kept)) if kept else ONE


def _summed(terms: list[tuple[int, Formula]]) -> Formula:
    return terms[0][1] if len(terms) == 1 and terms[0][0] > 0 else Terms(tuple(terms))
