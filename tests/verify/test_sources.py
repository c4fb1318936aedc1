"""The faults of the texts, handed to the verifier as lines: each is caught, most are named."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.report import Verdict

SAMPLES = "columns"


@dataclass(frozen=True)
class Fault:
    """A faulty line. code, where: the diagnosis, empty where the line is caught and not named."""

    source: str
    what: str
    spec: str
    line: str
    code: str = ""
    where: str = ""


FAULTS = (
    Fault(
        "000",
        "a sum over the outputs inside the derivative in one of them",
        "2-3-3",
        "delta2 = np.sum(a2 - Y, axis=0, keepdims=True) * a2 * (1 - a2) / m",
    ),
    Fault(
        "000",
        "the delta of the layer behind in the gradient of a hidden layer",
        "2-3-3",
        "dW1 = delta2 @ X.T",
    ),
    Fault(
        "000",
        "a step uphill is a gradient with the other sign",
        "2-3-1",
        "delta2 = (Y - a2) * a2 * (1 - a2) / m",
        *("sign", "delta2"),
    ),
    Fault(
        "001",
        "2/n sum (y - yhat) dyhat/dw",
        "2-3-1,loss=mse",
        "delta2 = 2 * (Y - a2) * a2 * (1 - a2) / m",
        *("sign", "delta2"),
    ),
    Fault(
        "002",
        "dA of the last layer: a sum, and the inner sign",
        "2-3-1,loss=bce",
        "dA2 = -np.sum(Y/A2 + (1 - Y)/(1 - A2))",
    ),
    Fault(
        "002",
        "dA of the last layer: the inner sign",
        "2-3-1,loss=bce",
        "dA2 = -(Y/A2 + (1 - Y)/(1 - A2))",
    ),
    Fault(
        "002",
        "w_jk of layer l for w_kj of layer l+1 in BP2",
        "3-2-3",
        r"\delta^1 = (w^1 \delta^2) \odot \sigma'(z^1)",
        *("wrong-weight", "delta1"),
    ),
    Fault(
        "002",
        "the vector form of BP4 in the other order",
        "3-2-3",
        r"\frac{\partial C}{\partial w^2} = a^1 \delta^2",
    ),
    Fault(
        "002",
        "W^T dA . g' grouped so that the slope is that of another layer",
        "2-2-2-2",
        "dA1 = (W2.T @ dA2) * sigmoid_prime(Z2)",
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: f"{each.source}: {each.what}")
def test_the_fault_is_caught_and_named(fault: Fault) -> None:
    report = judge_lines(fault.spec, (fault.line,), prove=False, samples=SAMPLES)
    assert report.verdict is Verdict.FAIL
    if fault.code:
        first = report.lines[0].diagnosis[0]
        assert (first.code, first.where) == (fault.code, fault.where)


RIGHT = (
    ("2-3-1,loss=bce", "dA2 = (1 - Y)/(1 - A2) - Y/A2"),
    ("2-3-1,loss=bce", "dZ2 = A2 - Y"),
    ("2-3-1,loss=mse", "delta2 = 2 * (a2 - Y) * a2 * (1 - a2)"),
    ("3-2-3", r"\delta^1 = ((w^2)^T \delta^2) \odot \sigma'(z^1)"),
    ("3-2-3", r"\frac{\partial C}{\partial w^2} = \delta^2 (a^1)^T"),
)


@pytest.mark.parametrize(("spec", "line"), RIGHT)
def test_what_is_right_in_its_place_passes(spec: str, line: str) -> None:
    assert judge_lines(spec, (line,), prove=False, samples=SAMPLES).verdict is Verdict.PASS
