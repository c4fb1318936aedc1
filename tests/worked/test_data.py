"""Numbers from files, seeds and mappings, and everything that is said of wrong ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bpsym.calculus.system import SAMPLES, Role
from bpsym.errors import BpsymError
from bpsym.worked.data import DIGITS, RATE, read_numbers
from bpsym.worked.problems import NumbersError
from tests.worked.networks import CONCAT, MAZUR, SPECS, built_of

GOOD: dict[str, object] = {
    "X": [[0.05, 0.1]],
    "Y": [[0.01, 0.99]],
    "W1": [[0.15, 0.2], [0.25, 0.3]],
    "b1": [0.35, 0.35],
    "W2": [[0.4, 0.45], [0.5, 0.55]],
    "b2": [0.6, 0.6],
}


def test_a_file() -> None:
    numbers = read_numbers(MAZUR, built_of("2-2-2"), freeze=["b1", "b2"])
    assert numbers.rate == 0.5
    assert numbers.digits == 9
    assert numbers.samples == 1
    assert numbers.frozen == ("b1", "b2")
    np.testing.assert_array_equal(numbers.values["W1"], [[0.15, 0.2], [0.25, 0.3]])


def test_json_and_mappings_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "numbers.json"
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    found = [read_numbers(each, built_of("2-2-2")) for each in (str(file), GOOD)]
    for name, value in found[0].values.items():
        np.testing.assert_array_equal(value, found[1].values[name])
    assert found[0].rate == RATE
    assert found[0].digits == DIGITS


def test_what_is_asked_for_wins_over_the_file() -> None:
    numbers = read_numbers(MAZUR, built_of("2-2-2"), rate=0.1, digits=4)
    assert (numbers.rate, numbers.digits) == (0.1, 4)


def test_one_sample_may_be_a_row() -> None:
    numbers = read_numbers({**GOOD, "X": [0.05, 0.1]}, built_of("2-2-2"))
    assert numbers.values["X"].shape == (1, 2)


def test_classes_may_be_numbers() -> None:
    built = built_of("2-3:softmax")
    given = {"X": [[1, 2], [3, 4]], "Y": [2, 0], "W1": np.ones((3, 2)), "b1": [0, 0, 0]}
    np.testing.assert_array_equal(read_numbers(given, built).values["Y"], [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("samples", [1, 4])
@pytest.mark.parametrize("spec", [*SPECS, CONCAT])
def test_a_seed_gives_every_array_in_its_shape(spec: str, samples: int) -> None:
    built = built_of(spec)
    numbers = read_numbers("seed:3", built, samples=samples)
    sizes = {**built.system.sizes, SAMPLES: samples}
    for tensor in built.system.of_role(Role.PARAMETER, Role.INPUT, Role.TARGET):
        array = numbers.values[tensor.name]
        assert array.shape == tuple(sizes[label] for label in tensor.sizes)
        if tensor.role is not Role.TARGET:
            assert all(len(f"{each:.2g}") >= len(repr(float(each))) - 2 for each in array.flat)
        if tensor.sums_to_one:
            np.testing.assert_allclose(array.sum(axis=-1), 1, rtol=1e-15)
    again = read_numbers(3, built, samples=samples)
    assert all((again.values[name] == numbers.values[name]).all() for name in numbers.values)


def deep(levels: int) -> object:
    """A number in that many lists."""
    found: object = 1.0
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"W1": None}, "W1 is missing"),
        ({"w1": [[1]]}, "Did you mean 'W1'?"),
        ({"b1": [0.1]}, "b1 has the wrong shape"),
        ({"W2": [[1, 2], [3]]}, "rows of different lengths"),
        ({"W1": [[1, "nan"], [1, 1]]}, "W1[1,2] is no number"),
        ({"W1": [[1, float("nan")], [1, 1]]}, "W1[1,2] is no number"),
        ({"b2": [1, float("inf")]}, "b2[2] is no number"),
        ({"b2": [1, True]}, "b2[2] is no number"),
        ({"X": [[1e9, 0]]}, "X[1,1] is too large"),
        ({"X": [[10**400, 0]]}, "X[1,1] is too large"),
        ({"X": deep(900)}, "X is nested too deep"),
        ({"Y": [[1, 2], [3, 4]]}, "Y has the wrong shape"),
        ({"rate": 0}, "this is no learning rate"),
        ({"rate": "fast"}, "this is no learning rate"),
        ({"digits": 40}, "so many digits"),
    ],
)
def test_problems_are_named(change: dict[str, object], said: str) -> None:
    given = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(NumbersError, match=said.replace("[", r"\[").replace("?", r"\?")):
        read_numbers(given, built_of("2-2-2"))


FILE = "X = [[0.05, 0.1]]\nY = [[0.01, 0.99]]\nW1 = [[1, 1], [1, 1]]\nb1 = [0, 0]\n"


@pytest.mark.parametrize(
    ("lines", "what", "expected", "got"),
    [
        ("b2 = [1e300, 0]", "b2[1] is too large", "at most 1e+06 in size", "1e300"),
        ("b2 = [1e-300, 0]", "b2[1] has too many digits", "at most 40 digits", "1e-300"),
        ('b2 = ["0.5", 0]', "b2[1] is no number", "a number without quotes", "'0.5'"),
        ("b2 = [0, 0]\nrate = -0.5", "this is no learning rate", "a positive number", "-0.5"),
        ("b2 = [0, 0]\nrate = true", "this is no learning rate", "a positive number", "true"),
        ('b2 = [0, 0]\ndigits = "x"', "this is no number of digits", "2 to 15", "'x'"),
        ("b2 = [0, 0]\ndigits = 99", "so many digits", "2 to 15", "99"),
    ],
)
def test_what_was_given_is_shown_as_it_was_given(
    lines: str, what: str, expected: str, got: str, tmp_path: Path
) -> None:
    file = tmp_path / "numbers.toml"
    file.write_text(f"{FILE}W2 = [[1, 1], [1, 1]]\n{lines}\n")
    with pytest.raises(NumbersError) as caught:
        read_numbers(str(file), built_of("2-2-2"))
    (problem,) = caught.value.problems
    assert problem.what.startswith(what)
    assert problem.expected.startswith(expected)
    assert problem.got == got


@pytest.mark.parametrize("end", [".toml", ".json"])
def test_a_file_of_numbers_is_no_declaration(end: str, tmp_path: Path) -> None:
    file = tmp_path / f"numbers{end}"
    file.write_text("X = [[0.1,\nY ==")
    with pytest.raises(BpsymError, match="expected numbers in") as caught:
        read_numbers(str(file), built_of("2-2-2"))
    assert "declaration" not in str(caught.value)


def test_all_problems_at_once() -> None:
    with pytest.raises(NumbersError) as caught:
        read_numbers({"X": [[1, 2]], "W1": 3, "speed": 1}, built_of("2-2-2"))
    said = str(caught.value)
    for each in ("'speed'", "Y is missing", "W1 has the wrong shape", "b1 is missing"):
        assert each in said


def test_targets_that_are_assumed_to_sum_to_one_must() -> None:
    given = {"X": [[1, 2]], "Y": [[0.5, 0.2, 0.1]], "W1": np.ones((3, 2)), "b1": [0, 0, 0]}
    with pytest.raises(NumbersError, match="does not sum to one"):
        read_numbers(given, built_of("2-3:softmax"))


@pytest.mark.parametrize("source", ["seed:x", "none.toml", "-1", "net.py", "", "seed:9999999999"])
def test_what_is_neither_file_nor_seed(source: str) -> None:
    with pytest.raises(NumbersError):
        read_numbers(source, built_of("2-2-2"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"X = [", b"X = " + b"[" * 5000])
def test_files_that_are_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    with pytest.raises(BpsymError):
        read_numbers(str(file), built_of("2-2-2"))


def test_unknown_names_cannot_be_frozen() -> None:
    with pytest.raises(NumbersError, match="Did you mean 'b1'"):
        read_numbers("0", built_of("2-2-2"), freeze=["B1"])


@pytest.mark.parametrize("samples", [0, 10**6])
def test_samples_of_a_seed(samples: int) -> None:
    with pytest.raises(NumbersError, match="samples"):
        read_numbers("0", built_of("2-2-2"), samples=samples)


def test_samples_of_a_file_are_those_in_it() -> None:
    with pytest.raises(NumbersError, match="the samples are in the file"):
        read_numbers(MAZUR, built_of("2-2-2"), samples=2)
