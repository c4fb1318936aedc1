"""A network and the blanks in; the student's file, the solution and the tests out.

Each blank is a small function of what it reads. The tests give it right arguments, so that it is
judged by itself, and one more test runs the whole pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bpsym.verify.assignment.exam import tests_of
from bpsym.verify.assignment.notes import given_functions, notes
from bpsym.verify.assignment.sheet import Sheet
from bpsym.verify.assignment.shown import Shown, shown_example
from bpsym.verify.assignment.steps import chosen, steps_of
from bpsym.verify.assignment.task import SOLUTION, STUDENT, TESTS, Task, filled
from bpsym.verify.numbers.reference import Reference
from bpsym.worked.code import require_same_values

if TYPE_CHECKING:
    from bpsym.api import LayoutName
    from bpsym.network.model import Network
    from bpsym.verify.diagnosis.observe import Language


def make_assignment(
    network: Network | str | Mapping[str, object],
    blanks: Sequence[str],
    *,
    seed: int = 0,
    command: str = "bpsym assignment",
    layout: LayoutName = "rows",
    lang: Language = "en",
) -> dict[str, str]:
    """The files of an assignment, text by file name.

    blanks: what the student is to compute, such as ``z1``, ``C``, ``delta2``, ``dW1``, each with
    its points behind a ``=`` if they are not 1, or ``all``, ``forward``, ``backward``, ``deltas``,
    ``gradients``; the backward pass if there is none. layout: samples in rows or in columns, as of
    an emitted module. lang: of what the student is told.
    Raises EmitError for a blank that is no line of the pass, or a network whose example would be
    too large to write down; NetworkError if the declaration is not sound.
    """
    from bpsym.api import derive

    derivation = derive(network)
    derivation.require_proof()
    reference = Reference(derivation)
    program = reference.program if layout == "rows" else reference.columns
    require_same_values(derivation.built, derivation.record, program)
    steps = steps_of(program)
    points = chosen(blanks, steps)
    sheet = Sheet(derivation.built, program, steps, points, lang)
    task = Task(sheet, reference, points, command, seed)
    example = shown_example(task)
    return {
        STUDENT: _file(task, example, solved=False),
        SOLUTION: _file(task, example, solved=True),
        TESTS: tests_of(task),
    }


def _file(task: Task, example: Shown | None, *, solved: bool) -> str:
    """The student's file, or the solution."""
    sheet, words = task.sheet, task.words
    wanted = ", ".join(each.function for each in task.asked)
    said = "task solution" if solved else "task" if example else "task without example"
    paragraphs = [filled(note) for note in notes(sheet)]
    title = words["title solution" if solved else "title"].format(network=task.title)
    values = {
        "title": filled(title, '"""'),
        "equations": "\n".join(sheet.equations()),
        "notes": "\n".join(paragraphs),
        "task": filled(words[said].format(wanted=wanted, file=STUDENT)),
        "functions": given_functions(sheet),
        "blanks": ["\n".join(sheet.blank(each, solved=solved)) for each in task.asked],
        "y_default": "" if sheet.built.targets else "=None",
        "whole": "\n".join(sheet.whole()),
        "example": example,
    }
    return task.rendered("sheet.py.jinja", values)
