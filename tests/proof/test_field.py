"""The prime field: its numbers, its generators and what they do not know of each other."""

from fractions import Fraction

import pytest
import sympy as sp

from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.field import DRAWN, Field, P, Q, is_square

FRACTIONS = (Fraction(2, 3), Fraction(-5, 7), Fraction(4))
SMALL_PRIMES = list(sp.primerange(2, 38))


@pytest.fixture
def field():
    return Field(seed=1)


def test_the_prime_is_what_the_module_says():
    assert sp.isprime(P)
    assert sp.isprime(Q)
    assert P == 2 * Q + 1
    assert P > DRAWN
    assert all(is_square(prime) for prime in SMALL_PRIMES)
    assert not is_square(P - 1)


@pytest.mark.parametrize("left", FRACTIONS)
@pytest.mark.parametrize("right", FRACTIONS)
def test_rational_arithmetic(field, left, right):
    number = lambda value: field.number(sp.Rational(value))  # noqa: E731
    assert field.total((number(left), number(right))) == number(left + right)
    assert field.product((number(left), number(right))) == number(left * right)
    assert field.difference(number(left), number(right)) == number(left - right)
    assert field.power(number(left), sp.Integer(-3)) == number(1 / left**3)


def test_division_by_zero_has_no_value(field):
    with pytest.raises(UndefinedError):
        field.power(0, sp.Integer(-1))
    with pytest.raises(UndefinedError):
        field.function("log")(0)


@pytest.mark.parametrize("prime", SMALL_PRIMES)
def test_roots_of_small_numbers_exist(field, prime):
    root = field.positive_power(field.number(sp.Integer(prime)), sp.S.Half)
    assert root * root % P == prime


def test_the_root_of_a_number_that_is_no_square_is_an_unknown(field):
    number = next(n for n in range(38, 200) if not is_square(n))
    root = field.positive_power(number, sp.S.Half)
    assert field.positive_power(number, sp.S.Half) == root
    assert field.positive_power(number, sp.Rational(-1, 2)) * root % P == 1
    field.restart("another point")
    assert field.positive_power(number, sp.S.Half) != root


@pytest.mark.parametrize("order", [3, 5, 7, 9])
def test_odd_roots_exist_always(field, order):
    value = field.draw()
    root = field.power(value, sp.Rational(1, order))
    assert pow(root, order, P) == value


def test_half_of_all_square_roots_exist(field):
    found = 0
    for _ in range(200):
        value = field.draw()
        try:
            root = field.power(value, sp.S.Half)
        except RedrawError:
            continue
        found += 1
        assert root * root % P == value
        assert field.power(value, sp.Rational(3, 2)) == pow(root, 3, P)
    assert 60 < found < 140


def test_both_square_roots_are_tried():
    field = Field()
    seen = set()
    for choice in (True, False):
        field.restart(0, [choice])
        seen.add(field.power(4, sp.S.Half))
    assert seen == {2, P - 2}


@pytest.mark.parametrize("factor", [Fraction(k, 2) for k in range(-6, 7) if k])
def test_exp_of_a_multiple_is_a_power(field, factor):
    exp, u = field.function("exp"), field.draw()
    exp(u)
    whole = exp(u * factor.numerator * pow(factor.denominator, -1, P) % P)
    assert pow(whole, factor.denominator, P) == pow(exp(u), factor.numerator, P)


def test_exp_of_a_multiple_met_first(field):
    exp, u = field.function("exp"), field.draw()
    double = exp(2 * u % P)
    assert exp(u) ** 2 % P == double
    assert exp(0) == 1


def test_exp_of_a_sum_is_a_product(field):
    exp, u, v = field.function("exp"), field.draw(), field.draw()
    assert exp(u) * exp(v) % P == exp((u + v) % P)
    w = field.draw()
    whole = exp((w + u) % P)
    assert exp(w) * exp(u) % P == whole


def test_exp_of_unrelated_values_is_unrelated(field):
    exp = field.function("exp")
    values = {exp(field.draw()) for _ in range(50)}
    assert len(values) == 50
    assert all(is_square(value) for value in values)  # as positive as exp is


def test_logarithms(field):
    exp, log = field.function("exp"), field.function("log")
    u, v = field.draw(), field.draw()
    assert log(1) == 0
    assert log(exp(u)) == u
    assert exp(log(v)) == v
    assert exp(2 * log(v) % P) == v * v % P
    assert log(pow(v, -1, P)) == (P - log(v)) % P
    w = field.draw()
    assert log(v * w % P) == (log(v) + log(w)) % P


def test_softplus_of_the_opposite(field):
    """log(1 + exp(-u)) = log(1 + exp(u)) - u."""
    exp, log, u = field.function("exp"), field.function("log"), field.draw()
    assert log((1 + exp(P - u)) % P) == (log((1 + exp(u)) % P) - u) % P


def test_sine_and_cosine(field):
    sin, cos = field.function("sin"), field.function("cos")
    u, v = field.draw(), field.draw()
    s, c, t, d = sin(u), cos(u), sin(v), cos(v)
    assert (s * s + c * c) % P == 1
    assert sin(P - u) == P - s
    assert cos(P - u) == c
    assert sin((u + v) % P) == (s * d + c * t) % P
    assert cos(2 * u % P) == (c * c - s * s) % P
    half = u * pow(2, -1, P) % P
    assert 2 * sin(half) * cos(half) % P == s


@pytest.mark.parametrize("name", ["erf", "atan", "sin", "tanh", "sinh"])
def test_odd_functions(field, name):
    function, u = field.function(name), field.draw()
    assert function(P - u) == P - function(u)
    assert function(0) == 0


def test_hyperbolic_functions(field):
    u = field.draw()
    s, c, t = (field.function(name)(u) for name in ("sinh", "cosh", "tanh"))
    assert (c * c - s * s) % P == 1
    assert t * c % P == s
    assert (c + s) % P == field.function("exp")(u)


def test_signs(field):
    u = field.draw()
    opposite = P - u
    assert field.positive(u) != field.positive(opposite)
    assert field.positive(u) == field.positive(u)
    assert not field.positive(0)
    assert field.function("Abs")(u) == field.function("Abs")(opposite)
    assert field.function("sign")(u) * u % P == field.function("Abs")(u)
    assert field.function("sign")(0) == 0


def test_signs_that_are_decided_are_not_free():
    field = Field()
    for positive in (True, False):
        field.restart(0)
        u = field.draw()
        field.decide(u, positive)
        assert field.positive(u) == positive
        assert field.positive(P - u) != positive
        assert field.decisions == []


def test_signs_are_drawn_both_ways():
    field = Field()
    outcomes = set()
    for seed in range(20):
        field.restart(seed)
        outcomes.add(field.positive(field.draw()))
    assert outcomes == {True, False}


def test_points_are_repeatable_and_differ():
    first, second = Field(), Field()
    for field in (first, second):
        field.restart("a point")
    assert [first.draw() for _ in range(3)] == [second.draw() for _ in range(3)]
    second.restart("another")
    first.restart("a point")
    assert first.draw() != second.draw()
