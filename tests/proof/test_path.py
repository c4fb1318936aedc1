"""The path from the raw derivative to the delta form is proven exactly, and a wrong step fails."""

from dataclasses import replace

import pytest
import sympy as sp

import bpsym
from bpsym.calculus.scalars.cost import leaf, unroll
from bpsym.calculus.scalars.to_delta import to_delta
from bpsym.proof import path
from bpsym.proof.path import prove_path

TARGET = "W1[2,1]"
NETWORKS = (
    "2-3-3-1",
    "2-3-2:softmax,loss=ce",
    "2-2:gelu-1,loss=log_cosh",
    "2-2:prelu-1",
    "2-2:elu-2:softmax,loss=kl_divergence",
    "2-3:softplus-1:sigmoid,loss=bce",
    "2-2:silu-1,loss=huber",
    "2-3:relu-3:relu-1,loss=absolute_error",
    "2-2:sin-2:relu6-1",
)


def pathway(spec):
    """The scalar equations of a network, the weight, and the steps."""
    derivation = bpsym.derive(spec).record
    unrolled = unroll(derivation.system, 1)
    return unrolled, leaf(unrolled, TARGET), to_delta(derivation, TARGET)


@pytest.mark.parametrize("spec", NETWORKS)
def test_every_step_is_exact(spec):
    found = prove_path(*pathway(spec))
    assert all(each.ok and each.kind == "exact" for each in found)
    assert max(each.error_bound for each in found) < 2**-60


def test_more_branches_than_can_be_run_through_are_left_to_digits(monkeypatch):
    monkeypatch.setattr(path, "MOST_BRANCHES", 8)
    found = prove_path(*pathway("2-3:relu-3:relu-1"))
    assert all(each.ok and each.kind == "digits" for each in found)
    assert found[0].rule == path.QUOTIENT_RULE


@pytest.mark.parametrize("spec", NETWORKS)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_wrong_step_fails(spec, share):
    """One weight too much in one factor of one step; the step after it comes back from there."""
    unrolled, symbol, steps = pathway(spec)
    number = round(share * (len(steps) - 1))
    wrong = steps[number].expression * (1 + sp.Symbol(symbol.name, real=True) / 10**30)
    changed = (*steps[:number], replace(steps[number], expression=wrong), *steps[number + 1 :])
    failed = {k for k, each in enumerate(prove_path(unrolled, symbol, changed)) if not each.ok}
    assert number in failed
    assert failed <= {number, number + 1}


def test_a_wrong_name_fails():
    unrolled, symbol, steps = pathway("2-3-1")
    at = next(k for k, each in enumerate(steps) if each.introduced)
    name, value = next(iter(steps[at].introduced.items()))
    wrong = {**steps[at].introduced, name: value + 1}
    changed = (*steps[:at], replace(steps[at], introduced=wrong), *steps[at + 1 :])
    assert not all(each.ok for each in prove_path(unrolled, symbol, changed))


def test_what_is_wrong_in_one_branch_of_many_fails():
    """Of 64 branches the step is wrong in the one where every unit is switched off."""
    unrolled, symbol, steps = pathway("2-3:relu-3:relu-1")
    units = [unit for unit, row in unrolled.rows.items() if row.tensor in ("z1", "z2")]
    last = steps[-1]
    # Zero on every branch but one.
    off = sp.Mul(*(sp.Piecewise((0, unit > 0), (1, True)) for unit in units))
    rows = {unit: unrolled.rows[unit].rhs for unit in unrolled.rows}
    names = {**last.introduced, **{each: rows[each] for each in rows}}
    changed = (*steps[:-1], replace(last, expression=last.expression + off, introduced=names))
    *before, final = prove_path(unrolled, symbol, changed)
    assert all(each.ok for each in before)
    assert not final.ok
