"""All paths from one weight: against enumerations by hand, and their sum against the gradient."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import sympy as sp

from bpsym.errors import BpsymError, ExpressionError, ProofError
from bpsym.worked.path_sum import path_sum
from bpsym.worked.paths import paths_of
from bpsym.worked.problems import NumbersError
from tests.worked.networks import SCORER, built_of, worked_of


def chain_paths(widths: list[int], layer: int, to: int) -> set[tuple[str, ...]]:
    """All paths from a weight into unit ``to`` of a layer of a chain, by its widths alone."""
    rest = [range(1, width + 1) for width in widths[layer + 1 :]]
    found = set()
    for units in itertools.product(*rest):
        steps = [(layer, to), *zip(itertools.count(layer + 1), units)]
        names = [
            name for number, unit in steps for name in (f"z{number}[{unit}]", f"a{number}[{unit}]")
        ]
        found.add((*names, "C"))
    return found


@pytest.mark.parametrize(
    ("widths", "target", "layer", "to"),
    [
        ([2, 3, 3, 1], "W1[2,1]", 1, 2),
        ([2, 3, 3, 1], "W2[3,1]", 2, 3),
        ([2, 3, 3, 1], "b3[1]", 3, 1),
        ([2, 2, 4, 2], "W1[1,2]", 1, 1),
    ],
)
def test_a_chain(widths: list[int], target: str, layer: int, to: int) -> None:
    found = paths_of(built_of("-".join(map(str, widths))), target)
    assert {path[0] for path in found} == {target}
    assert {path[1:] for path in found} == chain_paths(widths, layer, to)
    assert len(found) == len(set(found)) == math.prod(widths[layer + 1 :])


def test_shared_weights_have_paths_in_both_passes() -> None:
    assert paths_of(built_of(SCORER), "W_h[2,1]") == (
        ("W_h[2,1]", "z_h[2]", "a_h[2]", "z_s[1]", "a_s[1]", "C"),
        ("W_h[2,1]", "z_hc[2]", "a_hc[2]", "z_sc[1]", "a_sc[1]", "C"),
    )


SKIP = """
[inputs]
x = 2
[[layer]]
name = "h"
units = 2
activation = "tanh"
[[layer]]
name = "g"
units = 2
activation = "tanh"
[[layer]]
name = "s"
kind = "add"
from = ["h", "g"]
[[layer]]
name = "p"
units = 1
[loss]
kind = "mse"
"""


def test_a_skip_connection_doubles_the_paths() -> None:
    found = paths_of(built_of(SKIP), "W_h[1,2]")
    skipping = [path for path in found if "z_g[1]" not in path and "z_g[2]" not in path]
    assert len(found) == 3
    assert skipping == [("W_h[1,2]", "z_h[1]", "a_h[1]", "a_s[1]", "z_p[1]", "a_p[1]", "C")]


def test_decay_is_a_path_of_its_own() -> None:
    found = paths_of(built_of("2-1,l2=0.1"), "W1[1,2]")
    assert ("W1[1,2]", "R_W1", "C") in found
    assert ("W1[1,2]", "z1[1]", "a1[1]", "L", "C") in found
    assert len(found) == 2


def test_too_many_paths_are_counted() -> None:
    with pytest.raises(NumbersError, match="8,000"):
        paths_of(built_of("2-20-20-20-20-1"), "W1[1,1]")


@pytest.mark.parametrize("target", ["W9[1,1]", "W1[3,1]", "W1", "z1[1]", ""])
def test_there_is_no_such_weight(target: str) -> None:
    with pytest.raises(ExpressionError):
        paths_of(built_of("2-2-2"), target)


@pytest.mark.parametrize(
    ("spec", "target"),
    [
        ("2-3-3-1", "W1[2,1]"),
        ("2-2:softmax", "W1[2,1]"),
        ("2-2:relu-2:softmax", "b1[1]"),
        ("2-2:gelu-1,l2=0.1", "W1[1,2]"),
        (SKIP, "W_h[1,2]"),
        (SCORER, "W_h[2,1]"),
    ],
)
def test_the_sum_is_the_gradient(spec: str, target: str) -> None:
    """Proven by its own means, and here once more with numbers."""
    built, found = built_of(spec), worked_of(spec)
    total = path_sum(built.system, target, paths_of(built, target))
    assert all(each.ok for each in total.proof)
    values = {
        symbol: float(found.values[tensor][tuple(k - 1 for k in place)])
        for symbol, (tensor, place) in total.unrolled.elements(
            *{each.role for each in built.system.tensors.values()}
        ).items()
        if tensor in found.values
    }
    if "gelu" in spec:
        return  # its slope has a name, which has no number here
    number = sp.Add(*total.terms).xreplace(values)
    tensor, place = total.unrolled.elements(*{each.role for each in built.system.tensors.values()})[
        total.leaf
    ]
    at = tuple(k - 1 for k in place)
    assert float(number) == pytest.approx(float(found.gradients[tensor][at]), rel=1e-9)


def test_a_missing_path_is_an_error() -> None:
    built = built_of("2-3-3-1")
    total = path_sum(built.system, "W1[2,1]", paths_of(built, "W1[2,1]"))
    with pytest.raises(ProofError, match="not the derivative of the cost"):
        _ = replace(total, hops=total.hops[1:]).proof


def test_a_wrong_slope_is_an_error() -> None:
    built = built_of("2-3-1")
    total = path_sum(built.system, "W1[2,1]", paths_of(built, "W1[2,1]"))
    first, *rest = total.hops[0]
    wrong = (replace(first, slope=2 * first.slope), *rest)
    with pytest.raises(BpsymError):
        _ = replace(total, hops=(wrong, *total.hops[1:])).proof
