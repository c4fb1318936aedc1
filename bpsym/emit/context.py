"""What every part of a module is written from: the program, and how a tensor is read and shaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from bpsym.arrays.nodes import Constant, Node, walk
from bpsym.arrays.program import Program, Statement
from bpsym.calculus.system import SAMPLES, Role
from bpsym.emit.numpy_text import NumpyPrinter
from bpsym.emit.source import INDENT, WIDTH, statement
from bpsym.network.build import BuiltNetwork


@dataclass(frozen=True)
class ModuleContext:
    """One network and its program.

    input_grads: its inputs have gradients too. declared_in: the file of the declaration, with the
    options that win over it, as they were given on a command line.
    """

    built: BuiltNetwork
    program: Program
    input_grads: bool = False
    declared_in: str | None = None

    @cached_property
    def columns(self) -> bool:
        """Whether samples are columns."""
        return not self.program.layout.samples_first

    @cached_property
    def printer(self) -> NumpyPrinter:
        """Prints code: parameters and inputs are read from their dicts."""
        return NumpyPrinter(self.read, self.sizes, self.columns, self._defined)

    @cached_property
    def plain(self) -> NumpyPrinter:
        """Prints equations: every tensor by its name."""
        return NumpyPrinter(lambda name: name, self.sizes, self.columns, self._defined)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number behind each size label."""
        return dict(self.program.system.sizes)

    @cached_property
    def _defined(self) -> frozenset[str]:
        return frozenset(each.name for each in self.program.helpers)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in forward order."""
        return tuple(each.name for each in self.program.system.of_role(Role.PARAMETER))

    def read(self, name: str) -> str:
        """How code reads a tensor: ``params["W1"]``, ``X["x"]``, ``a1``."""
        system = self.program.system
        role = system.tensors[name].role if name in system.tensors else None
        if role is Role.PARAMETER:
            return f'params["{name}"]'
        if role is Role.INPUT and len(self.built.inputs) > 1:
            return f'X["{key_of(self.built.inputs, name)}"]'
        if role is Role.TARGET and len(self.built.targets) > 1:
            return f'Y["{key_of(self.built.targets, name)}"]'
        return name

    def shape(self, name: str) -> tuple[str, ...]:
        """The sizes of a declared tensor as it is stored, ``m`` for the samples."""
        tensor = self.program.system.tensors[name]
        labels = tuple(
            "m" if label == SAMPLES else str(self.sizes[label]) for label in tensor.sizes
        )
        if SAMPLES in tensor.sizes:
            rest = tuple(label for label in labels if label != "m") or ("1",)
            return (*rest, "m") if self.columns else ("m", *rest)
        return (*labels, "1") if self.columns and len(labels) == 1 else labels

    def shape_of(self, each: Statement) -> str:
        """The shape that a statement computes, as a tuple in Python."""
        labels = ("m" if s == SAMPLES else str(self.sizes.get(s, s)) for s in each.shape)
        return shape_text(tuple(labels))

    def statements(self) -> Iterable[Statement]:
        """Every statement of the program."""
        return (*self.program.forward, *self.program.later)

    @cached_property
    def returned(self) -> tuple[str, ...]:
        """What later lines read of the forward pass, and the predictions."""
        read = {name for each in self.program.later for name in each.reads} | set(
            self.built.predictions
        )
        return tuple(each.name for each in self.program.forward if each.name in read)

    @cached_property
    def cost_reads(self) -> tuple[str, ...]:
        read = {name for each in self.program.cost for name in each.reads}
        return tuple(name for name in self.returned if name in read)

    def count(self, name: str) -> str:
        """The number of samples, from an array of the forward pass."""
        if not self.columns:
            return f"len({name})"
        tensor = self.program.system.tensors.get(name)
        many = tensor is not None and len(tensor.sizes) > 2
        return f"{name}.shape[{-1 if many else 1}]"

    def labels(self) -> dict[str, str]:
        """Targets given as integer labels, with the output they belong to."""
        found = {}
        for loss in self.built.network.losses:
            if loss.targets == "labels" and loss.target is not None:
                found[self.built.targets[loss.target]] = self.built.outputs[loss.of[0]]
        return found

    def statement(self, head: str, each: Statement) -> list[str]:
        """A statement with its shape behind it, if both fit on its last line."""
        lines = statement(head, self.printer.source(each.node))
        comment = f"  # {self.shape_of(each)}"
        if len(lines[-1]) + len(comment) <= WIDTH and each.shape:
            lines[-1] += comment
        return lines


def shape_text(shape: Sequence[str]) -> str:
    """A shape as a tuple in Python, sizes as they are written: ``(m, 3)``, ``(3,)``."""
    return f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"


def key_of(table: Mapping[str, str], tensor: str) -> str:
    """The declared name of an input or a target."""
    return next(name for name, value in table.items() if value == tensor)


def constants_of(node: Node) -> set[object]:
    """The numbers and size names in a node, ``m`` among them if the number of samples is."""
    return {each.value for each in walk(node) if isinstance(each, Constant)}


def unpacking(names: Sequence[str]) -> list[str]:
    """``a1, a2 = forward(params, X)``; names that are ``_`` are taken together as ``*_``."""
    unread = [len(list(run)) if name == "_" else 0 for name, run in groupby(names)]
    if max(unread) > 1:
        runs = [list(run) for _, run in groupby(names)]
        longest = unread.index(max(unread))
        names = [each for at, run in enumerate(runs) for each in (["*_"] if at == longest else run)]
    line = f"{INDENT}{', '.join(names)} = forward(params, X)"
    if len(line) <= WIDTH:
        return [line]
    return [
        f"{INDENT}(",
        *(f"{INDENT * 2}{name}," for name in names),
        f"{INDENT}) = forward(params, X)",
    ]
