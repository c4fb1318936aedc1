"""From a finding to a diagnosis in words: what, evidence, the line to write, the equation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy.printing.str import StrPrinter

from bpsym.verify.cases import Case
from bpsym.verify.chain import Chain
from bpsym.verify.laws import ratios
from bpsym.verify.report import Diagnosis
from bpsym.verify.search import Finding
from bpsym.verify.sentences import sentence

if TYPE_CHECKING:
    from bpsym.api import Derivation, LayoutName
    from bpsym.verify.observe import DiagnosisContext

CERTAIN, ONE_OF_SEVERAL, ALTERNATIVE, UNEXPLAINED = 0.98, 0.9, 0.4, 0.2
LONGEST_LINE = 160


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
        self.notation: Callable[[str, str], str] = lambda name, line: line

    def diagnosis(self, finding: Finding) -> Diagnosis:
        """The diagnosis of a finding."""
        line = self._line(finding)
        fields = {
            "line": line,
            "where": finding.where,
            "grad": self._spelled(finding.where),
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
        return Diagnosis(
            code=finding.code,
            where=finding.where,
            what=sentence("what", finding.code, lang, fields),
            evidence=self._evidence(finding),
            fix=sentence("fix", finding.code, lang, fields),
            equation=self._equation(finding),
            confidence=self._confidence(finding),
            data=data,
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
                law = f"{' times '.join(each.formula for each in laws)}"
            of = ratios(dict(finding.factors))
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
        if finding.code in ("shape", "bias-unsummed", "bias-axis") and "shape" in finding.words:
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

    def _reproduced(self, finding: Finding, names: str, right: list[str]) -> str:
        zh = self.context.lang == "zh"
        points = len(self.cases) + len(self.held)
        batches = ", ".join(str(m) for m in dict.fromkeys(c.m for c in (*self.cases, *self.held)))
        also = f" ({', '.join(finding.everywhere)})" if len(finding.everywhere) > 1 else ""
        if zh:
            text = f"在推导中犯同样的错误{also},{points} 个点(m = {batches})上都得到你的 {names}"
            return text + (f";{self._listed(right)} 正确" if right else "")
        text = (
            f"the same mistake made in the derivation{also} gives your {names} at all {points} "
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
        where = finding.where
        if where == "regularisation":
            names = finding.words.get("parameters")
            where = str(names[0]) if isinstance(names, list) else where
        if where == "loss":
            where = "C"
        name = f"d{where}" if where in self.chain.parameters else where
        line = self._lines.get(name) or self._lines.get(where)
        if line is None:
            return self._equation(finding)
        target = self._spelled(where)
        return self.notation(where, f"{target} = {line}")

    @cached_property
    def _lines(self) -> dict[str, str]:
        """The lines of the emitted module, by what they give: the right code, as one writes it."""
        from bpsym.api import generate
        from bpsym.errors import BpsymError

        layout: LayoutName = "columns" if self.context.columns else "rows"
        try:
            tree = ast.parse(generate(self.derivation.network, layout=layout, prove=False))
        except (BpsymError, SyntaxError):  # a report does without the line, and has the equation
            return {}
        found: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, ast.unparse(node.value))
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    name = key.value if isinstance(key, ast.Constant) else None
                    if name in self.chain.parameters and not isinstance(value, ast.Tuple):
                        found[f"d{name}"] = ast.unparse(value)
        return {name: text for name, text in found.items() if len(text) <= LONGEST_LINE}

    def _equation(self, finding: Finding) -> str:
        where = finding.where
        if where == "regularisation":
            names = finding.words.get("parameters")
            where = str(names[0]) if isinstance(names, list) else where
        for adjoint in self.chain.derivation.adjoints:
            if adjoint.name == where or adjoint.tensor == where:
                letters, expr = adjoint.equation
                subscripts = f"[{','.join(letters)}]" if letters else ""
                return f"{adjoint.name}{subscripts} = {_Plain().doprint(expr)}"
        return ""


class _Plain(StrPrinter):  # type: ignore[misc]
    """Formulas as plain text: ``sum_k(W3[k,i]*delta3[n,k])``."""

    def _print_Sum(self, expr: sp.Sum) -> str:
        bound = ",".join(str(limit[0]) for limit in expr.limits)
        return f"sum_{bound}({self._print(expr.function)})"

    def _print_Indexed(self, expr: sp.Indexed) -> str:
        return f"{expr.base.label}[{','.join(self._print(each) for each in expr.indices)}]"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        text = self._print(expr.args[-1][0])
        for value, test in reversed(expr.args[:-1]):
            text = f"where({self._print(test)}, {self._print(value)}, {text})"
        return str(text)
