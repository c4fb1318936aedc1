"""Texts that want to run code, or to keep the machine busy: refused at once, with a reason."""

import string
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpsym.errors import ExpressionError
from bpsym.text.door import read_equation, read_expression

# text: a sign that the message must hold.
HOSTILE = {
    # code
    "__import__('os').system('true')": "not a name",
    "import_('os')": "quotes",
    "().__class__": "dots",
    "z.__class__": "dots",
    "z.real": "dots",
    "__builtins__": "not a name",
    "_z": "not a name",
    "eval(z)": "unknown function",
    "exec(z)": "unknown function",
    "open(z)": "unknown function",
    "getattr(z, z)": "unknown function",
    "lambda: 0": "'lambda'",
    "(lambda z: z)(1)": "'lambda'",
    "[z for z in z]": "'for'",
    "{z for z in z}": "'{'",
    "f'{z}'": "quotes",
    "'z'": "quotes",
    '"z"': "quotes",
    'b"z"': "quotes",
    "z := 1": "':'",
    "(z:=1)": "':'",
    "*z": "breaks off",
    "sin(*z)": "Starred",
    "sin(**z)": "breaks off|called",
    "sin(z=1)": "equals sign",
    "z; z": "';'",
    "z # z": "'#'",
    "z if z else z": "'if'",
    "z and z": "'and'",
    "not z": "'not'",
    "z is z": "'is'",
    "z in z": "'in'",
    "await z": "'await'",
    "yield z": "'yield'",
    "None": "'None'",
    "True": "'True'",
    "...": "dots",
    "z\n": "one line",
    "z\\\n+1": "no meaning",
    "z\tz": "spaces",
    "z\0": r"\x00",
    "`z`": "no meaning",
    "$z": "no meaning",
    "z?": "no meaning",
    # look-alikes (NFKC would turn them into ASCII)
    "\uff5a": r"\uff5a",
    "\uff45\uff58\uff50(z)": r"\uff45",
    "z\u2212 1": "Write - for minus",
    "\u2211(j, z)": "sum",
    "z\u00b2": r"\xb2",
    "\u0661": r"\u0661",
    "z\u200b": r"\u200b",
    "\u202ez": r"\u202e",
    "\ud800": r"\ud800",
    # numbers
    "9**9**9": "constant",
    "9**(9**9)": "constant",
    "((9**64)**64)**64": "powers of powers",
    "(((z**64)**64)**64)**64": "powers of powers",
    "z**65": "out of range",
    "z**-65": "out of range",
    "z**1e9": "out of range",
    "z**(1/999999999)": "out of range",
    "z**z": "constant",
    "2**alpha": "constant",
    "1000000001": "too large",
    "9" * 1900: "too large",
    "1e999999999": "too many digits",
    "1e-999999999": "too many digits",
    "0." + "1" * 41: "too many digits",
    "1e400": "too many digits",
    "0x10": "runs into",
    "0b1": "runs into",
    "1_000": "runs into",
    "1j": "runs into",
    "2z": "runs into",
    "1.5.2": "runs into",
    "1if z else 2": "runs into",
    "007": "breaks off",
    "1/0": "division by zero",
    "z/(1 - 1)": "division by zero",
    "z**(1/0)": "division by zero",
    "0**-1": "power of zero",
    "(0-8)**(1/3)": "root of a negative",
    "sqrt(-1)": "square root",
    "log(0)": "logarithm",
    "log1p(-1)": "logarithm",
    "exp(exp(exp(z)))": "out of all bounds",
    "exp(exp(10**9*z))": "out of all bounds",
    "exp(exp(z**64))": "out of all bounds",
    "sigmoid(exp(exp(z)))": "out of all bounds",
    "cosh(sinh(cosh(z)))": "out of all bounds",
    # size and depth
    "": "empty",
    "   ": "empty",
    "z" * 2001: "too long",
    "z+" * 10**6 + "z": "too long",
    "(" * 10**6 + ")" * 10**6: "too long",
    "(" * 900 + "z" + ")" * 900: "nest too deeply",
    "sin(" * 300 + "z" + ")" * 300: "nest too deeply",
    "x[" * 400 + "i" + "]" * 400: "nest too deeply",
    "-" * 1990 + "z": "too many operators",
    "-" * 299 + "z": "too large",
    "z" + "+z" * 290: "too large",
    "z" + "**1" * 290: "constant",
    "z" + "<z" * 290: "alone",
    "sum(j, " * 31 + "z" + ")" * 31 + "+z" * 40: "too large",
    "W[" + "i," * 990 + "i]": "too many operators",
    # grammar
    "z z": "breaks off",
    "z +": "breaks off",
    "sin()": "takes 1",
    "sin(z, z)": "takes 1",
    "max(z)": "takes 2",
    "max(z, z, z)": "Nest it",
    "sin": "is a function",
    "sum": "is a function",
    "sum(z)": "names its index",
    "sum(W[i], z)": "names its index",
    "sum(2, z)": "names its index",
    "where(z, 1, 2)": "one comparison",
    "where(z > 0)": "one comparison",
    "where(0 < z < 1, 1, 2)": "one comparison",
    "where(z > 0, 1, 2, 3)": "one comparison",
    "where(z == 0, 1, 2)": "equals sign",
    "z > 0": "alone",
    "z, z": "comma",
    "(z,)": "comma",
    "()": "comma",
    "[z]": "no meaning",
    "z = 2": "equals sign",
    "z == 2": "equals sign",
    "z != 2": "'!'",
    "z // 2": "//",
    "z % 2": "no meaning",
    "z @ z": "indices",
    "z ^ 2": "Write **",
    "~z": "no meaning",
    "z(2)": "unknown function",
    "sin(z)(2)": "called or subscripted",
    "z[i][j]": "called or subscripted",
    "z[]": "breaks off",
    "z[()]": "no subscripts",
    "z[i:j]": "':'",
    "z[i/2]": "not a subscript",
    "z[i*j]": "not a subscript",
    "z[0.5]": "not a subscript",
    "z[W[i]]": "not a subscript",
    "z[sin(i)]": "not a subscript",
    "z[i**2]": "not a subscript",
    "z[1000001*i]": "not a subscript",
    "(z": "not closed",
    "z)": "not opened",
    "(z]": "not opened",
    "sgmoid(z)": "Did you mean 'sigmoid'",
    "ReLU(z)": "Did you mean 'relu'",
    "a" * 33: "not a name",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_refused_at_once_with_a_reason(text):
    start = time.perf_counter()
    with pytest.raises(ExpressionError) as caught:
        read_expression(text, "the activation of layer 1")
    assert time.perf_counter() - start < 1
    (problem,) = caught.value.problems
    assert any(sign in str(caught.value) for sign in HOSTILE[text].split("|"))
    assert problem.where == "the activation of layer 1"
    assert problem.what
    assert problem.expected
    assert problem.got
    assert problem.way_out
    assert str(caught.value).replace("\n", "").isprintable()
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize("value", [None, 3, b"z", ["z"], ("z",), object()])
def test_only_text_is_read(value):
    with pytest.raises(ExpressionError, match="not a formula"):
        read_expression(value, "here")


EQUATIONS = {
    "g[n,i]": "one equals sign",
    "g[n,i] = h[n,i] = 2": "one equals sign",
    "g[n,i] == h[n,i]": "one equals sign",
    "g = 2": "one element",
    "2 = g": "one element",
    "g[n,i] + 1 = 2": "one element",
    "= 2": "empty",
    "g[n,i] =": "empty",
    "g[n,i] = 9**9**9": "constant",
    "g[(n,i] = 2)": "not opened",
    "(g[n,i] = 2)": "not closed",
    "g[9**9**9] = 2": "not a subscript",
}


@pytest.mark.parametrize("text", EQUATIONS)
def test_equations_refused(text):
    with pytest.raises(ExpressionError, match=EQUATIONS[text]):
        read_equation(text, "here")


TOKENS = [
    *"zxWnij129()[],+-*/<>= ",
    *("**", "<=", "exp(", "sum(j,", "where(", "log(", "sqrt(", "a[k]", "0.5", "1e5", "64", "pi"),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_nothing_but_a_tree_or_a_reason_comes_out(text):
    for read in (read_expression, read_equation):
        try:
            read(text, "here")
        except ExpressionError as error:
            assert str(error)  # noqa: PT017 - either outcome is good


@given(st.text(max_size=50))
def test_any_text_at_all(text):
    try:
        read_expression(text, "here")
    except ExpressionError as error:
        assert str(error).replace("\n", "").isprintable()  # noqa: PT017
    else:
        assert set(text) <= set(string.printable)


def test_the_door_is_deterministic():
    texts = ["z*sigmoid(1.7*z)", "1/0", "sgmoid(z)"]

    def outcome(text):
        try:
            return read_expression(text, "here")
        except ExpressionError as error:
            return str(error)

    assert [outcome(text) for text in texts] == [outcome(text) for text in texts]


def test_the_front_end_loads_neither_sympy_nor_numpy():
    program = (
        "import sys, bpsym.text.door, bpsym.network\n"
        "bpsym.network.parse('2-3-1').parameters\n"
        "bpsym.text.door.read_expression('z*sigmoid(z)', 'here')\n"
        "sys.exit(bool({'sympy', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
