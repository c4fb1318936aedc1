"""What a mistake is to the diagnosis: a perturbation of the derivation of this network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation, OpaqueSlope
from bpsym.calculus.system import SAMPLES, Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.verify.diagnosis.chain import Chain, Change, Edit, Term

Words = Mapping[str, object]
Number = float | Mapping[int, float]
NO_WORDS: Words = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Variant:
    """One mistake at one place, or the same mistake at all places like it.

    code: of the catalogue. where: the first place. edits: what it does to the derivation.
    rank: the smaller, the more common the mistake; decides between variants that fit alike.
    words: what its sentence is filled in with. everywhere: all places, where there are several.
    family: the edits for a number that is solved for (a learning rate, an epsilon), starting at
    ``start``. It must come out the same at all points, unless ``varies``: then it is given by
    the identity of the sizes of the scope.
    """

    code: str
    where: str
    edits: tuple[Edit, ...] = ()
    rank: float = 1.0
    words: Words = field(default_factory=lambda: NO_WORDS)
    everywhere: tuple[str, ...] = ()
    family: Callable[[Number], tuple[Edit, ...]] | None = None
    start: float = 0.0
    varies: bool = False

    @property
    def tensors(self) -> tuple[str, ...]:
        """The tensors whose adjoints are computed wrongly."""
        edits = self.family(self.start) if self.family else self.edits
        return tuple(dict.fromkeys(edit.tensor for edit in edits))


@dataclass(frozen=True, eq=False)
class Slope:
    """The place of an activation's derivative: ``adj_a[n,i] * f'(z[n,i])``."""

    term: Term
    node: sp.Expr
    z: sp.Expr
    a: sp.Expr

    @property
    def activation(self) -> Activation:
        found: Activation = self.node.activation
        return found

    def form(self, form: sp.Expr, at: sp.Expr | None = None) -> sp.Expr:
        """A formula in z, the output and the learned parameters, at this place (z taken ``at``)."""
        learned = dict(zip(self.activation.learned, self.node.args[1:], strict=True))
        return form.xreplace({U: self.z if at is None else at, A: self.a, **learned})

    def replaced(self, by: sp.Expr) -> Edit:
        """The edit that puts another factor for the derivative."""
        node = self.node
        return Edit(self.term.tensor, self.term.number, lambda expr: expr.xreplace({node: by}))


@dataclass(frozen=True, eq=False)
class Operand:
    """An element read in a term: a weight that a delta is pulled through, or an input of dW."""

    term: Term
    node: sp.Indexed

    @property
    def name(self) -> str:
        return name_of(self.node)

    def replaced(self, by: sp.Expr) -> Edit:
        """The edit that puts another factor for it."""
        node = self.node
        return Edit(self.term.tensor, self.term.number, lambda expr: expr.xreplace({node: by}))


@dataclass(frozen=True, eq=False)
class Sites:
    """Where mistakes can be made in a network, by kind of place."""

    chain: Chain
    found: dict[str, object] = field(default_factory=dict)

    def terms(self) -> Iterator[Term]:
        """All terms, in the order of a backward pass."""
        for name in self.chain.order:
            yield from self.chain.terms.get(name, ())

    def place(self, tensor: str) -> str:
        """The name of a place in a diagnosis."""
        return self.chain.place[tensor]

    def width(self, label: str) -> int | None:
        """The number behind a size label; None for the number of samples."""
        return None if label == SAMPLES else self.chain.system.sizes[label]

    def shape(self, tensor: str) -> tuple[int | None, ...]:
        """The sizes of a tensor, None for the samples."""
        return tuple(self.width(label) for label in self.chain.system.tensors[tensor].sizes)

    def alike(self, tensor: str, *roles: Role) -> tuple[str, ...]:
        """The other tensors of these roles with the same sizes."""
        shape = self.shape(tensor)
        return tuple(
            each.name
            for each in self.chain.system.of_role(*roles)
            if each.name != tensor and self.shape(each.name) == shape
        )

    def spread(self, tensor: str, *roles: Role) -> tuple[str, ...]:
        """The tensors of width 1 that numpy spreads over one of this shape, without a word."""
        samples, *width = self.shape(tensor)
        return tuple(
            each.name
            for each in self.chain.system.of_role(*roles)
            if len(width) == 1 and width != [1] and self.shape(each.name) == (samples, 1)
        )

    def steps_apart(self, tensor: str, other: str) -> int | None:
        """How many layers later ``other`` is than ``tensor``; None unless both are activations."""
        system = self.chain.system
        line = [each.name for each in system.of_role(Role.INPUT)]
        line += [r.defines for r in system.relations if r.schema.activation is not None]
        if tensor not in line or other not in line:
            return None
        return line.index(other) - line.index(tensor)

    def loops(self, tensor: str, other: str) -> tuple[str, ...]:
        """What a loop that reads ``other`` for ``tensor`` would read: it, or the same step away."""
        apart = self.steps_apart(tensor, other)
        return (other,) if apart is None else (other, f"{apart:+d}")

    def output_of(self, z: str) -> str:
        """What an activation makes of a pre-activation; the tensor itself if it is none."""
        readers = self.chain.system.readers[z]
        return next((r.defines for r in readers if r.schema.activation is not None), z)

    def slopes(self) -> tuple[Slope, ...]:
        """Every derivative of an elementwise activation, in the order of a backward pass."""
        found = []
        for term in self.terms():
            if term.relation.schema.activation is None:
                continue
            for node in term.expr.atoms(OpaqueSlope):
                if node.position == 0:
                    z = node.args[0]
                    found.append(Slope(term, node, z, element(term.relation.defines, *z.indices)))
        return tuple(found)

    def other_adjoints(self, term: Term) -> Iterator[tuple[sp.Indexed, str]]:
        """The adjoint that a term pulls back, and each tensor whose adjoint has the same shape."""
        if term.upstream is None:
            return
        node = next(n for n in term.expr.atoms(sp.Indexed) if name_of(n) == term.upstream)
        for tensor in self.chain.system.tensors.values():
            same = tensor.sizes and self.shape(tensor.name) == self.shape(term.relation.defines)
            if same and tensor.adjoint != term.upstream and tensor.name in self.chain.terms:
                yield node, tensor.name

    def pulled(self) -> tuple[Operand, ...]:
        """Every weight through which an adjoint is pulled back."""
        return self._operands(Role.HIDDEN, 2, Role.PARAMETER)

    def inputs(self) -> tuple[Operand, ...]:
        """Every activation that a parameter's gradient is made of."""
        return self._operands(Role.PARAMETER, 2, Role.HIDDEN, Role.INPUT)

    def _operands(self, of: Role, rank: int, *roles: Role) -> tuple[Operand, ...]:
        tensors = self.chain.system.tensors
        found = []
        for term in self.terms():
            if tensors[term.tensor].role is not of or term.upstream is None:
                continue
            for node in sorted(term.expr.atoms(sp.Indexed), key=sp.default_sort_key):
                tensor = tensors.get(name_of(node))
                if tensor is not None and tensor.role in roles and len(node.indices) == rank:
                    found.append(Operand(term, node))
        return tuple(found)

    def outputs(self) -> tuple[tuple[str, str], ...]:
        """The last pre-activations, ``(z, a)``: what only a loss reads, through one activation."""
        system = self.chain.system
        found = []
        for relation in system.relations:
            a = relation.defines
            readers = system.readers[a]
            if readers and all(each.defines in system.weights for each in readers):
                for z in relation.reads:
                    alone = system.readers[z] == (relation,)
                    if system.tensors[z].role is Role.HIDDEN and alone and z in self.chain.terms:
                        found.append((z, a))
        return tuple(found)


def together(variants: Sequence[Variant]) -> Iterator[Variant]:
    """The variants, and before them the one that makes the same mistake at all their places.

    That is what a loop over the layers does. Variants of one code go together if their words name
    the same ``group``, or share one of the ``loops`` that they may be part of.
    """
    groups: dict[tuple[str, object], list[Variant]] = {}
    for each in variants:
        loops = each.words.get("loops", (each.words.get("group", ""),))
        assert isinstance(loops, tuple)
        for loop in loops:
            groups.setdefault((each.code, loop), []).append(each)
    for members in groups.values():
        slots = [(edit.tensor, edit.term) for each in members for edit in each.edits]
        if len(members) < 2 or len(set(slots)) < len(slots) or any(m.family for m in members):
            continue
        yield _all_of(members, 0.1)
        # The output is often written out before the loop.
        inner = [each for each in members if each.where != members[0].where]
        if 1 < len(inner) < len(members):
            yield _all_of(inner, 0.05)
    yield from variants


def _all_of(group: Sequence[Variant], extra: float) -> Variant:
    first = group[0]
    places = tuple(dict.fromkeys(each.where for each in group))
    edits = tuple(edit for each in group for edit in each.edits)
    everywhere = places if len(places) > 1 else ()
    return Variant(first.code, first.where, edits, first.rank + extra, first.words, everywhere)


def exchanged(term: Term, node: sp.Expr, by: sp.Expr) -> Edit:
    """The edit that puts ``by`` for a part of a term."""
    return Edit(term.tensor, term.number, lambda expr: expr.xreplace({node: by}))


def only(i: sp.Symbol, at: sp.Expr) -> Change:
    """The change that leaves one term of a sum."""

    def change(expr: sp.Expr) -> sp.Expr:
        return expr.function.xreplace({i: at}) if isinstance(expr, sp.Sum) else expr

    return change


Generator = Callable[[Sites], Iterable[Variant]]
