"""The code that is emitted is held against the proven formulas: what is wrong in it is seen."""

from dataclasses import replace
from fractions import Fraction

import pytest

import bpsym
from bpsym.arrays.layout import LAYOUTS
from bpsym.arrays.nodes import Constant, Elementwise, MatMul, Node, Transpose
from bpsym.arrays.program import Program, lower_derivation
from bpsym.errors import ProofError
from bpsym.worked.code import require_same_values
from tests.emitted.networks import NETWORKS

SOME = [name for at, name in enumerate(NETWORKS) if at % 3 == 0]


def lowered(network: object, layout: str = "rows") -> tuple[bpsym.Derivation, Program]:
    derivation = bpsym.derive(network)  # type: ignore[arg-type]
    return derivation, lower_derivation(derivation.record, LAYOUTS[layout])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SOME)
def test_right_code_passes(name: str, layout: str) -> None:
    derivation, program = lowered(NETWORKS[name], layout)
    require_same_values(derivation.built, derivation.record, program)


def doubled(node: Node) -> Node:
    return Elementwise("*", (Constant(Fraction(2)), node), node.axes)


def transposed(node: Node) -> Node:
    """``delta.T @ a`` with its operands exchanged."""
    assert isinstance(node, MatMul)
    return MatMul(Transpose(node.right), Transpose(node.left))


FAULTS = {
    "a factor in a gradient": ("gradients", 0, doubled),
    "a factor in a delta": ("backward", 0, doubled),
    "a factor in the cost": ("cost", 0, doubled),
    "operands exchanged": ("gradients", 0, transposed),
}


@pytest.mark.parametrize("network", ["2-3-1", "3-3:relu-3:softmax"])
@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_code_is_not_emitted(network: str, fault: str) -> None:
    part, at, change = FAULTS[fault]
    derivation, program = lowered(network)
    statements = list(getattr(program, part))
    statements[at] = replace(statements[at], node=change(statements[at].node))
    wrong = replace(program, **{part: tuple(statements)})
    with pytest.raises(ProofError, match="does not compute what was derived"):
        require_same_values(derivation.built, derivation.record, wrong)
