"""What a formula may ask of the arithmetic: constants that exist, numbers of a sane size.

A formula is evaluated in exact arithmetic and to sixty digits when it is proven. ``9**64**64`` or
``exp(exp(exp(z)))`` would keep that busy for ever, so sizes are bounded here, by the tree alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from bpsym.text import syntax
from bpsym.text.constants import constants
from bpsym.text.functions import FUNCTIONS
from bpsym.text.identities import constant_value
from bpsym.text.lexing import Text
from bpsym.text.syntax import Expression

# Powers of powers multiply their exponents; more than this is refused.
LARGEST_TOTAL_EXPONENT = 64

# The size of a number is the binary logarithm of its magnitude. Variables are taken to be of
# size 7 (up to 128); a number of a larger size than this would not fit its exponent.
SIZE_OF_VARIABLE = 7.0
LARGEST_SIZE = 1e6

# The range of double precision, rounded inwards.
SMALLEST_CONSTANT = Decimal("1e-307")
LARGEST_CONSTANT = Decimal("1e307")

# The logarithm of exp(sum_j u[j]) is harmless, and the number under it has an exponent of 64 bits.
LARGEST_UNDER_LOG = 2.0**64

_LOGARITHMS = frozenset({"log", "log1p"})
_GROW = frozenset({"exp", "expm1", "sinh", "cosh"})
_BOUNDED = frozenset(
    """
    sigmoid tanh sin cos erf normal_cdf normal_pdf arctan sign gaussian softsign hard_sigmoid
    hard_tanh relu6
    """.split()
)


def check_magnitude(expression: Expression, text: Text) -> None:
    """Raise ExpressionError for a constant that does not exist or a value out of all bounds."""
    _check_constants(expression, text)
    _check_exponents(expression, Fraction(1), text)
    _size(expression, text)
    _check_range(expression, text)


def _check_constants(node: Expression, text: Text) -> None:
    """Raise for a part that has no value, whatever the variables are."""
    for child in syntax.children(node):
        _check_constants(child, text)
    match node:
        case syntax.Binary("/", _, divisor) if constant_value(divisor) == 0:
            raise _undefined("a division by zero", divisor, text)
        case syntax.Power(base, exponent) if exponent < 0 or exponent.denominator > 1:
            value = constant_value(base)
            if value == 0 and exponent < 0:
                raise _undefined("a negative power of zero", base, text)
            if value is not None and value < 0 and exponent.denominator > 1:
                raise _undefined("a root of a negative number", base, text)
        case syntax.Call("sqrt", (argument,)) if (constant_value(argument) or 0) < 0:
            raise _undefined("the square root of a negative number", argument, text)
        case syntax.Call("log" | "log1p" as function, (argument,)):
            value = constant_value(argument)
            if value is not None and value <= (0 if function == "log" else -1):
                what = "the logarithm of a number that is not positive"
                raise _undefined(what, argument, text)


def _check_range(expression: Expression, text: Text) -> None:
    """Raise for a constant that is infinite or zero in floating point."""
    for constant in constants(expression):
        if constant and not SMALLEST_CONSTANT <= abs(constant) <= LARGEST_CONSTANT:
            raise text.refuse(
                "a constant is out of the range of floating point",
                f"numbers from {SMALLEST_CONSTANT:g} to {LARGEST_CONSTANT:g}",
                f"about 10^{constant.adjusted()}",
                "scale the formula, or take the constant into an exponential, exp(z + 1000)",
            )


def _check_exponents(node: Expression, outside: Fraction, text: Text) -> None:
    """Raise if powers within powers multiply to more than the cap."""
    if isinstance(node, syntax.Power):
        outside *= max(abs(node.exponent), Fraction(1))
        if outside > LARGEST_TOTAL_EXPONENT:
            raise text.refuse(
                "powers of powers are too high",
                f"exponents that multiply to at most {LARGEST_TOTAL_EXPONENT}",
                str(outside),
                "choose smaller powers",
            )
    for child in syntax.children(node):
        _check_exponents(child, outside, text)


def _size(node: Expression, text: Text) -> float:
    """An estimate of log2 |value| for variables up to 128, at least 0; raises if out of bounds."""
    sizes = [_size(child, text) for child in syntax.children(node)]
    match node:
        case syntax.Number(value):
            size = _size_of_number(value)
        case syntax.Name() | syntax.Read():
            size = SIZE_OF_VARIABLE
        case syntax.Binary("*" | "/"):
            size = sum(sizes)
        case syntax.Binary():
            size = max(sizes) + 1
        case syntax.Power(_, exponent):
            size = float(abs(exponent)) * sizes[0]
        case syntax.Sum():
            size = sizes[0] + 20  # an index runs to a million at most
        case syntax.Call(function):
            size = _size_of_call(function, sizes, text)
        case _:
            size = max(sizes)
    return size


def _size_of_number(value: Fraction) -> float:
    larger = max(abs(value.numerator), value.denominator)
    return float(larger.bit_length())


def _size_of_call(function: str, sizes: Iterable[float], text: Text) -> float:
    argument = max(sizes)
    if function in _LOGARITHMS and argument <= LARGEST_UNDER_LOG:
        return math.log2(1 + argument)
    if FUNCTIONS[function] == 1 and argument > LARGEST_SIZE:
        raise text.refuse(
            f"the argument of {function} grows out of all bounds",
            "values that a machine can hold at |z| up to 128",
            f"an argument of more than 2^{LARGEST_SIZE:.0e}",
            "nest fewer exponentials and powers",
        )
    if function in _GROW:
        return math.exp2(min(argument, 1000.0)) * 1.5
    if function in _BOUNDED:
        return 1.0
    return 2 * argument + 1


def _undefined(what: str, part: Expression, text: Text) -> Exception:
    if any(isinstance(each, syntax.Name | syntax.Read) for each in syntax.walk(part)):
        way_out = "look for what cancels there whatever the variables are, as in z - z"
        return text.refuse(what, "a value that depends on the variables", "none", way_out)
    return text.refuse(what, "a number", "none", "change the constant")
