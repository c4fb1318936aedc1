"""What a gradient costs in operations."""

import pytest
import sympy as sp

import bpsym
from bpsym.calculus.scalars.cost import plain, unroll
from bpsym.calculus.scalars.counts import delta_instance, operation_counts
from bpsym.errors import EmitError, ExpressionError


def test_the_three_ways_for_2_3_3_1():
    counts = operation_counts(bpsym.derive("2-3-3-1").record)
    assert (counts.parameters, counts.loss) == (25, 67)
    assert (counts.raw, counts.raw_is_exact) == (10_642, True)
    assert counts.delta == 125
    # The loss at the point and at 25 others; an addition, a difference and a quotient for each.
    assert counts.finite_differences == 26 * 67 + 3 * 25


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("spec", ["2-3-1", "2-3-2,act=gelu", "2-3-1,act=prelu", "2-2-2,act=relu"])
def test_counted_by_tensor_or_by_element(spec, samples):
    """Element by element, everything written out, gives the same numbers."""
    record = bpsym.derive(spec).record
    counts = operation_counts(record, samples=samples)
    unrolled = unroll(record.system, samples)
    loss = sum(sp.count_ops(plain(row.rhs)) for row in unrolled.rows.values())
    adjoints = sum(
        sp.count_ops(delta_instance(record, unrolled, each.tensor, place))
        for each in record.adjoints
        for place in unrolled.places(each.tensor)
    )
    # sympy multiplies 1/2 or 1/m into a sum that stands alone: an operation more for each term.
    slack = 0 if spec == "2-3-1" and samples == 1 else 0.1 * counts.delta
    assert abs(counts.loss - loss) <= slack
    assert abs(counts.delta - loss - adjoints) <= slack


def test_one_weight():
    derivation = bpsym.derive("2-3-3-1")
    counts = operation_counts(derivation.record, "W1[2,1]")
    steps = derivation.to_delta("W1[2,1]")
    assert counts.parameters == 1
    assert counts.raw == steps[0].total
    assert counts.delta == steps[-1].total
    assert counts.finite_differences == 2 * counts.loss + 3


def test_raw_derivatives_too_large_to_be_written_are_estimated():
    counts = operation_counts(bpsym.derive("4-8-8-3").record)
    assert not counts.raw_is_exact
    # Written out once, in 17 seconds: 1.24 million operations.
    assert 0.5 < counts.raw / 1_240_000 < 2
    assert counts.delta < 3 * counts.loss


def test_a_large_network():
    """101,770 weights: finite differences cost 67,000 times what the delta form does."""
    counts = operation_counts(bpsym.derive("784-128-10:softmax").record)
    assert counts.parameters == 101_770
    assert counts.raw is None
    assert counts.delta < 2 * counts.loss
    assert counts.finite_differences > 60_000 * counts.delta
    with pytest.raises(EmitError, match="too large"):
        operation_counts(bpsym.derive("784-128-10").record, "W1[1,1]")


def test_no_such_weight():
    with pytest.raises(ExpressionError, match="no such element"):
        operation_counts(bpsym.derive("2-3-1").record, "W1[9,9]")
