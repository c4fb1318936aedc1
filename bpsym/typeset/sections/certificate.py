"""The last section of a document: how many equalities were proven, and each of them how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bpsym.proof.certificate import Certificate, Equality, Kind, exponent_of_two
from bpsym.proof.values.digits import DIGITS
from bpsym.typeset.checked.slopes import AS_PRINTED
from bpsym.typeset.document import Block, Items, Paragraph, Text
from bpsym.typeset.formulas.tree import Formula, Number, Power
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.sections.context import Context


@dataclass(frozen=True)
class CertificateSection:
    """Says what was proven; None: nothing was.

    read: how many equations were computed as they are printed.
    """

    context: Context
    certificate: Certificate | None
    read: int = 0

    def blocks(self) -> tuple[Block, ...]:
        """The whole section."""
        words = self.context.words
        if self.certificate is None:
            return (Paragraph((words.nothing_proven,)),)
        proven = [each for each in self.certificate.equalities if each.ok]
        read = (words.as_read(self.read),) if self.read else ()
        points = (*self._kinds(proven), *read, *self._remarks(self.certificate))
        return (Paragraph(words.all_proven(len(proven))), *self.context.noted(Items(points)))

    def _kinds(self, proven: Sequence[Equality]) -> Iterator[Text]:
        words = self.context.words
        of: dict[Kind, list[Equality]] = {}
        for each in proven:
            of.setdefault(each.kind, []).append(each)
        if "brute_force" in of:
            tensors = {each.where.partition("[")[0] for each in of["brute_force"]}
            bound = _worst(of["brute_force"])
            yield words.by_brute_force(len(of["brute_force"]), len(tensors), bound)
        if "exact" in of:
            yield words.exactly(len(of["exact"]), _worst(of["exact"]))
        if "digits" in of:
            yield words.to_digits(len(of["digits"]), DIGITS)
        if "induction" in of:
            yield words.by_induction(len(of["induction"]))
        as_printed = sum(each.rule in AS_PRINTED for each in proven)
        if as_printed:
            yield words.as_printed(as_printed)

    def _remarks(self, certificate: Certificate) -> Iterator[Text]:
        words, notation = self.context.words, self.context.notation
        samples = Samples.ROWS if notation is None else notation.samples
        for name in self.context.derivation.assumptions:
            yield words.rows_sum_to_one(self.context.table.tensor(name), samples)
        for remark in certificate.remarks:
            said = words.proof_remark(remark)
            if said is not None:
                yield (said,)


def _worst(chosen: Sequence[Equality]) -> Formula | None:
    bounds = [each.error_bound for each in chosen if each.error_bound is not None]
    if not bounds:
        return None
    return Power(Number(Fraction(2)), Fraction(exponent_of_two(max(bounds))))
