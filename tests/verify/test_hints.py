"""What a hint holds back, in every form of the report; how wide it is printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpsym.cli import output
from bpsym.testing import assert_gradients_match
from bpsym.verify.judge import verify
from bpsym.verify.lines.formulas import judge_lines

FILE = Path(__file__).parent / "hand" / "misbehaves.py"
SPEC = "2-3:tanh-1:identity"
CODE = "missing-batch-mean"


@pytest.mark.parametrize(("hint", "code", "evidence"), [(1, "", ""), (2, CODE, "")])
def test_a_hint_holds_back_in_json_what_it_does_on_the_terminal(hint, code, evidence) -> None:
    report = verify(SPEC, f"{FILE}:missing_mean", prove=False)
    told = json.loads(report.json(hint=hint))
    full = json.loads(report.json())
    [found] = told["diagnosis"]
    assert (found["code"], found["evidence"]) == (code, evidence)
    assert found["fix"] == found["line"] == found["equation"] == ""
    assert found["data"] == {}
    assert found["where"] == full["diagnosis"][0]["where"] == "delta2"
    assert all(each["yours"] is each["right"] is None for each in told["parameters"])
    assert told.keys() == full.keys()
    assert full["diagnosis"][0]["code"] == CODE


@pytest.mark.parametrize("hint", [1, 2])
def test_a_hint_holds_back_the_right_line_of_a_formula(hint) -> None:
    report = judge_lines("2-3-1", ["delta2 = (Y - a2) * a2 * (1 - a2) / m"], prove=False)
    told = json.loads(report.json(hint=hint))
    for found in (*told["diagnosis"], *told["parameters"][0]["diagnosis"]):
        assert found["fix"] == found["evidence"] == found["equation"] == ""
        assert (found["code"] == "sign") == (hint == 2)
    assert not told["parameters"][0]["ok"]


def test_the_command_holds_it_back_too() -> None:
    command = [sys.executable, "-m", "bpsym", "verify", SPEC, f"{FILE}:missing_mean"]
    command += ["--hint", "1", "--json", "--no-prove"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    assert CODE not in done.stdout


@pytest.mark.parametrize(("asked", "got"), [(60, 60), (100, 100), (20, 40), (300, 120)])
def test_a_report_is_as_wide_as_the_terminal(asked, got, monkeypatch) -> None:
    monkeypatch.setattr(output.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(output.shutil, "get_terminal_size", lambda _: os.terminal_size((asked, 24)))
    assert output.columns() == got


def test_the_message_of_the_assertion_begins_with_the_verdict() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradients_match(SPEC, f"{FILE}:missing_mean", prove=False)
    assert str(caught.value).startswith("FAIL")
