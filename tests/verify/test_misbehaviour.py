"""Code that hangs, exits, crashes, floods, remembers or changes what it was given."""

import time
from pathlib import Path

import pytest

from bpsym.verify.judge import verify
from bpsym.verify.running.sandbox import UserCodeError

FILE = Path(__file__).parent / "hand" / "misbehaves.py"
SPEC = "2-3:tanh-1:identity"


def judged(name, **options):
    return verify(SPEC, f"{FILE}:{name}", prove=False, **options)


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("hangs", "timeout", "no answer within 1 s"),
        ("exits", "exit", "sys.exit"),
        ("leaves", "exit", "exit code 7"),
        ("crashes", "crash", "SIGSEGV"),
        ("floods", "flood", "printed more than"),
        ("hungers", "memory", "MemoryError"),
        ("hungers_slowly", "memory", "one that runs out of memory"),
        ("dawdles", "raised", "ValueError: no"),
        ("raises", "raised", "KeyError: 'no such key'"),
    ],
)
def test_code_that_does_not_return(name, kind, told):
    started = time.monotonic()
    with pytest.raises(UserCodeError) as caught:
        judged(name, timeout=1, memory=1000)
    assert caught.value.kind == kind
    assert told in str(caught.value)
    assert f"{name}(params, X, Y)" in str(caught.value)
    assert time.monotonic() - started < 10


def test_the_traceback_shows_the_users_lines_only():
    with pytest.raises(UserCodeError) as caught:
        judged("raises")
    assert "misbehaves.py" in caught.value.traceback
    assert "bpsym" not in caught.value.traceback.replace(str(FILE), "")


def test_output_is_kept_and_harms_nothing():
    report = judged("prints")
    assert report.ok
    assert "a line of output" in report.output


@pytest.mark.parametrize(
    ("name", "code", "where"),
    [
        ("is_random", "nondeterministic", "state"),
        ("accumulates", "accumulated", "state"),
        ("changes_its_input", "input-mutated", "state"),
        ("leaves_one_out", "missing-gradient", "b1"),
        ("never_fills_one", "zero-gradient", "b1"),
        ("not_a_number", "not-finite", "W1"),
        ("another_loss", "wrong-loss", "loss"),
        ("transposed", "gradient-transposed", "W1"),
        ("one_row", "shape", "b1"),
        ("not_summed", "bias-unsummed", "b2"),
        ("other_way_round", "blocks-swapped", None),
        ("missing_mean", "missing-batch-mean", "delta2"),
        ("keeps_old_inputs", "stale", "state"),
        ("has_noise", "nondeterministic", "state"),
        ("of_one_sample_backwards", "blocks-swapped", None),
    ],
)
def test_the_contract(name, code, where):
    report = judged(name)
    assert report.verdict == "FAIL"
    assert report.diagnosis[0].code == code, str(report)
    assert where is None or report.diagnosis[0].where == where


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_of_the_contract_is_complete(lang):
    for name in ("is_random", "accumulates", "changes_its_input", "leaves_one_out",
                 "not_a_number", "another_loss", "other_way_round"):  # fmt: skip
        for each in judged(name, lang=lang).diagnosis:
            assert "..." not in each.what + each.evidence + each.fix
            assert each.what
            assert each.fix


def test_float32_inside_float64_fails():
    report = judged("float32_inside")
    assert report.verdict == "FAIL"
    assert report.diagnosis[0].code == "precision"


def test_numbers_that_are_too_coarse_are_no_pass():
    report = judged("too_coarse")
    assert report.verdict == "INCONCLUSIVE"
    assert report.dtype == "float16"


def test_in_process_errors_are_the_same():
    with pytest.raises(UserCodeError, match="KeyError: 'no such key'"):
        judged("raises", in_process=True)
    assert judged("missing_mean", in_process=True).diagnosis[0].code == "missing-batch-mean"


def test_no_loss_is_asked_for():
    assert judged("another_loss", check_loss=False).ok


def test_momentum_is_a_note_where_the_first_step_is_right():
    report = judged("steps_with_momentum")
    assert report.ok, str(report)
    assert any("momentum 0.9" in each for each in report.notes)


def test_lists_from_the_last_layer_to_the_first_are_told_as_such():
    [found] = judged("of_one_sample_backwards").diagnosis
    assert "from the last layer to the first" in found.what
    assert "grads[0][0] = dW2" in found.evidence


@pytest.mark.parametrize(
    ("name", "line"),
    [("forgets_a_transpose", "# forgotten here"), ("misspells", "NameError: name 'delta1'")],
)
def test_the_error_is_that_of_the_reading_that_got_furthest(name, line):
    with pytest.raises(UserCodeError) as caught:
        judged(name)
    assert line in caught.value.traceback


def test_code_that_takes_its_arguments_otherwise_is_shown_the_adapter():
    with pytest.raises(UserCodeError, match="def adapter"):
        judged("takes_attributes")
    with pytest.raises(UserCodeError) as caught:
        judged("misspells")
    assert "adapter" not in str(caught.value)


def test_what_the_calls_do_has_no_place_in_a_formula():
    told = str(judged("accumulates"))
    assert "accumulated\n  Gradients are added" in told
    assert "@ the calls" not in told
