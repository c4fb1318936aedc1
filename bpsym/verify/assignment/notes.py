"""What a student is told of the network: conventions, assumptions, and the given functions."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from bpsym.calculus.system import Role
from bpsym.emit.definitions import definitions
from bpsym.typeset.languages import LANGUAGES
from bpsym.verify.assignment.sheet import Sheet
from bpsym.verify.assignment.words import WORDS


def notes(sheet: Sheet) -> Iterator[str]:
    """The conventions of the formulas and the code, a sentence or two each."""
    words, network = WORDS[sheet.lang], sheet.built.network
    suffix = " columns" * sheet.context.columns
    system = sheet.program.system
    if any(each.adjoint.startswith("delta") for each in system.of_role(Role.HIDDEN)):
        yield words["delta mean" if network.reduction == "mean" else "delta sum"]
    if any(each.name.startswith("adj_") for each in sheet.program.backward):
        yield words["adjoint"]
    yield words["index" + suffix]
    for sentence in network.assumed:
        yield LANGUAGES[sheet.lang].assumption(sentence)
    labels = sheet.context.labels()
    for target in sheet.built.targets.values():
        if target in labels:
            yield words["one hot" + suffix].format(name=target)
        elif target in sheet.program.assumptions:
            yield words["sum to one" + suffix].format(name=target)
    if sheet.built.kinked:
        yield words["kink"].format(names=", ".join(sheet.built.kinked))
    for kind, said in sheet.built.loss_kinks.items():
        text = LANGUAGES[sheet.lang].loss_kink(said)
        yield "".join(map(str, text)) if sheet.lang == "zh" else f"{kind}: {said}."


def given_functions(sheet: Sheet) -> list[str]:
    """The functions that the lines call; their docstrings in the language of the student."""
    found = definitions(sheet.context)
    if sheet.lang == "en":
        return found
    said = WORDS[sheet.lang]["given function"]
    return [_retold(text, said) for text in found]


def _retold(text: str, said: str) -> str:
    """A function with another docstring, and without its comments, which are English."""
    [function] = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    first, lines = function.body[0], text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    assert isinstance(first, ast.Expr)
    lines[first.lineno - 1 : first.end_lineno] = [f'    """{said.format(name=function.name)}"""']
    return "\n".join(line for line in lines if line.strip())
