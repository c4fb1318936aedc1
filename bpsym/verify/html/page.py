"""A report as a page: finished strings for the template, everything from users escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from bpsym import __version__
from bpsym.emit.render import environment
from bpsym.errors import EmitError
from bpsym.templates import templates_dir
from bpsym.typeset.documents.drawing import svg
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.printers.mathml import MathML
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.verify.html.flow import flow_of
from bpsym.verify.html.marks import marked_adjoints, selectors
from bpsym.verify.html.words import PAGE_WORDS
from bpsym.verify.lines.equations import Equations
from bpsym.verify.words.terminal import WORDS, parameter_row, place_of, title_of
from bpsym.verify.words.typography import polished

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.lines.result import FormulaReport, LineResult
    from bpsym.verify.report import Diagnosis, Report
    from bpsym.verify.running.sandbox import UserCodeError
    from bpsym.verify.words.terminal import Hint

TEMPLATE = "documents/report/report.html.jinja"
FRAGMENT = "documents/report/fragment.html.jinja"
STYLE = "documents/report/report.css"
MARKS: Mapping[str, str] = {"PASS": "✓", "FAIL": "✗", "INCONCLUSIVE": "?", "ERROR": "!"}
NO_VERDICT = "ERROR"


def page_of(report: Report, *, hint: Hint = 3, lang: Language | None = None) -> str:
    """A whole page on judged code. hint: 1 where only, 2 what kind, 3 everything."""
    return _Page(report.derivation, lang or report.lang, hint).of_code(report)


def page_of_lines(report: FormulaReport, *, hint: Hint = 3) -> str:
    """A whole page on judged formulas."""
    return _Page(report.derivation, report.lang, hint).of_lines(report)


def page_of_error(error: UserCodeError, network: str, target: str, lang: Language) -> str:
    """A whole page on code that did not return: what happened, and the traceback."""
    return _Page(None, lang, 3).of_error(error, network, target)


def fragment_of(report: Report | FormulaReport) -> str:
    """The same to stand within another page, a notebook's."""
    from bpsym.verify.report import Report

    page = _Page(report.derivation, report.lang, 3, FRAGMENT)
    return page.of_code(report) if isinstance(report, Report) else page.of_lines(report)


@dataclass(frozen=True)
class _Page:
    derivation: Derivation | None
    lang: Language
    hint: Hint
    template: str = TEMPLATE

    @property
    def words(self) -> Mapping[str, str]:
        return {**WORDS[self.lang], **PAGE_WORDS[self.lang]}

    @cached_property
    def equations(self) -> Equations | None:
        return Equations(self.derivation) if self.derivation is not None else None

    def of_code(self, report: Report) -> str:
        rows = [parameter_row(each, self.words) for each in report.parameters]
        loss = report.loss
        if loss.ok is not None:
            told = self.words["ok"] if loss.ok else self.words["wrong"]
            mine, right = (f"{each:.9g}" for each in (loss.yours or 0.0, loss.right or 0.0))
            rows.append((self.words["loss"], told, "", "", mine, right))
        good = [each.ok for each in report.parameters] + [loss.ok is not False]
        table = {
            "title": self.words["parameters"],
            "head": self.words["head"].split("|"),
            "rows": [
                {"ok": ok, "cells": [escape(cell) for cell in row]}
                for row, ok in zip(rows, good, strict=False)
            ],
        }
        samples = ", ".join(map(str, report.samples))
        foot = self.words["points"].format(count=report.points, samples=samples, dtype=report.dtype)
        remarks = [
            *((self.words["read"], "; ".join(report.assumed)) for _ in report.assumed[:1]),
            *((self.words["notes"], each) for each in report.notes),
            *((self.words["blind"], each) for each in report.cannot_tell),
        ]
        title = self.words["title"].format(network=report.network)
        return self._rendered(
            title=title,
            verdict=report.verdict.value,
            said=self.words[report.verdict.value],
            target=report.target,
            table=table if self.hint == 3 else None,
            found=report.diagnosis,
            remarks=remarks if self.hint == 3 else [],
            foot=foot,
            output=report.output if self.hint == 3 else "",
        )

    def of_lines(self, report: FormulaReport) -> str:
        table = {
            "title": self.words["lines"],
            "head": [self.words["line"], self.words["verdict"], ""],
            "rows": [self._line(each) for each in report.lines]
            + [
                {"ok": False, "cells": [_code(text), self.words["unread"], escape(told)]}
                for text, _, told in report.unread
            ],
        }
        remarks = [
            (self.words["read"], "; ".join(report.assumed)),
            *((self.words["notes"], each) for each in report.notes),
        ]
        title = self.words["formulas"].format(network=report.network)
        return self._rendered(
            title=title,
            verdict=report.verdict.value,
            said=self.words["lines " + report.verdict.value],
            target="",
            table=table,
            found=report.diagnosis,
            remarks=remarks,
            foot="",
            output="",
        )

    def of_error(self, error: UserCodeError, network: str, target: str) -> str:
        problem = error.problems[0]
        found = {"title": f"{error.kind} @ {problem.where}", "what": problem.what}
        return self._rendered(
            title=self.words["title"].format(network=network),
            verdict=NO_VERDICT,
            said=self.words["no verdict"],
            target=target,
            table=None,
            found=(),
            remarks=[],
            foot="",
            output=error.output,
            raised=_filled(**found),
            traceback=error.traceback,
        )

    def _line(self, each: LineResult) -> dict[str, object]:
        told = self.words["ok"] if each.ok else self.words["wrong"]
        mark = told if each.of or not each.ok else "-"
        more = f"{each.where}" if "," in each.where else ""
        problem = each.problem if self.hint > 1 else ""
        return {
            "ok": each.ok,
            "cells": [_code(each.text), mark, escape(polished(problem, self.lang) or more)],
        }

    def _rendered(
        self,
        *,
        title: str,
        verdict: str,
        said: str,
        target: str,
        table: Mapping[str, object] | None,
        found: Sequence[Diagnosis],
        remarks: Sequence[tuple[str, str]],
        foot: str,
        output: str,
        raised: Mapping[str, str] | None = None,
        traceback: str = "",
    ) -> str:
        likely = [each for each in found if not each.data.get("alternative")]
        others = [each for each in found if each.data.get("alternative")]
        if self.hint == 1:
            likely = likely[:1]
        figure, marks = self._figure(likely)
        values: dict[str, object] = {
            "language": self.lang,
            "version": __version__,
            "title": escape(title),
            "verdict": verdict,
            "mark": MARKS[verdict],
            "said": escape(said),
            "target": escape(target),
            "figure": figure,
            "marks": marks,
            "style": (templates_dir() / STYLE).read_text(encoding="utf-8"),
            "table": table,
            "found": [raised] if raised else [self._card(each) for each in likely],
            "traceback": escape(traceback),
            "others": escape(", ".join(title_of(each) for each in others))
            if self.hint == 3
            else "",
            "remarks": [(escape(key), escape(polished(text, self.lang))) for key, text in remarks],
            "foot": escape(polished(foot, self.lang)),
            "output": escape(output),
            "words": {key: escape(polished(text, self.lang)) for key, text in self.words.items()},
        }
        return environment().get_template(self.template).render(values)

    def _card(self, each: Diagnosis) -> dict[str, str]:
        where = place_of(each, self.words)
        if self.hint == 1:
            told = self.words["where state" if each.where == "state" else "where"]
            return _filled(title=polished(told.format(where=where), self.lang))
        stop = self.words["stop"]
        if self.hint == 2:
            return _filled(title=where, what=polished(each.what + stop, self.lang))
        fix, line = each.fix_and_line()
        lines = ", ".join(str(change.line) for change in each.changes)
        if lines:
            fix += polished(self.words["at"].format(lines=lines), self.lang)
        return _filled(
            title=title_of(each),
            what=polished(each.what + stop, self.lang),
            evidence=polished(each.evidence, self.lang),
            fix=polished(fix, self.lang) + (self.words["colon"].rstrip() if line else ""),
            was="\n".join(change.old for change in each.changes),
            tried=polished(self.words["tried"], self.lang) if each.changes else "",
            line=line or "\n".join(change.new for change in each.changes),
            equation=self._mathml(each.where),
            plain=each.equation,
        )

    def _mathml(self, where: str) -> str:
        chain = self.equations.right(where) if self.equations is not None else None
        return FormulaPrinter(MathML()).display((chain,)) if chain is not None else ""

    def _figure(self, found: Sequence[Diagnosis]) -> tuple[dict[str, object] | None, str]:
        """The pictures, and the style that marks what is faulty in them."""
        if self.equations is None:
            return None, ""
        context = self.equations.context
        marked = marked_adjoints(context, found)
        try:
            network = svg(picture_of(context.built), in_page=True)
        except EmitError:
            network = ""
        flow = flow_of(context.derivation, context.table, marked)
        names = ", ".join(box.text for box in flow.boxes if box.marked)
        told = "flow marked" if marked else "flow"
        return {
            "network": network,
            "flow": flow,
            "text": escape,
            "said": escape(polished(self.words[told].format(names=names), self.lang)),
            "more": escape(self.words["picture marked"]) if marked else "",
        }, ", ".join(selectors(context, marked))


def _filled(**texts: str) -> dict[str, str]:
    """A card: every key is there, formulas are markup already."""
    keys = ("title", "what", "evidence", "fix", "was", "line", "tried", "equation", "plain")
    return {
        key: texts.get(key, "") if key == "equation" else escape(texts.get(key, "")) for key in keys
    }


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
