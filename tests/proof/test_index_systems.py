"""The one rule on shifted subscripts: recurrences, windows and fan-in, against brute force."""

from dataclasses import replace

import pytest
import sympy as sp

from bpsym.calculus import adjoint
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.index_system import IndexSystem, derive_equations
from bpsym.calculus.terms.indexed import Iverson, element, index, name_of, scalar, size
from bpsym.proof.brute_force.index_systems import prove_index_system

n, i, j, t, r, c, o = map(index, ("n", "i", "j", "t", "r", "c", "o"))
m, H, T, R, S, K, O = map(size, ("m", "H", "T", "R", "S", "K", "O"))
zero, one = sp.S.Zero, sp.S.One


def upto(*dimensions):
    return tuple((symbol, Range.upto(length)) for symbol, length in dimensions)


def half_square(name, *dimensions):
    """Half the sum of the squares of ``name - y``."""
    places = [symbol for symbol, _ in dimensions]
    cost = (element(name, *places) - element("y", *places)) ** 2 / 2
    for symbol, length in reversed(dimensions):
        cost = sp.Sum(cost, (symbol, 1, length))
    return Equation(scalar("C"), cost, {})


def recurrence():
    """s[t] = U h[t-1] + z[t], h[t] = tanh(s[t]), h[0] = h0: backpropagation through time."""
    states = upto((t, T), (n, m), (i, H))
    inner = sp.Sum(element("U", i, j) * element("h", t - 1, n, j), (j, 1, H))
    equations = (
        Equation(element("h", zero, n, i), element("h0", n, i), dict(states[1:])),
        Equation(element("s", t, n, i), inner + element("z", t, n, i), dict(states)),
        Equation(element("h", t, n, i), sp.tanh(element("s", t, n, i)), dict(states)),
        half_square("h", (t, T), (n, m), (i, H)),
    )
    domains = {
        "h": ((t, Range(zero, T)), *states[1:]),
        "h0": states[1:],
        "s": states,
        "z": states,
        "y": states,
        "U": upto((i, H), (j, H)),
        "C": (),
    }
    return IndexSystem(equations, domains), ("U", "z", "h0"), {T: 3, m: 2, H: 2}


def convolution(stride):
    """z[n,o,t] = sum_c sum_r W[o,c,r] x[n,c,stride*t + r - stride] + b[o]."""
    places = upto((n, m), (o, O), (t, T))
    window = element("x", n, c, stride * t + r - stride)
    product = element("W", o, c, r) * window
    inner = sp.Sum(product, (r, 1, R), (c, 1, K))
    equations = (
        Equation(element("z", n, o, t), inner + element("b", o), dict(places)),
        half_square("z", (n, m), (o, O), (t, T)),
    )
    domains = {
        "z": places,
        "y": places,
        "x": upto((n, m), (c, K), (j, S)),
        "W": upto((o, O), (c, K), (r, R)),
        "b": upto((o, O)),
        "C": (),
    }
    sizes = {m: 2, O: 2, K: 1, T: 3, R: 2 + stride, S: 2 * stride + 2 + stride}
    return IndexSystem(equations, domains), ("W", "b", "x"), sizes


def fan_in():
    """One tensor read by four places of three equations, two of them shifted."""
    equations = (
        Equation(element("u", i), sp.exp(element("x", i)) * element("w", i), dict(upto((i, H)))),
        Equation(
            element("v", i),
            element("x", i) * element("x", i + 1) + element("u", i),
            dict(upto((i, H - 1))),
        ),
        Equation(
            scalar("C"),
            sp.Sum(element("v", i) ** 2, (i, 1, H - 1))
            + sp.Sum(element("x", 2 * j) * element("u", j), (j, 1, R)),
            {},
        ),
    )
    domains = {
        "x": upto((j, H)),
        "w": upto((i, H)),
        "u": upto((i, H)),
        "v": upto((i, H - 1)),
        "C": (),
    }
    return IndexSystem(equations, domains), ("x", "w"), {H: 5, R: 2}


def backwards():
    """A subscript that falls: the second half of a state is the first one mirrored."""
    equations = (
        Equation(element("a", i), element("x", H + 1 - i) ** 3, dict(upto((i, H)))),
        half_square("a", (i, H)),
    )
    domains = {"x": upto((j, H)), "a": upto((i, H)), "y": upto((i, H)), "C": ()}
    return IndexSystem(equations, domains), ("x", "y"), {H: 4}


SYSTEMS = {
    "recurrence": recurrence(),
    "convolution": convolution(1),
    "convolution, stride 2": convolution(2),
    "convolution, stride 3": convolution(3),
    "fan-in": fan_in(),
    "backwards": backwards(),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_rule_is_right(name):
    system, wanted, sizes = SYSTEMS[name]
    adjoints = [each.equation for each in derive_equations(system)]
    found = prove_index_system(system, adjoints, sizes, wanted)
    assert len(found) >= 4
    assert all(each.ok for each in found), [str(each) for each in found if not each.ok]


def failures(system, adjoints, sizes, wanted):
    found = prove_index_system(system, adjoints, sizes, wanted)
    return [each for each in found if not each.ok]


@pytest.mark.parametrize("name", ["recurrence", "convolution", "convolution, stride 2", "fan-in"])
def test_a_dropped_guard_is_caught(name, monkeypatch):
    system, wanted, sizes = SYSTEMS[name]
    monkeypatch.setattr(adjoint, "_guards", lambda *arguments: [])
    adjoints = [each.equation for each in derive_equations(system)]
    wrong = failures(system, adjoints, sizes, wanted)
    assert wrong
    assert any("outside" in each.counterexample.right for each in wrong)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_lost_contribution_is_caught(name):
    system, wanted, sizes = SYSTEMS[name]
    adjoints = derive_equations(system)
    for each in adjoints:
        if each.tensor not in (*wanted, *system.defined):
            continue  # the target's gradient, which nobody asked for
        for lost in range(len(each.contributions)):
            kept = [part.solved for k, part in enumerate(each.contributions) if k != lost]
            equations = [
                replace(other.equation, rhs=sp.Add(*kept)) if other is each else other.equation
                for other in adjoints
            ]
            assert failures(system, equations, sizes, wanted), (each.tensor, lost)


def test_a_weight_that_is_not_transposed_is_caught():
    system, wanted, sizes = SYSTEMS["recurrence"]
    equations = [
        replace(
            each.equation,
            rhs=each.equation.rhs.replace(
                lambda node: isinstance(node, sp.Indexed) and name_of(node) == "U",
                lambda node: element("U", *reversed(node.indices)),
            ),
        )
        for each in derive_equations(system)
    ]
    assert failures(system, equations, sizes, wanted)


def test_equations_that_go_round_in_a_circle_are_caught():
    system, wanted, sizes = SYSTEMS["recurrence"]
    adjoints = [each.equation for each in derive_equations(system)]
    looped = [replace(each, rhs=each.lhs) if each.tensor == "adj_s" else each for each in adjoints]
    wrong = failures(system, looped, sizes, wanted)
    assert "defined by itself" in wrong[0].counterexample.right


def test_the_transposed_convolution_has_its_guard():
    system, _, _ = SYSTEMS["convolution, stride 2"]
    in_x = system.adjoint("x").equation
    (bracket,) = in_x.rhs.atoms(Iverson)
    assert {type(each) for each in sp.And.make_args(bracket.args[0])} == {sp.Ge, sp.Le}
    # t stays summed, r is solved for: no halves appear.
    assert not any(number.q != 1 for number in in_x.rhs.atoms(sp.Rational))
