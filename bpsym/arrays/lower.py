"""From an index expression to array operations.

sum_j W[i,j] a[n,j] + b[i]        a @ W.T + b
sum_n delta[n,i] a[n,j]           delta.T @ a
sum_k delta[n,k] W[k,i] f'        delta @ W * f'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import sympy as sp

from bpsym.arrays.activations import computed
from bpsym.arrays.axes import aligned, fitted, shaped
from bpsym.arrays.calls import Emitted
from bpsym.arrays.cases import factored_cases
from bpsym.arrays.contractions import Contractions
from bpsym.arrays.logarithms import Unbounded
from bpsym.arrays.nodes import (
    Axes,
    Constant,
    Elementwise,
    Node,
    Read,
    Rowwise,
    Transpose,
    Window,
)
from bpsym.arrays.order import by_role, terms_in_order
from bpsym.arrays.quotients import by_logarithmic_slopes
from bpsym.arrays.refusal import as_float, not_yet
from bpsym.arrays.stable import (
    elementwise_function,
    exponential_minus_one,
    log_one_minus_softmax,
    log_softmax,
    logsumexp,
    softmax,
    softmax_index,
    softmax_of_others,
    stable_forms,
    weight_and_exponent,
)
from bpsym.arrays.storage import Storage
from bpsym.calculus.slopes.activation import Opaque, OpaqueSlope
from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import Iverson, name_of


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
            return _filled(like, node, target)
        return shaped(node, target)

    def within(self, samples: frozenset[str], sizes: Mapping[str, str]) -> Lowering:
        """The same inside a sum: ``samples``, ``sizes`` of the indices that it runs over."""
        return Lowering(self.storage, self.samples | samples, {**self.sizes, **sizes})

    def lower(self, expr: sp.Expr, order: tuple[str, ...]) -> Node:
        """The array of an expression, its axes in the order of ``order``."""
        if isinstance(expr, sp.Indexed):
            return self._read(expr, order)
        if isinstance(expr, sp.Sum):
            return Contractions(self).lower(expr, order)
        if isinstance(expr, sp.Symbol):
            return Constant(expr.name) if expr.is_integer else Read(expr.name, ())
        if expr.is_number and not expr.has(sp.Piecewise):
            return Constant(as_float(expr))
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

    def combine(self, operator: str, nodes: Sequence[Node], order: tuple[str, ...]) -> Node:
        """An elementwise operator on arrays that are made to broadcast."""
        arrays, axes = aligned(nodes, order)
        return Elementwise(operator, tuple(arrays), axes)

    def _add(self, expr: sp.Add, order: tuple[str, ...]) -> Node:
        exponential = exponential_minus_one(expr)
        if exponential is not None:
            return self.lower(exponential, order)
        terms = terms_in_order(expr.args, self.storage.ranks)
        nodes = []
        for sign, term in terms:
            node = self.lower(term, order)
            nodes.append(Elementwise("neg", (node,), node.axes) if sign < 0 else node)
        return self.combine("+", nodes, order)

    def _mul(self, expr: sp.Mul, order: tuple[str, ...]) -> Node:
        number, rest = expr.as_independent(sp.Symbol, sp.Indexed, sp.Sum, as_Add=False)
        coefficient = number if number.is_Rational else sp.Rational(as_float(number))
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
            divisor = self.combine("where", cases, order)
        return self.combine("/", [product, divisor], order)

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
        return nodes[0] if len(nodes) == 1 else self.combine("*", nodes, order)

    def _logarithms(self, factors: list[sp.Expr], order: tuple[str, ...]) -> list[Node]:
        """``y log(a)`` is 0 at y = 0 whatever a is: the logarithm is then taken of something else.

        log(a) has a kernel for that, ``xlogy``; log f(z) and its slope are taken at z = 1.
        """
        logarithm = next((f for f in factors if isinstance(f, sp.log | Unbounded)), None)
        others = [f for f in factors if f is not logarithm]
        target = next((f for f in others if self._is_of_targets(f)), None)
        if logarithm is None or target is None:
            return [self.lower(factor, order) for factor in factors]
        weight, argument = (self.lower(each, order) for each in (target, logarithm.args[0]))
        if isinstance(logarithm, Unbounded):
            held = self.combine("where", [weight, argument, Constant(Fraction(1))], order)
            value = self.combine(logarithm.emitted_name, [held], order)
            return [
                value if f is logarithm else weight if f is target else self.lower(f, order)
                for f in factors
            ]
        pair = self.combine("xlogy", [weight, argument], order)
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
            return self.combine("/", [Constant(Fraction(1)), divisor], order)
        if not expr.exp.is_Rational:
            raise not_yet(expr)
        node = self.lower(expr.base, order)
        exponent = Constant(Fraction(int(expr.exp.p), int(expr.exp.q)))
        return Elementwise("**", (node, exponent), node.axes)

    def _function(self, expr: sp.Expr, order: tuple[str, ...]) -> Node:
        if isinstance(expr, Emitted):
            nodes = [self.lower(each, order) for each in expr.args]
            return self.combine(expr.emitted_name, nodes, order)
        if isinstance(expr, log_softmax | log_one_minus_softmax):
            return Rowwise(expr.func.__name__, self.lower(expr.args[0], order))
        if isinstance(expr, softmax_of_others):
            nodes = [self.lower(each, order) for each in expr.args]
            suffix = "" if self.storage.layout.samples_first else "_columns"
            return self.combine(f"{expr.func.__name__}{suffix}", nodes, order)
        if isinstance(expr, softmax):
            return self._softmax(expr, order)
        if isinstance(expr, logsumexp):
            return self._log_sum_exp(expr, order)
        operator, arguments = elementwise_function(expr)
        nodes = [self.lower(each, order) for each in arguments]
        return self.combine(operator, nodes, order)

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
        if along in node.axes:
            place = Constant(Fraction(node.axes.index(along)))
            return Elementwise("softmax_along", (node, place), node.axes)
        return self.combine("/", [self.lower(above, order), self.lower(below, order)], order)

    def _log_sum_exp(self, expr: logsumexp, order: tuple[str, ...]) -> Node:
        (total,) = expr.args
        ((bound, _, last),) = total.limits
        inner = self.within(frozenset(), {bound.name: str(last)})
        letters = self.storage.layout.order((*order, bound.name), self.samples)
        parts = weight_and_exponent(total.function, bound)
        assert parts is not None
        weight, exponent = parts
        node = inner.lower(exponent, letters)
        if weight != 1:
            arrays, full = aligned([node, inner.lower(weight, letters)], letters)
            if bound.name not in full:
                return self.combine("log", [self.lower(total, order)], order)
            at = full.index(bound.name)
            place = Constant(Fraction(at))
            axes = (*full[:at], *full[at + 1 :])
            return Elementwise("log_weighted_sum_exp", (*arrays, place), axes)
        if len(node.axes) == 2 and node.axes[self._row] == bound.name:
            return Rowwise("logsumexp", node, self._row)
        if bound.name in node.axes and len(node.axes) > 2:
            at = node.axes.index(bound.name)
            axes = (*node.axes[:at], *node.axes[at + 1 :])
            return Elementwise("logsumexp_along", (node, Constant(Fraction(at))), axes)
        return self.combine("log", [self.lower(total, order)], order)


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


def _filled(like: Read, node: Node, target: Axes) -> Node:
    """What is the same all along an axis, or everywhere: an array of it."""
    if node == Constant(Fraction(0)):
        return Elementwise("zeros_like", (like,), target)
    return Elementwise("full_like", (like, fitted(node, target)), target)
