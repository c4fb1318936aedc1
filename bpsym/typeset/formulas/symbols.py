"""What each tensor, size and function is called: the symbol table that a printer reads from.

A notation is a table of this kind. This one writes what the emitted code writes: the tensor ``W1``
is the letter W with the label 1, ``delta_h1`` is delta with the label h1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.functions import U
from bpsym.typeset.formulas.tree import Formula, Kind, Partial, Symbol
from bpsym.typeset.notations.systems import is_error

COST = Symbol("C", Kind.TENSOR, "C")

_RUNNING = re.compile(r"f_\{?(?P<label>[A-Za-z])(?P<offset>[+-][0-9]+)?\}?")
_DIGITS = re.compile(r"(.*[^0-9])([0-9]+)")


class Rank(Enum):
    """What a tensor is to the order of factors."""

    PARAMETER = 1
    ADJOINT = 2
    TARGET = 3
    VALUE = 4
    ERROR = 5


@dataclass(frozen=True)
class Entry:
    """A tensor's symbol without subscripts, its rank, and its place in the system."""

    symbol: Symbol
    rank: Rank
    position: int


@dataclass(frozen=True)
class SymbolTable:
    """Symbols by the names that the calculus uses.

    tensors: tensors and adjoints. sizes: one label for all size labels that must be equal.
    functions: what each activation is called. adjoint_of: adjoint -> its tensor.
    """

    tensors: Mapping[str, Entry]
    sizes: Mapping[str, str]
    functions: Mapping[Activation, str]
    adjoint_of: Mapping[str, str]

    def tensor(self, name: str, subscripts: tuple[Formula, ...] = ()) -> Symbol:
        """The symbol of a tensor or adjoint, a name of its own if it is not in the table."""
        entry = self.tensors.get(name)
        symbol = entry.symbol if entry is not None else Symbol(name, Kind.TENSOR, name)
        return replace(symbol, subscripts=subscripts)

    def rank(self, symbol: Symbol) -> Rank | None:
        """The rank of a symbol's tensor, None if it has none."""
        entry = self.tensors.get(symbol.name)
        return None if entry is None or symbol.kind is not Kind.TENSOR else entry.rank

    def size(self, label: str) -> Symbol:
        """The symbol of a size."""
        label = self.sizes.get(label, label)
        if label.startswith("n") and len(label) > 1:
            return Symbol(label, Kind.SIZE, "n", label[1:].removeprefix("_"))
        return Symbol(label, Kind.SIZE, label)

    def derivative(self, tensor: str, subscripts: tuple[Formula, ...] = ()) -> Partial:
        """``dC/dT`` at these subscripts."""
        return Partial(COST, self.tensor(tensor, subscripts))


def index(name: str) -> Symbol:
    """The symbol of an index."""
    return Symbol(name, Kind.INDEX, name)


def activation_of(label: str, offset: int) -> str:
    """The name of the activation of a running layer: ``f_l``, ``f_{l+1}``."""
    return f"f_{{{label}{offset:+}}}" if offset else f"f_{label}"


def running_activation(function: str) -> Symbol | None:
    """The letter of such a name with its layer; None for the name of any other function."""
    match = _RUNNING.fullmatch(function)
    if match is None:
        return None
    return Symbol(function, Kind.SIZE, "f", match["label"], int(match["offset"] or 0))


def code_symbols(system: System, suffixes: Iterable[str]) -> SymbolTable:
    """The table of the names in emitted code.

    suffixes: what the layers append to ``z``, ``a``, ``W`` (``1``, ``_h1``), and the inputs and
    targets to ``X`` and ``Y``.
    """
    known = sorted(set(suffixes), key=lambda suffix: (-len(suffix), suffix))
    ranks = {Role.PARAMETER: Rank.PARAMETER, Role.TARGET: Rank.TARGET}
    tensors: dict[str, Entry] = {}
    adjoint_of: dict[str, str] = {}
    for position, tensor in enumerate(system.tensors.values()):
        rank = ranks.get(tensor.role, Rank.VALUE)
        if is_error(system, tensor.name):
            rank = Rank.ERROR
        tensors[tensor.name] = Entry(_symbol(tensor.name, known), rank, position)
        adjoint_of[tensor.adjoint] = tensor.name
    for name, of in adjoint_of.items():
        tensors[name] = Entry(_symbol(name, known), Rank.ADJOINT, tensors[of].position)
    return SymbolTable(tensors, _one_label_each(system), _function_names(system), adjoint_of)


def _symbol(name: str, suffixes: list[str]) -> Symbol:
    for suffix in suffixes:
        if suffix.startswith("_") and name.endswith(suffix) and len(name) > len(suffix):
            return Symbol(name, Kind.TENSOR, name.removesuffix(suffix), suffix[1:])
    match = _DIGITS.fullmatch(name)
    if match and match[2] in suffixes:
        return Symbol(name, Kind.TENSOR, match[1], match[2])
    return Symbol(name, Kind.TENSOR, name)


def _one_label_each(system: System) -> dict[str, str]:
    """For sizes that the equations force to be equal the label that comes first."""
    first: dict[str, str] = {}
    found = {SAMPLES: SAMPLES}
    same = system.representative
    for tensor in system.tensors.values():
        for label in tensor.sizes:
            found[label] = first.setdefault(same[label], label)
    return found


def _function_names(system: System) -> dict[Activation, str]:
    """Activations under their own names; several of one name (other options) are numbered."""
    found: dict[str, list[Activation]] = {}
    for relation in system.relations:
        activation = relation.schema.activation
        if activation is not None and activation.expression != U:
            each = found.setdefault(activation.name, [])
            if activation not in each:
                each.append(activation)
    return {
        activation: name if len(each) == 1 else f"{name}_{number}"
        for name, each in found.items()
        for number, activation in enumerate(each, 1)
    }
