"""From the raw derivative to the delta form: every step holds, and where it ends."""

import random
import re
from functools import cache
from itertools import pairwise

import mpmath as mp
import pytest
import sympy as sp

import bpsym
from bpsym.calculus.scalars import paths, to_delta
from bpsym.calculus.scalars.cost import unroll
from bpsym.calculus.scalars.tidy import Tidy
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import index
from bpsym.errors import EmitError
from tests.calculus.scalar_networks import OTHERS, WHOLE
from tests.calculus.scalar_values import DIGITS, Values, near

ALL = {**WHOLE, **OTHERS}
CHAINS = ("2-3-1", "2-3-3-1", "2-2-2")
canonical = Tidy(one_sign=True)


def as_it_is(expr):
    """No canonical form: of a chain of sigmoids the very same expressions come out."""
    return expr


@pytest.fixture(autouse=True)
def _many_digits():
    with mp.workdps(DIGITS):
        yield


@cache
def derived(name):
    """The derivation of a network of the tables; what is unrolled of it is kept with it."""
    return bpsym.derive(ALL[name])


def targets(derivation, which=lambda position: True, samples=1):
    """Elements of the parameters, as they are named by a user."""
    unrolled = unroll(derivation.record.system, samples)
    return [
        f"{tensor}[{','.join(map(str, place))}]"
        for tensor, place in unrolled.elements(Role.PARAMETER).values()
        if which(place)
    ]


def first(place):
    return set(place) == {1}


CASES = [
    *((name, target) for name in WHOLE for target in targets(derived(name))),
    *((name, target) for name in OTHERS for target in targets(derived(name), first)),
]


def random_point(derivation, samples=1, *, sums_to_one=True, seed=0):
    """Numbers for every weight, input and target; targets are positive, inputs have both signs."""
    unrolled = unroll(derivation.record.system, samples)
    numbers = random.Random(seed)
    point = {
        each: mp.mpf(numbers.randint(-999, 999)) / 613
        for each in unrolled.elements(Role.PARAMETER, Role.INPUT)
    }
    for each in unrolled.elements(Role.TARGET):
        point[each] = mp.mpf(numbers.randint(1, 299)) / 907
    if sums_to_one:
        for row in unrolled.target_rows(sum_to_one=True):
            point[row[-1]] = 1 - mp.fsum(point[each] for each in row[:-1])
    return point


def names_in(steps):
    return {name: value for step in steps for name, value in step.introduced.items()}


def step_values(derivation, steps, samples=1, **options):
    """The value of every expression of a path at one random point."""
    values = Values(random_point(derivation, samples, **options), names_in(steps))
    return [values(step.expression) for step in steps]


def all_equal(values):
    return all(near(left, right) for left, right in pairwise(values))


def formula(derivation, tensor, place, samples):
    """One element of an adjoint by the derivation's formula."""
    letters, expr = derivation.record.by_tensor[tensor].equation
    values = {index(letter): number for letter, number in zip(letters, place, strict=True)}
    return unroll(derivation.record.system, samples).write_out(expr, values)


def adjoints_with_formulas(derivation, steps, samples=1):
    """Each adjoint that the path names: what the path found, what the derivation says."""
    unrolled = unroll(derivation.record.system, samples)
    names = names_in(steps)
    for row in unrolled.rows.values():
        name = unrolled.symbol(unrolled.system.tensors[row.tensor].adjoint, row.subscripts)
        if name in names:
            yield names[name], formula(derivation, row.tensor, row.subscripts, samples)


def check(derivation, target, samples=1, *, form=canonical):
    """Hold a path against the derivation in everything; ``form`` makes two forms comparable."""
    steps = derivation.to_delta(target, samples)
    unrolled = unroll(derivation.record.system, samples)
    assert steps[0].expression == derivation.raw_gradient(target, samples)
    wanted = unrolled.write_out(derivation.delta_form(target))
    assert form(steps[-1].expression) == form(wanted)
    for found, said in adjoints_with_formulas(derivation, steps, samples):
        assert form(found) == form(said)
    counts = [step.operations for step in steps]
    assert counts == [sp.count_ops(step.expression) for step in steps]
    assert counts == sorted(counts, reverse=True)
    assert all_equal(step_values(derivation, steps, samples))
    return steps


@pytest.mark.parametrize(("name", "target"), CASES)
def test_every_step_holds_and_the_last_is_the_delta_form(name, target):
    check(derived(name), target, form=as_it_is if name in CHAINS else canonical)


@pytest.mark.parametrize("name", ["2-3-1", "softmax", "shared", "prelu", "two heads"])
def test_two_samples(name):
    derivation = derived(name)
    check(derivation, targets(derivation, first)[0], samples=2)


def test_the_path_of_the_mission():
    steps = derived("2-3-3-1").to_delta("W1[2,1]")
    assert [(step.rule, step.where, step.operations) for step in steps] == [
        ("raw derivative", "", 546),
        ("common factors", "", 510),
        ("name the units", "z1", 321),
        ("name the units", "a1", 186),
        ("name the units", "z2", 93),
        ("name the units", "a2", 66),
        ("name the units", "z3", 47),
        ("name the units", "a3", 43),
        ("slopes through the outputs", "", 23),
        ("name the adjoint", "delta3", 19),
        ("name the adjoint", "delta2", 9),
        ("name the adjoint", "delta1", 1),
    ]
    assert steps[0].total == 546
    assert steps[-1].total == 89
    assert str(steps[-1].expression) == "X[1]*delta1[2]"
    (delta1,) = steps[-1].introduced.values()
    assert str(delta1) == (
        "a1[2]*(1 - a1[2])*(W2[1,2]*delta2[1] + W2[2,2]*delta2[2] + W2[3,2]*delta2[3])"
    )


@pytest.mark.parametrize("name", ["2-3-3-1", "softmax", "skip", "relu", "gelu"])
def test_no_weight_is_left_in_front_of_a_named_unit(name):
    """Once z1 has its name, W1 and b1 stand in no expression any more; and so on upwards."""
    derivation = derived(name)
    first_layer, *_ = derivation.record.system.relations
    for target in targets(derivation, first)[:2]:
        steps = derivation.to_delta(target)
        at = next(k for k, step in enumerate(steps) if first_layer.defines in step.where)
        for step in steps[at:]:
            used = {re.split(r"\[", symbol.name)[0] for symbol in step.expression.free_symbols}
            assert not used & {"W1", "b1", "W_h", "b_h"}


def test_an_assumption_is_a_step_that_says_so():
    """With targets that do not sum to one, exactly the step that assumes it fails."""
    derivation = derived("softmax")
    steps = derivation.to_delta("W1[1,1]")
    values = step_values(derivation, steps, sums_to_one=False)
    kept = [near(left, right) for left, right in pairwise(values)]
    assert kept == [not step.assumes for step in steps[1:]]
    assert kept.count(False) == 1


def test_an_input():
    derivation = bpsym.derive("2-3-1", input_grads=True)
    steps = derivation.to_delta("X[1,2]")
    unrolled = unroll(derivation.record.system, 1)
    assert steps[-1].expression == unrolled.write_out(derivation.delta_form("X[1,2]"))
    assert all_equal(step_values(derivation, steps))


def test_a_derivative_that_is_zero_is_the_whole_path():
    """Both scorers share their bias, so it drops out of the margin."""
    scorers = {
        "inputs": {"x": 2, "c": 2},
        "layer": [
            {"name": "s", "units": 1, "from": ["x"]},
            {"name": "sc", "units": 1, "from": ["c"], "share": "s"},
        ],
        "loss": [{"of": ["s", "sc"], "kind": "max_margin"}],
    }
    (step,) = bpsym.derive(scorers).to_delta("b_s[1]")
    assert step.expression == 0
    check(bpsym.derive(scorers), "W_s[1,2]")


def test_a_slope_without_a_short_form_is_named():
    steps = bpsym.derive("2-2-1,act=gelu").to_delta("W1[1,1]")
    names = {str(name): value for name, value in names_in(steps).items()}
    z = sp.Symbol("z1[1]", real=True)
    assert names["gelu'(z1[1])"] == sp.diff(z * (1 + sp.erf(z / sp.sqrt(2))) / 2, z)


# Planted faults: each must be caught, by the path itself or by the values of its steps.


def without_comparison(monkeypatch):
    """Let the path go on without looking at the derivation's formulas."""
    monkeypatch.setattr(
        to_delta._Path, "arranged", lambda self, tensor, unit, place: self.paths.before[unit]
    )


def test_a_lost_path_is_caught(monkeypatch):
    multiply_out = paths.Paths.multiply_out

    def forgetful(self, units):
        multiply_out(self, units)
        for unit in [unit for unit in self.before if unit.name == "a2[3]"]:
            del self.before[unit]

    monkeypatch.setattr(paths.Paths, "multiply_out", forgetful)
    derivation = derived("2-3-3-1")
    with pytest.raises(EmitError, match="could not be brought to one form"):
        derivation.to_delta("W1[2,1]")
    without_comparison(monkeypatch)
    assert not all_equal(step_values(derivation, derivation.to_delta("W1[2,1]")))


@pytest.mark.parametrize("fault", ["sign", "missing", "derivative of another"])
def test_a_wrong_slope_is_caught(monkeypatch, fault):
    right = paths.local_slope

    def wrong(row, unit):
        slope = right(row, unit)
        if row.tensor != "a1":
            return slope
        a = row.symbol
        return {"sign": a * (1 + a), "missing": sp.Integer(1), "derivative of another": 1 - a**2}[
            fault
        ]

    monkeypatch.setattr(paths, "local_slope", wrong)
    derivation = derived("2-3-1")
    with pytest.raises(EmitError, match="could not be brought to one form"):
        derivation.to_delta("W1[2,1]")
    without_comparison(monkeypatch)
    assert not all_equal(step_values(derivation, derivation.to_delta("W1[2,1]")))


def test_a_wrong_formula_of_the_derivation_is_caught(monkeypatch):
    right = to_delta._Path.formula

    def transposed(self, tensor, place):
        expr = right(self, tensor, place)
        w12, w21 = (sp.Symbol(f"W2[{name}]", real=True) for name in ("1,2", "2,1"))
        return expr.xreplace({w12: w21, w21: w12})

    monkeypatch.setattr(to_delta._Path, "formula", transposed)
    derivation = derived("2-2-2")
    derivation.to_delta("W2[1,1]")
    with pytest.raises(EmitError, match="adjoint of z1"):
        derivation.to_delta("W1[1,1]")


def test_another_derivative_is_not_followed(monkeypatch):
    right = to_delta.raw_derivative
    monkeypatch.setattr(
        to_delta, "raw_derivative", lambda unrolled, leaf: right(unrolled, leaf) * 1.5
    )
    with pytest.raises(EmitError, match="cannot be followed"):
        derived("2-3-1").to_delta("W1[2,1]")


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("target", ["W1[2,1]", "b3[1]"])
def test_the_public_delta_form_is_where_the_steps_end(target, samples):
    derivation = bpsym.derive("2-3-3-1")
    last = derivation.to_delta(target, samples)[-1]
    assert last.expression == derivation.delta_form(target, samples)
