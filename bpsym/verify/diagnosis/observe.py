"""What the judge hands to the diagnosis: points, and what the user's code gave there.

Everything is normalised: names, shapes and layout are those of the emitted module with samples
as rows, ``X (m, n0)``, ``W (fan_out, fan_in)``, ``b (fan_out,)``, whatever the user's code takes
and returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bpsym.verify.mending.of_file import Mend

    Array = NDArray[np.floating[Any]]
    Arrays = Mapping[str, Array]

PointKind = Literal["generic", "kink"]
Language = Literal["en", "zh"]


@dataclass(frozen=True, eq=False)
class Point:
    """Where the gradients are compared.

    params: by parameter name. inputs, targets: by tensor name, ``X`` or ``X_left``, ``Y`` or
    ``Y_score``; rows of one-hot vectors for a target that is declared as labels too.
    kind: ``kink`` for the one point that lies exactly on a kink.
    """

    m: int
    params: Arrays
    inputs: Arrays
    targets: Arrays
    kind: PointKind = "generic"

    @property
    def values(self) -> dict[str, Array]:
        """All of them by tensor name."""
        return {**self.params, **self.inputs, **self.targets}


@dataclass(frozen=True, eq=False)
class Observation:
    """What the user's code gave at a point.

    loss: None if it returns none. grads: by parameter name, in the declared shape; a parameter
    whose gradient has no readable shape is missing here and is in ``raw`` only.
    raw: the gradients as they were returned, before any reshaping. slack: what may be lost beyond
    rounding, where gradients were recovered from a step of fixed length.
    """

    point: Point
    loss: float | None
    grads: Arrays
    raw: Arrays = field(default_factory=lambda: MappingProxyType({}))
    slack: Arrays = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, eq=False)
class DiagnosisContext:
    """What else is known when a diagnosis is made.

    single: the code takes one sample per call; its results were averaged (or summed) over m.
    vectors: these samples come as arrays of one axis, ``x (n0,)``.
    epsilon: unit roundoff of the returned dtype, 2**-53 or 2**-24.
    rate: the learning rate that was used, where gradients are recovered from a step.
    kink: the observation at the kink, None where the network has none.
    columns, transposed: how the user's code holds samples and weights, for the wording of fixes.
    bias: how it holds biases, ``flat``, ``row`` or ``column``; None if that is not known.
    parameters: declared name -> how the user's code reads it (``params["W1"]``, ``self.W1``).
    spelling: declared name -> the user's own spelling (``dW1``, ``grads["W1"]``, ``nabla_w[0]``),
        for the wording of fixes; a missing name is spelled ``dW1``.
    means: where the source divides by the number of samples, ``delta`` or ``gradient``.
    returns: the line of the file at which a loop ends in a ``return``, None if none does.
    mend: looks for the statements of the file that mend the findings; None if there is no file.
    """

    single: bool = False
    vectors: bool = False
    epsilon: float = 2.0**-53
    rate: float | None = None
    kink: Observation | None = None
    columns: bool = False
    transposed: bool = False
    bias: str | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    spelling: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    means: frozenset[Literal["delta", "gradient"]] = frozenset()
    returns: int | None = None
    lang: Language = "en"
    mend: Mend | None = None
