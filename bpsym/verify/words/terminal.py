"""A report for people: a table, then what is wrong, how one knows, and what mends it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from difflib import ndiff
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bpsym.verify.report import Verdict
from bpsym.verify.words.typography import polished

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.report import Diagnosis, ParameterResult, Report

Hint = Literal[1, 2, 3]
DIGITS = 9
# Digits of a number and the gap between columns: the first that is not too wide is taken.
_TABLES = ((DIGITS, "  "), (6, "  "), (4, " "))
# Columns where nothing says how wide the reader's window is.
WIDTH = 88

_COLOURS: Mapping[str, str] = MappingProxyType(
    {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
)
_VERDICT_COLOUR: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}
)

WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "head": "parameter|verdict|relative error|worst entry|yours|right",
            "narrow head": "param|verdict|rel error|worst|yours|right",
            "ok": "ok",
            "wrong": "WRONG",
            "loss": "loss",
            "shape": "shape {shape}, wanted {wanted}",
            "absent": "not returned",
            "how": "How one knows",
            "fix": "Fix",
            "equation": "Equation",
            "tried": "Tried: with this your gradients are right.",
            "at": ", in line {lines}",
            "also": "Less likely",
            "read": "Read as",
            "notes": "Note",
            "blind": "Not told apart",
            "where": "The first mistake is at {where}.",
            "where state": "The first mistake is in how one call follows another, or in what a "
            "call does to its arguments.",
            "kind": "Look at {where}: {what}.",
            "points": "{count} points, m = {samples}, judged as {dtype}",
            "PASS": "Every gradient agrees with the derivation.",
            "FAIL": "The gradients are not those of the declared network.",
            "INCONCLUSIVE": "The error bar is larger than the difference: nothing can be said.",
            "state": "the calls",
            "stop": ".",
            "colon": ": ",
            "unread": "not read",
            "lines PASS": "Every line agrees with the derivation.",
            "lines FAIL": "Some lines do not agree with the derivation.",
            "lines INCONCLUSIVE": "Every line that could be read is right; some could not be read.",
        },
        "zh": {
            "head": "参数|结论|相对误差|最差元素|你的值|正确值",
            "narrow head": "参数|结论|相对误差|最差|你的值|正确值",
            "ok": "正确",
            "wrong": "错误",
            "loss": "损失",
            "shape": "形状 {shape},应为 {wanted}",
            "absent": "未返回",
            "how": "依据",
            "fix": "改法",
            "equation": "公式",
            "tried": "已试过:这样改后你的梯度全部正确。",
            "at": "(第 {lines} 行)",
            "also": "可能性较小",
            "read": "读作",
            "notes": "注",
            "blind": "无法区分",
            "where": "第一个错误在 {where}。",
            "where state": "第一个错误在于前后两次调用互相影响,或调用改动了它的参数。",
            "kind": "看 {where}:{what}。",
            "points": "{count} 个点,m = {samples},按 {dtype} 判断",
            "PASS": "所有梯度都与推导一致。",
            "FAIL": "梯度不是所声明网络的梯度。",
            "INCONCLUSIVE": "误差界大于差异:无法下结论。",
            "state": "调用",
            "stop": "。",
            "colon": "\uff1a",
            "unread": "读不懂",
            "lines PASS": "每一行都与推导一致。",
            "lines FAIL": "有些行与推导不一致。",
            "lines INCONCLUSIVE": "读懂的各行都正确,但有些行读不懂。",
        },
    }
)


def verdict_colour(verdict: Verdict) -> str:
    """The colour that a verdict is printed in."""
    return _VERDICT_COLOUR[verdict]


class Paint:
    """Colours text, or leaves it alone."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, *styles: str) -> str:
        if not self.colour or not styles:
            return text
        codes = ";".join(_COLOURS[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"


def render(
    report: Report,
    *,
    colour: bool = False,
    hint: Hint = 3,
    lang: Language = "en",
    width: int = WIDTH,
) -> str:
    """The report as text.

    hint: 1 tells only where the first mistake is, 2 also what kind it is, 3 everything.
    width: columns to wrap at.
    """
    paint = Paint(colour=colour)
    words = WORDS[lang]
    lines = [
        f"{paint(report.verdict.value, 'bold', _VERDICT_COLOUR[report.verdict])}  "
        f"{report.target}  ({report.network})",
        words[report.verdict.value],
        "",
    ]
    if hint == 3:
        lines += [*_table(report, words, paint, width), ""]
    lines += _diagnoses(report, words, paint, hint, width)
    if hint == 3:
        lines += _remarks(report, words, paint, width)
    samples = ", ".join(map(str, report.samples))
    foot = words["points"].format(count=report.points, samples=samples, dtype=report.dtype)
    return "\n".join([*lines, paint(polished(foot, lang), "dim")])


def _table(report: Report, words: Mapping[str, str], paint: Paint, width: int) -> Iterator[str]:
    """A row for each parameter; in a narrow window with fewer digits, closer together."""
    lines: list[tuple[str, tuple[str, ...]]] = []
    for digits, gap in _TABLES:
        lines = list(_laid_out(report, words, digits, gap))
        if max(columns_of(text) for text, _ in lines) <= width:
            break
    for text, style in lines:
        yield paint(text, *style)


def _laid_out(
    report: Report, words: Mapping[str, str], digits: int, gap: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines of the table, each with its styles."""
    head = words["head" if digits == DIGITS else "narrow head"].split("|")
    rows = [parameter_row(each, words, digits) for each in report.parameters]
    if report.loss.ok is not None:
        verdict = words["ok"] if report.loss.ok else words["wrong"]
        rows.append(
            (
                words["loss"],
                verdict,
                "",
                "",
                _number(report.loss.yours, digits),
                _number(report.loss.right, digits),
            )
        )
    widths = [max(columns_of(row[at]) for row in (tuple(head), *rows)) for at in range(len(head))]
    yield _aligned(tuple(head), widths, gap), ("dim",)
    for row in rows:
        yield _aligned(row, widths, gap), () if row[1] == words["ok"] else ("red",)


def parameter_row(
    each: ParameterResult, words: Mapping[str, str], digits: int = DIGITS
) -> tuple[str, ...]:
    """The cells of a parameter: name, verdict, relative error, worst entry, yours, right."""
    verdict = words["ok"] if each.ok else words["wrong"]
    if each.max_relative_error is None:
        if each.shape is None:
            return each.name, verdict, words["absent"], "", "", ""
        text = words["shape"].format(shape=each.shape, wanted=each.wanted)
        return each.name, verdict, text, "", "", ""
    index = ", ".join(map(str, each.worst_index or ()))
    return (
        each.name,
        verdict,
        f"{each.max_relative_error:.1e}",
        f"[{index}]",
        _number(each.yours, digits),
        _number(each.right, digits),
    )


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}g}"


def columns_of(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _aligned(row: Sequence[str], widths: Sequence[int], gap: str) -> str:
    cells = [text + " " * (wide - columns_of(text)) for text, wide in zip(row, widths, strict=True)]
    return gap.join(cells).rstrip()


def _diagnoses(
    report: Report, words: Mapping[str, str], paint: Paint, hint: Hint, width: int
) -> Iterator[str]:
    likely = [each for each in report.diagnosis if not each.data.get("alternative")]
    others = [each for each in report.diagnosis if each.data.get("alternative")]
    lang = report.lang
    for each in likely:
        where = place_of(each, words)
        if hint == 1:
            told = words["where state" if each.where == "state" else "where"]
            told = polished(told.format(where=where), lang)
            yield from (paint(line, "bold") for line in wrapped(told, "", width))
            break
        if hint == 2:
            yield from wrapped(
                polished(words["kind"].format(where=where, what=each.what), lang), "", width
            )
            continue
        yield from _full(each, words, paint, lang, width)
        yield ""
    if hint == 3 and others:
        shown = ", ".join(title_of(each) for each in others)
        yield from wrapped(words["also"] + words["colon"] + shown, "  ", width)
        yield ""


def place_of(each: Diagnosis, words: Mapping[str, str]) -> str:
    """Where it is, in a sentence."""
    return words["state"] if each.where == "state" else each.where


def title_of(each: Diagnosis) -> str:
    """``missing-batch-mean @ delta2``; what is wrong with the calls has no place in a formula."""
    return each.code if each.where == "state" else f"{each.code} @ {each.where}"


def _full(
    each: Diagnosis, words: Mapping[str, str], paint: Paint, lang: Language, width: int
) -> Iterator[str]:
    yield paint(title_of(each), "bold", "red")
    yield from wrapped(polished(each.what + words["stop"], lang), "  ", width)
    fix, line = each.fix_and_line()
    fix += words["colon"].rstrip() if line else ""
    for key, text in (("how", each.evidence), ("equation", each.equation), ("fix", fix)):
        if text:
            shown = text if key == "equation" else polished(text, lang)
            yield from wrapped(words[key] + words["colon"] + shown, "  ", width)
    # Code is never wrapped: it is there to be copied.
    for change in each.changes:
        margin = " " * len(str(change.line))
        told = str(change.line)
        for code in ndiff(change.old.splitlines(), change.new.splitlines()):
            styles = {"-": ("red",), "+": ("bold", "green")}.get(code[0], ())
            if code[0] != "?":
                yield paint(f"    {told} {code}", *styles)
                told = margin
    if each.changes:
        yield paint(f"  {polished(words['tried'], lang)}", "dim")
        return
    for code in line.splitlines():
        yield paint(f"      {code}", "bold")


def _remarks(report: Report, words: Mapping[str, str], paint: Paint, width: int) -> Iterator[str]:
    for key, texts in (
        ("read", ("; ".join(report.assumed),) if report.assumed else ()),
        ("notes", report.notes),
        ("blind", report.cannot_tell),
    ):
        for text in texts:
            shown = polished(text, report.lang)
            for line in wrapped(words[key] + words["colon"] + shown, "", width):
                yield paint(line, "dim")


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """Lines of a paragraph, the first at ``indent`` and the others two deeper."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
