"""The catalogue of activations: one row each, and nothing derived is written here.

A row is an expression in ``z`` (and options). Its derivative, the form of the derivative in the
output, and the code are derived from it. At a kink the branch that ``where`` takes there decides:
the convention of the whole catalogue is the left branch, so every condition reads ``z <= kink``
or ``z > kink``.

To add an activation, add a row; the tests, the prover and the emitter take it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

NO_OPTIONS: Mapping[str, Fraction] = MappingProxyType({})


@dataclass(frozen=True)
class ActivationRow:
    """What the catalogue knows of one activation.

    expression: in the index language, of ``z``, the options and the learned parameters.
    options: constants the user may set, with their defaults.
    learned: parameters per unit, with the value they start from.
    output: the set of values, ``real``, ``nonnegative`` (0 on a whole half-line), ``positive``,
        ``unit`` (0 to 1), ``symmetric`` (-1 to 1); the losses ask for it.
    kinks: where the derivative jumps (the derivative there is that of the left branch).
    start: variance of the initial weights, ``lecun`` 1/fan_in, ``he`` 2/fan_in,
        ``glorot`` 2/(fan_in + fan_out).
    """

    name: str
    expression: str
    output: str = "real"
    options: Mapping[str, Fraction] = field(default_factory=lambda: NO_OPTIONS)
    learned: Mapping[str, Fraction] = field(default_factory=lambda: NO_OPTIONS)
    kinks: tuple[Fraction, ...] = ()
    start: str = "glorot"


def _fractions(**values: str) -> Mapping[str, Fraction]:
    return MappingProxyType({name: Fraction(text) for name, text in values.items()})


_ZERO = (Fraction(0),)

ROWS: tuple[ActivationRow, ...] = (
    ActivationRow("identity", "z"),
    ActivationRow("sigmoid", "sigmoid(z)", output="unit"),
    ActivationRow("tanh", "tanh(z)", output="symmetric"),
    ActivationRow("relu", "where(z > 0, z, 0)", output="nonnegative", kinks=_ZERO, start="he"),
    ActivationRow(
        "leaky_relu",
        "where(z > 0, z, alpha*z)",
        options=_fractions(alpha="0.01"),
        kinks=_ZERO,
        start="he",
    ),
    ActivationRow(
        "prelu",
        "where(z > 0, z, alpha*z)",
        learned=_fractions(alpha="0.25"),
        kinks=_ZERO,
        start="he",
    ),
    ActivationRow(
        "elu",
        "where(z > 0, z, alpha*(exp(z) - 1))",
        options=_fractions(alpha="1"),
        kinks=_ZERO,
        start="he",
    ),
    ActivationRow(
        "selu",
        "scale*where(z > 0, z, alpha*(exp(z) - 1))",
        options=_fractions(scale="1.0507009873554805", alpha="1.6732632423543772"),
        kinks=_ZERO,
        start="lecun",
    ),
    ActivationRow("softplus", "softplus(z)", output="positive", start="he"),
    ActivationRow("softsign", "z/(1 + abs(z))", output="symmetric"),
    ActivationRow("silu", "z*sigmoid(z)", start="he"),
    ActivationRow("gelu", "z*normal_cdf(z)", start="he"),
    # z/2 (1 + tanh u) = z sigmoid(2 u), and the right side keeps the tail.
    ActivationRow("gelu_tanh", "z*sigmoid(2*sqrt(2/pi)*(z + 0.044715*z**3))", start="he"),
    ActivationRow("mish", "z*tanh(softplus(z))", start="he"),
    ActivationRow(
        "hard_sigmoid",
        "where(z <= -3, 0, where(z <= 3, z/6 + 1/2, 1))",
        output="unit",
        kinks=(Fraction(-3), Fraction(3)),
    ),
    ActivationRow(
        "hard_tanh",
        "where(z <= -1, -1, where(z <= 1, z, 1))",
        output="symmetric",
        kinks=(Fraction(-1), Fraction(1)),
    ),
    ActivationRow(
        "relu6",
        "where(z <= 0, 0, where(z <= 6, z, 6))",
        output="nonnegative",
        kinks=(Fraction(0), Fraction(6)),
        start="he",
    ),
    ActivationRow("sin", "sin(z)", output="symmetric", start="lecun"),
    ActivationRow("gaussian", "exp(-z**2)", output="unit", start="lecun"),
    ActivationRow("arctan", "arctan(z)"),
)

ACTIVATIONS: Mapping[str, ActivationRow] = MappingProxyType({row.name: row for row in ROWS})

ALIASES: Mapping[str, str] = MappingProxyType(
    {"linear": "identity", "swish": "silu", "atan": "arctan"}
)

# Written like an activation, but a layer of its own, because each output reads every input.
SOFTMAX = "softmax"
