"""Strictly entry by entry: every weight moved by itself, the loss computed again.

What comes before a weight does not change, so it is computed once. Moving W[i,j] moves z[n,i] by
h x[n,j], one unit of a = f(z), and every z' = W' a by a column of W': only from there on whole rows
are computed, a block of entries at a time, small enough to stay in the processor's cache.
Differences are one-sided, so that a sample is computed once for each entry. Samples are columns
here: a sum over the few classes of very many samples is fast that way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.arrays.evaluate import Evaluator
from bpsym.arrays.nodes import Node, Read, Rowwise, walk
from bpsym.calculus.system import SAMPLES, Relation
from bpsym.verify.numbers.crosscheck import is_decay, is_dense, jump_past, per_sample, suffix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpsym.verify.diagnosis.observe import Array, Point
    from bpsym.verify.numbers.reference import Reference

STEP = 2.0**-24
# Numbers in one block: a quarter of a megabyte, which a second-level cache holds.
BLOCK = 30_000


def by_entries(reference: Reference, point: Point) -> dict[str, Array]:
    """All gradients that enter through one dense layer only, by one difference for each entry.

    Exact to about 1e-6 of the largest entry.
    """
    found: dict[str, Array] = {}
    for name in reference.parameters:
        readers = reference.system.readers[name]
        dense = [each for each in readers if is_dense(each)]
        if len(dense) != 1 or not all(is_dense(each) or is_decay(each) for each in readers):
            continue
        value = _entries(reference, point, name, dense[0])
        if value is None:
            continue
        if len(readers) > 1:
            decay = float(reference.derivation.network.l2)
            value = value + decay * (point.params[name] + STEP / 2)
        found[name] = value
    return found


def _entries(reference: Reference, point: Point, name: str, relation: Relation) -> Array | None:
    known = reference.at(point).values
    z = relation.defines
    inputs = [known[n] for n in relation.reads if n not in point.params]
    bias = point.params[name].ndim == 1
    moves = np.ones((1, point.m)) if bias else np.ascontiguousarray(inputs[0].T)
    cost = _Cost(reference, point, z)
    if cost.base is None:
        return None
    gradient = np.empty((known[z].shape[1], len(moves)))
    per_block = max(1, BLOCK // (point.m * cost.width))
    for unit in range(gradient.shape[0]):
        for first in range(0, len(moves), per_block):
            block = moves[first : first + per_block]
            losses = cost.moved(unit, STEP * block)
            if losses is None:
                return None
            gradient[unit, first : first + per_block] = (losses - cost.base).sum(axis=1) / STEP
    return gradient[:, 0] if bias else gradient


def _stored(reference: Reference, point: Point) -> dict[str, Array]:
    """All values at a point, samples as columns and vectors of units as (n, 1)."""
    found: dict[str, Array] = {}
    tensors = reference.system.tensors
    for name, value in reference.at(point).values.items():
        sampled = name in tensors and SAMPLES in tensors[name].sizes
        turned = np.ascontiguousarray(value.T) if sampled else np.asarray(value)
        found[name] = turned[:, None] if turned.ndim == 1 and not sampled else turned
    return found


class _Plain(Evaluator):
    """Evaluates samples as columns, the logarithm of a softmax in as few passes as can be.

    The kernel of that name keeps digits of very small losses that differences do not show.
    """

    def value(self, node: Node) -> Array:
        if isinstance(node, Rowwise) and node.kernel == "log_softmax":
            z = self.value(node.argument)
            shifted = z - z.max(axis=0)
            shifted -= np.log(np.exp(shifted).sum(axis=0))
            return np.asarray(shifted)
        return super().value(node)


class _Cost:
    """The loss of each sample as a function of one unit of z.

    base: where nothing is moved; None where samples depend on each other. width: numbers per row.
    """

    def __init__(self, reference: Reference, point: Point, z: str) -> None:
        program = reference.columns
        self.point, self.z = point, z
        self.known = _stored(reference, point)
        self.jump = jump_past(reference, point, z, 0.0)
        roots = set(self.jump.targets) if self.jump else {z}
        self.hidden, self.terms = suffix(program, roots)
        self.weights = {name: float(weight) for name, weight in program.system.objective}
        self.nodes = {each.name: per_sample(each.node) for each in self.terms}
        self.sizes = {**program.system.sizes, SAMPLES: point.m}
        self.helpers = {helper.name: helper for helper in program.helpers}
        self.sampled = {
            each.name for each in program.system.tensors.values() if SAMPLES in each.sizes
        }
        statements = (*self.hidden, *self.terms)
        defined = {each.name for each in statements} | roots
        self.stays = {
            each.name
            for statement in statements
            for each in walk(statement.node)
            if isinstance(each, Read) and each.name not in defined
        }
        self.tiles: dict[int, dict[str, Array]] = {}
        widths = [self.known[each].shape[0] for each in roots]
        widths += [self.known[each.name].shape[0] for each in self.hidden]
        self.width = max(widths)
        if self.jump:
            [activation] = [each for each in program.forward if each.name == self.jump.name]
            self.activation = activation.node
            self.learned = {e.name for e in walk(activation.node) if isinstance(e, Read)} - {z}
        self.base = self._losses({name: self.known[name] for name in roots}, 1)
        if self.base is not None:
            self.base = self.base.reshape(point.m)

    def moved(self, unit: int, offsets: Array) -> Array | None:
        """The losses (k, m) with z[:, unit] moved by each row of ``offsets`` (k, m)."""
        copies, m = offsets.shape
        if self.jump is None:
            moved = np.tile(self.known[self.z], copies)
            moved[unit] += offsets.reshape(-1)
            losses = self._losses({self.z: moved}, copies)
        else:
            # A slope that is learned for each unit comes as that of this unit.
            own = {n: value[unit] for n, value in self.point.params.items() if value.ndim == 1
                   and n in self.learned}  # fmt: skip
            values: Mapping[str, Any] = {
                **self.known,
                **own,
                self.z: self.known[self.z][unit] + offsets,
            }
            evaluator = Evaluator(values, self.sizes, True, np.dtype(np.float64), self.helpers)
            change = evaluator.value(self.activation) - self.known[self.jump.name][unit]
            roots = {
                name: (value.T[:, None, :] + weight[:, unit, None, None] * change).reshape(
                    value.shape[1], -1
                )
                for name, (value, weight) in self.jump.targets.items()
            }
            losses = self._losses(roots, copies)
        return None if losses is None else losses.reshape(copies, m)

    def _losses(self, roots: dict[str, Array], copies: int) -> Array | None:
        if copies not in self.tiles:
            self.tiles[copies] = {
                name: np.tile(self.known[name], copies)
                if name in self.sampled
                else np.asarray(self.known[name])
                for name in self.stays
            }
        values = {**self.tiles[copies], **roots}
        evaluator = _Plain(values, self.sizes, True, np.dtype(np.float64), self.helpers)
        for statement in self.hidden:
            values[statement.name] = evaluator.value(statement.node)
        total = np.zeros(copies * self.point.m)
        for statement in self.terms:
            value = evaluator.value(self.nodes[statement.name])
            if np.shape(value) != total.shape:
                return None
            total = total + self.weights[statement.name] * value
        return total
