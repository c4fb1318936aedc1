"""Which mistake a wrong line is.

A factor, a mistake of the catalogue made in the derivation, or one change of the formula as it was
written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.verify.diagnosis.laws import factor, identified, ratios
from bpsym.verify.diagnosis.variants import Variant, rare_variants_of, variants_of
from bpsym.verify.lines.arranged import Arranged
from bpsym.verify.lines.compare import Compared
from bpsym.verify.lines.equality import (
    DefinitionEquality,
    Equality,
    NumpyEquality,
    TreeEquality,
)
from bpsym.verify.lines.mend import Mended, mended
from bpsym.verify.lines.mend_code import MendedLine, mended_line
from bpsym.verify.lines.right import RightLine
from bpsym.verify.lines.tree_values import FormulaError
from bpsym.verify.report import Diagnosis
from bpsym.verify.words.sentences import sentence

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.cases import Array
    from bpsym.verify.lines.judge import LineJudge, Reading

CLOSE = 1e-7
SURE, WRITTEN, GUESSED = 0.98, 0.9, 0.2
EVIDENCE = {
    ("ratio", "en"): "the line gives {of}",
    ("ratio", "zh"): "这一行的值:{of}",
    ("variant", "en"): "the same mistake made in the derivation gives the line's values at all "
    "{n} points",
    ("variant", "zh"): "在推导中犯同样的错误,{n} 个点上都得到这一行的值",
    ("mended", "en"): "with this one change the line is right at all {n} points",
    ("mended", "zh"): "只改这一处,这一行在 {n} 个点上就都正确",
    ("unknown", "en"): "none of the catalogue's mistakes gives the line's values",
    ("unknown", "zh"): "目录中没有一种错误能给出这一行的值",
    ("uphill", "en"): "the step adds the gradient, which goes uphill",
    ("uphill", "zh"): "这一步加上了梯度,损失会上升",
    ("no step", "en"): "what is taken off is no multiple of the gradient",
    ("no step", "zh"): "减去的不是梯度的倍数",
    ("transposed", "en"): "its transpose is right at all {n} points",
    ("transposed", "zh"): "它的转置在 {n} 个点上都正确",
}


class Explainer:
    """Explains the wrong lines of one reading."""

    def __init__(self, judge: LineJudge, reading: Reading) -> None:
        self.judge = judge
        self.chain = judge.chain
        self.lang = judge.lang
        self.points = judge.points(reading.readable, reading.convention)
        self.of_adjoint = self.points[0].of_adjoint
        self.scopes = [self._scope(at) for at in self.points]
        for each in reading.found:
            if not each.equality.of and not each.result.problem:
                for at in self.points:
                    each.equality.given(at)
        self.right = RightLine(judge, reading)

    def _scope(self, at: Arranged) -> Scope:
        """The values of the derivation at a point, whatever system the notation writes."""
        if at.case.chain is self.chain:
            return at.case.scope
        return self.chain.scope(at.case.observation.point)

    def explained(self, found: Compared) -> tuple[Diagnosis, ...]:
        """What explains a line; empty for one that is right."""
        if found.result.ok or not found.result.of:
            return ()
        equality = found.equality
        if found.shape is not None and self._is_transposed(equality):
            return (self._transposed(equality),)
        if not found.result.problem and equality.updates(self.points[0]):
            return (self._of_update(equality),)
        if not found.result.problem:
            known = self._of_catalogue(equality)
            if known:
                return known
        change = mended(equality, self.points) if isinstance(equality, TreeEquality) else None
        if change is not None:
            return (self._of_change(equality, change),)
        if isinstance(equality, NumpyEquality):
            line = mended_line(equality, self.points, self.judge.naming)
            if line is not None:
                return (self._of_changed_line(equality, line),)
        if found.shape is not None:
            return (self._of_shape(equality, found.shape),)
        if found.result.problem:
            return ()
        return (self._worded(equality, "unknown", self._text("unknown"), GUESSED),)

    # by the step that it makes ----------------------------------------------------------------

    def _of_update(self, equality: Equality) -> Diagnosis:
        """An update that goes uphill, or by something that is not the gradient."""
        rates = [equality.rate(at) for at in self.points]
        uphill = all(
            rate is not None
            and rate < 0
            and _near(equality.given(at), equality.named(at) - rate * equality.gradient(at))
            for rate, at in zip(rates, self.points, strict=True)
        )
        of = equality.of
        line = f"{equality.name} = {equality.name} - eta dC/d{of}"
        worded = self._worded(equality, "sign" if uphill else "unknown", self._text("uphill"), SURE)
        if not uphill:
            worded = replace(worded, evidence=self._text("no step"), confidence=GUESSED)
        fields = {"line": line, "where": of}
        return replace(worded, fix=sentence("fix", worded.code, self.lang, fields))

    # by shape ---------------------------------------------------------------------------------

    def _is_transposed(self, equality: Equality) -> bool:
        return equality.wanted(self.points[0]).ndim > 1 and all(
            _near(equality.given(at).T, equality.wanted(at)) for at in self.points
        )

    def _transposed(self, equality: Equality) -> Diagnosis:
        evidence = self._text("transposed", n=len(self.points))
        return self._worded(equality, "gradient-transposed", evidence, SURE)

    def _of_shape(self, equality: Equality, shape: tuple[int, ...]) -> Diagnosis:
        wanted = equality.wanted(self.points[0]).shape
        hint = "改成所要的形状" if self.lang == "zh" else "Give it the shape that is asked for"
        words = {"shape": shape, "wanted": wanted, "reading": hint}
        told = "形状 {shape},应为 {wanted}" if self.lang == "zh" else "shape {shape}, not {wanted}"
        bias = len(self._sizes(equality)) == 1 and self.points[0].m in shape
        code = "bias-unsummed" if bias and len(shape) > 1 else "shape"
        return self._worded(equality, code, told.format(**words), SURE, words)

    def _sizes(self, equality: Equality) -> tuple[str, ...]:
        name = self.of_adjoint.get(equality.of, equality.of)
        tensor = self.chain.system.tensors.get(name)
        return tensor.sizes if tensor is not None else ()

    # by the catalogue -------------------------------------------------------------------------

    def _of_catalogue(self, equality: Equality) -> tuple[Diagnosis, ...]:
        target = self.of_adjoint.get(equality.of)
        given = [np.asarray(equality.given(at)) for at in self.points]
        right = [equality.wanted(at) for at in self.points]
        laws = tuple(self._laws(equality, right, given))
        thresholds = self.points[0].convention.thresholds
        if laws or target is None or target not in self.chain.terms or thresholds:
            return laws
        place = self.chain.place[target]
        halves: tuple[Diagnosis, ...] = ()
        for variants in (variants_of, rare_variants_of):
            for variant in sorted(variants(self.chain), key=lambda each: each.rank):
                if "pen" in variant.words:
                    continue
                found = self._tried(variant, equality, target, place, given)
                if len(found) == 1:
                    return found
                halves = halves or found
        return halves

    def _laws(
        self, equality: Equality, of: Sequence[Array], given: Sequence[Array]
    ) -> Iterator[Diagnosis]:
        factors = []
        for base, value in zip(of, given, strict=True):
            c = factor([base], [value])
            if c is None or (not _near(value, c * base) and (c or np.any(value))):
                return
            factors.append(c)
        if all(abs(c - 1) < CLOSE for c in factors):
            return
        single = self.points[0].convention.samples == "one"
        situations = [at.case.situation for at in self.points]
        by_m = {at.m: c for at, c in zip(self.points, factors, strict=True)}
        if single and len({round(c, 12) for c in factors}) > 1:
            return
        for law in identified(factors, situations, CLOSE):
            sizes = self._sizes(equality)
            bias = len(sizes) == 1 and equality.of in self.of_adjoint
            code = "bias-mean" if law.code == "double-batch-mean" and bias else law.code
            evidence = self._text("ratio", of=ratios(by_m, self.lang))
            yield self._worded(equality, code, evidence, SURE, {"factor": law.formula})

    def _tried(
        self,
        variant: Variant,
        equality: Equality,
        target: str,
        place: str,
        given: Sequence[Array],
    ) -> tuple[Diagnosis, ...]:
        if variant.family is not None or variant.everywhere:
            return ()
        if any(self.chain.place[name] != place for name in variant.tensors):
            return ()
        predicted = []
        for at, scope in zip(self.points, self.scopes, strict=True):
            try:
                value = self.chain.adjoint_with(scope, variant.edits, target)
                predicted.append(equality.wanted(at.instead_of(equality.of, value)))
            except (FormulaError, ValueError, IndexError, ArithmeticError):
                return ()  # the mistake cannot be made here, of a single sample for example
        evidence = self._text("variant", n=len(self.points))
        one = self._worded(equality, variant.code, evidence, SURE, variant.words)
        if all(_near(g, p) for p, g in zip(predicted, given, strict=True)):
            return (one,)
        laws = tuple(self._laws(equality, predicted, given))
        return (one, *laws) if laws else ()

    # by one change of what was written ----------------------------------------------------------

    def _of_change(self, equality: Equality, change: Mended) -> Diagnosis:
        evidence = self._text("mended", n=len(self.points))
        worded = self._worded(equality, change.code, evidence, WRITTEN, change.words)
        line = self.right.printed(equality, change.formula)
        fields = {"line": line, "where": worded.where, **change.words}
        return replace(worded, fix=sentence("fix", change.code, self.lang, fields))

    def _of_changed_line(self, equality: Equality, change: MendedLine) -> Diagnosis:
        evidence = self._text("mended", n=len(self.points))
        worded = self._worded(equality, change.code, evidence, WRITTEN, change.words)
        fields = {"line": change.text, "where": worded.where, **change.words}
        return replace(worded, fix=sentence("fix", change.code, self.lang, fields))

    # words ------------------------------------------------------------------------------------

    def _text(self, kind: str, **fields: object) -> str:
        return EVIDENCE[kind, self.lang].format(**fields)

    def _worded(
        self,
        equality: Equality,
        code: str,
        evidence: str,
        confidence: float,
        words: object = None,
    ) -> Diagnosis:
        where = self._where(equality)
        given = dict(words) if hasattr(words, "items") else {}  # type: ignore[call-overload]
        fields = {
            "where": where,
            "weight": where,
            "grad": equality.name,
            "line": self.right.line(equality),
            **given,
        }
        data = {
            key: value
            for key, value in given.items()
            if isinstance(value, str | int | float | bool)
        }
        return Diagnosis(
            code=code,
            where=where,
            what=sentence("what", code, self.lang, fields),
            evidence=evidence,
            fix=sentence("fix", code, self.lang, fields),
            equation=self.right.equation(where),
            confidence=confidence,
            data=data,
        )

    def _where(self, equality: Equality) -> str:
        if isinstance(equality, DefinitionEquality):
            return equality.of
        target = self.of_adjoint.get(equality.of)
        if target is None:
            return "loss" if equality.of == "C" else equality.of
        return self.chain.place.get(target, equality.of)


def _near(value: Array, other: Array) -> bool:
    if value.shape != other.shape and not value.size == other.size == 1:
        return False
    scale = float(np.max(np.abs(other), initial=0.0)) or 1.0
    off = np.abs(np.asarray(value).reshape(other.shape) - other)
    return bool(np.all(off <= CLOSE * scale))
