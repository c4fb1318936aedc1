"""The examples run: a short training of the committed module learns, and a miss is an exit code."""

import importlib.util
import sys
from pathlib import Path

import pytest

for _needed in ("matplotlib", "scipy", "sklearn", "tqdm"):
    pytest.importorskip(_needed, reason="pip install 'bpsym[examples]'")

FILE = Path(__file__).parents[1] / "examples" / "digits.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("digits_example", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_a_short_training_learns(example, tmp_path):
    net, digits = example.imported(example.MODULE), example.data(copies=4)
    score, curve = example.train(net, digits, 0, example.Training(epochs=30), quiet=True)
    assert score > 0.9
    assert curve[-1] < curve[0] / 3
    picture = tmp_path / "curve.png"
    example.draw({0: curve}, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_held_out_images_are_not_trained_on(example):
    digits = example.data(copies=1)
    assert digits.copies.shape == (1, 1437, 64)
    assert len(digits.X_test) == len(digits.Y_test) == 360


@pytest.mark.parametrize(("worst", "status"), [(0.97, 0), (0.965, 0), (0.9639, 1)])
def test_a_seed_that_misses_is_an_exit_code(example, capsys, worst, status):
    assert example.report({0: (0.98, [0.1]), 1: (worst, [0.1])}) == status
    assert f"worst {worst:.2%}" in capsys.readouterr().out
