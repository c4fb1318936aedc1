"""The names in a formula of the user: what is bound, what is a layer, what is a parameter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bpsym.errors import quoted
from bpsym.network.check.report import Report, listing
from bpsym.text import syntax
from bpsym.text.names import (
    PI,
    SAMPLE,
    index_name_problem,
    parameter_name_problem,
)

_N = syntax.Affine(((SAMPLE, 1),))


@dataclass
class Scope:
    """Walks a formula and notes every name that is not what it should be.

    where, report: the place, and where problems go.
    values: tensors that are given, with the number of their subscripts.
    constants: bare names that are given.
    samples: whether given tensors have the sample as their first subscript.
    strangers: why another tensor may not be read, as (what, way out), by name.
    parameters: whether an unknown name is a parameter; those found, with their rank.
    """

    where: str
    report: Report
    values: Mapping[str, int]
    constants: Collection[str] = (PI,)
    samples: bool = False
    strangers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parameters: bool = False
    found: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    unbound: set[str] = field(default_factory=set)

    def walk(self, node: syntax.Expression, bound: frozenset[str]) -> None:
        """Check a formula in which the indices of ``bound`` are given."""
        match node:
            case syntax.Sum(name, body):
                self._bind(name, bound)
                self.walk(body, bound | {name})
            case syntax.Read():
                self._read(node, bound)
            case syntax.Name(name):
                self._name(name, bound)
            case _:
                for child in syntax.children(node):
                    self.walk(child, bound)

    def _bind(self, name: str, bound: frozenset[str]) -> None:
        if name == SAMPLE and self.samples:
            self._add(
                "a sum over the samples",
                "a sum within one sample",
                f"sum({name}, ...)",
                "sum over another index; n is the sample",
            )
        elif name in bound:
            self._add(
                "a sum takes an index that is in use",
                f"an index other than {', '.join(sorted(bound))}",
                f"sum({name}, ...)",
                f"call it {name}2, for example",
            )
        elif name in {*self.values, *self.strangers, *self.constants, *self.found}:
            self._add(
                "an index has a name that is taken", "another name", quoted(name), "rename it"
            )
        else:
            self.report.note(index_name_problem(name, self.where))

    def _read(self, node: syntax.Read, bound: frozenset[str]) -> None:
        used = [name for affine in node.subscripts for name, _ in affine.terms]
        if node.tensor in self.values and not self._fits(node):
            return
        for name in dict.fromkeys(used):
            if name not in bound and name not in self.unbound:
                self.unbound.add(name)
                self._add(
                    "an index is not bound",
                    listing(sorted(bound)) if bound else f"{name} under a sum",
                    f"{name} in {node.tensor}[...]",
                    f"write sum({name}, ...) around it",
                )
        if node.tensor in self.values:
            return
        if node.tensor in self.strangers:
            what, way_out = self.strangers[node.tensor]
            self._add(what, listing(self.values), f"{node.tensor}[...]", way_out)
        elif node.tensor in bound:
            self._add("an index is no tensor", "a tensor", quoted(node.tensor), "rename one")
        else:
            self._parameter(node.tensor, len(node.subscripts))
            if any(plain_index(affine) is None for affine in node.subscripts) and self.parameters:
                self._add(
                    "a parameter has a subscript other than an index, which is not possible yet",
                    f"{node.tensor}[i], with an index of its own",
                    f"a sum or a number in {node.tensor}[...]",
                    "move the shift to the layer that is read",
                )
            if self.samples and SAMPLE in used:
                self._add(
                    "a parameter has the sample as a subscript",
                    "parameters, which are the same for every sample",
                    f"{node.tensor}[...] with {SAMPLE}",
                    f"leave {SAMPLE} out, or name the layer that is meant: {listing(self.values)}",
                )

    def _fits(self, node: syntax.Read) -> bool:
        """Whether a tensor that is given has its subscripts; notes it if not."""
        rank = self.values[node.tensor]
        example = f"{node.tensor}[{'n,j' if self.samples else 'k'}]"
        subscripts = node.subscripts
        good = len(subscripts) == rank and (not self.samples or subscripts[0] == _N)
        if good and self.samples:
            good = all(name != SAMPLE for affine in subscripts[1:] for name, _ in affine.terms)
        if good:
            return True
        got = f"{node.tensor}[{','.join(map(str, subscripts))}]"
        first = subscripts[0] if self.samples and len(subscripts) == rank else None
        if first is not None and first != _N and SAMPLE in dict(first.terms):
            self._add(
                "a formula is for one sample and cannot read another",
                f"{example}, with n alone",
                got,
                "give the other sample's values as an input of their own",
            )
        else:
            self._add(
                "the subscripts do not fit the tensor",
                f"{example}, with {'n, the sample, first' if self.samples else 'one index'}",
                got,
                f"write {example}",
            )
        return False

    def _name(self, name: str, bound: frozenset[str]) -> None:
        if name in self.constants:
            return
        if name in self.values:
            example = f"{name}[{'n,j' if self.samples else 'k'}]"
            self._add("a tensor lacks its subscripts", example, name, f"write {example}")
        elif name in self.strangers:
            what, way_out = self.strangers[name]
            self._add(what, listing(self.values), name, way_out)
        elif name in bound:
            self._add("an index is no value", "a number or a tensor", name, "use it in [ ] only")
        elif name == "e" and not self.parameters:
            self._add("unknown name", "a number", name, "write exp(1)")
        elif self.parameters:
            self._add(
                "a parameter has no subscripts, which is not possible yet",
                f"{name}[i], with one value per unit",
                quoted(name),
                f"write {name}[i], or a number",
            )
        else:
            self._parameter(name, 0)

    def _parameter(self, name: str, rank: int) -> None:
        if not self.parameters:
            known = [*self.values, *self.constants]
            self._add(
                "unknown name", listing(known), quoted(name), "write a number, or one of those"
            )
            return
        if name not in self.found:
            self.found[name] = rank
            self.report.note(parameter_name_problem(name, self.where))
        elif self.found[name] != rank:
            self._add(
                f"{name} is written with different numbers of subscripts",
                f"{self.found[name]}, as before",
                str(rank),
                "give two parameters two names",
            )

    def _add(self, what: str, expected: str, got: str, way_out: str) -> None:
        """Note a problem, once for each place in a formula that looks the same."""
        key = what + got
        if key not in self.seen:
            self.seen.add(key)
            self.report.add(self.where, what, expected, got, way_out)


def plain_index(affine: syntax.Affine) -> str | None:
    """The index that a subscript is, or None if it is not just an index."""
    match affine:
        case syntax.Affine(((name, 1),), 0):
            return name
    return None
