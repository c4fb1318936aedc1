"""Plant every mistake in every implementation and see whether it is found and named.

    python benchmarks/mutations/run.py --seeds 2 --doubles 100 --rewritings

The table goes to stdout, what was missed to stderr; docs/verify-benchmark.md keeps the table.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planted import IMPLEMENTATIONS as SEEN
from planted import Implementation, Planted
from planted_second import SECOND
from planted_third import THIRD
from planted_unseen import UNSEEN
from rewritings import REWRITINGS

import bpsym.verify
from bpsym.errors import BpsymError
from bpsym.verify.report import Diagnosis, Report, Verdict
from bpsym.verify.running.sandbox import UserCodeError

IMPLEMENTATIONS = (*SEEN, *UNSEEN, *SECOND, *THIRD)
HERE = Path(__file__).resolve().parent


@dataclass
class Score:
    """Counts, and what went wrong."""

    tried: int = 0
    detected: int = 0
    named: int = 0
    placed: int = 0
    blamed_falsely: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        """A line of the table."""
        n = max(self.tried, 1)
        shares = (self.detected, self.named, self.placed, self.blamed_falsely)
        cells = " | ".join(f"{100 * each / n:.1f} %" for each in shares)
        return f"| {name} | {self.tried} | {cells} | {self.seconds / n:.2f} s |"


def source_of(each: Implementation, edits: tuple[tuple[str, str], ...], scale: float) -> str:
    """The source with the edits made; an edit that does not fit exactly once is an error."""
    text = (HERE / "implementations" / f"{each.name}.py").read_text(encoding="utf-8")
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{each.name}: {old!r} stands {text.count(old)} times")
        text = text.replace(old, new)
    return text.replace("SCALE = 1.0", f"SCALE = {scale!r}")


def judge(
    each: Implementation, source: str, scale: float, seed: int, folder: Path, *, mend: bool = False
) -> Report:
    """The report about a source; mend: with the statements of it that mend it."""
    file = folder / f"{each.name}_code.py"
    file.write_text(source, encoding="utf-8")
    network = folder / f"{each.name}.toml"
    declared = (HERE / "networks" / f"{each.name}.toml").read_text(encoding="utf-8")
    network.write_text(declared.replace("SCALE", repr(scale)), encoding="utf-8")
    options = dict(each.options)
    return bpsym.verify.verify(
        str(network),
        f"{file}:{each.target}",
        in_process=True,
        prove=False,
        mend=mend,
        seed=seed,
        **options,
    )  # type: ignore[arg-type]


def right_first(report: Report, one: Planted) -> tuple[bool, bool]:
    """Whether the first diagnosis has the code, and whether it has the place."""
    if not report.diagnosis:
        return False, False
    first = report.diagnosis[0]
    return first.code in one.codes, first.where in one.where


def places_of(diagnosis: Diagnosis) -> list[str]:
    """The place of a diagnosis, and the others where it says that the same was done."""
    everywhere = diagnosis.data.get("everywhere", [])
    assert isinstance(everywhere, list)
    return [diagnosis.where, *everywhere]


def singles(scales: list[float], seeds: int, only: str | None) -> Iterator[tuple[float, Score]]:
    """Every mistake by itself."""
    for scale in scales:
        score = Score()
        with tempfile.TemporaryDirectory() as name:
            for each in IMPLEMENTATIONS:
                if only and each.name != only:
                    continue
                for one, seed in itertools.product(each.planted, range(seeds)):
                    _one(score, each, one, scale, seed, Path(name))
        yield scale, score


def _one(
    score: Score, each: Implementation, one: Planted, scale: float, seed: int, folder: Path
) -> None:
    started = time.perf_counter()
    label = f"{each.name} {one.code} @ {'|'.join(one.where)} (scale {scale:g}, seed {seed})"
    score.tried += 1
    try:
        report = judge(each, source_of(each, one.edits, scale), scale, seed, folder)
    except BpsymError as error:  # no verdict is no detection
        score.missed.append(f"{label}: {type(error).__name__} {str(error)[:160]}")
        return
    taken = time.perf_counter() - started
    score.seconds += taken
    score.slowest = max(score.slowest, taken)
    score.detected += report.verdict is Verdict.FAIL
    named, placed = right_first(report, one)
    score.named += named
    score.placed += placed
    if not (named and placed):
        got = ", ".join(f"{d.code} @ {d.where}" for d in report.diagnosis) or report.verdict
        score.missed.append(f"{label}: {got}")
        confident = bool(report.diagnosis) and report.diagnosis[0].code != "unknown"
        score.blamed_falsely += confident and not placed


def doubles(count: int, only: str | None, draw: int) -> Score:
    """Two mistakes at once: both must be among the findings, or the first and the place of it."""
    score = Score()
    chance = random.Random(draw)
    with tempfile.TemporaryDirectory() as name:
        while score.tried < count:
            each = chance.choice([i for i in IMPLEMENTATIONS if not only or i.name == only])
            one, other = chance.sample(each.planted, 2)
            try:
                source = source_of(each, (*one.edits, *other.edits), 1.0)
            except ValueError:
                continue
            started = time.perf_counter()
            try:
                report = judge(each, source, 1.0, 0, Path(name))
            except UserCodeError:  # the two edits together do not run: another pair
                continue
            except BpsymError as error:
                score.tried += 1
                score.missed.append(f"{each.name} {one.code}, {other.code}: {str(error)[:100]}")
                continue
            score.tried += 1
            score.seconds += time.perf_counter() - started
            score.detected += report.verdict is Verdict.FAIL
            found = {(d.code, w) for d in report.diagnosis for w in places_of(d)}
            both = all(
                any((code, w) in found for code in p.codes for w in p.where) for p in (one, other)
            )
            score.named += both
            score.placed += all(any(w in p.where for _, w in found) for p in (one, other))
            if not both:
                pair = f"{one.code} @ {one.where} and {other.code} @ {other.where}"
                score.missed.append(f"{each.name} {pair}: {found}")
    return score


def mended(only: str | None) -> tuple[int, int, list[str]]:
    """How many mistakes come with statements that mend them, judged once more; and which do not."""
    count, tried, left = 0, 0, []
    with tempfile.TemporaryDirectory() as name:
        for each in IMPLEMENTATIONS:
            for one in each.planted if not only or each.name == only else ():
                tried += 1
                source = source_of(each, one.edits, 1.0)
                report = judge(each, source, 1.0, 0, Path(name), mend=True)
                changes = [change for found in report.diagnosis for change in found.changes]
                if changes and judge(each, changes[-1].text, 1.0, 0, Path(name)).ok:
                    count += 1
                else:
                    left.append(f"not mended: {each.name} {one.code} @ {'|'.join(one.where)}")
    return count, tried, left


def alarms(only: str | None) -> Score:
    """Right code written otherwise: a verdict other than PASS is an alarm."""
    by_name = {each.name: each for each in IMPLEMENTATIONS}
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        for name, *edits in REWRITINGS:
            if only and name != only:
                continue
            pairs = tuple(zip(edits[::2], edits[1::2], strict=True))
            source = source_of(by_name[name], pairs, 1.0)
            started = time.perf_counter()
            score.tried += 1
            report = judge(by_name[name], source, 1.0, 0, Path(folder))
            score.seconds += time.perf_counter() - started
            if report.verdict is not Verdict.PASS:
                score.blamed_falsely += 1
                got = ", ".join(f"{d.code} @ {d.where}" for d in report.diagnosis)
                score.missed.append(f"alarm: {name} {edits}: {report.verdict} {got}")
    return score


def main() -> None:
    """Print the table, and what was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--doubles", type=int, default=0)
    parser.add_argument("--draw", type=int, default=0, help="Seed of the choice of pairs.")
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0, 1e-3, 1e-5])
    parser.add_argument("--rewritings", action="store_true")
    parser.add_argument("--mend", action="store_true", help="Whether the shown lines mend it.")
    parser.add_argument("--only")
    options = parser.parse_args()
    print("| planted | cases | detected | right code first | right place | false blame | time |")
    print("|---|---|---|---|---|---|---|")
    missed: list[str] = []
    for scale, score in singles(options.scales, options.seeds, options.only):
        print(score.row(f"one, loss x {scale:g}"), flush=True)
        missed += score.missed
    if options.doubles:
        score = doubles(options.doubles, options.only, options.draw)
        print(score.row("two"))
        missed += score.missed
    if options.rewritings:
        score = alarms(options.only)
        print(f"rewritings: {score.tried}, alarms: {score.blamed_falsely}")
        missed += score.missed
    if options.mend:
        count, tried, left = mended(options.only)
        print(f"mended by the lines that are shown: {count} of {tried}")
        missed += left
    for line in missed:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
