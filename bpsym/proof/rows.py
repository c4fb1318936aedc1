"""What is known of each activation and each named function, held against dual numbers.

The calculus differentiates an expression with sympy, folds the result and eliminates z in favour
of the output. Here the same derivative comes from the expression alone, by the rules of dual
numbers, and must agree on every branch; and where a case distinction is read off the output,
``a > f(kink)`` must say the same as ``z > kink``.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation, slope_function
from bpsym.calculus.terms.functions import PRIMITIVES, U, huber
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.equality import Setting, prove_equality
from bpsym.proof.evaluate.functions import kink_of, slope_program, value_program
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.digits import Digits, agree

# Where formulas like to be singular, and two points where they do not.
POINTS = (sp.S.Zero, sp.S.One, sp.S.NegativeOne)
# Distances from a kink, on both sides, from far below rounding to far out.
EXPONENTS = range(-25, 4)


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
    found.append(_prove_at_points(activation, where))
    if kink_of(activation) is not None:
        found.append(_prove_branches(activation, where))
    return tuple(found)


def _kinks(activation: Activation) -> list[sp.Expr]:
    """The numbers with which the case distinctions of an activation compare z."""
    cases = activation.expression.atoms(sp.Piecewise)
    relations = {test for each in cases for test in each.atoms(sp.core.relational.Relational)}
    sides = {side for test in relations if U in test.args for side in test.args}
    return sorted((side for side in sides if side.is_number), key=sp.default_sort_key)


def _prove_at_points(activation: Activation, where: str) -> Equality:
    """The forms of the derivative at single points, where random ones do not come.

    At a kink they are that of the branch that the function takes there; and no form may have a
    singularity of its own at 0, such as a/z for exp(-z^2).
    """
    rule = "derivative at single points"
    algebra = Digits()
    value, derived = value_program(activation, algebra), slope_program(activation, 0, algebra)
    forms = [value_program(activation, algebra, activation.slope)]
    if activation.slope_in_output is not None:
        forms.append(value_program(activation, algebra, activation.slope_in_output))
    learned = tuple(algebra.draw() for _ in activation.learned)
    points = [*POINTS, *_kinks(activation)]
    for point in points:
        z = value_program(activation, algebra, point)((algebra.one, *learned))
        try:
            right = derived((z, *learned))
        except (RedrawError, UndefinedError):
            continue
        for form in forms:
            try:
                claimed: object = form((z, *learned, value((z, *learned))))
            except (RedrawError, UndefinedError) as reason:
                claimed = str(reason)
            if isinstance(claimed, str) or not agree(claimed, right):
                counterexample = Counterexample({}, (), f"{right} at z = {point}", str(claimed))
                return Equality(rule, where, "digits", None, False, "", counterexample)
    return Equality(rule, where, "digits", None, True, f"z = {', '.join(map(str, points))}")


def _prove_branches(activation: Activation, where: str) -> Equality:
    """Sample ``a > f(kink)`` against ``z > kink`` with 60 digits, near and far."""
    kink = kink_of(activation)
    assert kink is not None
    rule = "branches seen from the output"
    algebra = Digits()
    value = value_program(activation, algebra)
    place, level = (value_program(activation, algebra, each)((algebra.one,)) for each in kink)
    distances = [sign * algebra.context.mpf(10) ** k for k in EXPONENTS for sign in (1, -1)]
    for distance in [algebra.zero, *distances]:
        z = place + distance
        a = value((z,))
        if (a > level) != (z > place):
            sides = (f"a > f(kink) is {a > level}", f"z > kink is {z > place}")
            counterexample = Counterexample({}, (), *(f"{each} at z = {z}" for each in sides))
            return Equality(rule, where, "digits", None, False, "", counterexample)
    note = f"{len(distances) + 1} points around the kink"
    return Equality(rule, where, "digits", None, True, note)


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
