"""What a certificate says."""

import json

from bpsym.proof.certificate import Certificate, Counterexample, Equality, power_of_two

EXACT = Equality("cancel", "delta2", "exact", 2.0**-83.5, note="2 points")
DIGITS = Equality("branches", "activation elu", "digits", None)
BRUTE = tuple(
    Equality("brute force", where, "brute_force", 2.0**-70)
    for where in ("W1[1,1]", "W1[1,2]", "b1[1]")
)
INDUCTION = Equality("step", "any depth", "induction", 2.0**-110)
WRONG = Equality(
    "cancel",
    "delta2",
    "exact",
    None,
    False,
    "",
    Counterexample({"m": 2, "n1": 3}, (1, 3), "5", "7"),
)


def test_all_proven():
    certificate = Certificate((EXACT, DIGITS, *BRUTE, INDUCTION), ("brute force: on itself",))
    assert certificate.ok
    assert certificate.failures == ()
    assert str(certificate) == (
        "proven: 3 gradients of 2 parameters against brute force, "
        "1 equality exact (error < 2^-83), 1 equality to 60 digits, any depth by induction\n"
        "  brute force: on itself"
    )


def test_one_failure_is_enough():
    certificate = Certificate((EXACT, WRONG))
    assert not certificate.ok
    assert certificate.failures == (WRONG,)
    assert "NOT PROVEN: 1 of 2" in str(certificate)
    assert "delta2: cancel: FAILED, exact: 5 and 7 at [1, 3], sizes m = 2, n1 = 3" in str(
        certificate
    )
    assert "proven: 1 equality exact" in str(certificate)


def test_nothing_proves_nothing():
    assert not Certificate(()).ok
    assert str(Certificate(())) == "nothing to prove"


def test_json_has_everything():
    plain = json.loads(Certificate((EXACT, WRONG), ("a remark",)).to_json())
    assert plain["ok"] is False
    assert plain["remarks"] == ["a remark"]
    first, second = plain["equalities"]
    assert first == {
        "rule": "cancel",
        "where": "delta2",
        "kind": "exact",
        "error_bound": 2.0**-83.5,
        "ok": True,
        "note": "2 points",
    }
    assert second["counterexample"] == {
        "sizes": {"m": 2, "n1": 3},
        "indices": [1, 3],
        "left": "5",
        "right": "7",
    }


def test_bounds_are_rounded_up():
    assert power_of_two(2.0**-50) == "2^-50"
    assert power_of_two(1.1 * 2.0**-50) == "2^-49"
    assert power_of_two(1.0) == "2^0"
    assert power_of_two(0.0) == "2^-1000"
