"""What can be read at a place of the user's file, and what is right there in these names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bpsym.calculus.system import Role
from bpsym.verify.mending.edits import Sight
from bpsym.verify.mending.fitting import fitting
from bpsym.verify.mending.places import bases, indices
from bpsym.verify.mending.right_sides import (
    is_readable,
    named_numbers,
    numbers,
    of_layer,
    parts,
    slope,
)
from bpsym.verify.mending.scene import by_entry, counts, labels, spelled, unused

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.search import Finding
    from bpsym.verify.mending.places import Place
    from bpsym.verify.mending.runs import Runs
    from bpsym.verify.mending.source import Source

Array = npt.NDArray[Any]
Lines = Callable[[str, Mapping[str, str], Sequence[str]], list[str]]

MOST_FACTORS = 14
MOST_SLOPES = 8
MOST_INDICES = 12


@dataclass(eq=False)
class Sights:
    """Looks at places. lines: the right sides of the derivation for a name, in given names."""

    runs: Runs
    chain: Chain
    lines: Lines

    def of(self, finding: Finding, source: Source, number: int, left: frozenset[str]) -> Sight:
        """What can be read at a place, and what is right there in these names."""
        sights = self.runs.sights(source.text, number)
        sight = {text: np.asarray(value) for text, value in (sights[0] if sights else [])}
        values = [np.asarray(v) for n, v in self.runs.values(source.text) if n == number]
        place = source.places[number]
        names = self._names(finding, place, sights, values)
        sizes = self._sizes(sight, names)
        if sizes:
            names["m"] = sizes[0]
        wanted = [finding.where, *(name for name in self.chain.order if name in left)]
        right: list[str] = []
        for name in dict.fromkeys(wanted):
            key = f"d{name}" if name in self.chain.parameters else name
            right += self.lines(key, names, sizes[:1])
        right = [named_numbers(each, sight) for each in dict.fromkeys(right)]
        factors, terms = parts(right)
        slopes = [each for text in right for each in slope(text)]
        shape = values[0].shape if values else ()
        alike = [t for t, v in sight.items() if v.shape == shape != ()]
        own = list(dict.fromkeys(self._own_factors(source)))
        own = [each for each in own if each not in sight or np.any(sight[each] != 1)]
        moved = [each for text in own for each in of_layer(text, finding.where, names)]

        bound = {each.id for each in ast.walk(place.node) if isinstance(each, ast.Name)}

        def readable(found: Sequence[str]) -> list[str]:
            every = dict.fromkeys(found)
            return [each for each in every if is_readable(each, sight, source, bound)]

        return Sight(
            sight,
            source.functions,
            sizes[:2],
            readable([*moved, *factors, *own, *alike])[:MOST_FACTORS],
            readable(terms),
            readable(right)[:6],
            readable([*moved, *slopes, *factors])[:MOST_SLOPES],
            numbers(right),
            _ratio(finding),
            place.chooses,
            self._missing(sights, values),
            indices(source.tree)[:MOST_INDICES],
            list(dict.fromkeys(bases(source.tree))),
            [t for t in unused(place.inside) if t in sight and sight[t].dtype.kind == "f"],
            [t for t, v in sight.items() if v.ndim == 0 and v.dtype.kind == "i" and v > 1][:3],
        )

    @cached_property
    def _known(self) -> dict[str, Array]:
        """Every tensor and every adjoint of the derivation, by its name there."""
        scope = self.chain.scope(self.runs.looked_at)
        found = {name: np.asarray(each) for name, each in scope.values.items()}
        adjoints = self.chain.derivation.adjoints
        tensors = self.chain.system.tensors
        return found | {e.name: np.asarray(found[tensors[e.tensor].adjoint]) for e in adjoints}

    @cached_property
    def _later(self) -> dict[str, Array]:
        """The adjoints where 1/m comes at the gradients."""
        m = self.runs.looked_at.m
        return {n: m * a for n, a in self._known.items() if n.startswith(("delta", "adj"))}

    def _names(
        self,
        finding: Finding,
        place: Place,
        sights: Sequence[Sequence[tuple[str, Any]]],
        values: Sequence[Array],
    ) -> dict[str, str]:
        """Name in the derivation -> what the code calls it at this place."""
        known, form = self._known, self.runs.reading.form
        sight = {text: np.asarray(value) for text, value in (sights[0] if sights else [])}
        counters = _counters(place)
        signal = known.get(finding.where)
        m = self.runs.looked_at.m
        one = bool(values) and signal is not None and m > 1 and values[0].size * m == signal.size
        names = spelled(sight, known, self.chain.parameters, form, counters, one=one)
        names = spelled(sight, self._later, (), form, counters, one=one) | names
        if values and values[0].ndim == 0:
            names |= by_entry(sights, known, counters)
        targets = [each.name for each in self.chain.system.of_role(Role.TARGET)]
        return labels(sight, {n: known[n] for n in targets}, columns=form.columns, one=one) | names

    def _sizes(self, sight: Mapping[str, Array], names: Mapping[str, str]) -> list[str]:
        """How the code writes the number of samples."""
        form = self.runs.reading.form
        found = counts(sight, self.runs.looked_at.m)
        if found or form.single:
            return found
        arrays = [text for name, text in names.items() if name[0] in "XY"]
        return [f"{text}.shape[1]" if form.columns else f"len({text})" for text in arrays]

    def _missing(
        self, sights: Sequence[Sequence[tuple[str, Any]]], values: Sequence[Array]
    ) -> list[tuple[str, str]]:
        """What makes the value right, the first time that the place is come to and the others."""
        right = [each for name, each in self._known.items() if name.startswith(("delta", "adj"))]
        found: dict[tuple[str, str], None] = {}
        for sight, value in zip(sights, values, strict=False):
            arrays = {text: np.asarray(each) for text, each in sight}
            found |= dict.fromkeys(fitting(value, arrays, [*right, *self._later.values()]))
        return list(found)

    def _own_factors(self, source: Source) -> Iterator[str]:
        """What the file multiplies by elsewhere, slopes above all."""
        for each in source.places:
            for node in ast.walk(each.node):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                    yield from (ast.unparse(part) for part in (node.left, node.right))


def _counters(place: Place) -> frozenset[str]:
    """The variables of the loops around a place."""
    return frozenset(
        each.id
        for loop in ast.walk(place.inside)
        if isinstance(loop, ast.For | ast.ListComp | ast.GeneratorExp)
        and any(node is place.node for node in ast.walk(loop))
        for target in _targets(loop)
        for each in ast.walk(target)
        if isinstance(each, ast.Name)
    )


def _targets(loop: ast.For | ast.ListComp | ast.GeneratorExp) -> list[ast.expr]:
    return [loop.target] if isinstance(loop, ast.For) else [each.target for each in loop.generators]


def _ratio(finding: Finding) -> float:
    """What takes the factor of a finding out again; 1 if there is none, or it depends on m."""
    c, *others = list(finding.factors.values()) or [1.0]
    return 1 / c if c > 0 and all(abs(each - c) < 1e-9 * c for each in others) else 1.0
