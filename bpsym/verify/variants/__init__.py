"""The catalogue of mistakes, as perturbations of a derivation: one file per kind of place.

slopes    the derivative of an activation
weights   pulling a delta back through a weight
inputs    the gradient of a weight or a bias
outputs   the loss and the last activation, targets and samples
paths     several readers of one value, factors of a layer's own equation

Factors (a sign, a 2, an m) and the decay term need no variant: they are solved for, see
``bpsym.verify.laws``. Sentences are in ``sentences.py``.
"""

from __future__ import annotations

from bpsym.verify.chain import Chain
from bpsym.verify.variants import inputs, outputs, paths, slopes, weights
from bpsym.verify.variants.base import Generator, Sites, Variant

GENERATORS: tuple[Generator, ...] = (
    outputs.variants,
    slopes.variants,
    weights.variants,
    paths.variants,
    inputs.variants,
)


def variants_of(chain: Chain) -> tuple[Variant, ...]:
    """Every mistake of the catalogue that can be made in this network."""
    sites = Sites(chain)
    return tuple(variant for generate in GENERATORS for variant in generate(sites))


def rare_variants_of(chain: Chain) -> tuple[Variant, ...]:
    """More of the catalogue: what is less common and takes longer to write down."""
    return tuple(slopes.rare(Sites(chain)))


__all__ = ["GENERATORS", "Sites", "Variant", "rare_variants_of", "variants_of"]
