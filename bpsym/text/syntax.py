"""The syntax tree of the index language: what the door lets in, and nothing else.

Every formula of bpsym, built-in row or user text, passes through this tree on its way to sympy.
It is closed: a node that is not here cannot reach the calculus.

    z[n,i] = sum(j, W[i,j]*x[n,j]) + b[i]
    Equation(Read("z", ...), Binary("+", Sum("j", ...), Read("b", ...)))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Affine:
    """A subscript ``constant + sum of coefficient * index``, such as ``t-1`` or ``2*s+r``."""

    terms: tuple[tuple[str, int], ...]
    constant: int = 0

    def __str__(self) -> str:
        """The subscript as it is written: ``2*s+r-1``."""
        factors = {1: "", -1: "-"}
        parts = [f"{factors.get(times, f'{times}*')}{name}" for name, times in self.terms]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return "+".join(parts).replace("+-", "-")


@dataclass(frozen=True)
class Number:
    """An exact number; ``0.1`` is one tenth."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """A scalar: the variable of an activation, an option such as ``alpha``, a size."""

    name: str


@dataclass(frozen=True)
class Read:
    """One element of a tensor, ``W[i,j]``."""

    tensor: str
    subscripts: tuple[Affine, ...]


@dataclass(frozen=True)
class Negative:
    """``-x``."""

    argument: Expression


@dataclass(frozen=True)
class Binary:
    """``left operator right`` with operator one of ``+ - * /``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Power:
    """``base ** exponent``; exponents are constants."""

    base: Expression
    exponent: Fraction


@dataclass(frozen=True)
class Call:
    """A catalogued function: ``exp(u)``, ``max(u, v)``, ``sigmoid(u)``."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Where:
    """``where(left operator right, then, otherwise)`` with operator one of ``< <= > >=``."""

    operator: str
    left: Expression
    right: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Sum:
    """``sum(index, body)``: the sum over the whole range of the index."""

    index: str
    body: Expression


@dataclass(frozen=True)
class Equation:
    """``lhs = rhs`` for every value of the indices of lhs."""

    lhs: Read
    rhs: Expression


Expression = Number | Name | Read | Negative | Binary | Power | Call | Where | Sum


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct subexpressions of a node, in the order in which they are written."""
    match node:
        case Negative(argument):
            return (argument,)
        case Binary(_, left, right):
            return (left, right)
        case Power(base, _):
            return (base,)
        case Call(_, arguments):
            return arguments
        case Where(_, left, right, then, otherwise):
            return (left, right, then, otherwise)
        case Sum(_, body):
            return (body,)
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)
