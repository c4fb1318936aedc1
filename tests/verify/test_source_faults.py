"""The faults of the texts in the letters of those texts: each is caught, and named."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.report import Verdict


@dataclass(frozen=True)
class Fault:
    """A line as a text has it, the line that is right, and what the mistake is called."""

    source: str
    notation: str
    spec: str
    wrong: str
    right: str
    code: str


FAULTS = (
    Fault(
        "000: the square is missing in the cost",
        "watermelon",
        "2-3-2",
        r"E = \frac{1}{2} \sum_{j=1}^{n_2} (\hat{y}_j - y_j)",
        r"E = \frac{1}{2} \sum_{j=1}^{n_2} (\hat{y}_j - y_j)^2",
        "square-missing",
    ),
    Fault(
        "000: a sum over j inside the derivative in one output",
        "watermelon",
        "2-3-2",
        r"\frac{\partial E}{\partial \hat{y}_j} = \sum_{j} (\hat{y}_j - y_j)",
        r"\frac{\partial E}{\partial \hat{y}_j} = \hat{y}_j - y_j",
        "sum-extra",
    ),
    Fault(
        "000: delta_k for delta_j in a correction",
        "haykin",
        "2-3-2",
        r"\Delta w_{ij}^{(1)} = \eta \delta_k^{(1)} v_i^{(0)}",
        r"\Delta w_{ij}^{(1)} = \eta \delta_j^{(1)} v_i^{(0)}",
        "wrong-index",
    ),
    Fault(
        "000: a step uphill",
        "watermelon",
        "2-3-2",
        r"\Delta w_{hj} = \eta \frac{\partial E}{\partial w_{hj}}",
        r"\Delta w_{hj} = - \eta \frac{\partial E}{\partial w_{hj}}",
        "sign",
    ),
    Fault(
        "001: (y - yhat) for (yhat - y)",
        "fully-connected",
        "2-3-2,loss=mse",
        r"\frac{\partial L}{\partial \hat{y}} = \frac{2}{n_3} (y - \hat{y})",
        r"\frac{\partial L}{\partial \hat{y}} = \frac{2}{n_3} (\hat{y} - y)",
        "sign",
    ),
    Fault(
        "002: dA of the last layer with the inner sign turned",
        "ng",
        "2-3-2,loss=bce",
        r"dA^{[2]} = - \left( \frac{Y}{A^{[2]}} + \frac{1 - Y}{1 - A^{[2]}} \right)",
        r"dA^{[2]} = - \left( \frac{Y}{A^{[2]}} - \frac{1 - Y}{1 - A^{[2]}} \right)",
        "sign",
    ),
    Fault(
        "002: the minus of the cross-entropy is left out",
        "ng",
        "2-3-2,loss=bce",
        r"J = \frac{1}{m} \sum_{n=1}^{m} \sum_{j=1}^{n_2} "
        r"\bigl( Y_{jn} \log A_{jn}^{[2]} + (1 - Y_{jn}) \log (1 - A_{jn}^{[2]}) \bigr)",
        r"J = - \frac{1}{m} \sum_{n=1}^{m} \sum_{j=1}^{n_2} "
        r"\bigl( Y_{jn} \log A_{jn}^{[2]} + (1 - Y_{jn}) \log (1 - A_{jn}^{[2]}) \bigr)",
        "sign",
    ),
    Fault(
        "002: w_jk of this layer's order for w_kj in BP2",
        "nielsen",
        "2-3-4-2",
        r"\delta_j^l = \sum_k w_{jk}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)",
        r"\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)",
        "index-order",
    ),
    Fault(
        "002: du_j of the next layer for du_k",
        "nielsen",
        "2-3-3-2",
        r"\delta_j^1 = \sum_k w_{kj}^2 \delta_j^2 \sigma'(z_j^1)",
        r"\delta_j^1 = \sum_k w_{kj}^2 \delta_k^2 \sigma'(z_j^1)",
        "wrong-index",
    ),
    Fault(
        "002: the vector form of BP4 in the wrong order",
        "nielsen",
        "2-3-4-2",
        r"\frac{\partial C}{\partial w^2} = (a^1)^T \delta^2",
        r"\frac{\partial C}{\partial w^2} = \delta^2 (a^1)^T",
        "factor-order",
    ),
    Fault(
        "002: W^T dA . g' grouped so that it reads as the wrong delta",
        "ng",
        "2-3-3-3",
        r"dZ^{[2]} = W^{[3]T} (dZ^{[3]} \odot g'(Z^{[2]}))",
        r"dZ^{[2]} = (W^{[3]T} dZ^{[3]}) \odot g'(Z^{[2]})",
        "grouping",
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.source)
def test_the_fault_is_caught_and_named(fault: Fault) -> None:
    report = judge_lines(fault.spec, [fault.wrong], notation=fault.notation, prove=False)
    assert report.verdict is Verdict.FAIL
    assert [each.code for each in report.diagnosis][:1] == [fault.code]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.source)
def test_the_right_line_passes(fault: Fault) -> None:
    report = judge_lines(fault.spec, [fault.right], notation=fault.notation, prove=False)
    assert report.verdict is Verdict.PASS, str(report)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.source)
def test_what_is_to_be_written_is_right(fault: Fault) -> None:
    report = judge_lines(fault.spec, [fault.wrong], notation=fault.notation, prove=False)
    fix = report.diagnosis[0].fix
    line = re.sub(r"^(?:Write |[^:=]*: )", "", fix)
    again = judge_lines(fault.spec, [line.rstrip(".")], notation=fault.notation, prove=False)
    assert again.verdict is Verdict.PASS, fix
