"""A system with small sizes as scalars: the whole cost as one nested sympy expression.

Every element is an expression in the elements before it. A part that several others read is one
node (``Part``), so that sympy differentiates it once and not once for every path to it.
Activations stay functions without content, whose derivatives are functions without content: sympy
applies the chain rule, and the values of both come from elsewhere (``functions``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

import sympy as sp
from sympy.core.function import ArgumentIndexError

from bpsym.calculus.equations import Equation
from bpsym.calculus.slopes.activation import Activation, Opaque, slope_function
from bpsym.calculus.system import SAMPLES, Relation, Role, System
from bpsym.calculus.terms.indexed import name_of, size, subscripts_of
from bpsym.calculus.terms.settled import settle

Subscripts = tuple[int, ...]
Values = Mapping[sp.Basic, sp.Basic]


class Unopened(sp.Function):  # type: ignore[misc]  # sympy has no types
    """f(z, ...) or one of its derivatives; ``opened`` is the calculus's name for the same."""

    opened: type[sp.Function]

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_zero(self) -> bool:
        return False

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if not issubclass(self.opened, Opaque):
            raise ArgumentIndexError(self, argindex)
        return unopened_slope(self.opened.activation, argindex - 1)(*self.args)


class Given(sp.Symbol):  # type: ignore[misc]
    """The symbol of an input, a target or a weight."""

    def diff(self, *symbols: Any, **assumptions: object) -> sp.Expr:
        """What sympy finds too, without its preparations for the general case."""
        symbol, times = _once(symbols)
        if times == 0:
            return self
        return sp.S.One if symbol == self else sp.S.Zero


def given(name: str) -> Given:
    """The symbol of that name; that it is not zero holds for nearly all values."""
    return settle(Given(name, real=True, nonzero=True))


class Part(sp.Dummy):  # type: ignore[misc]
    """A symbol that stands for an expression, and whose derivatives are those of the expression."""

    content: sp.Expr
    depends_on: set[sp.Basic]
    derivatives: dict[sp.Symbol, sp.Expr]

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return self.depends_on

    def diff(self, *symbols: Any, **assumptions: object) -> sp.Expr:
        """sympy's derivative of the content, found once for each symbol and a part again."""
        symbol, times = _once(symbols)
        return self._eval_derivative_n_times(symbol, times)

    def _eval_derivative_n_times(self, symbol: sp.Symbol, times: int) -> sp.Expr:
        """What sympy's Derivative calls; for a plain symbol it would be zero."""
        if times == 0:
            return self
        if symbol not in self.depends_on:
            return sp.S.Zero
        found = self.derivatives.get(symbol)
        if found is None:
            # Without Derivative's search of the result for zeros and for other Derivatives.
            found = self.derivatives[symbol] = part(self.content._eval_derivative(symbol))
        return found


def _once(symbols: tuple[Any, ...]) -> tuple[sp.Symbol, int]:
    """The symbol to differentiate by, and 0 or 1 times: sympy asks with pairs, too."""
    (wanted,) = symbols
    if isinstance(wanted, sp.Symbol):
        return wanted, 1
    symbol, times = wanted
    if times not in (0, 1):
        raise NotImplementedError("a higher derivative")
    return symbol, int(times)


def part(content: sp.Expr) -> sp.Expr:
    """The expression as one node; what has no parts is left as it is."""
    if not content.args:
        return content
    found = settle(Part(real=True, nonzero=True))
    found.content = content
    found.derivatives = {}
    found.depends_on = content.free_symbols
    return found


@cache
def unopened(activation: Activation) -> type[sp.Function]:
    """The activation as a function without content."""
    return type(activation.name, (Unopened,), {"opened": activation.function})


@cache
def unopened_slope(activation: Activation, position: int) -> type[sp.Function]:
    """Its derivative in one argument."""
    opened = slope_function(activation, position)
    return type(opened.__name__, (Unopened,), {"opened": opened})


class Scalars:
    """Symbols for all given elements, and every other element as an expression in them.

    sizes: the number behind each size label.
    """

    def __init__(self, system: System, sizes: Mapping[str, int]) -> None:
        self.system = system
        self.sizes = sizes
        self.tables: dict[str, dict[Subscripts, sp.Expr]] = {}
        self.places: dict[sp.Symbol, tuple[str, Subscripts]] = {}
        self.parts: list[Part] = []
        for tensor in system.of_role(Role.INPUT, Role.TARGET, Role.PARAMETER):
            self.tables[tensor.name] = {}
            spans = [range(1, sizes[label] + 1) for label in tensor.sizes]
            for place in product(*spans):
                text = f"{tensor.name}[{','.join(map(str, place))}]"
                symbol = given(text)
                self.tables[tensor.name][place] = symbol
                self.places[symbol] = (tensor.name, place)

    def cost(self) -> sp.Expr:
        """The cost, nested: nothing but the symbols of given elements in it."""
        for relation in self.system.relations:
            self._write(relation)
        terms = (
            sp.Rational(weight) * self.tables[name][()] for name, weight in self.system.objective
        )
        return sp.Add(*terms)

    def all_parts(self) -> list[Part]:
        """All parts and their derivatives, each after the parts that it is made of."""
        derivatives = (found for each in self.parts for found in each.derivatives.values())
        return [*self.parts, *(found for found in derivatives if isinstance(found, Part))]

    def parameters(self, tensors: tuple[str, ...]) -> list[sp.Symbol]:
        """The symbols of these tensors; one of each tensor first, then the second of each."""
        columns = [list(self.tables[name].values()) for name in tensors]
        longest = max((len(column) for column in columns), default=0)
        return [column[k] for k in range(longest) for column in columns if k < len(column)]

    def _write(self, relation: Relation) -> None:
        equation = self._instance(relation)
        table = self.tables.setdefault(relation.defines, {})
        spans = [range(int(each.first), int(each.last) + 1) for each in equation.ranges.values()]
        for chosen in product(*spans):
            values = dict(zip(equation.ranges, map(sp.Integer, chosen), strict=True))
            place = tuple(int(each.xreplace(values)) for each in subscripts_of(equation.lhs))
            table[place] = self._part(self._expand(equation.rhs, values))

    def _instance(self, relation: Relation) -> Equation:
        formal = relation.formal()
        numbers = {
            symbol: sp.Integer(self.sizes[self.system.tensors[formal[name]].sizes[at]])
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        numbers[size(SAMPLES)] = sp.Integer(self.sizes[SAMPLES])
        return relation.schema.instance(formal, numbers)

    def _expand(self, node: Any, values: Values) -> Any:
        """An index expression at these indices, its sums written out."""
        if isinstance(node, sp.Indexed):
            place = tuple(int(each.xreplace(values)) for each in node.indices)
            return self.tables[name_of(node)][place]
        if isinstance(node, sp.Symbol):
            if node in values:
                return values[node]
            return self.tables[node.name][()]
        if isinstance(node, sp.Sum):
            return self._sum(node.function, tuple(reversed(node.limits)), values)
        if not node.args:
            return node
        function = node.func
        if isinstance(node, Opaque):
            function = unopened(node.activation)
        return function(*(self._inside(each, values) for each in node.args))

    def _inside(self, node: Any, values: Values) -> Any:
        """``_expand``, with a sum, a product, a power or a function as one node."""
        found = self._expand(node, values)
        whole = isinstance(found, sp.Add | sp.Mul | sp.Pow | sp.Function)
        return self._part(found) if whole else found

    def _part(self, content: sp.Expr) -> sp.Expr:
        found = part(content)
        if isinstance(found, Part) and found is not content:
            self.parts.append(found)
        return found

    def _sum(self, body: Any, limits: tuple[Any, ...], values: Values) -> Any:
        if not limits:
            return self._inside(body, values)
        (i, lo, hi), *inner = limits
        span = range(int(lo.xreplace(values)), int(hi.xreplace(values)) + 1)
        return sp.Add(*(self._sum(body, tuple(inner), {**values, i: sp.Integer(k)}) for k in span))
