"""Networks and numbers that the tests share."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build
from bpsym.worked.data import read_numbers
from bpsym.worked.record import Worked, worked

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "numbers"
MAZUR = str(EXAMPLES / "two_two_two.toml")
SCORER = str(ROOT / "examples" / "networks" / "scorer.toml")
RESIDUAL = str(ROOT / "examples" / "networks" / "residual.toml")

CONCAT = """
[inputs]
x = 2
w = 3
[[layer]]
name = "h"
kind = "concat"
from = ["x", "w"]
[[layer]]
units = 2
[loss]
kind = "mse"
"""

# Every kind of loss and target, activations with kinks and with parameters, sums and means.
SPECS = (
    "2-2-2",
    "2-3-4-1",
    "3-4:relu-3:softmax",
    "3-4:mish-5:prelu-2:leaky_relu,reduction=sum,l2=0.01",
    "3-2-1,loss=poisson",
    "3-2-2:identity,loss=hinge",
    "2-3-2,loss=bce",
    "2-3:gelu-2:identity,loss=huber",
    "2-3-3:softmax,loss=kl_divergence",
    SCORER,
    RESIDUAL,
)


@cache
def built_of(spec: str) -> BuiltNetwork:
    """A network of a shorthand, a path, or a declaration in TOML."""
    return build(parse(tomllib.loads(spec) if "\n" in spec else spec))


@cache
def worked_of(spec: str, numbers: str = "seed:0", samples: int | None = None) -> Worked:
    """Its values."""
    built = built_of(spec)
    return worked(built, read_numbers(numbers, built, samples=samples))
