"""The catalogue of losses: the loss of one sample, and what it asks of activations and targets.

An expression reads ``a[k]``, the output, and ``y[k]``, the target; ``K`` is the number of outputs.
The cost is the mean (or the sum) over the samples. Derivatives are not written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from bpsym.network.catalogue.activations import NO_OPTIONS


@dataclass(frozen=True)
class LossRow:
    """What the catalogue knows of one loss.

    expression: of one sample, in the index language.
    outputs: the names of the outputs that it reads, in the order of ``of``.
    target: whether it reads a target.
    needs: the values it takes, ``real``, ``positive`` or ``unit``; see ``accepts``.
    distribution: whether each row of outputs must be a distribution (a softmax).
    targets: the values of targets, ``real``, ``unit``, ``positive`` or ``signs`` (+1 and -1).
    scores: whether it takes scores, which a softmax would spoil.
    kink: what happens where the derivative jumps, in words; empty if it never does.
    """

    name: str
    expression: str
    outputs: tuple[str, ...] = ("a",)
    target: bool = True
    targets: str = "real"
    needs: str = "real"
    distribution: bool = False
    scores: bool = False
    options: Mapping[str, Fraction] = field(default_factory=lambda: NO_OPTIONS)
    kink: str = ""


ROWS: tuple[LossRow, ...] = (
    LossRow("half_squared_error", "sum(k, (a[k] - y[k])**2)/2"),
    LossRow("squared_error", "sum(k, (a[k] - y[k])**2)"),
    LossRow("mean_squared_error", "sum(k, (a[k] - y[k])**2)/K"),
    LossRow("absolute_error", "sum(k, abs(a[k] - y[k]))", kink="derivative 0 where a = y"),
    LossRow(
        "huber",
        "sum(k, huber(a[k] - y[k], delta))",
        options=MappingProxyType({"delta": Fraction(1)}),
    ),
    LossRow("log_cosh", "sum(k, log_cosh(a[k] - y[k]))"),
    LossRow(
        "binary_cross_entropy",
        "-sum(k, y[k]*log(a[k]) + (1 - y[k])*log(1 - a[k]))",
        needs="unit",
        targets="unit",
    ),
    LossRow("cross_entropy", "-sum(k, y[k]*log(a[k]))", needs="unit", distribution=True),
    LossRow(
        "kl_divergence",
        "sum(k, xlogx(y[k]) - y[k]*log(a[k]))",
        needs="unit",
        distribution=True,
    ),
    LossRow(
        "poisson",
        "sum(k, a[k] - y[k]*log(a[k]))",
        needs="positive",
        targets="positive",
        scores=True,
    ),
    LossRow(
        "hinge",
        "sum(k, where(1 - y[k]*a[k] > 0, 1 - y[k]*a[k], 0))",
        targets="signs",
        scores=True,
        kink="derivative 0 where the margin is exactly met",
    ),
    LossRow(
        "max_margin",
        "sum(k, where(margin + c[k] - a[k] > 0, margin + c[k] - a[k], 0))",
        outputs=("a", "c"),
        target=False,
        scores=True,
        options=MappingProxyType({"margin": Fraction(1)}),
        kink="derivative 0 where the margin is exactly met",
    ),
)

LOSSES: Mapping[str, LossRow] = MappingProxyType({row.name: row for row in ROWS})

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "mse": "mean_squared_error",
        "bce": "binary_cross_entropy",
        "ce": "cross_entropy",
    }
)
