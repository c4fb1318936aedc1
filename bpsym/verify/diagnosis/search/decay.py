"""The decay term: ``u = c data + d W``, told from the data by least squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.verify.diagnosis.cases import Array
from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.laws import ZERO, Law, identified, two_factors
from bpsym.verify.diagnosis.search.factors import number_of
from bpsym.verify.diagnosis.search.finding import Finding
from bpsym.verify.diagnosis.search.material import Material

ONE = Law("one", "1", lambda s: 1.0)
# The data term has the factor 1 to this.
DATA = 1e-6


@dataclass(frozen=True, eq=False)
class Decay:
    """Decay left out, doubled, subtracted, scaled, or put where none is declared."""

    material: Material

    @property
    def rate(self) -> float:
        """The declared decay, 0 if there is none."""
        for terms in self.material.chain.terms.values():
            for term in terms:
                if term.relation.schema.label == "decay":
                    number, _ = term.expr.as_coeff_Mul()
                    return float(number)
        return 0.0

    def of_all(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """One mistake in the decay that, on top of ``edits``, explains all that is wrong."""
        factors: dict[str, list[float]] = {}
        for name in self.material.chain.parameters:
            if name in wrong:
                found = self._factors(edits, name)
                if found is None:
                    return
                factors[name] = found
        declared = [name for name in factors if self.material.has_decay([name])]
        others = [name for name in factors if name not in declared]
        if (declared and others) or not factors:
            return
        laws = [self._laws(each) for each in factors.values()]
        if laws[0] and all(_formulas(each) == _formulas(laws[0]) for each in laws):
            names = declared or others
            finding = self._finding(names, laws[0], factors[names[0]])
            if self.material.whole((*edits, *finding.edits)):
                yield replace(finding, covers=frozenset(names))

    def beginning_at(self, edits: tuple[Edit, ...], first: str) -> Iterator[Finding]:
        """A mistake in the decay of ``first``, in it alone and in all parameters like it.

        The factor is that of ``first``: what else is wrong may hide it in the others.
        """
        factors = self._factors(edits, first)
        laws = self._laws(factors) if factors else ()
        if not factors or not laws:
            return
        material = self.material
        alike = tuple(
            name
            for name in material.chain.parameters
            if material.has_decay([name]) == material.has_decay([first])
        )
        rank = len(material.sites.shape(first))
        groups = dict.fromkeys(
            (
                (first,),
                tuple(name for name in alike if len(material.sites.shape(name)) == rank),
                alike,
            )
        )
        for group in groups:
            finding = self._finding(list(group), laws, factors)
            yield replace(finding, rank=finding.rank + 0.02 * (len(group) > 1))

    def _factors(self, edits: tuple[Edit, ...], name: str) -> list[float] | None:
        """The factor of ``rate W`` (of W where nothing is declared) at each point.

        None if it is not the decay that is off.
        """
        pairs = self.pairs(edits, name)
        if pairs is None or any(abs(c - 1) > DATA for c, _ in pairs):
            return None
        return [d for _, d in pairs]

    def pairs(self, edits: tuple[Edit, ...], name: str) -> list[tuple[float, float]] | None:
        """The factors of the data and of ``rate W`` at each point; None if they do not do."""
        data_only = self._without(name)
        found = []
        for case in self.material.cases:
            if name not in case.given:
                return None
            data = case.predicted((*edits, *data_only))[name]
            weight = case.observation.point.params[name] * (self.rate or 1.0)
            pair = two_factors(data, weight, case.given[name])
            if pair is None:
                return None
            c, d = pair
            if not case.agrees(name, c * data + d * weight, 10):
                return None
            found.append((c, d))
        return found

    def _laws(self, factors: Sequence[float]) -> tuple[Law, ...]:
        tolerance = max(DATA, self.material.tolerance)
        if all(abs(d) < tolerance for d in factors):
            return (ZERO,)
        laws = identified(factors, self.material.situations, tolerance)
        if not laws and all(abs(d - 1) < tolerance for d in factors):
            return (ONE,)
        return laws

    def _finding(self, names: list[str], laws: tuple[Law, ...], factors: list[float]) -> Finding:
        declared = [n for n in self.material.chain.parameters if self.material.has_decay([n])]
        edits = tuple(edit for name in names for edit in self._redecayed(name, laws))
        words: dict[str, object] = {
            "weights": ", ".join(names),
            "factor": " * ".join(_formulas(laws)) if self.rate else f"{factors[0]:.4g}",
            "parameters": names,
        }
        by_m = {case.m: d for case, d in zip(self.material.cases, factors, strict=True)}
        if names[0] not in declared:
            code = "on-bias" if self.rate else "scale"
        elif laws[0].code == "zero-gradient":
            code = "missing" if set(names) == set(declared) else "partial"
        else:
            code = {"sign": "sign", "factor-two": "twice"}.get(laws[0].code, "scale")
        return Finding("regularisation-" + code, "regularisation", edits, words, 0.4, (), by_m)

    def _without(self, name: str) -> tuple[Edit, ...]:
        return tuple(
            Edit(name, term.number, after=lambda array, scope: np.zeros_like(array))
            for term in self.material.chain.terms[name]
            if term.upstream is None and term.relation.schema.label == "decay"
        )

    def _redecayed(self, name: str, laws: tuple[Law, ...]) -> tuple[Edit, ...]:
        """The edits that put ``factor * rate * W`` for the decay term of a parameter."""
        rate = self.rate or 1.0

        def after(array: Array, scope: Scope) -> Array:
            number = 1.0
            for law in laws:
                number *= number_of(law, scope, self.material.cases)
            return array + number * rate * scope.values[name]

        return (*self._without(name), Edit(name, None, after=after))


def _formulas(laws: Sequence[Law]) -> list[str]:
    return [law.formula for law in laws]
