"""How an exact number is written: ``3``, ``1/2``, ``0.01``, ``1e-5``; never rounded."""

from __future__ import annotations

from fractions import Fraction

# Shorter as a fraction, and meant as one: halves, quarters, fifths and eighths of a formula.
_FRACTIONS = (2, 4, 8)
_MOST_ZEROS = 3


def is_decimal(value: Fraction) -> bool:
    """Whether a number is written with a decimal point rather than as a fraction."""
    if value.denominator == 1 or value.denominator in _FRACTIONS:
        return False
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def digits_of(value: Fraction) -> tuple[str, int]:
    """A decimal's text and the power of ten that it is to be multiplied by.

    ``0.01`` is ``("0.01", 0)``, one hundred-thousandth is ``("1", -5)``.
    """
    places = 0
    scaled = value
    while scaled.denominator != 1:
        scaled *= 10
        places += 1
    digits = str(scaled.numerator)
    if len(digits) > places:
        whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
        return f"{whole}.{part}", 0
    zeros = places - len(digits)
    if zeros <= _MOST_ZEROS:
        return "0." + "0" * zeros + digits, 0
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return mantissa, len(digits) - 1 - places
