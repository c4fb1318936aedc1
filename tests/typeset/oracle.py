"""What index equations are worth, by walking sympy's tree: nothing of typeset is used here."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.slopes.activation import Opaque, OpaqueSlope
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.calculus.terms.indexed import Iverson, name_of
from bpsym.network.build import BuiltNetwork

M = 3
ELEMENTARY = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "cosh": math.cosh,
    "sinh": math.sinh,
    "sin": math.sin,
    "cos": math.cos,
    "atan": math.atan,
    "erf": math.erf,
    "Abs": abs,
    "sign": lambda u: float(np.sign(u)),
}
STEP = 1e-5


def sizes_of(system: System) -> dict[str, int]:
    """The number behind each size label, m included."""
    return {**system.sizes, SAMPLES: M}


class SympyValue:
    """Values of expressions for given arrays, sizes and indices."""

    def __init__(self, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self.arrays = arrays
        self.sizes = sizes

    def of(self, node: Any, env: Mapping[str, float]) -> Any:
        match node:
            case sp.Indexed():
                places = [int(self.of(each, env)) for each in node.indices]
                assert all(place >= 1 for place in places)
                return self.arrays[name_of(node)][tuple(place - 1 for place in places)]
            case sp.Symbol():
                for known in (env, self.sizes, self.arrays):
                    if node.name in known:
                        return known[node.name]
                raise KeyError(node.name)
            case sp.Sum():
                return self._sum(node.function, list(node.limits), env)
            case sp.Mul():
                values = []
                for each in sorted(node.args, key=lambda each: not each.has(sp.Piecewise)):
                    values.append(self.of(each, env))
                    if values[-1] == 0:
                        return 0.0
                return math.prod(values)
            case sp.Add():
                return sum(self.of(each, env) for each in node.args)
            case sp.Pow():
                return self.of(node.base, env) ** float(node.exp)
            case sp.Piecewise():
                return next(self.of(v, env) for v, test in node.args if self.holds(test, env))
            case Iverson():
                return float(self.holds(node.args[0], env))
            case sp.KroneckerDelta():
                left, right = (self.of(each, env) for each in node.args)
                return float(left == right)
            case Opaque() | OpaqueSlope():
                return self._activation(node, [self.of(each, env) for each in node.args])
            case sp.Function() if type(node).__name__ in PRIMITIVES:
                if type(node).__name__ == "xlogx" and self.of(node.args[0], env) == 0:
                    return 0.0
                return self.of(node.definition(*node.args), env)
            case sp.Function():
                return ELEMENTARY[type(node).__name__](self.of(node.args[0], env))
            case _:
                return float(node)

    def holds(self, test: Any, env: Mapping[str, float]) -> bool:
        match test:
            case sp.And():
                return all(self.holds(each, env) for each in test.args)
            case sp.Not():
                return not self.holds(test.args[0], env)
            case sp.core.relational.Relational():
                left, right = self.of(test.lhs, env), self.of(test.rhs, env)
                return bool(
                    {"==": left == right, "<": left < right, "<=": left <= right}.get(
                        test.rel_op,
                        {">": left > right, ">=": left >= right}.get(test.rel_op, left != right),
                    )
                )
            case _:
                return bool(test)

    def _sum(self, body: Any, limits: list[Any], env: Mapping[str, float]) -> float:
        if not limits:
            return self.of(body, env)
        *inner, (i, lower, upper) = limits
        numbers = range(int(self.of(lower, env)), int(self.of(upper, env)) + 1)
        return sum(self._sum(body, inner, {**env, i.name: number}) for number in numbers)

    def _activation(self, node: Any, values: list[float]) -> float:
        """f by its expression, its derivatives by a difference of fourth order."""
        activation = node.activation
        names = (U, *activation.learned)

        def f(*at: float) -> float:
            known = {name.name: value for name, value in zip(names, at, strict=True)}
            return SympyValue(known, self.sizes).of(activation.expression, {})

        if isinstance(node, Opaque):
            return f(*values)

        def moved(times: int) -> float:
            at = list(values)
            at[node.position] += times * STEP
            return f(*at)

        near, far = moved(1) - moved(-1), moved(2) - moved(-2)
        return (8 * near - far) / (12 * STEP)


def shape_of(name: str, system: System) -> tuple[int, ...]:
    """The shape of a tensor."""
    return tuple(sizes_of(system)[label] for label in system.tensors[name].sizes)


def random_arrays(built: BuiltNetwork) -> dict[str, Any]:
    """Inputs, parameters and targets, drawn as the losses need them; the same at each call."""
    system, arrays = built.system, {}
    kinds = {
        built.targets[str(loss.target)]: built.target_kind(loss)
        for loss in built.network.losses
        if loss.target is not None
    }
    for name, tensor in system.tensors.items():
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        shape = shape_of(name, system)
        if tensor.role is Role.TARGET:
            arrays[name] = target(kinds[name], shape, rng, sums=tensor.sums_to_one)
        elif tensor.role in (Role.INPUT, Role.PARAMETER):
            arrays[name] = rng.normal(size=shape)
    return arrays


def target(kind: str, shape: tuple[int, ...], rng: Any, *, sums: bool) -> Any:
    """Targets of a kind that ``BuiltNetwork.target_kind`` names."""
    match kind:
        case "distribution":
            values = rng.random(shape) + 0.1
            return values / values.sum(axis=1, keepdims=True) if sums else values
        case "unit":
            return rng.random(shape)
        case "signs":
            return rng.choice([-1.0, 1.0], size=shape)
        case "positive":
            return rng.random(shape) + 0.1
        case _:
            return rng.normal(size=shape)


def relation_equation(relation: Any, system: System) -> Equation:
    """A relation in actual names, sizes as symbols of their labels."""
    formal = relation.formal()
    sizes = {
        symbol: sp.Symbol(system.tensors[formal[name]].sizes[at], integer=True, positive=True)
        for symbol, (name, at) in relation.schema.size_of.items()
    }
    return relation.schema.instance(formal, sizes)


def forward(arrays: Mapping[str, Any], system: System) -> dict[str, Any]:
    """All tensors of a system, from its inputs, parameters and targets."""
    known = dict(arrays)
    value = SympyValue(known, sizes_of(system))
    for relation in system.relations:
        each = relation_equation(relation, system)
        name = relation.defines
        if not each.ranges:
            known[name] = value.of(each.rhs, {})
            continue
        known.setdefault(name, np.full(shape_of(name, system), np.nan))
        for env in environments(each, value):
            place = tuple(int(value.of(s, env)) - 1 for s in each.lhs.indices)
            known[name][place] = value.of(each.rhs, env)
    return known


def environments(each: Equation, value: SympyValue) -> list[dict[str, int]]:
    """All values of the indices of an equation."""
    found: list[dict[str, int]] = [{}]
    for i, limits in each.ranges.items():
        first, last = (int(value.of(side, {})) for side in (limits.first, limits.last))
        found = [{**env, i.name: k} for env in found for k in range(first, last + 1)]
    return found


def cost(arrays: Mapping[str, Any], system: System) -> float:
    """The cost, as the objective declares it."""
    known = forward(arrays, system)
    return float(sum(float(weight) * known[name] for name, weight in system.objective))


def difference(arrays: dict[str, Any], name: str, place: tuple[int, ...], system: System) -> float:
    """The derivative of the cost in one number, by a central difference."""

    def at(times: int) -> float:
        moved = np.array(arrays[name])
        moved[place] += times * STEP
        return cost({**arrays, name: moved}, system)

    return (at(1) - at(-1)) / (2 * STEP)
