"""What the door lets in, and as what."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpsym.network.catalogue import activations, kinds, losses
from bpsym.text.door import ALIASES, FUNCTIONS, read_equation, read_expression
from bpsym.text.syntax import (
    Affine,
    Binary,
    Call,
    Equation,
    Name,
    Negative,
    Number,
    Power,
    Read,
    Sum,
    Where,
    walk,
)

Z = Name("z")
I, J, N = (Affine(((letter, 1),)) for letter in "ijn")


def number(value):
    return Number(Fraction(value))


EXPRESSIONS = {
    "z": Z,
    "2": number(2),
    "0.1": number("0.1"),
    ".5": number("0.5"),
    "3.": number(3),
    "1e-5": number("0.00001"),
    "1.6732632423543772": number("1.6732632423543772"),
    "1000000000": number(10**9),
    "-z": Negative(Z),
    "+z": Z,
    "--z": Negative(Negative(Z)),
    "z + 2": Binary("+", Z, number(2)),
    "z - 2*z": Binary("-", Z, Binary("*", number(2), Z)),
    "z / 2 / z": Binary("/", Binary("/", Z, number(2)), Z),
    "-z**2": Negative(Power(Z, Fraction(2))),
    "z**-2": Power(Z, Fraction(-2)),
    "z**0.5": Power(Z, Fraction(1, 2)),
    "z**(1/2)": Power(Z, Fraction(1, 2)),
    "z**-(3/2)": Power(Z, Fraction(-3, 2)),
    "z**(1 + 2*3 - 4)": Power(Z, Fraction(3)),
    "2**10": Power(number(2), Fraction(10)),
    "sin(z)": Call("sin", (Z,)),
    "max(z, 0)": Call("max", (Z, number(0))),
    "huber(z, delta)": Call("huber", (Z, Name("delta"))),
    "atan(z)": Call("arctan", (Z,)),
    "swish(z)": Call("silu", (Z,)),
    "where(z > 0, z, alpha*z)": Where(">", Z, number(0), Z, Binary("*", Name("alpha"), Z)),
    "where(z<=-1, -1, z)": Where("<=", Z, Negative(number(1)), Negative(number(1)), Z),
    "sum(j, W[i,j])": Sum("j", Read("W", (I, J))),
    "W[ i , j ]": Read("W", (I, J)),
    "W[(i, j)]": Read("W", (I, J)),
    "a[k]": Read("a", (Affine((("k", 1),)),)),
    "x[t-1]": Read("x", (Affine((("t", 1),), -1),)),
    "x[2*s + r]": Read("x", (Affine((("s", 2), ("r", 1))),)),
    "x[r + s*2 - 3]": Read("x", (Affine((("r", 1), ("s", 2)), -3),)),
    "x[-(t - 1)]": Read("x", (Affine((("t", -1),), 1),)),
    "x[t - t + 1]": Read("x", (Affine((), 1),)),
    "x[3]": Read("x", (Affine((), 3),)),
    "sqrt(2/pi)": Call("sqrt", (Binary("/", number(2), Name("pi")),)),
    "sin[n,i]": Read("sin", (N, I)),
    "e*z": Binary("*", Name("e"), Z),
    "exp(-exp(-z))": Call("exp", (Negative(Call("exp", (Negative(Z),))),)),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text):
    assert read_expression(text, "here") == EXPRESSIONS[text]
    assert read_expression(f"  {text} ", "here") == EXPRESSIONS[text]


def test_equation():
    tree = read_equation("g[n,i] = sum(j, U[i,j]*s[n,j]) + c[i]", "here")
    product = Binary("*", Read("U", (I, J)), Read("s", (N, J)))
    assert tree == Equation(Read("g", (N, I)), Binary("+", Sum("j", product), Read("c", (I,))))


def test_equation_in_blocks():
    tree = read_equation("out[n, N1 + i2] = x2[n,i2]", "here")
    assert tree.lhs.subscripts[1] == Affine((("N1", 1), ("i2", 1)))


def test_comparisons_are_no_equals_signs():
    tree = read_equation("g[n,i] = where(h[n,i] >= 1, 1, where(h[n,i] <= 0, 0, h[n,i]))", "here")
    assert isinstance(tree.rhs, Where)


@pytest.mark.parametrize("name", [name for name, arity in FUNCTIONS.items() if arity == 1])
def test_functions_of_one_argument(name):
    assert read_expression(f"{name}(z)", "here") == Call(name, (Z,))


def test_every_plain_activation_can_be_called():
    plain = {row.name for row in activations.ROWS if not row.options and not row.learned}
    assert plain <= set(FUNCTIONS)
    assert set(activations.ALIASES.items()) <= set(ALIASES.items())


@pytest.mark.parametrize("row", [*activations.ROWS, *losses.ROWS], ids=lambda row: row.name)
def test_catalogue_passes_the_door(row):
    tree = read_expression(row.expression, row.name)
    assert all(FUNCTIONS[each.function] for each in walk(tree) if isinstance(each, Call))


@pytest.mark.parametrize("row", kinds.ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("more", [0, 1, 30])
def test_kinds_pass_the_door(row, more):
    least, most = row.inputs
    for text in row.equations(least if most is not None else least + more):
        read_equation(text, row.name)


# Trees that can be written down and read back.
names = st.sampled_from(["z", "alpha", "beta_1", "pi"])
leaves = st.one_of(
    names.map(Name),
    st.integers(0, 10**9).map(number),
    st.integers(1, 10**6).map(lambda k: number(Fraction(k, 10**4))),
)


def grown(below):
    return st.one_of(
        st.builds(Negative, below),
        st.builds(Binary, st.sampled_from("+-*"), below, below),
        st.builds(Call, st.sampled_from(["tanh", "sin", "softplus"]), st.tuples(below)),
        st.builds(Where, st.sampled_from(["<", "<=", ">", ">="]), below, below, below, below),
        st.builds(Sum, st.just("j"), below),
    )


def written(node):
    """An independent writer, bracketed throughout."""
    match node:
        case Name(name):
            return name
        case Number(value):
            scaled = value * 10**4
            whole, part = divmod(int(scaled), 10**4)
            return str(whole) if value.denominator == 1 else f"{whole}.{part:04d}"
        case Negative(argument):
            return f"(-{written(argument)})"
        case Binary(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Where(operator, left, right, then, otherwise):
            test = f"{written(left)} {operator} {written(right)}"
            return f"where({test}, {written(then)}, {written(otherwise)})"
        case Sum(index, body):
            return f"sum({index}, {written(body)})"


@given(st.recursive(leaves, grown, max_leaves=12))
def test_what_is_written_is_read(tree):
    assert read_expression(written(tree), "here") == tree
