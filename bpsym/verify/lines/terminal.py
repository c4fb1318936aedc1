"""A report on formulas for people: each line with its verdict, then what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bpsym.verify.words.terminal import (
    WIDTH,
    WORDS,
    Hint,
    Paint,
    columns_of,
    verdict_colour,
    wrapped,
)
from bpsym.verify.words.typography import polished

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.lines.result import FormulaReport, LineResult
    from bpsym.verify.report import Diagnosis

_INDENT = " " * 8


def render(
    report: FormulaReport, *, colour: bool = False, hint: Hint = 3, width: int = WIDTH
) -> str:
    """The report as text.

    hint: 1 tells only which lines are wrong, 2 also what kind of mistake it is, 3 everything.
    """
    paint = Paint(colour=colour)
    words = WORDS[report.lang]
    lines = [
        f"{paint(report.verdict.value, 'bold', verdict_colour(report.verdict))}  {report.network}",
        "",
    ]
    for each in report.lines:
        lines += _line(each, words, paint, hint, width, report.lang)
    for text, where, told in report.unread:
        lines.append(paint(f"  {words['unread']} {text}", "yellow"))
        lines += wrapped(f"{told}" if where in told else f"{where}: {told}", _INDENT, width)
    lines.append("")
    for remark in report.notes:
        shown = words["notes"] + words["colon"] + polished(remark, report.lang)
        lines += wrapped(shown, "", width)
    stop = "\uff1b" if report.lang == "zh" else "; "
    read = words["colon"].join((words["read"], polished(stop.join(report.assumed), report.lang)))
    lines += [paint(each, "dim") for each in wrapped(read, "", width)]
    return "\n".join(lines)


def _line(
    each: LineResult,
    words: Mapping[str, str],
    paint: Paint,
    hint: Hint,
    width: int,
    lang: Language,
) -> Iterator[str]:
    if each.ok:
        mark = words["ok"] if each.of else "-"
        space = " " * (columns_of(words["wrong"]) - columns_of(mark))
        yield f"  {paint(mark, 'green') if each.of else mark}{space}  {each.text}"
        return
    place = f"   ({each.where})" if "," in each.where else ""
    yield f"  {paint(words['wrong'], 'bold', 'red')}  {each.text}{place}"
    if hint == 1:
        return
    if each.problem:
        yield from wrapped(polished(each.problem, lang), _INDENT, width)
    for found in each.diagnosis:
        yield from _diagnosis(found, words, paint, hint, width, lang)


def _diagnosis(
    found: Diagnosis,
    words: Mapping[str, str],
    paint: Paint,
    hint: Hint,
    width: int,
    lang: Language,
) -> Iterator[str]:
    if hint == 2:
        yield from wrapped(polished(found.what + words["stop"], lang), _INDENT, width)
        return
    yield _INDENT + paint(f"{found.code} @ {found.where}", "bold", "red")
    yield from wrapped(polished(found.what + words["stop"], lang), _INDENT + "  ", width)
    for key, text in (("how", found.evidence), ("equation", found.equation), ("fix", found.fix)):
        if text:
            shown = text if key == "equation" else polished(text, lang)
            label = "" if key == "fix" else words[key] + words["colon"]
            yield from wrapped(label + shown, _INDENT + "  ", width)
