"""The line to write is right in the user's own names and layout."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

import bpsym
from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.lines.slips import SLIPS
from bpsym.verify.mending.right_code import RightCode
from bpsym.verify.report import Verdict

SPECS = ("2-3-1", "2-3-4-2,l2=0.01", "4-3:relu-2:softmax", "3-2:tanh-4:sigmoid,loss=bce")
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize(("columns", "turned"), [*itertools.product([False, True], repeat=2)])
@pytest.mark.parametrize("kept", [False, True])
def test_every_line_is_right(spec: str, columns: bool, turned: bool, kept: bool) -> None:
    derivation = bpsym.derive(spec)
    bias = ("column" if columns else "row") if kept else "flat"
    code = RightCode(derivation, columns, turned, bias)
    lines = [code.line(each.name) for each in derivation.adjoints]
    written = [each for each in lines if each is not None and "params" not in each]
    written = [each for each in written if "a2 > 0" not in each]
    assert len(written) == len(derivation.adjoints)
    report = judge_lines(
        spec,
        written,
        samples="columns" if columns else "rows",
        weights="in,out" if turned else "out,in",
        bias=bias,
        prove=False,
    )
    assert report.verdict is Verdict.PASS, str(report)


def test_names_of_the_user_stand_in_it() -> None:
    names = {"W2": "self.weights[1]", "delta2": "d2", "a1": "h", "ddelta1": "d1"}
    code = RightCode(bpsym.derive("2-3-1"), columns=False, transposed=True, names=names)
    assert code.line("delta1", "d1") == "d1 = d2 @ self.weights[1].T * h * (1 - h)"
    assert code.line("dW2", "g[1]") == "g[1] = h.T @ d2"
    assert code.line("dW9") is None


def test_the_other_gradients_tell_where_1_m_stands() -> None:
    import numpy as np

    def backprop(params, X, Y):
        a1 = 1 / (1 + np.exp(-(X @ params["W1"].T + params["b1"])))
        a2 = 1 / (1 + np.exp(-(a1 @ params["W2"].T + params["b2"])))
        d2 = (a2 - Y) * a2 * (1 - a2)
        d1 = d2 @ params["W2"] * a1 * (1 - a1)
        m = len(X)
        return {"W1": d1.T @ X / m, "b1": d1.sum(0), "W2": d2.T @ a1 / m, "b2": d2.sum(0) / m}

    report = bpsym.verify("2-3-1", backprop, prove=False, in_process=True)
    assert "delta1.sum(axis=0) / m" in report.diagnosis[0].fix


def test_equations_are_printed_as_derive_prints_them() -> None:
    report = judge_lines("2-3-4", ["delta2 = (Y - a2) * a2 * (1 - a2) / m"], prove=False)
    (found,) = report.diagnosis
    assert found.equation == "δ2[n,i] = (1/m) (a2[n,i] − Y[n,i]) a2[n,i] (1 − a2[n,i])"


def test_the_report_on_formulas_is_documented() -> None:
    document = (ROOT / "docs" / "verify-schema.md").read_text(encoding="utf-8")
    data = json.loads(judge_lines("2-3-1", ["dW2 = a1.T @ delta2"], prove=False).json())
    for key in {*data, *data["parameters"][0]}:
        assert f"`{key}`" in document, key
    told = re.sub(r"\s", " ", document)
    assert [code for code in SLIPS if f"`{code}`" not in told] == []
