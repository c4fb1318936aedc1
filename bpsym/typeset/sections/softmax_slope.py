"""The slope of softmax, which has two indices, and how it joins with the loss.

    da_k/dz_i = [k = i] exp(z_k)/S - exp(z_k) exp(z_i)/S^2 = a_k ([k = i] - a_i)

with S = sum_r exp(z_r), and with the cross-entropy

    dC/dz_i = sum_k -(y_k/a_k) a_k ([k = i] - a_i) = sum_k y_k (a_i - [k = i])
            = a_i sum_k y_k - y_i.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.equations import Range
from bpsym.calculus.system import Relation
from bpsym.calculus.terms.indexed import element
from bpsym.calculus.terms.indexed import index as unit
from bpsym.calculus.terms.indexed import size as size_symbol
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.proof.equality import Setting, prove_chain
from bpsym.proof.evaluate.point import upto
from bpsym.proof.evaluate.sizes import vectors
from bpsym.typeset.checked.lines import RULE
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas.symbols import COST, index
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Chain,
    Comparison,
    Formula,
    Kind,
    Partial,
    Power,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    equation,
    has,
    negative,
    product,
    symbols,
    walk,
)
from bpsym.typeset.notations.hops import hops_of
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.sections.sharing import letters_of

_SUMS = ("S", "D", "Q", "R", "Z")
# A derivative of the loss with more parts than this is not put into the sum.
_LONGEST = 24


@dataclass(frozen=True)
class SoftmaxSlope:
    """Writes it for the layers of one network."""

    context: Context

    def relation(self, tensor: str) -> Relation | None:
        """The softmax that a tensor enters, None if it is read by anything else."""
        readers = self.context.built.system.readers[tensor]
        if len(readers) != 1 or readers[0].schema.label != SOFTMAX:
            return None
        return readers[0]

    # The slope

    def blocks(self, adjoint: Adjoint, *, again: bool = False) -> Iterator[Block]:
        """What is said before the adjoint of what enters a softmax; nothing before others.

        again: whether the slope of a softmax was derived before.
        """
        relation, context = self.relation(adjoint.tensor), self.context
        if relation is None:
            return
        words, table = context.words, context.table
        output, entering = table.tensor(relation.defines), table.tensor(adjoint.tensor)
        slope = self._derived(relation, adjoint.tensor)
        if again:
            slope = equation(slope.first, slope.rest[-1][1])
            yield Paragraph(words.softmax_slope_again(output, entering))
            yield Display((slope,))
        else:
            total, value = self._total(relation, adjoint.tensor)
            yield Paragraph(words.softmax_slope(output, entering))
            yield Display((equation(total, value), slope))
        outer = self._outer(relation.defines)
        if outer is not None:
            yield Paragraph(words.softmax_joins(table.derivative(relation.defines), COST))
            yield Display((outer,))
        if "targets sum to one" in {each.rule for each in adjoint.formal.steps}:
            yield Paragraph(words.softmax_cancels(output))

    def _total(self, relation: Relation, tensor: str) -> tuple[Symbol, Formula]:
        """What the exponentials are divided by: its symbol, and the sum that it is."""
        context = self.context
        taken = {each.symbol.base for each in context.table.tensors.values()}
        if context.notation is not None:
            words = (*context.notation.words.values(), *context.notation.last.values())
            taken |= {context.notation.cost, *(each.base for each in words)}
        layers = [r for r in context.built.system.relations if r.schema.label == SOFTMAX]
        letter = next((each for each in _SUMS if each not in taken), "Sum")
        label = context.table.tensor(relation.defines).label if len(layers) > 1 else ""
        places = () if context.is_of_one_sample else (index("n"),)
        name = f"{letter}_{relation.defines}"
        symbol = Symbol(name, Kind.TENSOR, letter, label, subscripts=places)
        size = context.table.size(context.built.system.tensors[tensor].sizes[-1])
        each = Apply("exp", (context.table.tensor(tensor, (index("n"), index("r"))),))
        return symbol, Summation(index("r"), ONE, size, each)

    def _derived(self, relation: Relation, tensor: str) -> Chain:
        """``da_k/dz_i`` by the quotient rule, proven."""
        table = self.context.table
        n, k, i = index("n"), index("k"), index("i")
        of, by = table.tensor(relation.defines, (n, k)), table.tensor(tensor, (n, i))
        total, value = self._total(relation, tensor)
        same = Bracket(Comparison(k, (("=", i),)))
        above = tuple(Apply("exp", (table.tensor(tensor, (n, each)),)) for each in (k, i))
        square = Power(total, Fraction(2))
        sides = (
            Quotient(Terms(((1, Product((same, above[0], total))), (-1, Product(above)))), square),
            Terms(
                (
                    (1, Product((same, Quotient(above[0], total)))),
                    (-1, Product(tuple(Quotient(each, total) for each in above))),
                )
            ),
            self.slope(of, by),
        )
        chain = equation(Partial(of, by), *sides)
        if self.context.proof is not None:
            self._require(relation, chain, total, value)
        return chain

    def slope(self, of: Symbol, by: Symbol) -> Product:
        """``a_k ([k = i] - a_i)`` for ``da_k/dz_i``."""
        same = Bracket(Comparison(of.subscripts[-1], (("=", by.subscripts[-1]),)))
        own = self.context.table.tensor(of.name, by.subscripts)
        return Product((of, Terms(((1, same), (-1, own)))))

    def _require(self, relation: Relation, chain: Chain, total: Symbol, value: Formula) -> None:
        """Prove every side, for every pair of units. Raises ProofError."""
        lines, system = self.context.lines, self.context.built.system
        read = lines.expressions(own={total.name: lines.expressions().of(value)})
        formulas = tuple(read.of(side) for side in (chain.first, *(x for _, x in chain.rest)))
        key = (relation.names, formulas)
        if lines.knows(key):
            return
        each, same = equation_of(relation, system), system.representative
        sizes = {size_symbol(old): size_symbol(new) for old, new in same.items()}
        ranges = {i: Range.upto(every.last.xreplace(sizes)) for i, every in each.ranges.items()}
        (n, samples), (_, units) = ranges.items()
        shape = (samples.last, units.last)
        setting = Setting(
            vectors(dict.fromkeys(shape, 2)),
            [replace(each, rhs=each.rhs.xreplace(sizes), ranges=ranges)],
            upto(dict.fromkeys(relation.names, shape)),
        )
        domain = ((n, samples), (unit("k"), units), (unit("i"), units))
        rules = [RULE] * (len(formulas) - 1)
        lines.add(key, prove_chain(rules, relation.defines, formulas, domain, setting))

    # What the loss makes of it

    def _outer(self, output: str) -> Formula | None:
        """What the loss gives for the output of the softmax, None if that has a reader besides."""
        context = self.context
        system = context.built.system
        if any(relation.defines not in system.weights for relation in system.readers[output]):
            return None
        if output in context.known:
            return None
        adjoint = hops_of(system, Scale.PLAIN).derivation.by_tensor.get(output)
        if adjoint is None:
            return None
        places = tuple(map(index, letters_of(adjoint.formal.free)))
        side = context.shared.formula(adjoint, adjoint.formal.result, adjoint.formal.free)
        return equation(context.table.derivative(output, places), side)

    def sides(self, adjoint: Adjoint, chain: Formula | None) -> Iterator[Formula]:
        """The product with the slope put in, and its terms as they cancel."""
        relation = self.relation(adjoint.tensor)
        if relation is None:
            return
        match chain:
            case Summation(k, lower, upper, Product((Partial(), Partial(Symbol() as of, by)))):
                assert isinstance(by, Symbol)
                slope = self.slope(of, by)
                found = self._of_loss(adjoint, relation.defines, k)
                if found is None or not _is_short(found[0]):
                    outer = self.context.table.derivative(of.name, of.subscripts)
                    body = Product((outer, *slope.factors))
                    yield self.context.scaled(Summation(k, lower, upper, body), adjoint.tensor)
                    return
                written, value = found
                sign, inner = _signed(written)
                body = Product((*_factors(inner), *slope.factors))
                whole = Summation(k, lower, upper, body)
                yield whole if sign > 0 else negative(whole)
                yield from self._cancelled(value, of, by, (k, lower, upper))

    def _of_loss(
        self, adjoint: Adjoint, output: str, letter: Symbol
    ) -> tuple[Formula, sp.Expr] | None:
        """The derivative of the cost in the output, scaled as the delta is; None if it is named."""
        context, formal = self.context, adjoint.formal
        if output in context.derivation.by_tensor:
            return None
        for number, free, value in formal.substituted:
            if adjoint.tensors[number] == output:
                letters = (unit("n"), unit(letter.name))
                named = adjoint.named(value.xreplace(dict(zip(free, letters, strict=True))))
                named = context.lines.factor(adjoint.tensor) * named
                return context.translator.formula(named), named
        return None

    def _cancelled(
        self, value: sp.Expr, of: Symbol, by: Symbol, limits: tuple[Symbol, Formula, Formula]
    ) -> Iterator[Formula]:
        """Where the output cancels: the terms that are left, then without the bracket."""
        context = self.context
        k, i = unit(limits[0].name), unit(str(next(symbols(by.subscripts[-1])).name))
        rest = sp.expand(value * element(of.name, unit("n"), k))
        if any(str(each.base) == of.name for each in rest.atoms(sp.Indexed)):
            return
        scale, term = rest.as_independent(k, as_Add=False)
        is_negative = scale.could_extract_minus_sign()
        scale = -scale if is_negative else scale
        own = context.table.tensor(of.name, by.subscripts)
        bracket = Bracket(Comparison(limits[0], (("=", by.subscripts[-1]),)))
        difference = ((1, own), (-1, bracket)) if is_negative else ((1, bracket), (-1, own))
        write = context.translator.formula
        numbers = () if write(scale) == ONE else _factors(write(scale))
        terms = () if term == 1 else _factors(write(term))
        body = Summation(*limits, Product((*terms, Terms(difference))))
        yield product((*numbers, body))
        total = product((own, Summation(*limits, write(term))))
        single = write(term.xreplace({k: i}))
        signed = ((1, total), (-1, single)) if is_negative else ((1, single), (-1, total))
        yield product((*numbers, Terms(signed)))


def _is_short(formula: Formula) -> bool:
    return not has(formula, Summation) and sum(1 for _ in walk(formula)) <= _LONGEST


def _signed(formula: Formula) -> tuple[int, Formula]:
    match formula:
        case Terms(((-1, only),)):
            return -1, only
    return 1, formula


def _factors(formula: Formula) -> tuple[Formula, ...]:
    return formula.factors if isinstance(formula, Product) else (formula,)
