"""What every file of the kit is written from: the sheet, the points, and how values are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpsym.arrays.program import Program
from bpsym.calculus.system import SAMPLES, Role
from bpsym.emit.render import environment
from bpsym.emit.source import WIDTH, Source, bracketed
from bpsym.typeset.terminal.columns import wrap
from bpsym.verify.assignment.sheet import Sheet
from bpsym.verify.assignment.steps import Step
from bpsym.verify.assignment.words import WORDS
from bpsym.verify.numbers.reference import Reference

STUDENT, SOLUTION, TESTS = "assignment.py", "solution.py", "test_assignment.py"


@dataclass(frozen=True)
class Task:
    """One assignment.

    points: of each blank, in the order of the pass. command: what made the files. seed: of the
    numbers in them.
    """

    sheet: Sheet
    reference: Reference
    points: Mapping[str, float]
    command: str
    seed: int

    @property
    def words(self) -> Mapping[str, str]:
        """What students are told, in their language."""
        return WORDS[self.sheet.lang]

    @property
    def program(self) -> Program:
        """The pass, in the layout of the files."""
        return self.sheet.program

    @property
    def asked(self) -> list[Step]:
        """The steps that are blank."""
        return [each for each in self.sheet.steps if each.name in self.points]

    @property
    def title(self) -> str:
        """The network in few words."""
        network = self.sheet.built.network
        return network.spec() or network.name

    @property
    def given(self) -> list[str]:
        """The names of inputs, parameters and targets."""
        system = self.program.system
        return [each.name for each in system.of_role(Role.INPUT, Role.PARAMETER, Role.TARGET)]

    @property
    def read(self) -> list[str]:
        """The names of what the blanks read, in the order in which they are computed."""
        wanted = {name for each in self.asked for name in each.reads}
        order = [SAMPLES, *self.given, *(each.name for each in self.sheet.steps)]
        return [name for name in order if name in wanted]

    def rendered(self, template: str, values: Mapping[str, object]) -> str:
        """A template filled in; a line break in the command does not end its comment."""
        found = environment().get_template(f"assignment/{template}")
        command = " ".join(self.command.split())
        head = wrap(command, WIDTH, initial_indent="# ", subsequent_indent="#     ")
        return found.render(command="\n".join(head), words=self.words, **values)


def filled(text: str, before: str = "") -> str:
    """Prose in lines that fit, the first one behind something."""
    return "\n".join(wrap(text, WIDTH, initial_indent=before)).removeprefix(before)


def quoted_list(names: Sequence[str]) -> Source:
    """Names as a list in Python."""
    return bracketed("[", tuple(Source(f'"{name}"') for name in names), "]")
