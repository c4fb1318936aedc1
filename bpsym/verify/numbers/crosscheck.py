"""The reference guarded: differences of the forward pass, which know nothing of the derivation.

Node perturbation. Every pre-activation is moved by a small step and the loss of each sample is
computed again through what comes after it; this gives dC/dz for all samples and units, and then
dW = delta^T a and db = sum delta, exact because z is linear in W and b. The last step is that of
backpropagation too, so a sample of entries is differenced directly, as are all parameters that do
not enter through such a z.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpsym.arrays.evaluate import Evaluator, run
from bpsym.arrays.nodes import Node, Reduce, rebuild, walk
from bpsym.arrays.nodes import Read as ReadNode
from bpsym.calculus.system import SAMPLES, Relation
from bpsym.errors import ProofError

if TYPE_CHECKING:
    from bpsym.arrays.program import Program, Statement
    from bpsym.calculus.system import System
    from bpsym.verify.diagnosis.observe import Array, Point
    from bpsym.verify.numbers.reference import Reference

STEP = 2.0**-16
WIDE = 2.0**-12  # of the differences with four values, whose error is of fourth order
SPOTS = 100
ENTRIES = 400
# Differences are this exact, relative to the largest entry of a gradient.
AGREE = 1e-5
# Rows that are computed at once.
ROWS = 60_000


def crosscheck(reference: Reference, point: Point, *, seed: int = 0) -> dict[str, float]:
    """Compare all gradients with differences; the relative error of each parameter.

    Raises ProofError where they disagree.
    """
    grads = reference.at(point).grads
    decays = {name: decay_gradient(reference, point, name) for name in reference.parameters}
    # What the data contribute may be a hundred thousand times smaller than the decay.
    right = {name: grads[name] - decays[name] for name in reference.parameters}
    errors: dict[str, float] = {}
    found = by_nodes(reference, point)
    for name, value in found.items():
        errors[name] = _relative(value - decays[name], right[name], decays[name])
    rng = np.random.default_rng(seed)
    for name, places in _spots(reference, point, set(found), rng).items():
        at = tuple(np.transpose(places))
        spots = [direct(reference, point, name, place) for place in places]
        for values, exact in zip(np.transpose(spots), (right[name], decays[name]), strict=True):
            scale = float(np.max(np.abs(exact)))
            error = _relative(values, exact[at], decays[name][at], scale)
            errors[name] = max(errors.get(name, 0.0), error)
    for name, error in errors.items():
        if not error <= AGREE:
            raise ProofError.single(
                where=f"gradient in {name} of {reference.derivation.network.name!r}",
                what="the derivation and differences of the loss disagree",
                expected=f"a relative difference below {AGREE:g}",
                got=f"{error:.1e}",
                way_out="this is a fault of bpsym: please report the network",
            )
    return errors


def _relative(value: Array, right: Array, decay: Array, largest: float | None = None) -> float:
    """The difference as a part of the largest entry; ``decay`` was taken off both, and rounds."""
    scale = float(np.max(np.abs(right))) if largest is None else largest
    rounding = 4 * np.finfo(float).eps * np.abs(decay)
    off = float(np.max(np.maximum(np.abs(value - right) - rounding, 0.0), initial=0.0))
    return off / scale if scale else off


def decay_gradient(reference: Reference, point: Point, name: str) -> Array:
    """What the weight decay adds to the gradient in a parameter: ``l2 W``, or zero."""
    readers = reference.system.readers[name]
    count = sum(is_decay(each) for each in readers)
    return count * float(reference.derivation.network.l2) * point.params[name]


def by_nodes(reference: Reference, point: Point) -> dict[str, Array]:
    """All gradients that enter through ``z = W a + b`` only, by node perturbation."""
    system = reference.system
    found: dict[str, Array] = {}
    deltas: dict[str, Array | None] = {}
    values = reference.at(point).values
    for name in reference.parameters:
        readers = system.readers[name]
        if not all(is_dense(each) or is_decay(each) for each in readers):
            continue
        total = np.zeros_like(values[name])
        for relation in readers:
            if is_decay(relation):
                total = total + float(reference.derivation.network.l2) * values[name]
                continue
            z = relation.defines
            if z not in deltas:
                deltas[z] = node_differences(reference, point, z)
            delta = deltas[z]
            if delta is None:
                break
            total = total + _dense_share(relation, name, delta, values)
        else:
            found[name] = total
    return found


def is_dense(relation: Relation) -> bool:
    """Whether a relation is ``z = W a + b``."""
    return relation.schema.label == "dense"


def is_decay(relation: Relation) -> bool:
    """Whether a relation is a term of the weight decay."""
    return relation.schema.label == "decay"


def _dense_share(relation: Relation, name: str, delta: Array, values: Mapping[str, Array]) -> Array:
    """``delta^T a`` for the weight, the sum of delta for the bias."""
    if values[name].ndim == 1:
        return np.asarray(delta.sum(axis=0))
    inputs = [values[each] for each in relation.reads if values[each].ndim == 2 and each != name]
    [source] = inputs
    return np.asarray(delta.T @ source)


def node_differences(reference: Reference, point: Point, z: str) -> Array | None:
    """dC/dz by central differences through what comes after z, every sample and unit.

    None where the loss of one sample depends on another sample.
    """
    program = reference.program
    known = reference.at(point).values
    weights = {name: float(weight) for name, weight in program.system.objective}
    step = STEP * max(1.0, float(np.max(np.abs(known[z])))) * _shrink(reference)
    m, width = known[z].shape
    delta = np.empty((m, width))
    chunk = max(1, ROWS // (2 * m))
    helpers = {helper.name: helper for helper in program.helpers}
    sizes = {**program.system.sizes, SAMPLES: m}
    jump = jump_past(reference, point, z, step)
    hidden, terms = suffix(program, set(jump.targets) if jump else {z})
    nodes = {each.name: per_sample(each.node) for each in terms}
    for first in range(0, width, chunk):
        units = range(first, min(first + chunk, width))
        copies = 2 * len(units)
        tiled = jump.moved(units) if jump else {z: _moved(known[z], units, step)}
        _fill(tiled, (*hidden, *terms), known, copies, program.system)
        evaluator = Evaluator(tiled, sizes, False, np.dtype(np.float64), helpers)
        for statement in hidden:
            tiled[statement.name] = evaluator.value(statement.node)
        total = np.zeros(copies * m)
        for statement in terms:
            value = np.asarray(evaluator.value(nodes[statement.name]))
            if value.shape != (copies * m,):
                return None
            total = total + weights[statement.name] * value
        loss = total.reshape(len(units), 2, m)
        delta[:, first : first + len(units)] = ((loss[:, 0] - loss[:, 1]) / (2 * step)).T
    return delta


def suffix(program: Program, moved: set[str]) -> tuple[list[Statement], list[Statement]]:
    """The terms of the cost that depend on what is moved, and the hidden tensors on the way."""
    weights = {name for name, _ in program.system.objective}
    affected, found = set(moved), []
    for statement in (*program.forward, *program.cost):
        if reads_of(statement) & affected and statement.name not in moved:
            affected.add(statement.name)
            found.append(statement)
    terms = [each for each in found if each.name in weights]
    needed = {name for each in terms for name in reads_of(each)}
    hidden = []
    for each in reversed(found):
        if each.name in needed and each.name not in weights:
            needed |= reads_of(each)
            hidden.append(each)
    return hidden[::-1], terms


def reads_of(statement: Statement) -> set[str]:
    """The names that a statement reads."""
    return {each.name for each in walk(statement.node) if isinstance(each, ReadNode)}


def _fill(
    tiled: dict[str, Array],
    statements: tuple[Statement, ...],
    known: Mapping[str, Array],
    copies: int,
    system: System,
) -> None:
    """Put beside what is moved the arrays that stay, one copy for each move."""
    defined = {statement.name for statement in statements}
    for statement in statements:
        for each in walk(statement.node):
            if isinstance(each, ReadNode) and each.name not in tiled and each.name not in defined:
                value = np.asarray(known[each.name])
                sampled = SAMPLES in system.tensors[each.name].sizes
                tiled[each.name] = np.tile(value, (copies, 1)) if sampled else value


def _moved(value: Array, units: range, step: float) -> Array:
    """Copies of an array with one unit up and down, unit by unit."""
    m, width = value.shape
    moved = np.tile(value, (2 * len(units), 1)).reshape(len(units), 2, m, width)
    for at, unit in enumerate(units):
        moved[at, 0, :, unit] += step
        moved[at, 1, :, unit] -= step
    return moved.reshape(-1, width)


@dataclass(frozen=True, eq=False)
class Jump:
    """One unit of z moves one unit of a = f(z), and that moves every z' = W a by a column of W.

    name: of a. up, down: f at z + step and z - step. targets: the z' and their weights.
    """

    name: str
    a: Array
    up: Array
    down: Array
    targets: Mapping[str, tuple[Array, Array]]

    def moved(self, units: range) -> dict[str, Array]:
        """The values of every z' for one unit after another, up and down."""
        at = slice(units.start, units.stop)
        changes = np.stack([(each - self.a)[:, at].T for each in (self.up, self.down)], axis=1)
        found: dict[str, Array] = {}
        for name, (value, weight) in self.targets.items():
            columns = weight[:, at].T
            moved = value + changes[..., None] * columns[:, None, None, :]
            found[name] = moved.reshape(-1, value.shape[1])
        return found


def jump_past(reference: Reference, point: Point, z: str, step: float) -> Jump | None:
    """The short way past an activation, where z feeds nothing else and a feeds dense layers."""
    system, program = reference.system, reference.program
    readers = system.readers[z]
    if len(readers) != 1 or readers[0].schema.activation is None:
        return None
    a = readers[0].defines
    after = system.readers[a]
    read_by_cost = {
        each.name for s in program.cost for each in walk(s.node) if isinstance(each, ReadNode)
    }
    if not after or not all(map(is_dense, after)) or read_by_cost & {z, a}:
        return None
    known = reference.at(point).values
    [statement] = [each for each in program.forward if each.name == a]
    helpers = {helper.name: helper for helper in program.helpers}
    sides = []
    for offset in (step, -step):
        values = {**known, z: known[z] + offset}
        sizes = {**system.sizes, SAMPLES: point.m}
        evaluator = Evaluator(values, sizes, False, np.dtype(np.float64), helpers)
        sides.append(evaluator.value(statement.node))
    targets = {}
    for relation in after:
        if relation.defines in targets:
            return None
        [weight] = [n for n in relation.reads if n in point.params and known[n].ndim == 2]
        targets[relation.defines] = known[relation.defines], known[weight]
    return Jump(a, known[a], sides[0], sides[1], targets)


def _shrink(reference: Reference) -> float:
    """Smaller steps where there are kinks to stay away from."""
    from bpsym.verify.numbers.points import kinks_of

    return 2.0**-5 if kinks_of(reference) else 1.0


def per_sample(node: Node) -> Node:
    """A term of the cost without its sum over the samples."""
    sample = "n"

    def keep(each: Node) -> Node:
        if not isinstance(each, Reduce) or sample not in each.argument.axes:
            return each
        at = each.argument.axes.index(sample)
        positions = tuple(place for place in each.positions if place != at)
        return Reduce(each.argument, positions, each.keep) if positions else each.argument

    return rebuild(node, keep)


def direct(
    reference: Reference, point: Point, name: str, place: tuple[int, ...]
) -> tuple[float, float]:
    """One entry by differences of the loss: of the terms of the data, and of the decay.

    Every term is differenced by itself: one that does not move leaves no rounding behind.
    """
    values = point.values
    step = WIDE * _shrink(reference) ** 2
    program = reference.program
    decays = {each.defines for each in program.system.relations if is_decay(each)}
    terms = [(term, float(weight)) for term, weight in program.system.objective]

    def losses(offset: float) -> Array:
        moved = np.array(values[name])
        moved[place] += offset
        result = run(program, {**values, name: moved}, gradients=False)
        return np.array([weight * float(result[term]) for term, weight in terms])

    near, far = losses(step) - losses(-step), losses(2 * step) - losses(-2 * step)
    slopes = (8 * near - far) / (12 * step)
    decaying = np.array([term in decays for term, _ in terms])
    return float(np.sum(slopes[~decaying])), float(np.sum(slopes[decaying]))


def _spots(
    reference: Reference, point: Point, done: set[str], rng: np.random.Generator
) -> dict[str, list[tuple[int, ...]]]:
    """What is differenced directly: a few entries of the parameters done, many of the others."""
    shapes = {name: point.params[name].shape for name in reference.parameters}
    each = max(2, SPOTS // max(1, len(shapes)))
    return {
        name: list(_places(shape, min(each, 8) if name in done else ENTRIES, rng))
        for name, shape in shapes.items()
    }


def _places(
    shape: tuple[int, ...], most: int, rng: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    size = int(np.prod(shape))
    chosen = range(size) if size <= most else rng.choice(size, most, replace=False)
    for at in chosen:
        yield tuple(int(i) for i in np.unravel_index(int(at), shape))
