"""What is known of each activation and each named function, held against dual numbers.

The calculus differentiates an expression with sympy, folds the result and eliminates z in favour
of the output. Here the same derivative comes from the expression alone, by the rules of dual
numbers, and must agree on every branch, and at the points between branches (``kinks``).
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation, slope_function
from bpsym.calculus.terms.functions import PRIMITIVES, U, huber
from bpsym.proof.certificate import Equality
from bpsym.proof.equality import Setting, prove_equality
from bpsym.proof.evaluate.functions import kink_of
from bpsym.proof.kinks import prove_at_points, prove_branches


@lru_cache(maxsize=1024)
def prove_activation(activation: Activation, seed: int = 0) -> tuple[Equality, ...]:
    """Prove every derivative that the calculus may use for an activation."""
    where = f"activation {activation.name}"
    variables = (U, *activation.learned)
    rows = [("derivative", 0, activation.slope)]
    rows += [
        (f"derivative in {parameter}", position, activation.learned_slope(parameter))
        for position, parameter in enumerate(activation.learned, 1)
    ]
    if activation.slope_in_output is not None:
        output = activation.slope_in_output.xreplace({A: activation.function(*variables)})
        rows.append(("derivative in the output", 0, output))
    found = []
    for rule, position, claimed in rows:
        derived = slope_function(activation, position)(*variables)
        found.append(prove_equality(rule, where, derived, claimed, (), Setting([{}], seed=seed)))
    found.append(prove_at_points(activation, where, seed))
    if kink_of(activation) is not None:
        found.append(prove_branches(activation, where))
    return tuple(found)


@lru_cache(maxsize=64)
def prove_function(name: str, seed: int = 0) -> Equality:
    """Prove the derivative of a named function such as softplus or huber."""
    function = PRIMITIVES[name]
    parameter = sp.Symbol("delta", real=True)
    arguments = (U, parameter) if function is huber else (U,)
    whole = Activation(name, function.definition(*arguments), arguments[1:])
    derived = slope_function(whole, 0)(*arguments)
    claimed = function(*arguments).fdiff(1)
    where = f"function {name}"
    return prove_equality("derivative", where, derived, claimed, (), Setting([{}], seed=seed))
