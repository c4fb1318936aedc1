r"""Formulas judged one by one against the derivation, so that it can be checked as it grows.

    delta2 = (a2 - Y) * a2 * (1 - a2) / m              lines of numpy
    \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot f'(z^{(1)})      or LaTeX, in any notation
    notes.tex, notes.md                                what a document displays

Every name on a right side stands for its right value, so that a wrong line does not spoil the
next. Lines are judged together only as to conventions: where 1/m stands, rows or columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bpsym.errors import ExpressionError
from bpsym.verify.lines.convention import Declared
from bpsym.verify.lines.explain import Explainer
from bpsym.verify.lines.judge import UNEXPLAINED, LineJudge, Reading, merged
from bpsym.verify.lines.read import Readable, numpy_equalities, text_equalities
from bpsym.verify.lines.remarks import notes_on
from bpsym.verify.lines.result import FormulaReport, LineResult
from bpsym.verify.lines.unread import reason, told
from bpsym.verify.reading.documents import Piece, displayed, equations, is_latex

if TYPE_CHECKING:
    from bpsym.network.model import Network
    from bpsym.verify.diagnosis.observe import Language

# How many readings that are equally good are explained, to take the one with fewest mistakes.
MOST_EXPLAINED = 6


def judge_lines(
    network: Network | str | Mapping[str, object],
    texts: Sequence[str],
    *,
    samples: str | None = None,
    weights: str | None = None,
    bias: str | None = None,
    notation: str | None = None,
    strict: bool = True,
    seed: int = 0,
    lang: Language = "en",
    prove: bool = True,
) -> FormulaReport:
    """Judge lines in numpy notation or in LaTeX, each equals sign on its own.

    samples: ``rows``, ``columns`` or ``one``; weights: ``out,in`` or ``in,out``; bias: ``flat``,
    ``row`` or ``column``; notation: of the LaTeX, as ``bpsym derive`` names them, empty for the
    names of the code. What is not given is found out. Empty lines and comments are skipped.
    strict: each line must be read; else what cannot be read is told and not judged.
    Raises ExpressionError for a line that is no formula or reads a name that means nothing, if
    strict or if none can be read.
    """
    options = _declared(samples, weights, bias, notation)
    judge = _judge(network, options, seed, lang, prove=prove)
    try:
        return _report(judge, _read(judge, texts, options, strict=strict))
    except ExpressionError as error:
        raise told(error, lang) from None


def _read(
    judge: LineJudge, texts: Sequence[str], options: Declared, *, strict: bool
) -> list[Readable]:
    """The lines in each notation in which some can be read.

    Raises ExpressionError if there is none.
    """
    written = [
        (text, f"line {at}") for at, text in enumerate(texts, 1) if text.split("#")[0].strip()
    ]
    if not written:
        raise _nothing("formulas")
    if any(is_latex(text.split("#")[0]) for text, _ in written):
        pieces = [
            piece
            for text, where in written
            for piece in equations(text.split("#")[0] if "\\#" not in text else text, where)
        ]
        readables = text_equalities(pieces, judge.naming, options.notation, strict=strict)
    else:
        readables = [numpy_equalities(written, judge.naming, strict=strict)]
    kept = [each for each in readables if each.equalities]
    if not kept:
        raise readables[-1].unread[0][1]
    return kept


def judge_document(
    network: Network | str | Mapping[str, object],
    text: str,
    *,
    file: str = "document",
    notation: str | None = None,
    seed: int = 0,
    lang: Language = "en",
    prove: bool = True,
) -> FormulaReport:
    """Judge the formulas that a text in LaTeX or Markdown displays; prose is left alone.

    file: its name, for places. A displayed equation that cannot be read is told and not judged.
    Raises ExpressionError for a document without formulas, or one that is too large.
    """
    options = _declared(None, None, None, notation)
    pieces = displayed(text, file)
    if not pieces:
        raise _nothing(file)
    judge = _judge(network, options, seed, lang, prove=prove)
    readables = text_equalities(pieces, judge.naming, notation, strict=False)
    readables = [each for each in readables if each.equalities]
    if not readables:
        text_equalities(pieces[:1], judge.naming, notation, strict=True)
        raise _nothing(file)
    return _report(judge, readables)


def _judge(network: Any, options: Declared, seed: int, lang: Language, *, prove: bool) -> LineJudge:
    from bpsym.api import derive

    derivation = derive(network)
    if prove:
        derivation.require_proof()
    return LineJudge(derivation, options, seed, lang)


def _declared(
    samples: str | None, weights: str | None, bias: str | None, notation: str | None
) -> Declared:
    from bpsym.verify.adapters.route import options_of

    options_of(samples, weights, bias, None)
    return Declared(notation, samples, weights, bias)  # type: ignore[arg-type]


def _nothing(where: str) -> ExpressionError:
    return ExpressionError.single(
        where=where,
        what="there is nothing to judge",
        expected="lines such as dW2 = delta2.T @ a1",
        got="none",
        way_out="write at least one",
    )


def _report(judge: LineJudge, readables: Sequence[Readable]) -> FormulaReport:
    readings = judge.readings(readables)
    best = judge.best(readings)
    mistakes, reading, results = _explained(judge, best[0])
    for other in best[1:MOST_EXPLAINED]:
        if not mistakes:
            break
        found = _explained(judge, other)
        if found[0] < mistakes:
            mistakes, reading, results = found
    network = judge.derivation.network
    convention = reading.convention
    one = convention.samples == "one"
    return FormulaReport(
        network.spec() or network.name,
        results,
        convention.samples,
        "gradients" if convention.deltas == "samples" else "delta",
        "one" if one else network.reduction,
        convention.notation,
        convention.weights,
        convention.bias,
        lang=judge.lang,
        unread=tuple(
            (piece.text, piece.where, reason(error, judge.lang))
            for piece, error in reading.readable.unread
        ),
        notes=notes_on(reading, readings, judge.points(reading.readable, convention), judge.lang),
        derivation=judge.derivation,
    )


def _explained(judge: LineJudge, reading: Reading) -> tuple[int, Reading, tuple[LineResult, ...]]:
    from dataclasses import replace

    explainer = Explainer(judge, reading)
    results = [replace(each.result, diagnosis=explainer.explained(each)) for each in reading.found]
    lines = merged(reading.found, results)
    mistakes = sum(
        UNEXPLAINED if not each.diagnosis or each.diagnosis[0].code == "unknown" else
        len(each.diagnosis)
        for each in lines
        if not each.ok
    )  # fmt: skip
    return mistakes, reading, lines


__all__ = ["FormulaReport", "LineResult", "Piece", "judge_document", "judge_lines"]
