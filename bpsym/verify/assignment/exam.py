"""The tests: each function gets right arguments, at two numbers of samples."""

from __future__ import annotations

from collections.abc import Mapping

from bpsym.calculus.system import SAMPLES
from bpsym.emit.source import Source, call, statement
from bpsym.verify.assignment.numbers import entry, examples
from bpsym.verify.assignment.steps import COST, Step
from bpsym.verify.assignment.task import STUDENT, TESTS, Task, filled, quoted_list

# The test of the whole pass; it has no points, since every mistake would cost twice.
WHOLE = "whole"
# Significant digits of the numbers: beyond what the tests tell apart, short of what one can read.
DIGITS = 13


def tests_of(task: Task) -> str:
    """The text of the tests."""
    sheet, words = task.sheet, task.words
    names = [each.name for each in task.asked]
    gradients = [each.name for each in sheet.steps if each.kind == "gradient"]
    kept = dict.fromkeys([SAMPLES, *task.given, *task.read, *names, COST, *gradients])
    found = examples(task.reference, task.program, task.seed, judged=names)
    values = {
        "title": filled(words["tests"].format(network=task.title), '"""'),
        "more": filled(words["tests more"].format(file=TESTS)),
        "module": STUDENT.removesuffix(".py"),
        "points": {name: f"{each:g}" for name, each in {**task.points, WHOLE: 0.0}.items()},
        "checks": {each.name: _check(each) for each in task.asked},
        "params": "\n".join(statement("PARAMS = ", quoted_list(sheet.context.parameters), 0)),
        "inputs": _handed(task, sheet.built.inputs),
        "targets": _handed(task, sheet.built.targets),
        "examples": [
            [line for name in kept for line in entry(name, values[name], DIGITS, 2)]
            for values in found
        ],
    }
    return task.rendered("tests.py.jinja", values)


def _check(step: Step) -> str:
    """The line that judges a function."""
    module = STUDENT.removesuffix(".py")
    arguments = [Source(f'"{step.name}"'), Source(f"{module}.{step.function}")]
    return "\n".join(statement("", call("check", [*arguments, quoted_list(step.reads)])))


def _handed(task: Task, table: Mapping[str, str]) -> str:
    """How the tests hand over the inputs or the targets: an array, a dict, or None."""
    labels = task.sheet.context.labels()
    axis = 0 if task.sheet.context.columns else 1

    def read(name: str) -> str:
        return f'values["{name}"]' + f".argmax(axis={axis})" * (name in labels)

    if not table:
        return "None"
    if len(table) == 1:
        return read(next(iter(table.values())))
    return "{" + ", ".join(f'"{key}": {read(name)}' for key, name in table.items()) + "}"
