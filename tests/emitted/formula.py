"""Formulas of the index language, evaluated with numpy: an interpreter of the text alone.

It shares nothing with bpsym: Python's parser reads the text, and every value is an array with one
axis per index. A leading axis holds independent copies of the whole calculation, one for each
complex step (see oracle.py), so every function here is analytic where the mathematics is: case
distinctions look at real parts only.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_erfc = np.vectorize(math.erfc, otypes=[float])


def abs_(u: Array) -> Array:
    """|u|, of slope 0 at 0."""
    return u * np.sign(u.real)


def pick(test: Array, then: Array, otherwise: Array) -> Array:
    """A case distinction."""
    return np.where(test, then, otherwise)


def normal_pdf(u: Array) -> Array:
    """exp(-u^2/2) / sqrt(2 pi)."""
    return np.exp(-u * u / 2) / np.sqrt(2 * np.pi)


def normal_cdf(u: Array) -> Array:
    """Phi(u), continued to complex arguments by the first term of its series."""
    real = u.real.astype(float)
    return _erfc(-real / math.sqrt(2)) / 2 + 1j * u.imag * normal_pdf(u.real)


def erf(u: Array) -> Array:
    """erf(u) = 2 Phi(sqrt(2) u) - 1."""
    return 2 * normal_cdf(math.sqrt(2) * u) - 1


def sigmoid(u: Array) -> Array:
    """1 / (1 + exp(-u))."""
    return 1 / (1 + np.exp(-u))


def softplus(u: Array) -> Array:
    """log(1 + exp(u))."""
    return np.log(1 + np.exp(u))


def huber(d: Array, delta: Any) -> Array:
    """d^2/2 inside of delta, the tangent outside."""
    return pick(abs(d.real) <= np.real(delta), d * d / 2, delta * (abs_(d) - delta / 2))


def xlogx(y: Array) -> Array:
    """y log y, with 0 log 0 = 0."""
    return y * np.log(pick(y == 0, np.ones_like(y), y))


def clip(u: Array, low: float, high: float) -> Array:
    """u held in an interval; at its ends the derivative is that of the left branch."""
    return pick(u.real <= low, low + 0 * u, pick(u.real <= high, u, high + 0 * u))


FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "abs": abs_,
    "arctan": np.arctan,
    "atan": np.arctan,
    "cos": np.cos,
    "cosh": np.cosh,
    "erf": erf,
    "exp": np.exp,
    "expm1": np.expm1,
    "gaussian": lambda u: np.exp(-u * u),
    "gelu": lambda u: u * normal_cdf(u),
    "gelu_tanh": lambda u: (
        u / 2 * (1 + np.tanh(np.sqrt(2 / np.longdouble(np.pi)) * (u + 0.044715 * u**3)))
    ),
    "hard_sigmoid": lambda u: clip(u / 6 + 0.5, 0, 1),
    "hard_tanh": lambda u: clip(u, -1, 1),
    "huber": huber,
    "identity": lambda u: u,
    "linear": lambda u: u,
    "ln": np.log,
    "log": np.log,
    "log1p": np.log1p,
    "log_cosh": lambda u: np.log(np.cosh(u)),
    "max": lambda u, v: pick(u.real > v.real, u, v),
    "min": lambda u, v: pick(u.real < v.real, u, v),
    "mish": lambda u: u * np.tanh(softplus(u)),
    "normal_cdf": normal_cdf,
    "normal_pdf": normal_pdf,
    "relu": lambda u: pick(u.real > 0, u, 0 * u),
    "relu6": lambda u: clip(u, 0, 6),
    "sigmoid": sigmoid,
    "sign": lambda u: np.sign(u.real) + 0 * u,
    "silu": lambda u: u * sigmoid(u),
    "sin": np.sin,
    "sinh": np.sinh,
    "softplus": softplus,
    "softsign": lambda u: u / (1 + abs_(u)),
    "sqrt": np.sqrt,
    "swish": lambda u: u * sigmoid(u),
    "tanh": np.tanh,
    "xlogx": xlogx,
}

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Gt: lambda a, b: np.real(a) > np.real(b),
    ast.GtE: lambda a, b: np.real(a) >= np.real(b),
    ast.Lt: lambda a, b: np.real(a) < np.real(b),
    ast.LtE: lambda a, b: np.real(a) <= np.real(b),
}


@dataclass
class Formula:
    """One side of an equation, its bound indices renamed apart (``j``, ``j'``, ``j''`` ...).

    places: what is read, in order of reading, each with its indices.
    indices: all indices, in the order in which they occur.
    """

    text: str
    free: tuple[str, ...] = ()
    tree: ast.expr = field(init=False)
    places: list[tuple[str, tuple[str, ...]]] = field(init=False, default_factory=list)
    indices: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text.strip(), mode="eval").body
        self.indices = list(self.free)
        self.bound: dict[int, str] = {}
        self._scan(self.tree, {name: name for name in self.free})

    def _scan(self, node: ast.AST, scope: Mapping[str, str]) -> None:
        match node:
            case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=index), body]):
                fresh = next(
                    name
                    for primes in itertools.count()
                    if (name := index + "'" * primes) not in self.indices
                )
                self.indices.append(fresh)
                self.bound[id(node)] = fresh
                self._scan(body, {**scope, index: fresh})
            case ast.Subscript(value=ast.Name(id=tensor), slice=subscripts):
                listed = subscripts.elts if isinstance(subscripts, ast.Tuple) else [subscripts]
                named = tuple(scope[each.id] for each in listed if isinstance(each, ast.Name))
                assert len(named) == len(listed), f"shifted subscripts in {self.text!r}"
                self.places.append((tensor, named))
            case _:
                for child in ast.iter_child_nodes(node):
                    self._scan(child, scope)

    def value(
        self, tensors: Mapping[str, Array], names: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> Array:
        """The value, of shape (copies, *sizes of the free indices).

        tensors: (copies, *dimensions) each. names: what bare names stand for.
        sizes: of the indices that are read nowhere.
        """
        known = dict(sizes)
        for tensor, subscripts in self.places:
            known |= dict(zip(subscripts, tensors[tensor].shape[1:], strict=True))
        copies = max(len(array) for array in tensors.values())
        target = (copies, *(known[index] for index in self.free))
        result = np.asarray(_Walk(self, tensors, names, known).value(self.tree))
        if result.ndim:
            result = result.reshape(result.shape[: len(target)])
        return np.broadcast_to(result, target)

    def of(self, **names: Array) -> Array:
        """The value of a formula without subscripts."""
        return np.asarray(_Walk(self, {}, names, {}).value(self.tree))


class _Walk:
    """One evaluation; what is read is met in the order in which the formula was scanned."""

    def __init__(
        self,
        formula: Formula,
        tensors: Mapping[str, Array],
        names: Mapping[str, Any],
        sizes: Mapping[str, int],
    ) -> None:
        self.bound = formula.bound
        self.order = {name: at for at, name in enumerate(formula.indices, start=1)}
        self.places = iter(formula.places)
        self.tensors, self.names, self.sizes = tensors, names, sizes

    def read(self) -> Array:
        """The next tensor, its dimensions moved to the places of its indices."""
        tensor, subscripts = next(self.places)
        array = self.tensors[tensor]
        at = [self.order[name] for name in subscripts]
        shape = [len(array)] + [1] * len(self.order)
        for position, size in zip(at, array.shape[1:], strict=True):
            shape[position] = size
        return array.transpose(0, *(1 + np.argsort(at))).reshape(shape)

    def value(self, node: ast.expr) -> Any:
        """The value of a part of the formula."""
        match node:
            case ast.Constant(value=number):
                return np.longdouble(repr(number))
            case ast.Name(id="pi"):
                return np.longdouble("3.14159265358979323846264338327950288")
            case ast.Name(id=name):
                return self.names[name]
            case ast.Subscript():
                return self.read()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
                return self.value(base) ** _number(self.value(exponent))
            case ast.BinOp(op=op, left=left, right=right):
                return _OPERATORS[type(op)](self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id="sum"), args=[_, body]):
                return self.sum(self.bound[id(node)], body)
            case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as test, yes, no]):
                left, right = self.value(test.left), self.value(test.comparators[0])
                which = _OPERATORS[type(test.ops[0])](left, right)
                return pick(which, self.value(yes), self.value(no))
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return FUNCTIONS[function](*(self.value(each) + 0j for each in arguments))
        raise AssertionError(ast.unparse(node))

    def sum(self, index: str, body: ast.expr) -> Any:
        """The sum over an index, which may be in no term."""
        terms = np.asarray(self.value(body))
        axis = self.order[index]
        if terms.ndim <= axis or terms.shape[axis] == 1:
            return self.sizes[index] * terms
        return terms.sum(axis=axis, keepdims=True)


def _number(value: Any) -> Any:
    """An exponent: a whole one as an int, for which powers of negative bases are real."""
    return int(value) if value == int(value) else value
