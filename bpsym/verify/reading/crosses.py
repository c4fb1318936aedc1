r"""What ``\times`` joins: arrays of one shape entry by entry, anything else as a product."""

from __future__ import annotations

from collections.abc import Mapping

from bpsym.calculus.system import Tensor
from bpsym.typeset.formulas.tree import (
    Apply,
    Formula,
    Joint,
    Power,
    Product,
    Quotient,
    Symbol,
    Terms,
    Transpose,
)

Sizes = frozenset[str]
NO_SIZES: Sizes = frozenset()


def entry_by_entry(
    one: Formula,
    other: Formula,
    tensors: Mapping[str, Tensor],
    adjoint_of: Mapping[str, str],
) -> bool:
    """Whether both sides are arrays of one shape; a transpose beside none is a product's."""
    sizes = [_sizes(each, tensors, adjoint_of) for each in (one, other)]
    return bool(sizes[0]) and sizes[0] == sizes[1]


def _sizes(formula: Formula, tensors: Mapping[str, Tensor], adjoint_of: Mapping[str, str]) -> Sizes:
    """The sizes along the axes of what a formula is; empty for a number."""

    def of(formula: Formula) -> Sizes:
        match formula:
            case Symbol(name=name, subscripts=()):
                tensor = tensors.get(adjoint_of.get(name, name))
                return frozenset(tensor.sizes) if tensor is not None else NO_SIZES
            case Transpose(inner) | Power(inner, _) | Quotient(inner, _):
                return of(inner)
            case Terms(terms):
                return next(filter(None, (of(each) for _, each in terms)), NO_SIZES)
            case Apply(_, arguments):
                return next(filter(None, map(of, arguments)), NO_SIZES)
            case Product(factors, Joint.HADAMARD):
                return next(filter(None, map(of, factors)), NO_SIZES)
            case Product(factors, _):
                found = NO_SIZES
                for each in factors:  # what two factors share is summed over
                    found ^= of(each)
                return found
        return NO_SIZES

    return of(formula)
