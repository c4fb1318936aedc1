"""The catalogue of mistakes, as perturbations of a derivation: one file per kind of place.

slopes    the derivative of an activation
weights   pulling a delta back through a weight
inputs    the gradient of a weight or a bias
everywhere  a factor in a loop over the layers
outputs   the loss and the last activation, targets and samples
losses    the derivative of the loss: its cases, another loss
paths     several readers of one value
parts     factors of a layer's own equation

Factors (a sign, a 2, an m) and the decay term need no variant: they are solved for, see
``bpsym.verify.diagnosis.laws``. Sentences are in ``sentences.py``.
"""

from __future__ import annotations

from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.variants import (
    everywhere,
    inputs,
    losses,
    outputs,
    parts,
    paths,
    slopes,
    weights,
)
from bpsym.verify.diagnosis.variants.base import Generator, Sites, Variant

GENERATORS: tuple[Generator, ...] = (
    outputs.variants,
    losses.variants,
    slopes.variants,
    weights.variants,
    paths.variants,
    parts.variants,
    inputs.variants,
    everywhere.variants,
)


def variants_of(chain: Chain) -> tuple[Variant, ...]:
    """Every mistake of the catalogue that can be made in this network."""
    sites = Sites(chain)
    return tuple(variant for generate in GENERATORS for variant in generate(sites))


def rare_variants_of(chain: Chain) -> tuple[Variant, ...]:
    """More of the catalogue: what is less common and takes longer to write down."""
    sites = Sites(chain)
    return (*losses.others(sites), *slopes.rare(sites), *inputs.other_functions(sites))


__all__ = ["GENERATORS", "Sites", "Variant", "rare_variants_of", "variants_of"]
