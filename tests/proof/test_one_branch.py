"""Losses that are infinite in all branches but one: between the kinks everything is proven.

-log a and -log(1 - a) have no value where a hard sigmoid is 0 or 1; a point has one only if every
sample and every output lies between the kinks.
"""

import pytest

from bpsym.calculus.derivation import derive_system
from bpsym.calculus.terms.functions import U
from bpsym.proof.prove import prove
from bpsym.proof.values.field import Field
from tests.proof.faults import failing, fresh, system_of
from tests.proof.test_planted_faults import WHOLE, activation, change_contributions, in_solved

NETWORKS = (
    "1-1:hard_sigmoid,loss=bce",
    "3-2:hard_sigmoid,loss=bce",
    "2-3:relu-2:hard_sigmoid,loss=bce",
    "2-3:hard_sigmoid-2:hard_sigmoid,loss=bce",
)


@pytest.mark.parametrize("declared", NETWORKS)
def test_all_is_proven(declared):
    certificate = prove(derive_system(system_of(declared), inputs=True))
    assert certificate.ok, str(certificate)


@pytest.mark.parametrize(
    ("plant", "caught_by"),
    [
        (change_contributions(in_solved(lambda e: -e)), {"steps"} | WHOLE),
        (change_contributions(in_solved(lambda e: 2 * e)), {"steps"} | WHOLE),
        (activation("hard_sigmoid", slope=U), {"rows"}),
    ],
)
def test_a_fault_is_caught_in_the_only_branch(plant, caught_by, monkeypatch):
    with fresh():
        system = system_of("3-2:hard_sigmoid,loss=bce")
        with monkeypatch.context() as patch:
            plant(patch, system)
            certificate = prove(derive_system(system, inputs=True))
    assert failing(certificate) == caught_by, str(certificate)


def test_comparisons_follow_a_pattern_when_they_vary():
    field = Field(1)
    field.restart("point", narrow=True)
    found = [field.positive(field.draw()) for _ in range(60)]
    assert any(found == (found[:length] * 60)[:60] for length in (1, 2, 3))
    field.restart("point")
    found = [field.positive(field.draw()) for _ in range(60)]
    assert not any(found == (found[:length] * 60)[:60] for length in (1, 2, 3))
