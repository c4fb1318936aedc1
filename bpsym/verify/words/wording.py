"""From a finding to a diagnosis in words: what, evidence, the line to write, the equation."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.laws import ratios
from bpsym.verify.diagnosis.right_for import right_for
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.lines.equations import Equations
from bpsym.verify.mending.right_code import RightCode, with_mean, without_mean
from bpsym.verify.report import Diagnosis
from bpsym.verify.words.sentences import sentence

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import DiagnosisContext
    from bpsym.verify.mending.source import Patch

CERTAIN, ONE_OF_SEVERAL, ALTERNATIVE, UNEXPLAINED = 0.98, 0.9, 0.4, 0.2


class Wording:
    """Writes diagnoses about one network."""

    def __init__(
        self,
        derivation: Derivation,
        chain: Chain,
        context: DiagnosisContext,
        cases: Sequence[Case],
        held: Sequence[Case],
    ) -> None:
        self.derivation = derivation
        self.chain = chain
        self.context = context
        self.cases = cases
        self.held = held

    def diagnosis(self, finding: Finding, patches: Sequence[Patch] = ()) -> Diagnosis:
        """The diagnosis of a finding; patches: of the user's file, if it passes with them."""
        tried = "\n".join(each.new for each in patches)
        line = tried or self._line(finding)
        fields = {
            "line": line,
            "where": finding.where,
            "grad": self._spelled(finding.where),
            "returns": self._returns(),
            **finding.words,
        }
        lang = self.context.lang
        data = {
            key: value
            for key, value in finding.words.items()
            if (isinstance(value, str | int | float | bool | list)
            and key not in ("group", "how")) or (key == "how" and bool(value))
        }  # fmt: skip
        if finding.factors:
            data["factors"] = {str(m): c for m, c in finding.factors.items()}
        if finding.everywhere:
            data["everywhere"] = list(finding.everywhere)
        data["explains"] = [n for n in self.chain.parameters if n in finding.covers]
        data["alternative"] = finding.alternative
        fix = sentence("fix", finding.code, lang, fields)
        return Diagnosis(
            code=finding.code,
            where=finding.where,
            what=sentence("what", finding.code, lang, fields),
            evidence=self._evidence(finding),
            fix=fix
            + ("" if tried or line not in fix else self._proviso(line, finding))
            + self._or_declare(finding, data),
            equation=self._equation(finding),
            confidence=self._confidence(finding),
            line=line if line != self._equation(finding) else "",
            changes=tuple(patches),
            data=data,
        )

    def _returns(self) -> str:
        """Where a loop of the file ends in a ``return``, as a sentence; empty if none does."""
        line = self.context.returns
        if line is None:
            return ""
        zh = f"第 {line} 行的 return 在循环之内:把它移到循环之后。"
        return zh if self.context.lang == "zh" else f" Line {line} returns inside a loop."

    def _or_declare(self, finding: Finding, data: dict[str, object]) -> str:
        """The loss that the gradients are right for, where it is in the catalogue."""
        laws = finding.words.get("laws")
        if isinstance(laws, tuple) and laws[0].code != finding.code:  # said with the first of them
            return ""
        if finding.code == "wrong-loss" or not finding.covers >= set(self.chain.parameters):
            return ""
        found = right_for(self.chain, finding, self.derivation.network.reduction)
        if found is None:
            return ""
        declared, other, how = found
        data["right_for"] = f"{other}, {how}"
        options = f"--loss {other}" * (other != declared)
        if how != self.derivation.network.reduction:
            options = f"{options} --reduction {how}".strip()
        if self.context.lang == "zh":
            named = other if other != declared else f"按 {how} 归约的 {other}"
            return f" 这组梯度对 {named} 是对的,而声明的是 {declared};若就要它,请写 {options}。"
        named = other if other != declared else f"{other} with reduction {how}"
        return (
            f" The gradients are right for {named}, and {declared} is declared; if it is the one "
            f"you mean, say {options}."
        )

    def _confidence(self, finding: Finding) -> float:
        if finding.code == "unknown":
            return UNEXPLAINED
        if finding.alternative:
            return ALTERNATIVE
        return CERTAIN if self.held else ONE_OF_SEVERAL

    def _spelled(self, name: str) -> str:
        if name not in self.chain.parameters:
            return name
        return self.context.spelling.get(name, f"d{name}")

    # evidence ---------------------------------------------------------------------------------

    def _evidence(self, finding: Finding) -> str:
        zh = self.context.lang == "zh"
        covered = [name for name in self.chain.parameters if name in finding.covers]
        names = self._listed(covered)
        right = [n for n in self.chain.parameters if not any(n in c.wrong for c in self.cases)]
        if finding.factors and finding.code != "wrong-loss":
            shown = self._listed(finding.everywhere or covered[-1:] or (finding.where,))
            laws = finding.words.get("laws")
            law = finding.words.get("factor")
            if isinstance(laws, tuple) and len(laws) > 1:
                law = self._times.join(each.formula for each in laws)
            of = ratios(dict(finding.factors), self.context.lang)
            if finding.code.startswith("regularisation"):
                text = f"the decay term of {finding.words.get('weights')} is {of}"
                text_zh = f"{finding.words.get('weights')} 的正则化项:{of}"
            else:
                text = f"{shown} is {of}: {law}" if len(finding.everywhere) < 2 else (
                    f"each of {shown} is {of}: {law}"
                )  # fmt: skip
                text_zh = f"{shown}:{of},即 {law} 倍"
            return text_zh if zh else text
        if "off" in finding.words:
            off = finding.words["off"]
            if finding.code == "finite-difference":
                step = finding.words["step"]
                if zh:
                    return f"相对误差 {off:.0e};每个元素都是损失舍入误差除以步长 {step} 的整数倍"
                return (
                    f"off by {off:.0e}, and every entry is a whole number of roundoffs of the "
                    f"loss divided by a step of {step}"
                )
            if finding.words["exact"]:
                if zh:
                    return f"相对误差 {off:.0e};每个数都恰好是 float32"
                return f"off by {off:.0e}, and every number is exactly a float32"
            if zh:
                return (
                    f"相对误差 {off:.0e},每个元素都在 float32 的误差界之内,而超出 float64 的误差界"
                )
            return (
                f"off by {off:.0e}: every entry is within the error bound of float32 arithmetic "
                "and outside that of float64"
            )
        if finding.code == "unknown":
            worst = self._worst(finding)
            if zh:
                return f"{names} 不对(最大相对误差 {worst:.2g}),目录中没有一种错误能重现它"
            return (
                f"{names} off by up to {worst:.2g}; none of the catalogue's mistakes, alone or in "
                "pairs, gives these numbers"
            )
        if finding.code == "single-entry":
            case = next(c for c in self.cases if c.wrong)
            name, place = str(finding.words["weight"]), finding.words["place"]
            assert isinstance(place, list)
            yours, mine = (
                float(each[tuple(place)]) for each in (case.given[name], case.right[name])
            )
            if zh:
                return f"该元素为 {yours:.6g},应为 {mine:.6g};其余都正确"
            return f"it is {yours:.6g} where {mine:.6g} is right; all other entries are right"
        if "wanted" in finding.words:
            shape, wanted = finding.words["shape"], finding.words["wanted"]
            return f"形状 {shape},应为 {wanted}" if zh else f"shape {shape}, asked for {wanted}"
        if finding.code in ("gradient-clipped", "wrong-loss"):
            how = finding.words.get("how") or finding.words.get("fits")
            case = self.cases[0]
            if finding.code == "wrong-loss" and case.observation.loss is not None:
                yours = case.observation.loss
                mine = case.reference.at(case.observation.point).loss
                if zh:
                    return f"m = {case.m} 时你的损失是 {yours:.6g},声明的损失是 {mine:.6g}"
                return (
                    f"at m = {case.m} your loss is {yours:.6g} and the declared one {mine:.6g}; "
                    "your gradients belong to yours"
                )
            return f"{names}: {how}"
        return self._reproduced(finding, names, right)

    @property
    def _times(self) -> str:
        return " 乘以 " if self.context.lang == "zh" else " times "

    def _reproduced(self, finding: Finding, names: str, right: list[str]) -> str:
        zh = self.context.lang == "zh"
        points = len(self.cases) + len(self.held)
        batches = ", ".join(str(m) for m in dict.fromkeys(c.m for c in (*self.cases, *self.held)))
        also = f" ({', '.join(finding.everywhere)})" if len(finding.everywhere) > 1 else ""
        if zh:
            text = f"在推导中犯同样的错误{also},{points} 个点(m = {batches})上都得到你的 {names}"
            return text + (f";{self._listed(right)} 正确" if right else "")
        yours = names if names.startswith("the ") else f"your {names}"
        text = (
            f"the same mistake made in the derivation{also} gives {yours} at all {points} "
            f"points (m = {batches}), {len(self.held)} of which were not used to find it"
        )
        return text + (f"; {self._listed(right)} right" if right else "")

    def _listed(self, names: Sequence[str]) -> str:
        spelled = [self._spelled(name) for name in names]
        if len(spelled) > 4:
            return f"{spelled[0]}, ..., {spelled[-1]}"
        return ", ".join(spelled)

    def _worst(self, finding: Finding) -> float:
        found = [0.0]
        for case in self.cases:
            for name in finding.covers:
                scale = float(np.max(np.abs(case.right[name]))) or 1.0
                found.append(float(np.max(np.abs(case.given[name] - case.right[name]))) / scale)
        return max(found)

    # the right line ---------------------------------------------------------------------------

    def _line(self, finding: Finding) -> str:
        where = self._where(finding)
        if where == "loss":
            where = "C"
        if finding.code == "double-batch-mean" and self.context.means == {"gradient"}:
            # The deltas have no 1/m: it stands twice in each gradient.
            below = self.chain.parameters[::-1]
            where = where if where in below else next(n for n in below if n in finding.covers)
        name = f"d{where}" if where in self.chain.parameters else where
        left = self._spelled(where)
        line = self._code.line(name, left if _is_target(left) else name)
        if line is None:
            return self._equation(finding)
        return self._meant(line, finding, where)

    def right_sides(self, name: str, names: Mapping[str, str], counts: Sequence[str]) -> list[str]:
        """What may stand right of the sign in the line of a name, with 1/m and without it.

        names: what the user calls tensors, adjoints and parameters there. counts: the number of
        samples.
        """
        line = self._code_in({**self._code.names, **names}).line(name)
        if line is None:
            return []
        right = line.split(" = ", 1)[1]
        unnamed = {key: text for key, text in names.items() if key != "m"}
        line = self._code_in({**self._code.names, **unnamed}).line(name) or line
        bare = without_mean(line.split(" = ", 1)[1])
        found = [right, *([bare] if bare else []), with_mean(right, counts[0] if counts else "m")]
        return list(dict.fromkeys(found))

    def _where(self, finding: Finding) -> str:
        """The place whose line is shown."""
        names = finding.words.get("parameters")
        if finding.where == "regularisation" and isinstance(names, list):
            return str(names[0])
        return finding.where

    def _meant(self, line: str, finding: Finding, where: str) -> str:
        """The line with 1/m where this user has it, at the deltas or at the gradients."""
        place = self._mean_place(finding, where)
        left, right = line.split(" = ", 1)
        if where in self.chain.parameters:
            return f"{left} = {with_mean(right)}" if place == "gradient" else line
        bare = without_mean(right) if place in ("gradient", "none") else None
        return line if bare is None else f"{left} = {bare}"

    def _mean_place(self, finding: Finding, where: str) -> str:
        """``delta``, ``gradient``, ``none`` for code without a 1/m; empty if it is not known."""
        parameter = where in self.chain.parameters
        if self.context.single:
            return "none"
        if self.derivation.network.reduction != "mean":
            return "delta"
        if finding.code == "missing-batch-mean":
            # The other gradients are right: 1/m does not stand in this user's deltas.
            return "gradient" if parameter else "delta"
        means = self.context.means
        if len(means) == 1:
            return next(iter(means))
        if finding.code == "double-batch-mean" and means:  # one of the two stays
            return "delta" if parameter else "gradient"
        return ""

    def _proviso(self, line: str, finding: Finding) -> str:
        """What to mind where nobody knows on which line this user divides by m."""
        where = self._where(finding)
        if " = " not in line or line == self._equation(finding):
            return ""
        known = self._mean_place(finding, where)
        right = line.split(" = ", 1)[1]
        zh = self.context.lang == "zh"
        if known or where in self.chain.parameters or without_mean(right) in (None, right):
            return ""
        if zh:
            return " 若梯度那一行已除以 m,这里就不要再除。"
        return " If your gradients are divided by m, leave it out here."

    @cached_property
    def _code(self) -> RightCode:
        """Right lines in the user's own names and layout."""
        return self._code_in({})

    def _code_in(self, more: Mapping[str, str]) -> RightCode:
        context = self.context
        bias = {"row": "row", "flat": "flat"}.get(context.bias or "")
        if bias == "flat" and not context.columns:
            bias = None
        names = {f"d{name}": text for name, text in context.spelling.items()}
        names |= {**context.parameters, **more}
        return RightCode(
            self.derivation, context.columns, context.transposed, bias, names, context.vectors
        )

    def _equation(self, finding: Finding) -> str:
        where = self._where(finding)
        return self._equations.plain(where)

    @cached_property
    def _equations(self) -> Equations:
        return Equations(self.derivation)


def _is_target(text: str) -> bool:
    """Whether a text can stand left of an assignment: "the step of W2" cannot."""
    try:
        ast.parse(f"{text} = 0")
    except SyntaxError:
        return False
    return True
