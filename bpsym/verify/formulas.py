"""Formulas judged one by one against the derivation, so that it can be checked as it grows.

    delta2 = (a2 - Y) * a2 * (1 - a2) / m
    dW2 = delta2.T @ a1

Every name on a right side stands for its right value, so that a wrong line does not spoil the
next. Where 1/m stands is a convention: all lines are read with it in delta, or all with it in dW
and db, whichever lets more of them be right. So are samples in rows or in columns.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.calculus.system import SAMPLES, Role
from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.verify.cases import Case
from bpsym.verify.chain import Chain
from bpsym.verify.latex import is_latex, read_latex
from bpsym.verify.laws import factor, identified, ratios
from bpsym.verify.names import Naming
from bpsym.verify.numpy_lines import Line, read_line
from bpsym.verify.observe import DiagnosisContext, Observation
from bpsym.verify.points import choose_points, random_point
from bpsym.verify.reference import Reference
from bpsym.verify.report import Diagnosis, Verdict
from bpsym.verify.search import Finding
from bpsym.verify.tolerance import SAFETY
from bpsym.verify.variants import Variant, rare_variants_of, variants_of
from bpsym.verify.wording import Wording

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.network.model import Network
    from bpsym.verify.cases import Array
    from bpsym.verify.observe import Language, Point

# A formula may round more often than the derivation's own line does.
ROUNDINGS = 4.0
CLOSE = 1e-7
# An unknown mistake weighs as much as this many known ones.
UNEXPLAINED = 5


@dataclass(frozen=True)
class LineResult:
    """How one line fared.

    name: as the user wrote it. of: what the derivation calls it; empty for a name of the user's
    own, which is computed and not judged. problem: why it could not be computed.
    """

    text: str
    name: str
    of: str
    ok: bool
    max_relative_error: float | None = None
    worst_index: tuple[int, ...] | None = None
    yours: float | None = None
    right: float | None = None
    problem: str = ""
    diagnosis: tuple[Diagnosis, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "line": self.text,
            "name": self.name,
            "of": self.of,
            "ok": self.ok,
            "max_relative_error": self.max_relative_error,
            "worst_index": None if self.worst_index is None else list(self.worst_index),
            "yours": self.yours,
            "right": self.right,
            "problem": self.problem,
            "diagnosis": [each.to_json() for each in self.diagnosis],
        }


@dataclass(frozen=True)
class FormulaReport:
    """All lines, and the conventions by which they were read."""

    network: str
    lines: tuple[LineResult, ...]
    samples: str
    mean: str
    reduction: str

    @property
    def verdict(self) -> Verdict:
        """PASS if every line is right."""
        return Verdict.PASS if all(each.ok for each in self.lines) else Verdict.FAIL

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """Of all lines, in their order."""
        return tuple(found for each in self.lines for found in each.diagnosis)

    @property
    def assumed(self) -> tuple[str, ...]:
        """How the lines were read."""
        where = {"delta": "1/m is read as part of delta", "gradients": "1/m is read in dW and db"}
        shown = (where[self.mean],) if self.reduction == "mean" else ()
        if self.reduction == "one":
            return ("the formulas are for one sample, a column",)
        return (f"samples are {self.samples}", *shown)

    def to_json(self) -> dict[str, object]:
        """Plain values, with the keys of a report about code."""
        return {
            "schema": 1,
            "verdict": self.verdict.value,
            "network": self.network,
            "parameters": [each.to_json() for each in self.lines],
            "diagnosis": [each.to_json() for each in self.diagnosis],
            "assumed": list(self.assumed),
        }

    def json(self) -> str:
        """``to_json`` as text."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        rows = [f"{self.verdict.value}  {self.network}", ""]
        for each in self.lines:
            mark = "  ok   " if each.ok and each.of else "  -    " if each.ok else "  WRONG"
            rows.append(f"{mark} {each.text}")
            if each.problem:
                rows.append(f"          {each.problem}")
            for found in each.diagnosis:
                rows.append(f"          {found.code} @ {found.where}: {found.what}.")
                rows.append(f"          {found.evidence}")
                rows.append(f"          {found.fix}")
        rows += ["", "Read as: " + "; ".join(self.assumed)]
        return "\n".join(rows)


def judge_lines(
    network: Network | str | Mapping[str, object],
    texts: Sequence[str],
    *,
    samples: str | None = None,
    seed: int = 0,
    lang: Language = "en",
    prove: bool = True,
) -> FormulaReport:
    """Judge lines in numpy notation, each on its own.

    samples: ``rows`` or ``columns``, found out if not given. Empty lines and comments are skipped.
    Raises ExpressionError for a line that is no formula or reads a name that means nothing.
    """
    from bpsym.api import derive

    derivation = derive(network)
    if prove:
        derivation.require_proof()
    written = [text for text in texts if text.split("#")[0].strip()]
    if not written:
        raise ExpressionError.single(
            where="formulas",
            what="there is nothing to judge",
            expected="lines such as dW2 = delta2.T @ a1",
            got="none",
            way_out="write at least one",
        )
    return _Judge(derivation, written, samples, seed, lang).report()


class _Judge:
    def __init__(
        self,
        derivation: Derivation,
        written: Sequence[str],
        samples: str | None,
        seed: int,
        lang: Language,
    ) -> None:
        self.derivation = derivation
        self.lang = lang
        self.reference = Reference(derivation)
        self.chain = Chain(derivation.record)
        self.naming = Naming(derivation, self.chain)
        latex = any(is_latex(text.split("#")[0]) for text in written)
        self.lines = tuple(
            read_latex(text, f"line {at}", self.naming) if latex else read_line(text, f"line {at}")
            for at, text in enumerate(written, 1)
        )
        self.layouts = (samples,) if samples in ("rows", "columns") else ("rows", "columns")
        if latex:
            self.layouts = ("columns",)
        self.batch = self._at(choose_points(self.reference, seed=seed).generic)
        self.cases = self.batch
        self.counts = ("batch", "one") if latex else ("batch",)
        self.seed = seed
        self._check_names()

    def _at(self, points: Sequence[Point]) -> list[Case]:
        return [
            Case(self.chain, Observation(point, None, {}), 2.0**-53, self.reference)
            for point in points
        ]

    @cached_property
    def one_sample(self) -> list[Case]:
        """Points with a single sample, for formulas that are written for one."""
        rng = np.random.default_rng(self.seed)
        return self._at([random_point(self.reference, 1, rng) for _ in range(3)])

    def _check_names(self) -> None:
        own: set[str] = set()
        known = self.naming.names
        for at, line in enumerate(self.lines, 1):
            for name in line.reads:
                if self.naming.tensor(name) is None and name not in own:
                    raise ExpressionError.single(
                        where=f"line {at}",
                        what="this name means nothing here",
                        expected="a tensor of the network, m, or a name of a line above",
                        got=quoted(name),
                        way_out=way_to(name, (*known, *own), "compare bpsym derive for the names"),
                    )
            own.add(line.name)

    def report(self) -> FormulaReport:
        mean = self.derivation.network.reduction == "mean"
        ways = ("delta", "gradients") if mean else ("delta",)
        read: list[tuple[int, list[LineResult], str, str, str]] = []
        for counted, layout, way in itertools.product(self.counts, self.layouts, ways):
            self.cases = self.batch if counted == "batch" else self.one_sample
            results = [self._judged(line, layout, way) for line in self.lines]
            count = 2 * sum(each.ok for each in results) - sum(bool(e.problem) for e in results)
            read.append((count, results, layout, way, counted))
        most = max(count for count, *_ in read)
        # Of readings that let as many lines be right, the one that needs fewest mistakes.
        found: list[tuple[int, list[LineResult], str, str, str]] = []
        for _, results, layout, way, counted in (each for each in read if each[0] == most):
            self.cases = self.batch if counted == "batch" else self.one_sample
            explained = [
                result if result.ok else self._explained(line, result, layout, way)
                for line, result in zip(self.lines, results, strict=True)
            ]
            mistakes = sum(
                UNEXPLAINED if each.code == "unknown" else 1
                for result in explained
                for each in result.diagnosis
            )
            found.append((mistakes, explained, layout, way, counted))
            if not mistakes:
                break
        _, explained, layout, way, counted = min(found, key=lambda each: each[0])
        network = self.derivation.network
        name = network.spec() or network.name
        reduction = network.reduction if counted == "batch" else "one"
        return FormulaReport(name, tuple(explained), layout, way, reduction)

    # values -----------------------------------------------------------------------------------

    def _scale(self, tensor: str, case: Case, way: str) -> float:
        """What a notation's error signal is times: m where 1/m stands in dW and db."""
        hidden = self.chain.system.tensors.get(self.naming.of_adjoint.get(tensor, ""))
        outside = way == "gradients" and hidden is not None and hidden.role is Role.HIDDEN
        return float(case.m) if outside else 1.0

    def _value(self, name: str, case: Case, layout: str, way: str) -> Array:
        tensor = self.naming.tensor(name)
        assert tensor is not None
        if tensor in case.scope.sizes:
            return np.asarray(float(case.scope.sizes[tensor]))
        value = case.scope.values[tensor] * self._scale(tensor, case, way)
        return self._stored(tensor, np.asarray(value), layout)

    def _stored(self, tensor: str, value: Array, layout: str) -> Array:
        if layout == "rows":
            return value[:, None] if value.ndim == 1 and self._per_sample(tensor) else value
        if value.ndim == 2 and self._per_sample(tensor):
            return value.T
        return value[None, :] if self._per_sample(tensor) and value.ndim == 1 else (
            value[:, None] if value.ndim == 1 else value
        )  # fmt: skip

    def _per_sample(self, tensor: str) -> bool:
        name = self.naming.of_adjoint.get(tensor, tensor)
        return SAMPLES in self.chain.system.tensors[name].sizes

    def _computed(self, line: Line, case: Case, layout: str, way: str) -> Array:
        """The value of a line; names of the user's own are computed from the lines above."""
        values: dict[str, Array] = {}
        for each in self.lines:
            here = {
                name: values[name]
                if self.naming.tensor(name) is None
                else self._value(name, case, layout, way)
                for name in each.reads
            }
            if each is line:
                with np.errstate(all="ignore"):
                    return np.asarray(each.compute(here), dtype=float)
            if self.naming.tensor(each.name) is None:
                with np.errstate(all="ignore"):
                    values[each.name] = np.asarray(each.compute(here), dtype=float)
        raise AssertionError(line)

    # judging ----------------------------------------------------------------------------------

    def _judged(self, line: Line, layout: str, way: str) -> LineResult:
        tensor = self.naming.tensor(line.name)
        worst: LineResult | None = None
        for case in self.cases:
            try:
                given = self._computed(line, case, layout, way)
            except (ValueError, TypeError, IndexError, KeyError, FloatingPointError) as error:
                problem = f"it cannot be computed: {str(error).splitlines()[0][:160]}"
                return LineResult(line.text, line.name, tensor or "", ok=False, problem=problem)
            if tensor is None:
                continue
            right = self._value(line.name, case, layout, way)
            result = self._compared(line, tensor, given, right, case, way, layout)
            worse = worst is None or (result.max_relative_error or 0) > (
                worst.max_relative_error or 0
            )
            if result.problem:
                return result
            worst = result if worse else worst
        return worst or LineResult(line.text, line.name, "", ok=True)

    def _compared(
        self, line: Line, tensor: str, given: Array, right: Array, case: Case, way: str, layout: str
    ) -> LineResult:
        fitted = _fit(given, right)
        if fitted is None:
            problem = f"its shape is {given.shape}; {right.shape} is asked for, m = {case.m}"
            return LineResult(line.text, line.name, tensor, ok=False, problem=problem)
        errors = self.reference.errors(case.observation.point).get(tensor)
        scale = float(np.max(np.abs(right))) or 1.0
        if errors is None:
            bar = np.full(right.shape, 1e3 * 2.0**-53 * scale)
        else:
            unit = ROUNDINGS * SAFETY * 2.0**-53 * self._scale(tensor, case, way)
            bar = unit * self._stored(tensor, np.asarray(errors), layout).reshape(right.shape)
        off = np.abs(fitted - right)
        off = np.where(np.isnan(off), np.inf, off)
        at = tuple(int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape))
        ok = bool(np.all(off <= bar + np.finfo(float).tiny))
        relative = float(off[at]) / scale
        return LineResult(
            line.text, line.name, tensor, ok, relative, at, float(fitted[at]), float(right[at])
        )

    # explaining -------------------------------------------------------------------------------

    def _explained(self, line: Line, result: LineResult, layout: str, way: str) -> LineResult:
        if not result.of or result.problem:
            return result
        target = self.naming.of_adjoint.get(result.of)
        if target is None or target not in self.chain.terms:
            return result
        given = []
        for case in self.cases:
            value = self._computed(line, case, layout, way)
            fitted = _fit(value, self._value(line.name, case, layout, way))
            assert fitted is not None
            plain = self._unstored(target, fitted, layout) / self._scale(result.of, case, way)
            given.append(plain)
        found = self._finding(target, given)
        context = DiagnosisContext(columns=layout == "columns", lang=self.lang)
        wording = Wording(self.derivation, self.chain, context, [], [])
        wording.notation = lambda name, text: self._in_notation(name, text, way)
        diagnoses = []
        for finding, evidence in found:
            worded = wording.diagnosis(replace(finding, factors={}))
            diagnoses.append(replace(worded, evidence=evidence or worded.evidence))
        return replace(result, diagnosis=tuple(diagnoses))

    def _in_notation(self, name: str, line: str, way: str) -> str:
        """The right line with 1/m where this notation has it."""
        if self.derivation.network.reduction != "mean":
            return line
        if self.cases[0].m == 1:
            return line.replace(" / m", "")
        if way == "delta":
            return line
        if name in self.chain.parameters:
            left, right = line.split(" = ", 1)
            return f"{left} = ({right}) / m" if "+" in right else f"{line} / m"
        return line.replace(" / m", "")

    def _unstored(self, target: str, value: Array, layout: str) -> Array:
        shape = tuple(
            self.cases[0].scope.sizes[label]
            for label in self.chain.system.tensors[target].sizes
            if label != SAMPLES
        )
        if SAMPLES in self.chain.system.tensors[target].sizes:
            value = value.T if layout == "columns" else value
            return value if shape else value[:, 0]
        return value.reshape(shape)

    def _finding(self, target: str, given: Sequence[Array]) -> list[tuple[Finding, str]]:
        """A law, a variant at this line, or a variant and a law; else ``unknown``."""
        where = self.chain.place[target]
        right = [
            case.scope.values[self.chain.system.tensors[target].adjoint] for case in self.cases
        ]
        laws = self._laws(where, right, given)
        if laws:
            return laws
        halves: list[tuple[Finding, str]] = []
        for variants in (variants_of, rare_variants_of):
            for variant in sorted(variants(self.chain), key=lambda each: each.rank):
                found = self._tried(variant, target, where, given)
                if found and len(found) == 1:
                    return found
                halves = halves or found
        if halves:
            return halves
        return [(Finding("unknown", where, covers=frozenset({target})), self._text("unknown"))]

    def _laws(
        self, where: str, of: Sequence[Array], given: Sequence[Array]
    ) -> list[tuple[Finding, str]]:
        factors = []
        for base, value in zip(of, given, strict=True):
            c = factor([base], [value])
            scale = float(np.max(np.abs(base)))
            silent = c == 0 and not np.any(value)
            if c is None:
                return []
            if float(np.max(np.abs(value - c * base))) > CLOSE * abs(c) * scale and not silent:
                return []
            factors.append(c)
        if all(abs(c - 1) < CLOSE for c in factors):
            return []
        laws = identified(factors, [case.situation for case in self.cases], CLOSE)
        by_m = {case.m: c for case, c in zip(self.cases, factors, strict=True)}
        evidence = self._text("ratio", of=ratios(by_m))
        is_bias = len(self.chain.system.tensors.get(where, _NONE).sizes) == 1 if where else False
        found = []
        for law in laws:
            code = "bias-mean" if law.code == "double-batch-mean" and is_bias else law.code
            words = {"factor": law.formula, "weight": where}
            found.append((Finding(code, where, words=words, factors=by_m), evidence))
        return found

    def _tried(
        self, variant: Variant, target: str, where: str, given: Sequence[Array]
    ) -> list[tuple[Finding, str]]:
        if variant.family is not None or variant.everywhere:
            return []
        if any(self.chain.place[name] != where for name in variant.tensors):
            return []
        predicted = [
            self.chain.adjoint_with(case.scope, variant.edits, target) for case in self.cases
        ]
        finding = Finding(variant.code, variant.where, variant.edits, variant.words, variant.rank)
        fits = all(
            float(np.max(np.abs(p - g))) <= CLOSE * (float(np.max(np.abs(p))) or 1.0)
            for p, g in zip(predicted, given, strict=True)
        )
        evidence = self._text("variant", n=len(self.cases))
        if fits:
            return [(finding, evidence)]
        laws = self._laws(where, predicted, given)
        return [(finding, evidence), *laws] if laws else []

    def _text(self, kind: str, **fields: Any) -> str:
        texts = {
            ("ratio", "en"): "the line gives {of}",
            ("ratio", "zh"): "这一行的值:{of}",
            ("variant", "en"): "the same mistake made in the derivation gives the line's values at "
            "all {n} points",
            ("variant", "zh"): "在推导中犯同样的错误,{n} 个点上都得到这一行的值",
            ("unknown", "en"): "none of the catalogue's mistakes gives the line's values",
            ("unknown", "zh"): "目录中没有一种错误能给出这一行的值",
        }
        return texts[kind, self.lang].format(**fields)


def _fit(given: Array, right: Array) -> Array | None:
    """The array in the shape of ``right``; dimensions of length one do not count."""
    if given.shape == right.shape:
        return given
    if given.size == right.size and [n for n in given.shape if n > 1] == [
        n for n in right.shape if n > 1
    ]:
        return given.reshape(right.shape)
    return None


class _NoTensor:
    sizes: tuple[str, ...] = ()


_NONE: Any = _NoTensor()
