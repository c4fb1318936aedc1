"""From an index expression to array operations.

    sum_j W[i,j] a[n,j] + b[i]        a @ W.T + b
    sum_n delta[n,i] a[n,j]           delta.T @ a
    sum_k delta[n,k] W[k,i] f'        delta @ W * f'

A sum over one index of two groups of factors with one further index each is a matrix product; a
sum of entries of one array is a reduction; anything else is an einsum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from bpsym.arrays.activations import computed
from bpsym.arrays.layout import Layout
from bpsym.arrays.logarithms import Unbounded
from bpsym.arrays.nodes import (
    Axes,
    Constant,
    Einsum,
    Elementwise,
    Expand,
    MatMul,
    Node,
    Read,
    Reduce,
    Rowwise,
    Transpose,
    Window,
)
from bpsym.arrays.order import by_role, terms_in_order
from bpsym.arrays.quotients import by_logarithmic_slopes
from bpsym.arrays.stable import (
    Emitted,
    elementwise_function,
    exponential_minus_one,
    factored_cases,
    log_softmax,
    logsumexp,
    softmax,
    softmax_index,
    stable_forms,
)
from bpsym.calculus.activation import Activation, Opaque, OpaqueSlope
from bpsym.calculus.indexed import Iverson, name_of
from bpsym.calculus.system import SAMPLES
from bpsym.errors import EmitError


@dataclass(frozen=True)
class Storage:
    """What lowering must know of the tensors of a formula.

    shapes: the size labels of each tensor and adjoint; widths: the number behind a label, if known.
    ranks: 0 for error signals, 1 for parameters, 2 for activations, 4 for targets: the order in
    which factors are written. outputs: the tensor of each activation of a pre-activation.
    """

    layout: Layout
    shapes: Mapping[str, tuple[str, ...]]
    widths: Mapping[str, int]
    ranks: Mapping[str, int]
    outputs: Mapping[tuple[str, Activation], str]


class Lowering:
    """Lowers the right side of one equation."""

    def __init__(
        self, storage: Storage, samples: frozenset[str], sizes: Mapping[str, str] | None = None
    ) -> None:
        """``samples``: the index letters that run over samples; ``sizes``: labels by letter."""
        self.storage = storage
        self.samples = samples
        self.sizes = dict(sizes or {})
        self.target: Axes = ()

    @property
    def target_letters(self) -> tuple[str, ...]:
        """The index letters of the array that is wanted in the end, in its order."""
        return tuple(axis for axis in self.target if axis is not None)

    def to_storage(self, expr: sp.Expr, target: Axes, like: Read | None = None) -> Node:
        """The array of ``expr`` with exactly the axes ``target``.

        like: an array with these axes, for an expression that does not run over all of them.
        """
        self.target = target
        expr = by_logarithmic_slopes(expr, self.storage.outputs)
        node = self.lower(stable_forms(expr), self.target_letters)
        if like is not None and not set(self.target_letters) <= set(node.axes):
            return self._filled(like, node, target)
        return self._shaped(node, target)

    def _filled(self, like: Read, node: Node, target: Axes) -> Node:
        """What is the same all along an axis, or everywhere: an array of it."""
        if node == Constant(Fraction(0)):
            return Elementwise("zeros_like", (like,), target)
        return Elementwise("full_like", (like, self._fit(node, target)), target)

    def _shaped(self, node: Node, target: Axes) -> Node:
        if node.axes == target:
            return node
        if isinstance(node, Reduce):
            for keep in (True, False):
                again = Reduce(node.argument, node.positions, keep)
                if again.axes == target:
                    return again
        if node.axes == target[::-1] and len(target) == 2:
            return Transpose(node)
        return Expand(node, target)

    def lower(self, expr: sp.Expr, order: tuple[str, ...]) -> Node:
        """The array of an expression, its axes in the order of ``order``."""
        if isinstance(expr, sp.Indexed):
            return self._read(expr, order)
        if isinstance(expr, sp.Sum):
            return self._sum(expr, order)
        if isinstance(expr, sp.Symbol):
            return Constant(expr.name) if expr.is_integer else Read(expr.name, ())
        if isinstance(expr, sp.Rational):
            return Constant(Fraction(int(expr.p), int(expr.q)))
        if expr.is_number and not expr.has(sp.Piecewise):
            return Constant(Fraction(float(expr)))
        if isinstance(expr, sp.Add):
            return self._add(expr, order)
        if isinstance(expr, sp.Mul):
            return self._mul(expr, order)
        if isinstance(expr, sp.Pow):
            return self._power(expr, order)
        if isinstance(expr, Opaque | OpaqueSlope):
            return self.lower(computed(expr, self.storage.outputs), order)
        if isinstance(expr, sp.Piecewise) and (factored := factored_cases(expr)) != expr:
            return self.lower(factored, order)
        if isinstance(expr, Iverson):
            raise not_yet(expr)
        return self._function(expr, order)

    def _read(self, expr: sp.Indexed, order: tuple[str, ...]) -> Node:
        name = name_of(expr)
        letters: list[str] = []
        offsets: dict[int, tuple[sp.Expr, sp.Symbol]] = {}
        for position, subscript in enumerate(expr.indices):
            plain = [s for s in subscript.free_symbols if not s.is_positive]
            if len(plain) != 1 or subscript.coeff(plain[0]) != 1:
                raise not_yet(expr)
            letters.append(plain[0].name)
            offset = subscript - plain[0]
            if offset != 0 and (offset.is_number or not offset.is_nonnegative):
                raise not_yet(expr)
            if offset != 0 or self._is_part(plain[0].name, name, position):
                offsets[position] = (offset, plain[0])
        shape = self.storage.shapes[name]
        sample = letters[shape.index(SAMPLES)] if SAMPLES in shape else None
        axes = self.storage.layout.store(tuple(letters), sample)
        node: Node = Read(name, axes)
        for position, (offset, index) in offsets.items():
            start = _size_terms(offset)
            stop = (*start, self.sizes[index.name])
            node = Window(node, axes.index(letters[position]), start, stop)
        return node

    def _is_part(self, letter: str, name: str, position: int) -> bool:
        """Whether an index runs over the first block only of a dimension.

        Sizes that must be equal have one label, so another label is another size.
        """
        inner, outer = self.sizes.get(letter), self.storage.shapes[name][position]
        if inner is None or inner == outer:
            return False
        widths = self.storage.widths
        return inner not in widths or outer not in widths or widths[inner] < widths[outer]

    def _aligned(self, nodes: Sequence[Node], order: tuple[str, ...]) -> tuple[list[Node], Axes]:
        """Bring arrays to axes that broadcast, in the order of ``order``."""
        present = {axis for node in nodes for axis in node.axes if axis is not None}
        full: Axes = tuple(axis for axis in order if axis in present)
        arrays = [node for node in nodes if node.axes]
        if arrays and any(None in node.axes for node in arrays):
            longest = max(arrays, key=lambda node: len(node.axes))
            if len(longest.axes) > len(full):
                # Only arrays with a kept dimension: they agree as they stand.
                full = next((n.axes for n in arrays if None in n.axes), full)
        return [self._fit(node, full) for node in nodes], full

    def _fit(self, node: Node, full: Axes) -> Node:
        axes = node.axes
        if not axes or _broadcasts(axes, full):
            return node
        if len(axes) == 2 and _broadcasts(axes[::-1], full):
            return Transpose(node)
        kept = tuple(axis if axis in axes else None for axis in full)
        if isinstance(node, Reduce):
            again = Reduce(node.argument, node.positions, keep=True)
            if _broadcasts(again.axes, full):
                return again
            node = Reduce(node.argument, node.positions, keep=False)
        wanted = tuple(axis for axis in kept if axis is not None)
        if node.axes == wanted[::-1] and len(wanted) == 2:
            node = Transpose(node)
        if node.axes != wanted:
            raise not_yet(node)
        while kept[0] is None:
            kept = kept[1:]
        return Expand(node, kept)

    def _combine(self, operator: str, nodes: Sequence[Node], order: tuple[str, ...]) -> Node:
        aligned, axes = self._aligned(nodes, order)
        return Elementwise(operator, tuple(aligned), axes)

    def _add(self, expr: sp.Add, order: tuple[str, ...]) -> Node:
        exponential = exponential_minus_one(expr)
        if exponential is not None:
            return self.lower(exponential, order)
        terms = terms_in_order(expr.args, self.storage.ranks)
        nodes = []
        for sign, term in terms:
            node = self.lower(term, order)
            nodes.append(Elementwise("neg", (node,), node.axes) if sign < 0 else node)
        return self._combine("+", nodes, order)

    def _mul(self, expr: sp.Mul, order: tuple[str, ...]) -> Node:
        number, rest = expr.as_independent(sp.Symbol, sp.Indexed, sp.Sum, as_Add=False)
        coefficient = number if number.is_Rational else sp.Rational(float(number))
        if coefficient.is_negative:
            node = self.lower(-expr, order)
            return Elementwise("neg", (node,), node.axes)
        # A size or a number stands below the line if it is divided by; all else above.
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        for factor in sp.Mul.make_args(rest):
            negative = isinstance(factor, sp.Pow) and factor.exp.could_extract_minus_sign()
            if negative:
                below.append(1 / factor)
            else:
                above.append(factor)
        numerator, denominator = _as_fraction(coefficient)
        product = self._product(by_role(above, self.storage.ranks), numerator, order)
        divisor = self._product(by_role(below, self.storage.ranks), denominator, order)
        if divisor == Constant(Fraction(1)):
            return product
        weight = next((factor for factor in above if self._is_of_targets(factor)), None)
        others = any(each.has(sp.Indexed) and not self._is_of_targets(each) for each in below)
        if weight is not None and others:
            # y / a where y = a = 0: the loss has no term there.
            cases = [self.lower(weight, order), divisor, Constant(Fraction(1))]
            divisor = self._combine("where", cases, order)
        return self._combine("/", [product, divisor], order)

    def _is_of_targets(self, factor: sp.Expr) -> bool:
        """Whether a factor is made of targets, such as 1 - y."""
        tensors = factor.atoms(sp.Indexed)
        return bool(tensors) and all(self._is_target(each) for each in tensors)

    def _product(
        self, factors: Sequence[sp.Expr], coefficient: Fraction, order: tuple[str, ...]
    ) -> Node:
        nodes = self._logarithms([*factors], order)
        if coefficient != 1 or not nodes:
            nodes.insert(0, Constant(coefficient))
        return nodes[0] if len(nodes) == 1 else self._combine("*", nodes, order)

    def _logarithms(self, factors: list[sp.Expr], order: tuple[str, ...]) -> list[Node]:
        """``y log(a)`` is 0 at y = 0 whatever a is: the logarithm is then taken of something else.

        log(a) has a kernel for that, ``xlogy``; log f(z) and its slope are taken at z = 1.
        """
        logarithm = next((f for f in factors if isinstance(f, sp.log | Unbounded)), None)
        target = next((f for f in factors if self._is_of_targets(f)), None)
        if logarithm is None or target is None:
            return [self.lower(factor, order) for factor in factors]
        weight, argument = (self.lower(each, order) for each in (target, logarithm.args[0]))
        if isinstance(logarithm, Unbounded):
            held = self._combine("where", [weight, argument, Constant(Fraction(1))], order)
            value = self._combine(logarithm.emitted_name, [held], order)
            return [
                value if f is logarithm else weight if f is target else self.lower(f, order)
                for f in factors
            ]
        pair = self._combine("xlogy", [weight, argument], order)
        rest = [f for f in factors if f is not logarithm and f is not target]
        return [pair, *(self.lower(factor, order) for factor in rest)]

    def _is_target(self, factor: sp.Indexed) -> bool:
        return self.storage.ranks.get(name_of(factor)) == 4

    def _power(self, expr: sp.Pow, order: tuple[str, ...]) -> Node:
        if expr.exp == sp.Rational(1, 2):
            node = self.lower(expr.base, order)
            return Elementwise("sqrt", (node,), node.axes)
        if expr.exp.could_extract_minus_sign():
            divisor = self.lower(1 / expr, order)
            return self._combine("/", [Constant(Fraction(1)), divisor], order)
        if not expr.exp.is_Rational:
            raise not_yet(expr)
        node = self.lower(expr.base, order)
        exponent = Constant(Fraction(int(expr.exp.p), int(expr.exp.q)))
        return Elementwise("**", (node, exponent), node.axes)

    def _function(self, expr: sp.Expr, order: tuple[str, ...]) -> Node:
        if isinstance(expr, Emitted):
            nodes = [self.lower(each, order) for each in expr.args]
            return self._combine(expr.emitted_name, nodes, order)
        if isinstance(expr, log_softmax):
            return Rowwise("log_softmax", self.lower(expr.args[0], order))
        if isinstance(expr, softmax):
            return self._softmax(expr, order)
        if isinstance(expr, logsumexp):
            return self._log_sum_exp(expr, order)
        operator, arguments = elementwise_function(expr)
        nodes = [self.lower(each, order) for each in arguments]
        return self._combine(operator, nodes, order)

    @property
    def _row(self) -> int:
        """The position of the axis along which a rowwise kernel acts on a matrix."""
        return 1 if self.storage.layout.samples_first else 0

    def _softmax(self, expr: softmax, order: tuple[str, ...]) -> Node:
        """A softmax along the axis of its index; parameters lie alike in both layouts."""
        above, below = expr.args
        node = self.lower(above.args[0], order)
        along = str(softmax_index(above, below))
        if len(node.axes) == 2 and along in node.axes:
            if node.axes[self._row] == along:
                return Rowwise("softmax", node)
            return Transpose(Rowwise("softmax", Transpose(node)))
        return self._combine("/", [self.lower(above, order), self.lower(below, order)], order)

    def _log_sum_exp(self, expr: logsumexp, order: tuple[str, ...]) -> Node:
        (total,) = expr.args
        ((bound, _, last),) = total.limits
        inner = Lowering(self.storage, self.samples, {**self.sizes, bound.name: str(last)})
        letters = self.storage.layout.order((*order, bound.name), self.samples)
        node = inner.lower(total.function.args[0], letters)
        if len(node.axes) == 2 and node.axes[self._row] == bound.name:
            return Rowwise("logsumexp", node, self._row)
        return self._combine("log", [self.lower(total, order)], order)

    def _sum(self, expr: sp.Sum, order: tuple[str, ...]) -> Node:
        bound = [limit[0].name for limit in expr.limits]
        body = expr.function
        if not body.free_symbols & {limit[0] for limit in expr.limits}:
            # Nothing runs: the sum is a multiple.
            return self.lower(body * sp.Mul(*(limit[2] for limit in expr.limits)), order)
        samples = frozenset(limit[0].name for limit in expr.limits if limit[2] == _SAMPLE_COUNT)
        bounds = {limit[0].name: str(limit[2]) for limit in expr.limits}
        inner = Lowering(self.storage, self.samples | samples, {**self.sizes, **bounds})
        product = inner.matrix_product(body, bound, order)
        if product is not None:
            return product
        letters = (*order, *reversed(bound))
        inside = self.storage.layout.order(letters, inner.samples)
        try:
            node = inner.lower(body, inside)
        except EmitError:
            node = None
        if node is None or not set(bound) <= set(node.axes):
            return inner.einsum(body, bound, order)
        left = [axis for axis in node.axes if axis is not None and axis not in bound]
        positions = tuple(
            at for at, axis in enumerate(node.axes) if axis in bound or (axis is None and not left)
        )
        kept = Reduce(node, positions, keep=True)
        # A dimension of length one stays where it makes the result broadcast as it stands.
        full = self.target if self.target_letters == order else order
        fits = any(axis is not None for axis in kept.axes) and _broadcasts(kept.axes, full)
        return kept if fits else Reduce(node, positions, keep=False)

    def matrix_product(
        self, body: sp.Expr, bound: Sequence[str], order: tuple[str, ...]
    ) -> Node | None:
        """``sum_b A[x,b] B[b,y]`` as ``A @ B``, if the body is of this form."""
        if len(bound) != 1 or not isinstance(body, sp.Mul):
            return None
        b = bound[0]
        groups: dict[str | None, list[sp.Expr]] = {}
        for factor in body.args:
            others = sorted(_letters(factor) - {b})
            if len(others) > 1:
                return None
            groups.setdefault(others[0] if others else None, []).append(factor)
        outer = [axis for axis in order if axis in groups]
        if len(outer) != 2 or any(
            not any(b in _letters(factor) for factor in groups[axis]) for axis in outer
        ):
            return None
        x, y = outer
        groups[x] += groups.pop(None, [])
        left = self._matrix(groups[x], x, b)
        right = self._matrix(groups[y], b, y)
        if left is None or right is None:
            return None
        return MatMul(left, right)

    def _matrix(self, factors: Sequence[sp.Expr], row: str, column: str) -> Node | None:
        order = self.storage.layout.order((row, column), self.samples)
        node = self.lower(sp.Mul(*factors), order)
        if None in node.axes or len(node.axes) != 2:
            return None
        return node if node.axes == (row, column) else Transpose(node)

    def einsum(self, body: sp.Expr, bound: Sequence[str], order: tuple[str, ...]) -> Node:
        """The general contraction of a product of arrays."""
        arguments: list[Node] = []
        scalars: list[sp.Expr] = []
        for factor in by_role(sp.Mul.make_args(body), self.storage.ranks):
            letters = _letters(factor)
            if not letters:
                scalars.append(factor)
                continue
            node = self.lower(factor, (*order, *bound))
            if None in node.axes:
                raise not_yet(factor)
            arguments.append(node)
        if not arguments:
            raise not_yet(body)
        contraction = Einsum(tuple(arguments), order)
        if not scalars:
            return contraction
        return self._combine("*", [self.lower(sp.Mul(*scalars), ()), contraction], order)


_SAMPLE_COUNT = sp.Symbol(SAMPLES, integer=True, positive=True)


def _broadcasts(axes: Axes, full: Axes) -> bool:
    tail = full[len(full) - len(axes) :]
    return len(axes) <= len(full) and all(
        axis is None or axis == other for axis, other in zip(axes, tail, strict=True)
    )


def _letters(expr: sp.Expr) -> set[str]:
    return {
        s.name
        for s in expr.free_symbols
        if isinstance(s, sp.Symbol) and s.is_integer and not s.is_positive
    }


def _size_terms(offset: sp.Expr) -> tuple[str, ...]:
    """The sizes that an offset adds up, one that occurs twice listed twice."""
    counts = offset.as_coefficients_dict()
    return tuple(sorted(str(label) for label, count in counts.items() for _ in range(int(count))))


def _as_fraction(value: sp.Rational) -> tuple[Fraction, Fraction]:
    """A coefficient as factor and divisor: 3/10 is 0.3, 1/2 divides by two."""
    fraction = Fraction(int(value.p), int(value.q))
    if fraction.numerator == 1 and fraction.denominator <= 16:
        return Fraction(1), Fraction(fraction.denominator)
    return fraction, Fraction(1)


def not_yet(what: object) -> EmitError:
    """The answer to a formula that is derived and proven but has no code yet."""
    return EmitError.single(
        where="code generation",
        what="this formula is derived and proven, but code for it cannot be emitted yet",
        expected="subscripts that are plain indices, or blocks of a concatenation",
        got=str(what)[:60],
        way_out="use bpsym derive for the formulas, or write the layer without shifted subscripts",
    )
