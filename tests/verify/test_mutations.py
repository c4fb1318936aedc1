"""Mistakes planted by hand in hand-written code: found, named, placed; right code passes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bpsym.verify.report import Verdict

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "mutations"


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


planted = _loaded("planted")
unseen = _loaded("planted_unseen")
second = _loaded("planted_second")
third = _loaded("planted_third")
rewritings = _loaded("rewritings")
run = _loaded("run")

EVERY = [(each, one) for each in run.IMPLEMENTATIONS for one in each.planted]
# One row for each code is run here, all of them by the benchmark itself.
FIRST = list({one.code: (each, one) for each, one in EVERY}.values())


def _name(value: object) -> str:
    return str(getattr(value, "code", getattr(value, "name", value)))


@pytest.mark.parametrize(("each", "one"), EVERY, ids=_name)
def test_every_edit_fits_the_source(each: object, one: object) -> None:
    assert run.source_of(each, one.edits, 1.0) != run.source_of(each, (), 1.0)


@pytest.mark.parametrize("each", run.IMPLEMENTATIONS, ids=_name)
def test_the_implementations_are_right(each: object, tmp_path: Path) -> None:
    report = run.judge(each, run.source_of(each, (), 1.0), 1.0, 0, tmp_path)
    assert report.verdict is Verdict.PASS, str(report)


@pytest.mark.parametrize(("each", "one"), FIRST, ids=_name)
def test_a_planted_mistake_is_named(each: object, one: object, tmp_path: Path) -> None:
    report = run.judge(each, run.source_of(each, one.edits, 1e-3), 1e-3, 1, tmp_path)
    assert report.verdict is Verdict.FAIL
    first = report.diagnosis[0]
    assert first.code in one.codes, str(report)
    assert first.where in one.where
    assert "..." not in first.what
    assert first.fix


@pytest.mark.parametrize("row", rewritings.REWRITINGS[::4], ids=lambda row: row[0])
def test_right_code_written_otherwise_passes(row: tuple[str, ...], tmp_path: Path) -> None:
    name, *edits = row
    each = next(each for each in run.IMPLEMENTATIONS if each.name == name)
    pairs = tuple(zip(edits[::2], edits[1::2], strict=True))
    report = run.judge(each, run.source_of(each, pairs, 1.0), 1.0, 0, tmp_path)
    assert report.verdict is Verdict.PASS, str(report)
