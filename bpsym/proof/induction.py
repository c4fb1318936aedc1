"""Any depth: the recursion proven with the layer number as an index, held against brute force.

Three parts. The rule: with the layer number as an index it gives the recursion, its base at l = L
and its step from l+1 to l. The step by itself: for an arbitrary function of z[l+1], or of a[L] for
the base, sympy's derivatives are what the recursion says, the partial derivatives of the arbitrary
function being unknowns. And the unrolled recursion against the derivatives of the whole cost for
L = 1, ..., 4, so that the rule is not proven by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import sympy as sp
from sympy.core.function import ArgumentIndexError

from bpsym.calculus.delta import SAMPLE_COUNT
from bpsym.calculus.depth.batch import BatchAnyDepth, any_depth_of_batch
from bpsym.calculus.depth.recursion import (
    LAYERS,
    AnyDepth,
    LayerFunction,
    Unspecified,
    any_depth,
    any_depth_with_thresholds,
)
from bpsym.calculus.equations import Equation
from bpsym.calculus.index_system import Domain
from bpsym.proof.brute_force.index_systems import prove_index_system
from bpsym.proof.brute_force.scalars import given, part
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.equality import POINTS, Setting, prove_equality
from bpsym.proof.evaluate.point import NoElementError, Point
from bpsym.proof.evaluate.shared import Shared
from bpsym.proof.values.field import DRAWN, Field

WHERE = "any depth"
DEPTHS = (1, 2, 3, 4)
BATCH_DEPTHS, BATCH = (1, 2, 3), 2
# n(0), n(1), ...: neighbours differ, so that no transpose can hide.
WIDTHS = (2, 3, 1, 2, 1)
# Widths of a layer and of the one above it.
PAIRS = ((1, 2), (2, 3), (3, 2))

# How the rules begin of what is written out for given numbers of layers.
UNROLLED, WITH_THRESHOLDS, OF_BATCH = "unrolled", "with thresholds", "a batch of"
# What is proven of one layer by itself, whatever is above it.
STEP, BASE = "step for an arbitrary cost of z[l+1]", "base for an arbitrary cost of a[L]"

Places = dict[tuple[str, tuple[int, ...]], sp.Expr]


class ArbitraryCost(Unspecified):
    """A function of several values of which nothing is known."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        return cost_slope(argindex)(*self.args)


@cache
def cost_slope(position: int) -> type[sp.Function]:
    """The derivative of an ``ArbitraryCost`` in one argument: an unknown of its own."""
    return type(f"ArbitraryCost_{position}", (Unspecified,), {})


@lru_cache(maxsize=8)
def prove_any_depth(seed: int = 0) -> tuple[Equality, ...]:
    """Prove the recursion for layered networks of any depth."""
    return prove_recursion(any_depth(), seed)


def prove_recursion(found: AnyDepth, seed: int = 0) -> tuple[Equality, ...]:
    """Prove what is claimed for any depth: the adjoint equations, base and step."""
    return (*_by_the_rule(found, seed), *_one_layer(found, seed), *_unrolled(found, seed))


@lru_cache(maxsize=8)
def prove_any_depth_of_batch(seed: int = 0) -> tuple[Equality, ...]:
    """Prove the recursion of a batch: each column by that of one sample, and all together unrolled.

    The loss of a sample depends on its own column alone, so that the induction is that of one
    sample; how the samples add up in the gradients is held against brute force.
    """
    return (*prove_any_depth(seed), *prove_batch(any_depth_of_batch(), seed))


@lru_cache(maxsize=8)
def prove_any_depth_with_thresholds(seed: int = 0) -> tuple[Equality, ...]:
    """Prove the recursion where b is subtracted: that of biases, and what the sign turns."""
    turned = _unrolled(any_depth_with_thresholds(), seed)
    return (
        *prove_any_depth(seed),
        *(replace(each, rule=each.rule.replace(UNROLLED, WITH_THRESHOLDS)) for each in turned),
    )


def prove_batch(found: BatchAnyDepth, seed: int = 0) -> tuple[Equality, ...]:
    """What is claimed for a batch, with its scaled adjoints, against sympy's derivatives."""
    equalities = []
    for depth in BATCH_DEPTHS:
        rows = prove_index_system(
            found.plain.system,
            found.unscaled(),
            {LAYERS: depth, SAMPLE_COUNT: BATCH},
            ("W", "b"),
            _width,
            seed,
        )
        failed = [each for each in rows if not each.ok]
        shown = failed[0] if failed else max(rows, key=lambda each: each.error_bound or 0.0)
        rule = f"{OF_BATCH} {BATCH} samples, L = {depth}"
        note = f"{len(rows)} gradients against brute force"
        equalities.append(replace(shown, rule=rule, where=WHERE, kind="induction", note=note))
    return tuple(equalities)


def _width(name: str, place: tuple[int, ...]) -> int:
    if not 0 <= place[0] < len(WIDTHS):
        raise NoElementError(f"there is no layer {place[0]}")
    return WIDTHS[place[0]]


def _by_the_rule(found: AnyDepth, seed: int) -> list[Equality]:
    """What the rule states is what was solved; base and step are its two cases."""
    system = found.system
    domains = {**system.domains, **system.adjoint_domains()}
    in_a = found.adjoint("a")
    in_z = found.adjoint("z")
    vectors = [{LAYERS: depth} for depth in (2, 1, 3)]
    free = Setting(vectors, (), domains, whole=_width, seed=seed)
    defined = Setting(vectors, (in_a,), domains, whole=_width, seed=seed)
    rows: list[tuple[str, sp.Expr, Equation, Setting]] = [
        (f"the rule for {each.equation.lhs}", each.stated, each.equation, free)
        for each in found.adjoints
    ]
    last_layer = in_z.rhs.xreplace({next(iter(in_z.ranges)): LAYERS})
    rows.append(("base: the last layer", last_layer, found.base, defined))
    rows.append(("step: from layer l+1 to layer l", in_z.rhs, found.step, defined))
    equalities = []
    for rule, left, equation, setting in rows:
        domain: Domain = tuple(equation.ranges.items())
        proven = prove_equality(rule, WHERE, left, equation.rhs, domain, setting)
        note = "depths 1, 2, 3" if proven.ok else proven.note
        equalities.append(replace(proven, kind="induction", note=note))
    return equalities


def _one_layer(found: AnyDepth, seed: int) -> list[Equality]:
    """The step for an arbitrary cost of z[l+1], the base for one of a[L], by sympy's ``diff``."""
    step_parts = (found.step, found.adjoint("W"), found.adjoint("b"))
    above = _Layer(found, "delta", step_parts)
    last = _Layer(found, "g", (found.base,))
    return [
        above.proven(STEP, _cost_of_next_layer, seed),
        last.proven(BASE, _cost_of_outputs, seed),
    ]


def _symbols(name: str, places: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], sp.Symbol]:
    return {place: given(f"{name}{list(place)}") for place in places}


def _cost_of_next_layer(
    lower: int, upper: int
) -> tuple[sp.Expr, Places, dict[tuple[str, tuple[int, ...]], sp.Symbol]]:
    """C(z[2,1], ..., z[2,n]) with z[2] written out; what plays delta[2]; its variables."""
    z = _symbols("z", [(1, j) for j in range(1, lower + 1)])
    weights = [(2, i, j) for i in range(1, upper + 1) for j in range(1, lower + 1)]
    W, b = _symbols("W", weights), _symbols("b", [(2, i) for i in range(1, upper + 1)])
    a = {j: part(LayerFunction(sp.S.One, z[1, j])) for j in range(1, lower + 1)}
    above = [
        part(sp.Add(*(part(W[2, i, j] * a[j]) for j in range(1, lower + 1)), b[2, i]))
        for i in range(1, upper + 1)
    ]
    partials: Places = {("delta", (2, i)): cost_slope(i)(*above) for i in range(1, upper + 1)}
    tables = (("z", z), ("W", W), ("b", b))
    variables = {(name, place): v for name, table in tables for place, v in table.items()}
    return part(ArbitraryCost(*above)), partials, variables


def _cost_of_outputs(
    lower: int, upper: int
) -> tuple[sp.Expr, Places, dict[tuple[str, tuple[int, ...]], sp.Symbol]]:
    """C(a[2,1], ..., a[2,n]) in z[2]; what plays g; its variables."""
    z = _symbols("z", [(2, i) for i in range(1, upper + 1)])
    outputs = [part(LayerFunction(sp.Integer(2), z[2, i])) for i in range(1, upper + 1)]
    partials: Places = {("g", (i,)): cost_slope(i)(*outputs) for i in range(1, upper + 1)}
    return part(ArbitraryCost(*outputs)), partials, {("z", place): v for place, v in z.items()}


Written = Callable[[int, int], tuple[sp.Expr, Places, dict[tuple[str, tuple[int, ...]], sp.Symbol]]]


class _Layer:
    """The formulas of one layer, of a network of two, over an arbitrary cost of what it gives.

    upstream: the tensor that stands for the partial derivatives of the cost.
    """

    def __init__(self, found: AnyDepth, upstream: str, formulas: Sequence[Equation]) -> None:
        self.found = found
        self.upstream = upstream
        self.formulas = formulas

    def proven(self, rule: str, written: Written, seed: int) -> Equality:
        """Compare all derivatives with the formulas, for several pairs of widths."""
        for lower, upper in PAIRS:
            cost, partials, variables = written(lower, upper)
            raw = {place: cost.diff(symbol) for place, symbol in variables.items()}
            for k in range(POINTS):
                wrong = self._compare(raw, partials, variables, (1, lower, upper), (seed, rule, k))
                if wrong is not None:
                    return Equality(rule, WHERE, "induction", None, False, "", wrong)
        pairs = ", ".join(f"{lower} to {upper}" for lower, upper in PAIRS)
        # The formulas are polynomials of degree 3 in the unknowns: W, f' and the partials.
        return Equality(rule, WHERE, "induction", (6 / DRAWN) ** POINTS, True, f"widths {pairs}")

    def _compare(
        self,
        raw: Mapping[tuple[str, tuple[int, ...]], sp.Expr],
        partials: Places,
        variables: Mapping[tuple[str, tuple[int, ...]], sp.Symbol],
        widths: tuple[int, ...],
        seed: object,
    ) -> Counterexample | None:
        system = self.found.system
        field = Field()
        field.restart(seed)
        forward = [equation for equation in system.equations if equation.tensor == "a"]
        domains = {**system.domains, **system.adjoint_domains()}
        point = Point(field, forward, domains, whole=lambda name, place: widths[place[0]])
        sizes = {LAYERS: 2}
        point.restart(sizes)
        values = {symbol: field.draw() for symbol in variables.values()}
        shared = Shared(field, values.__getitem__)
        for (name, place), symbol in variables.items():
            point.tables.setdefault(name, {})[place] = values[symbol]
        for (name, place), partial in partials.items():
            point.tables.setdefault(name, {})[place] = shared.value(partial)([])
        claims = {equation.tensor: equation for equation in self.formulas}
        for (name, place), expr in raw.items():
            equation = claims[system.adjoint_name(name)]
            closure = point.compiler.value(equation.rhs)
            free = [i for i in equation.subscripts() if i in equation.ranges]
            at = dict(zip(free, place[len(place) - len(free) :], strict=True))
            derivative = shared.value(expr)([])
            try:
                claimed: int | str = point.evaluate(closure, at)
            except NoElementError as reason:
                claimed = str(reason)
            if derivative != claimed:
                named = {f"n({k})": width for k, width in enumerate(widths)}
                return Counterexample(named, place, str(derivative), str(claimed))
        return None


def _unrolled(found: AnyDepth, seed: int) -> list[Equality]:
    """The recursion for L = 1, ..., 4 against sympy's derivatives of the whole cost."""
    equations = [each.equation for each in found.adjoints]
    equalities = []
    for depth in DEPTHS:
        rule = f"{UNROLLED}, L = {depth}"
        rows = prove_index_system(
            found.system, equations, {LAYERS: depth}, ("W", "b"), _width, seed
        )
        failed = [each for each in rows if not each.ok]
        shown = failed[0] if failed else max(rows, key=lambda each: each.error_bound or 0.0)
        note = f"{len(rows)} gradients against brute force"
        equalities.append(replace(shown, rule=rule, where=WHERE, kind="induction", note=note))
    return equalities
