"""The search for the mistakes that explain a set of gradients."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import process_time

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.calculus.system import Role
from bpsym.verify.cases import Array, Case
from bpsym.verify.chain import Chain, Edit
from bpsym.verify.laws import ZERO, Law, factor, identified, two_factors
from bpsym.verify.variants import Variant, rare_variants_of, variants_of
from bpsym.verify.variants.base import Sites

MOST_MISTAKES = 3
BREADTH = 4
MOST_PAIRS = 4000
MOST_STEPS = 16
FEW = 100
# A bias may hide a wrong delta by a fault of its own: the weight of the layer is tried too.
FIRST_TRIED = 2
# After this no further pairs are tried: a diagnosis is worth a second or two of waiting.
SECONDS = 1.2


@dataclass(frozen=True, eq=False)
class Finding:
    """A mistake that fits: a variant, or a law, with what it does to the derivation.

    factors: the factor at each batch size, for a law. covers: the parameters that it explains.
    alternative: whether another finding explains the same.
    """

    code: str
    where: str
    edits: tuple[Edit, ...] = ()
    words: Mapping[str, object] = field(default_factory=dict)
    rank: float = 1.0
    everywhere: tuple[str, ...] = ()
    factors: Mapping[int, float] = field(default_factory=dict)
    covers: frozenset[str] = frozenset()
    alternative: bool = False


class Search:
    """Explains gradients by at most MOST_MISTAKES mistakes."""

    def __init__(self, chain: Chain, cases: Sequence[Case], held: Sequence[Case]) -> None:
        self.chain = chain
        self.cases = cases
        self.held = held
        self.sites = Sites(chain)
        self.ends = process_time() + SECONDS
        self.variants: tuple[Variant, ...] = ()

    @cached_property
    def peel_order(self) -> tuple[str, ...]:
        """Parameters in the order of a backward pass; of one layer the bias first.

        A bias's gradient is the sum of a delta: it shows a wrong delta and nothing else.
        """
        order = {name: at for at, name in enumerate(self.chain.order)}
        layer = {
            name: min(
                (order[t] for t in self._read_by(name)), default=order[name]
            )
            for name in self.chain.parameters
        }  # fmt: skip
        rank = {name: len(self.sites.shape(name)) for name in self.chain.parameters}
        return tuple(sorted(self.chain.parameters, key=lambda name: (layer[name], rank[name])))

    def _read_by(self, name: str) -> Iterator[str]:
        for term in self.chain.terms[name]:
            if term.upstream is not None:
                yield term.relation.defines

    def run(self, wrong: frozenset[str]) -> list[Finding]:
        """The mistakes, in the order of a backward pass; ``unknown`` where nothing fits."""
        for variants in (variants_of, rare_variants_of):
            more = sorted(variants(self.chain), key=lambda each: each.rank)
            self.variants = (*self.variants, *more)
            found = self._confirmed_singles(wrong)
            if not found:
                several = self._explain((), wrong, MOST_MISTAKES)
                found = several if several and self._confirms(several) else []
            if found:
                return [part for each in found for part in _by_law(each)]
        return self._partly(wrong)

    # one mistake ------------------------------------------------------------------------------

    def _confirmed_singles(self, wrong: frozenset[str]) -> list[Finding]:
        found = [each for each in self._singles((), wrong) if self._confirms([each])]
        found.sort(key=lambda each: each.rank)
        kept: list[Finding] = []
        for each in found:
            if not any((each.code, each.where) == (k.code, k.where) for k in kept):
                kept.append(replace(each, alternative=bool(kept)))
        return kept[:3]

    def _singles(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """The mistakes that, on top of ``edits``, explain everything."""
        yield from self._laws(edits, wrong)
        for variant in self.variants:
            if not wrong <= self._affects(variant):
                continue
            finding = self._fitted(variant, edits, wrong, frozenset())
            if finding is not None and self._whole((*edits, *finding.edits)):
                yield replace(finding, covers=wrong)

    def _affects(self, variant: Variant) -> frozenset[str]:
        return frozenset().union(*(self.chain.below[name] for name in variant.tensors))

    def _whole(self, edits: Sequence[Edit], ignored: frozenset[str] = frozenset()) -> bool:
        """Whether everything but the ignored is explained at all points of the search."""
        return all(case.consistent(edits, ignored) for case in self.cases)

    def _left(self, edits: Sequence[Edit]) -> frozenset[str]:
        """The parameters that are not explained at some point of the search."""
        left: frozenset[str] = frozenset()
        for case in self.cases:
            left |= case.disagreeing(edits)
        return left

    def _confirms(self, findings: Iterable[Finding]) -> bool:
        """Whether the mistakes explain the points that were kept back."""
        edits = tuple(edit for each in findings for edit in each.edits)
        solved = any("number" in each.words for each in findings)
        slack = 1e3 if solved else 1.0
        return all(case.consistent(edits, slack=slack) for case in self.held)

    def _fitted(
        self,
        variant: Variant,
        edits: tuple[Edit, ...],
        names: frozenset[str],
        ignored: frozenset[str],
    ) -> Finding | None:
        """The variant as a finding if it explains ``names`` at the first point, and breaks nothing.

        ignored: the parameters that it need not explain.
        """
        if variant.family is not None:
            return self._solved(variant, edits, names)
        if not self.cases[0].consistent((*edits, *variant.edits), ignored):
            return None
        return _finding(variant, variant.edits, variant.words)

    def _solved(
        self, variant: Variant, edits: tuple[Edit, ...], names: frozenset[str]
    ) -> Finding | None:
        """Solve for the number of a family by secant steps, at the first point, and keep it."""
        assert variant.family is not None
        number: float | dict[int, float] | None = self._number_at(
            variant, edits, names, self.cases[0]
        )
        if number is None:
            return None
        if variant.varies:
            every = (*self.cases, *self.held)
            several = [self._number_at(variant, edits, names, case) for case in every]
            if any(each is None for each in several):
                return None
            number = {
                id(case.scope.sizes): each
                for case, each in zip(every, several, strict=True)
                if each is not None
            }
        found = variant.family(number)
        case = self.cases[0]
        predicted = case.predicted((*edits, *found))
        if not all(case.agrees(name, predicted[name], 1e3) for name in names & set(case.given)):
            return None
        words = {**variant.words}
        if not isinstance(number, dict):
            words["number"] = f"{number:.4g}"
        return _finding(variant, found, words)

    def _number_at(
        self, variant: Variant, edits: tuple[Edit, ...], names: frozenset[str], case: Case
    ) -> float | None:
        assert variant.family is not None
        family = variant.family
        mine = [name for name in self.peel_order if name in names and name in case.given][:2]
        base = case.predicted((*edits, *family(0.0)))
        # The first of them depends on the number alone; those below may do so in powers.
        wanted = [case.given[name] - base[name] for name in mine]

        def reached(t: float) -> float:
            moved = case.predicted((*edits, *family(t)))
            return factor(wanted, [moved[name] - base[name] for name in mine]) or 0.0

        return _solve(reached, variant.start)

    # laws -------------------------------------------------------------------------------------

    def _laws(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """One factor, at the output, at a delta, at a parameter; and the decay term."""
        for where, tensors, code in self._scalable():
            below = frozenset().union(*(self.chain.below[name] for name in tensors))
            if wrong <= below:
                for finding in self._factor_at(edits, where, tensors, code, wrong):
                    if self._whole((*edits, *finding.edits)):
                        yield replace(finding, covers=wrong)
        yield from self._decay(edits, wrong)

    def _scalable(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """Places that a factor may stand at: where, tensors, the code where it is 1/m."""
        tensors = self.chain.system.tensors
        outputs = tuple(z for z, _ in self.sites.outputs())
        if len(outputs) > 1:
            yield self.chain.place[outputs[0]], outputs, ""
        seen: set[str] = set()
        for name in self.chain.order:
            place = self.chain.place[name]
            if tensors[name].role is Role.HIDDEN and tensors[name].adjoint == place:
                seen.add(place)
                yield place, (name,), ""
        weights = [name for name in self.chain.parameters if len(self.sites.shape(name)) == 2]
        biases = [name for name in self.chain.parameters if len(self.sites.shape(name)) == 1]
        for group, code in ((weights, ""), (biases, "bias-mean")):
            if len(group) > 1:
                yield group[-1], tuple(group), code
            for name in group:
                yield name, (name,), code

    def _factor_at(
        self,
        edits: tuple[Edit, ...],
        where: str,
        tensors: tuple[str, ...],
        code: str,
        names: frozenset[str],
    ) -> Iterator[Finding]:
        parameters = all(name in self.chain.parameters for name in tensors)
        ways = ["data"] if not parameters else ["data", "whole"]
        for way in ways:
            factors = []
            for case in self.cases:
                c = self._factor(case, edits, tensors, names, way)
                if c is None:
                    break
                factors.append(c)
            else:
                if all(abs(c - 1) < 1e-9 for c in factors):
                    continue
                laws = identified(factors, [case.situation for case in self.cases], self._tolerance)
                if laws:
                    yield self._law_finding(laws, where, tensors, code, way, factors)
            if not self._has_decay(tensors):
                break

    @property
    def _tolerance(self) -> float:
        return max(1e-8, 1e3 * self.cases[0].epsilon)

    def _has_decay(self, tensors: Iterable[str]) -> bool:
        return any(
            term.upstream is None and term.relation.schema.label == "decay"
            for name in tensors
            for term in self.chain.terms.get(name, ())
        )

    def _scaled_by(
        self, tensors: tuple[str, ...], way: str, factor_of: Mapping[int, float] | Law | float
    ) -> tuple[Edit, ...]:
        def after(array: Array, scope: Scope) -> Array:
            return array * _number(factor_of, scope, self.cases)

        found = []
        for name in tensors:
            data = [t.number for t in self.chain.terms[name] if t.upstream is not None]
            if way == "whole" or name not in self.chain.parameters or not self._has_decay([name]):
                found.append(Edit(name, None, after=after))
            else:
                found += [Edit(name, number, after=after) for number in data]
        return tuple(found)

    def _factor(
        self,
        case: Case,
        edits: tuple[Edit, ...],
        tensors: tuple[str, ...],
        names: frozenset[str],
        way: str,
    ) -> float | None:
        """The factor at ``tensors`` that explains ``names`` at one point."""
        with_it = case.predicted(edits)
        without = case.predicted((*edits, *self._scaled_by(tensors, way, 0.0)))
        mine = [name for name in names if name in case.given]
        if not self._may_fit(case, with_it, without, mine):
            return None
        moved = [with_it[name] - without[name] for name in mine]
        scales = [float(np.max(np.abs(each))) or 1.0 for each in moved]
        wanted = [case.given[name] - without[name] for name in mine]
        c = factor(
            [a / s for a, s in zip(moved, scales, strict=True)],
            [b / s for b, s in zip(wanted, scales, strict=True)],
        )
        if c is None or not np.isfinite(c):
            return None
        fits = all(
            case.agrees(name, without[name] + c * part)
            for name, part in zip(mine, moved, strict=True)
        )
        return c if fits else None

    def _may_fit(
        self,
        case: Case,
        with_it: Mapping[str, Array],
        without: Mapping[str, Array],
        names: Sequence[str],
    ) -> bool:
        """A look at a few entries of each block: most factors are out of the question at once."""
        found: float | None = None
        for name in names:
            step = max(1, with_it[name].size // FEW)
            base, top, given = (
                np.ravel(each)[::step] for each in (without[name], with_it[name], case.given[name])
            )
            moved = top - base
            c = factor([moved], [given - base])
            if c is None:
                continue
            scale = float(np.max(np.abs(moved)))
            if float(np.max(np.abs(given - base - c * moved))) > 1e-3 * abs(c) * scale:
                return False
            if found is not None and abs(c - found) > 1e-2 * abs(found):
                return False
            found = c
        return True

    def _law_finding(
        self,
        laws: tuple[Law, ...],
        where: str,
        tensors: tuple[str, ...],
        code: str,
        way: str,
        factors: Sequence[float],
    ) -> Finding:
        first = laws[0]
        name = first.code
        if first.code == "double-batch-mean" and code:
            name = code
        if first.code == "zero-gradient" and tensors[0] not in self.chain.parameters:
            name = "not-propagated"
        formula = " * ".join(law.formula for law in laws)
        parts = tuple(self._scaled_by(tensors, way, law) for law in laws)
        edits = tuple(edit for part in parts for edit in part)
        words: dict[str, object] = {"factor": formula, "weight": where, "how": "zero"}
        words["laws"] = laws
        by_m = {case.m: c for case, c in zip(self.cases, factors, strict=True)}
        everywhere = tensors if len(tensors) > 1 else ()
        rank = 0.5 + 0.4 * (len(laws) - 1) + 0.3 * (name == "scaled") + 0.05 * len(everywhere)
        rank += 1.5 * (name == "not-propagated")
        return Finding(name, where, edits, words, rank, everywhere, by_m)

    # the decay term ---------------------------------------------------------------------------

    def _decay(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """``u = c data + d W``: the data term and the decay term told apart by least squares."""
        if not all(name in self.chain.parameters for name in wrong):
            return
        parts: dict[str, tuple[list[float], list[float]]] = {}
        rate = self._rate()
        for name in self.chain.parameters:
            pair = self._decay_factors(edits, name, rate)
            if pair is None:
                if name in wrong:
                    return
                continue
            parts[name] = pair
        off = [name for name in parts if name in wrong]
        if not off or any(abs(c - 1) > 1e-6 for name in off for c in parts[name][0]):
            return
        yield from self._decay_findings(edits, off, parts, rate)

    def _rate(self) -> float:
        for terms in self.chain.terms.values():
            for term in terms:
                if term.relation.schema.label == "decay":
                    number, _ = term.expr.as_coeff_Mul()
                    return float(number)
        return 0.0

    def _decay_factors(
        self, edits: tuple[Edit, ...], name: str, rate: float
    ) -> tuple[list[float], list[float]] | None:
        """The factors of the data term and of ``rate W`` (of W where nothing is declared)."""
        data_only = self._without_decay(name)
        ones, others = [], []
        for case in self.cases:
            data = case.predicted((*edits, *data_only))[name]
            weight = case.observation.point.params[name] * (rate or 1.0)
            if name not in case.given:
                return None
            pair = two_factors(data, weight, case.given[name])
            if pair is None:
                return None
            c, d = pair
            if not case.agrees(name, c * data + d * weight, 10):
                return None
            ones.append(c)
            others.append(d)
        return ones, others

    def _without_decay(self, name: str) -> tuple[Edit, ...]:
        return tuple(
            Edit(name, term.number, after=lambda array, scope: np.zeros_like(array))
            for term in self.chain.terms[name]
            if term.upstream is None and term.relation.schema.label == "decay"
        )

    def _decay_findings(
        self,
        edits: tuple[Edit, ...],
        off: list[str],
        parts: Mapping[str, tuple[list[float], list[float]]],
        rate: float,
    ) -> Iterator[Finding]:
        declared = [name for name in parts if self._has_decay([name])]
        situations = [case.situation for case in self.cases]
        tolerance = max(1e-6, self._tolerance)

        def finding(code: str, names: list[str], laws: tuple[Law, ...], number: float) -> Finding:
            edits = tuple(edit for name in names for edit in self._redecayed(name, laws, rate))
            words: dict[str, object] = {
                "weights": ", ".join(names),
                "factor": " * ".join(law.formula for law in laws) if rate else f"{number:.4g}",
                "parameters": names,
            }
            by_m = {
                case.m: d for case, d in zip(self.cases, parts[names[0]][1], strict=True)
            }  # fmt: skip
            return Finding("regularisation-" + code, "regularisation", edits, words, 0.4, (), by_m)

        weights = [name for name in off if name in declared]
        biases = [name for name in off if name not in declared]
        found: list[Finding] = []
        for names, on_bias in ((weights, False), (biases, True)):
            if not names:
                continue
            per_name = {
                name: (ZERO,)
                if all(abs(d) < tolerance for d in parts[name][1])
                else identified(parts[name][1], situations, tolerance)
                for name in names
            }
            laws = per_name[names[0]]
            alike = all(
                [law.formula for law in each] == [law.formula for law in laws]
                for each in per_name.values()
            )
            if not alike:
                return
            if not laws:
                if all(abs(d - 1) < tolerance for name in names for d in parts[name][1]):
                    laws = (Law("one", "1", lambda s: 1.0),)
                else:
                    return
            if on_bias:
                code = "on-bias" if rate else "scale"
            elif laws[0].code == "zero-gradient":
                code = "missing" if set(names) == set(declared) else "partial"
            else:
                code = {"sign": "sign", "factor-two": "twice"}.get(laws[0].code, "scale")
            found.append(finding(code, names, laws, parts[names[0]][1][0]))
        if len(found) == 1 and self._whole((*edits, *found[0].edits)):
            yield replace(found[0], covers=frozenset(off))

    def _redecayed(self, name: str, laws: tuple[Law, ...], rate: float) -> tuple[Edit, ...]:
        """The edits that put ``factor * rate * W`` for the decay term of a parameter."""

        def after(array: Array, scope: Scope) -> Array:
            number = 1.0
            for law in laws:
                number *= _number(law, scope, self.cases)
            return array + number * (rate or 1.0) * scope.values[name]

        return (*self._without_decay(name), Edit(name, None, after=after))

    # several mistakes -------------------------------------------------------------------------

    def _explain(
        self, edits: tuple[Edit, ...], wrong: frozenset[str], depth: int
    ) -> list[Finding] | None:
        """Explain the first wrong parameter by itself, then judge the rest again."""
        if not wrong:
            return []
        if depth < MOST_MISTAKES:
            whole = min(self._singles(edits, wrong), key=lambda each: each.rank, default=None)
            if whole is not None:
                return [whole]
        if depth == 1:
            return None
        ordered = [name for name in self.peel_order if name in wrong]
        found: list[list[Finding]] = []
        for first in ordered[:FIRST_TRIED]:
            for candidate in self._candidates(edits, first, wrong)[:BREADTH]:
                inner = (*edits, *candidate.edits)
                rest = self._explain(inner, self._left(inner), depth - 1)
                if rest is not None:
                    found.append([candidate, *rest])
                    break
        if found:
            return min(found, key=_mistakes)
        if depth < 2:
            return None
        for first in ordered[:FIRST_TRIED]:
            pair = self._pair_at(edits, first, wrong)
            if pair:
                return [replace(each, covers=wrong) for each in pair]
        return None

    def _candidates(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> list[Finding]:
        """The mistakes that explain ``first`` and break nothing that is right."""
        scored: list[tuple[int, float, int, Finding]] = []
        for finding in self._fitting(edits, first, wrong):
            left = self._left((*edits, *finding.edits))
            # A right gradient may be two mistakes that cancel, if that explains much more.
            if first in left or not (left <= wrong or len(left) < len(wrong) - 1):
                continue
            explained = wrong - left
            entry = (len(left), finding.rank, len(scored), replace(finding, covers=explained))
            scored.append(entry)
        scored.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in scored]

    def _fitting(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> Iterator[Finding]:
        names = frozenset({first})
        for where, tensors, code in self._scalable():
            below = frozenset().union(*(self.chain.below[name] for name in tensors))
            if first in below:
                yield from self._factor_at(edits, where, tensors, code, names)
        yield from self._decay(edits, names)
        for variant in self.variants:
            if first in self._affects(variant):
                finding = self._fitted(variant, edits, names, wrong - names)
                if finding is not None:
                    yield finding

    def _pair_at(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> tuple[Finding, ...] | None:
        """Two mistakes in one place: two variants, or a variant and a factor."""
        case = self.cases[0]
        near = [
            each
            for each in self.variants
            if first in self._affects(each) and self._near(each, wrong)
        ]
        families = [each for each in near if each.family is not None]
        near = [each for each in near if each.family is None]
        for variant in near:
            inner = (*edits, *variant.edits)
            for where, tensors, code in self._scalable():
                below = frozenset().union(*(self.chain.below[name] for name in tensors))
                if first not in below:
                    continue
                if self._factor(case, inner, tensors, frozenset({first}), "data") is None:
                    continue
                for law in self._factor_at(inner, where, tensors, code, frozenset({first})):
                    both = (_finding(variant, variant.edits, variant.words), law)
                    if self._complete(edits, both):
                        return both
        pairs = itertools.islice(itertools.combinations(near, 2), MOST_PAIRS)
        for one, other in pairs:
            if process_time() > self.ends:
                return None
            if set(_slots(one)) & set(_slots(other)) and one.code == other.code:
                continue
            if case.consistent((*edits, *one.edits, *other.edits), wrong - {first}):
                both = (
                    _finding(one, one.edits, one.words),
                    _finding(other, other.edits, other.words),
                )
                if self._complete(edits, both):
                    return both
        for variant, solved in itertools.product(near, families):
            if process_time() > self.ends:
                return None
            number = self._solved(solved, (*edits, *variant.edits), frozenset({first}))
            if number is not None:
                both = (_finding(variant, variant.edits, variant.words), number)
                if self._complete(edits, both):
                    return both
        return None

    def _near(self, variant: Variant, wrong: frozenset[str]) -> bool:
        """Whether all that a variant touches is wrong: so it may well be made."""
        return self._affects(variant) <= wrong and not variant.everywhere

    def _complete(self, edits: tuple[Edit, ...], findings: tuple[Finding, ...]) -> bool:
        return self._whole((*edits, *(edit for each in findings for edit in each.edits)))

    # nothing, or not all ----------------------------------------------------------------------

    def _partly(self, wrong: frozenset[str]) -> list[Finding]:
        """``unknown`` at the first wrong place; a mistake that is independent of it is named."""
        first = next(name for name in self.peel_order if name in wrong)
        place = self._blamed(first, wrong)
        below = self._inheriting(place, first)
        unknown = Finding("unknown", place, words={"weight": first}, covers=wrong & below)
        rest = wrong - below
        if not rest:
            return [unknown]
        others = self._confirmed_rest(rest, below)
        return [unknown, *others]

    def _confirmed_rest(self, rest: frozenset[str], ignored: frozenset[str]) -> list[Finding]:
        first = next(name for name in self.peel_order if name in rest)
        fitting = self._fitting((), first, rest | ignored)
        for finding in sorted(fitting, key=lambda each: each.rank):
            every = (*self.cases, *self.held)
            if all(case.consistent(finding.edits, ignored) for case in every):
                return [replace(finding, covers=rest)]
        return []

    def _blamed(self, first: str, wrong: frozenset[str]) -> str:
        """The delta if all that is computed from it is wrong, else the parameter alone."""
        for tensor in self._read_by(first):
            below = self.chain.below[tensor]
            if len(below) > 1 and below <= wrong:
                return self.chain.place[tensor]
        return first

    def _inheriting(self, place: str, first: str) -> frozenset[str]:
        if place == first:
            return frozenset({first})
        tensor = next(name for name, each in self.chain.place.items() if each == place)
        return self.chain.below[tensor]


def _mistakes(findings: Sequence[Finding]) -> int:
    """How many mistakes an explanation takes; the fewer, the likelier."""
    return sum(len(_by_law(each)) for each in findings)


def _by_law(finding: Finding) -> list[Finding]:
    """Two factors in one place are two mistakes."""
    laws = finding.words.get("laws")
    if not isinstance(laws, tuple) or len(laws) < 2:
        return [finding]
    return [
        replace(finding, code=law.code, words={**finding.words, "factor": law.formula})
        for law in laws
    ]


def _solve(reached: Callable[[float], float], start: float) -> float | None:
    """The t > 0 with ``reached(t) = 1``, by the secant method; None if it is not found."""
    known, value = 0.0, 0.0
    t = start
    for _ in range(MOST_STEPS):
        now = reached(t)
        if not np.isfinite(now):
            return None
        if now == value:  # as near as rounding lets it come
            break
        step = (1 - now) * (t - known) / (now - value)
        known, value = t, now
        if abs(step) <= 1e-13 * abs(t):
            return t
        t = t + step if t + step > 0 else t / 10
    return t if t > 0 and abs(reached(t) - 1) < 1e-6 else None


def _finding(variant: Variant, edits: tuple[Edit, ...], words: Mapping[str, object]) -> Finding:
    return Finding(variant.code, variant.where, edits, words, variant.rank, variant.everywhere)


def _slots(variant: Variant) -> list[tuple[str, int | None]]:
    return [(edit.tensor, edit.term) for edit in variant.edits]


def _number(
    factor_of: Mapping[int, float] | Law | float, scope: Scope, cases: Sequence[Case]
) -> float:
    if isinstance(factor_of, Law):
        situation = replace(cases[0].situation, m=scope.sizes["m"])
        return factor_of.factor(situation)
    if isinstance(factor_of, Mapping):
        return factor_of[scope.sizes["m"]]
    return factor_of
