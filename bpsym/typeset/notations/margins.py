"""Two scores and the margin between them, in the letters of the text that has them."""

from __future__ import annotations

from bpsym.calculus.system import Role, System
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.formulas.tree import (
    ONE,
    Bracket,
    Cases,
    Comparison,
    Formula,
    Number,
    Terms,
    negative,
    symbols,
)
from bpsym.typeset.notations.systems import compared

ZERO = Number(ONE.value * 0)


def own_words(built: BuiltNetwork) -> dict[str, str]:
    """The letter of what a network with two scores has words of its own for.

    The scores are s and s_c, the matrix that makes a score of what is hidden is U, and the inputs
    of the two passes are x and x_c.
    """
    pairs = compared(built)
    if len(pairs) != 1 or len(built.network.losses) != 1:
        return {}
    ((score, other),) = pairs
    found = {score: "s", other: "s_c"}
    system = built.system
    inputs = [_ancestors(system, name, Role.INPUT) for name in (score, other)]
    if len(inputs[0]) == len(inputs[1]) == 1 and inputs[0] != inputs[1]:
        found |= {inputs[0][0]: "x", inputs[1][0]: "x_c"}
    (relation,) = system.definitions[score]
    for maker in system.definitions.get(relation.reads[0], ()):
        matrices = [
            name
            for name in maker.reads
            if system.tensors[name].role is Role.PARAMETER
            and len(system.tensors[name].sizes) == _MATRIX
        ]
        found |= dict.fromkeys(matrices, "U")
    return found


def _ancestors(system: System, name: str, role: Role) -> list[str]:
    """The tensors of a role from which a tensor is computed."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for relation in system.definitions.get(waiting.pop(), ()):
            for each in relation.reads:
                if each not in found:
                    found[each] = None
                    waiting.append(each)
    return [each for each in found if system.tensors[each].role is role]


def signed_case(side: Formula) -> Formula:
    """``-[s - s_c < 1]`` as -1 where ``1 + s_c - s > 0``, else 0; anything else as it is.

    Of matrices it stays a bracket, which is taken entry by entry.
    """
    match side:
        case Terms(((-1, Bracket(condition)),)):
            sign = -1
        case Bracket(condition):
            sign = 1
        case _:
            return side
    above = _violated(condition)
    if above is None:
        return side
    if not any(each.subscripts for each in symbols(above)):
        return negative(Bracket(above)) if sign < 0 else Bracket(above)
    return Cases(((negative(ONE) if sign < 0 else ONE, above), (ZERO, None)))


def _violated(condition: Formula) -> Comparison | None:
    """``s - s_c < 1`` as ``1 + s_c - s > 0``, the amount by which the margin is missed."""
    match condition:
        case Comparison(left, ((("<" | ">") as relation, right),)):
            larger, smaller = (left, right) if relation == ">" else (right, left)
            terms = [*_terms(larger, 1), *_terms(smaller, -1)]
            terms = [(sign, term) for sign, term in terms if term != ZERO]
            terms.sort(key=lambda each: (each[0] < 0, bool(list(symbols(each[1])))))
            return Comparison(Terms(tuple(terms)), ((">", ZERO),))
    return None


def _terms(formula: Formula, sign: int) -> list[tuple[int, Formula]]:
    terms = formula.terms if isinstance(formula, Terms) else ((1, formula),)
    return [(sign * each, term) for each, term in terms]


_MATRIX = 2
