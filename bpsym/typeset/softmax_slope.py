"""The slope of softmax, which has two indices, and how it joins with the loss.

    da_k/dz_i = a_k ([k = i] - a_i)

With S = sum_r exp(z_r): for k = i it is exp(z_i)/S - (exp(z_i)/S)^2, else -exp(z_k) exp(z_i)/S^2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import sympy as sp

from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.system import Relation
from bpsym.errors import ProofError
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.typeset.chain_rule import ChainRule
from bpsym.typeset.context import Context
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formula import (
    Bracket,
    Comparison,
    Formula,
    Partial,
    Product,
    Summation,
    Symbol,
    Terms,
    equation,
)
from bpsym.typeset.notations.hops import hops_of
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.sharing import letters_of
from bpsym.typeset.symbols import COST, index


@dataclass(frozen=True)
class SoftmaxSlope:
    """Writes it for the layers of one network."""

    context: Context

    def blocks(self, adjoint: Adjoint) -> Iterator[Block]:
        """What is said before the delta of what enters a softmax; nothing before other deltas."""
        relation = self._softmax(adjoint.tensor)
        places = tuple(map(index, letters_of(adjoint.formal.free)))
        chain = ChainRule(self.context).of(adjoint.tensor, places) if relation else None
        if relation is None or chain is None:
            return
        _require()
        table, words = self.context.table, self.context.words
        output, entering = table.tensor(relation.defines), table.tensor(adjoint.tensor)
        found: dict[Partial, Formula] = {}
        joined = self._joined(chain, relation.defines, adjoint.tensor, found)
        yield Paragraph(words.softmax_slope(output, entering))
        yield Display(tuple(equation(partial, slope) for partial, slope in found.items()))
        outer = self._outer(relation.defines)
        if outer is None or "targets sum to one" not in {x.rule for x in adjoint.formal.steps}:
            return
        yield Paragraph(words.softmax_joins(table.derivative(relation.defines), COST))
        left = table.derivative(adjoint.tensor, places)
        yield Display((outer, equation(left, chain, joined)))
        yield Paragraph(words.softmax_cancels(output))

    def _softmax(self, tensor: str) -> Relation | None:
        readers = self.context.built.system.readers[tensor]
        if len(readers) != 1 or readers[0].schema.label != SOFTMAX:
            return None
        return readers[0]

    def _joined(
        self, chain: Formula, output: str, entering: str, found: dict[Partial, Formula]
    ) -> Formula:
        """The chain with the slope put in; ``found`` gets the slope and what it is the slope of."""
        match chain:
            case Summation(i, lower, upper, body):
                return Summation(i, lower, upper, self._joined(body, output, entering, found))
            case Product(factors, joint):
                inner = [self._joined(each, output, entering, found) for each in factors]
                flat = [x for each in inner for x in _factors(each)]
                return Product(tuple(flat), joint)
            case Partial(Symbol() as of, Symbol() as by) if (of.name, by.name) == (
                output,
                entering,
            ):
                at = Bracket(Comparison(of.subscripts[-1], (("=", by.subscripts[-1]),)))
                own = self.context.table.tensor(output, by.subscripts)
                found[chain] = Product((of, Terms(((1, at), (-1, own)))))
                return found[chain]
            case _:
                return chain

    def _outer(self, output: str) -> Formula | None:
        """What the loss gives for the output of the softmax, None if that is not one term."""
        context = self.context
        by_tensor = hops_of(context.built.system, Scale.PLAIN).derivation.by_tensor
        adjoint = by_tensor.get(output)
        if adjoint is None:
            return None
        places = tuple(map(index, letters_of(adjoint.formal.free)))
        side = context.shared.formula(adjoint, adjoint.formal.result, adjoint.formal.free)
        return equation(context.table.derivative(output, places), side)


def _factors(formula: Formula) -> tuple[Formula, ...]:
    return formula.factors if isinstance(formula, Product) else (formula,)


@cache
def _require() -> None:
    """Raise ProofError unless both cases of the slope are derivatives of the quotient."""
    # With e = exp(z_i), d/dz_i is e d/de; the other exponentials do not depend on z_i.
    e, rest, other = sp.symbols("e rest other", positive=True)
    own, beside = e / (e + rest), other / (e + rest)
    cases = ((own, own * (1 - own)), (beside, -beside * own))
    if any(sp.cancel(e * sp.diff(value, e) - slope) != 0 for value, slope in cases):
        raise ProofError.single(
            where="the slope of softmax",
            what="it could not be proven, so nothing is printed",
            expected="da_k/dz_i = a_k ([k = i] - a_i)",
            got="another derivative",
            way_out="this is a fault of bpsym: please report it",
        )
