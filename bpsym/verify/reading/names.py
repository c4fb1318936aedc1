r"""What the symbols of a notation stand for: ``\delta_j^{(2)}`` is ``delta2`` of the code.

A notation is the printer's own table turned round. The names of the code are read more freely: any
spelling that the numpy lines take is taken here, with its layer above or below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import SAMPLES, Role
from bpsym.calculus.terms.functions import PRIMITIVES
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.formulas.symbols import COST, SymbolTable
from bpsym.typeset.formulas.tree import Formula, Kind, Symbol
from bpsym.typeset.notations.notation import Notation
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.notations.rewriter import Rewriter
from bpsym.typeset.sections.context import Context
from bpsym.verify.lines.names import Naming

# The letters that a text has for "the activation of this layer".
ANY_FUNCTION = ("f", "g", "h", "phi", "varphi", "psi", "theta")
COSTS = ("C", "E", "J", "L", "ell", "Loss", "loss", "cost", "Cost")
LAST_LAYER = ("L", "N")
STEP = "Delta_"

_FUNCTION_WORDS: Mapping[str, str] = {
    "sigma": "sigmoid",
    "Phi": "normal_cdf",
    "varphi": "normal_pdf",
    "ReLU": "relu",
    "max": "max",
    "min": "min",
}


@dataclass(frozen=True)
class Head:
    """A symbol without its indices: letter or word, accent, and what tells its layer."""

    base: str
    accent: str = ""
    label: str = ""


@dataclass(frozen=True)
class Names:
    """The symbols of one network in one notation; ``notation`` None is that of the code.

    record: the derivation of the equations as the notation writes them.
    """

    built: BuiltNetwork
    table: SymbolTable
    naming: Naming
    notation: Notation | None
    record: Derivation

    @cached_property
    def rewriter(self) -> Rewriter | None:
        """Raises EmitError if the notation has no word for something in the network."""
        if self.notation is None:
            return None
        return Rewriter(self.notation, self.built, self.table)

    @cached_property
    def depth(self) -> int:
        """The number of the last layer, 0 if layers have names."""
        if self.rewriter is not None:
            return self.rewriter.depth
        labels = [each.symbol.label for each in self.table.tensors.values()]
        return max((int(each) for each in labels if each.isdigit()), default=0)

    @cached_property
    def last_labels(self) -> Mapping[str, int]:
        """What ``L`` stands for, where it is no cost; texts that have L as the cost write N."""
        letters = [each for each in LAST_LAYER if each != self.cost_letter]
        return dict.fromkeys(letters, self.depth)

    @property
    def cost_letter(self) -> str:
        """The letter of the cost."""
        return COST.base if self.notation is None else self.notation.cost

    def is_cost(self, base: str) -> bool:
        """Whether a letter without indices is the cost."""
        if self.notation is None and base in COSTS:
            return base == COST.base or base not in self.table.tensors
        return base == self.cost_letter

    def tensor(self, base: str, accent: str, label: str) -> Symbol | None:
        """The symbol, without indices, that is written so; None if there is none."""
        found = self._heads.get(Head(base, accent, label))
        if found is not None:
            return found
        return self._spelled(base, accent, label) if self.notation is None else None

    def worded(self, base: str, below: str, label: str) -> Symbol | None:
        """The symbol whose letter has a word or letter below it, ``s_c``, ``R_W``."""
        return self._heads.get(Head(f"{base}_{below}", "", label))

    def size(self, base: str, label: str) -> Symbol | None:
        """The size that is written so."""
        return self._sizes.get(Head(base, "", label))

    def parameter(self, symbol: Symbol) -> bool:
        """Whether a symbol is a parameter."""
        tensor = self.built.system.tensors.get(symbol.name)
        return tensor is not None and tensor.role is Role.PARAMETER

    def function(self, word: str) -> str | None:
        """The name of a function by how it is written; empty if it is that of the layer."""
        known = set(self.table.functions.values())
        name = _FUNCTION_WORDS.get(word, word)
        if name in known:
            return name
        if word in ANY_FUNCTION or word == "sigma":
            return "" if name not in known else name
        if name in PRIMITIVES or name in ELEMENTARY:
            return name
        return None

    @cached_property
    def bases(self) -> frozenset[str]:
        """The letters and words that symbols begin with."""
        spelled = ("a", "b", "x", "y", "z", "W", "X", "Y", "Z", "A") if not self.notation else ()
        return frozenset((*(head.base for head in self._heads), *spelled))

    @cached_property
    def _heads(self) -> Mapping[Head, Symbol]:
        found: dict[Head, Symbol] = {}
        for name in (*self.table.tensors, *self._costs()):
            for head, symbol in self._written(name):
                found.setdefault(head, symbol)
        for head, symbol in self._more():
            found.setdefault(head, symbol)
        return found

    def _costs(self) -> Iterator[str]:
        return (each.name for each in self.built.system.of_role(Role.LOSS))

    def _written(self, name: str) -> Iterator[tuple[Head, Symbol]]:
        symbol: Formula = self.table.tensor(name)
        if self.rewriter is not None:
            symbol = self.rewriter.formula(symbol)
        if isinstance(symbol, Symbol):
            base, accent = symbol.base, symbol.accent
            if base.startswith("adj_"):
                base, accent = base.removeprefix("adj_"), "bar"
            plain = Symbol(name, Kind.TENSOR, base, symbol.label, accent=accent)
            yield Head(base, accent, symbol.label), plain

    def _more(self) -> Iterator[tuple[Head, Symbol]]:
        """Spellings that a text has in its general formulas: the word of any layer for the last."""
        if self.notation is None or self.rewriter is None:
            return
        for name in self.table.tensors:
            symbol = self.table.tensor(name)
            place = self.rewriter.places.of(symbol)
            if place is None or place.layer is None or place.is_adjoint:
                continue
            parts = [place.part] if place.part != "X" else ["X", "a"]
            for part in parts:
                word = self.notation.words[part]
                plain = Symbol(name, Kind.TENSOR, word.base, accent=word.accent)
                if part != "Y":
                    label = str(place.layer + word.shift)
                    yield Head(word.base, word.accent, label), replace(plain, label=label)
            if place.part in ("X", "Y"):
                for base in (place.part.lower(), place.part):
                    yield Head(base), Symbol(name, Kind.TENSOR, base)
            if place.part == "a" and place.layer == self.depth:
                yield Head("y", "hat"), Symbol(name, Kind.TENSOR, "y", accent="hat")

    def _spelled(self, base: str, accent: str, label: str) -> Symbol | None:
        """A spelling that numpy lines take too: ``A^{[2]}`` is ``A2``, layer 0 is the input."""
        if accent == "hat" and base.lower() == "y":
            name = self.naming.tensor("yhat")
        elif accent:
            return None
        elif label == "0":
            name = self.naming.tensor("X") if base in ("a", "A", "x", "X", "h", "o") else None
        else:
            name = self.naming.tensor(f"{base}{label}") or self.naming.tensor(f"{base}_{label}")
        if name is None or name in self.built.system.sizes or name == SAMPLES:
            return None
        return Symbol(name, Kind.TENSOR, base, label, accent=accent)

    @cached_property
    def _sizes(self) -> Mapping[Head, Symbol]:
        found: dict[Head, Symbol] = {Head(SAMPLES): Symbol(SAMPLES, Kind.SIZE, SAMPLES)}
        labels = [*self.built.system.sizes, *self.table.sizes]
        for label in dict.fromkeys(labels):
            own = label.startswith("n") and len(label) > 1
            bare = label[1:].removeprefix("_") if own else ""
            symbol: Formula = Symbol(label, Kind.SIZE, "n" if own else label, bare)
            if self.rewriter is not None:
                symbol = self.rewriter.formula(symbol)
            if isinstance(symbol, Symbol):
                found.setdefault(Head(symbol.base, "", symbol.label), symbol)
        outputs = self.naming.tensor("K")
        if outputs is not None and outputs in self.built.system.sizes:
            found.setdefault(Head("K"), Symbol(outputs, Kind.SIZE, "K"))
        return found


ELEMENTARY = frozenset(
    "abs arctan cos cosh erf exp log max min sign sin sinh tanh huber softmax np.sum".split()
)


def names_of(built: BuiltNetwork, naming: Naming, notation: Notation | None) -> Names:
    """The names of a network in a notation.

    Raises EmitError if the notation cannot write it.
    """
    context = Context(prepared(built, notation).before, built, notation=notation)
    names = Names(context.built, context.table, naming, notation, context.derivation)
    _ = names.rewriter
    return names
