"""A teacher's kit: the student's file with blanks, the solution, and the tests.

The file is the emitted module; blanks are lines of its backward pass. In the solution each blank
stands between the marks that nbgrader takes out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bpsym.calculus.system import Role
from bpsym.errors import EmitError, quoted, way_to
from bpsym.templates import templates_dir
from bpsym.verify.numbers.points import random_point
from bpsym.verify.numbers.reference import Reference

if TYPE_CHECKING:
    from bpsym.api import Derivation, LayoutName
    from bpsym.network.model import Network
    from bpsym.verify.diagnosis.observe import Array, Language, Point

BATCHES = (5, 7, 4, 6, 8, 9)
MOST_VALUES = 20_000
STUDENT, SOLUTION, TESTS = "assignment.py", "solution.py", "test_assignment.py"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# What students are told, by language.
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "student": "Assignment: write the lines that raise NotImplementedError: {wanted}.",
            "solution": "Solution: the lines between the marks are the student's: {wanted}.",
            "shape": ", of shape {shape}",
            "adjoint": "the derivative of C in this value",
            "tests": "Tests of the assignment {title}: plain asserts, for pytest, nbgrader or "
            "Otter.",
            "batches": "The examples have two batch sizes, so that a missing or a second 1/m "
            "shows.",
            "wrong shape": "the gradient in {name} has the shape {yours}; {right} is right",
            "wrong": "the gradient in {name} is not right: entry {at} is {yours}, {right} is right",
            "loss": "the loss is not right",
            "changed": "{name} was changed by the call",
        },
        "zh": {
            "student": "作业:补全引发 NotImplementedError 的各行:{wanted}。",
            "solution": "答案:标记之间是学生要写的各行:{wanted}。",
            "shape": ",形状 {shape}",
            "adjoint": "C 对该值的导数",
            "tests": "作业 {title} 的测试:普通 assert,可用于 pytest、nbgrader 或 Otter。",
            "batches": "例子有两种批量大小,漏掉或多乘的 1/m 会显现出来。",
            "wrong shape": "{name} 的梯度形状为 {yours},应为 {right}",
            "wrong": "{name} 的梯度不对:元素 {at} 为 {yours},应为 {right}",
            "loss": "损失不对",
            "changed": "调用改变了 {name}",
        },
    }
)
_SHAPE = re.compile(r"#\s*(\([^#]*\))\s*$")


@dataclass(frozen=True)
class Blank:
    """A line of the backward pass that a student is to write.

    start, stop: its lines in the source, counted from 0, ``stop`` not included. text: the right
    side. entry: whether it is an entry of the dict of gradients.
    """

    name: str
    start: int
    stop: int
    text: str
    shape: str
    entry: bool


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

    blanks: what the student is to compute, ``delta2``, ``dW1`` or ``W1``. layout: samples in rows
    or in columns, as of an emitted module. lang: of what the student is told.
    Raises EmitError for a blank that is no line of the backward pass, or a network whose example
    would be too large to write down; NetworkError if the declaration is not sound.
    """
    from bpsym.api import derive, generate

    derivation = derive(network)
    derivation.require_proof()
    source = generate(derivation.network, layout=layout, prove=False)
    lines = source.splitlines()
    found = lines_of(source)
    chosen = [_chosen(name, found) for name in dict.fromkeys(blanks)] or list(found.values())
    values = sum(
        int(np.prod([derivation.record.system.sizes[label] for label in each.sizes]))
        for each in derivation.record.system.of_role(Role.PARAMETER)
    )
    if values > MOST_VALUES:
        raise EmitError.single(
            where="assignment",
            what="the example would be too large to write down",
            expected=f"at most {MOST_VALUES} parameters",
            got=str(values),
            way_out="choose narrower layers: the lines are the same",
        )
    wanted = ", ".join(each.name for each in chosen)
    words = WORDS[lang]
    return {
        STUDENT: _file(lines, chosen, command, words["student"].format(wanted=wanted), lang),
        SOLUTION: _file(lines, chosen, command, words["solution"].format(wanted=wanted)),
        TESTS: _tests(derivation, seed, command, layout, lang),
    }


def lines_of(source: str) -> dict[str, Blank]:
    """The lines of the backward pass that may be left blank, by name: ``delta2``, ``dW1``."""
    tree = ast.parse(source)
    lines = source.splitlines()
    function = next(
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "loss_and_grads"
    )
    found: dict[str, Blank] = {}
    for node in function.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    entry = f"d{key.value}"
                    found[entry] = _blank(lines, entry, key.lineno, value, entry=True)
        elif name.startswith(("delta", "adj")):
            found[name] = _blank(lines, name, node.lineno, node.value, entry=False)
    return found


def _blank(lines: Sequence[str], name: str, first: int, value: ast.expr, *, entry: bool) -> Blank:
    stop = value.end_lineno or first
    start = first - 1
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1  # the comment above says the formula: it goes with the line
    while entry is False and stop < len(lines) and lines[stop].strip() == ")":
        stop += 1
    shape = _SHAPE.search(lines[stop - 1])
    return Blank(name, start, stop, ast.unparse(value), shape[1] if shape else "", entry)


def _chosen(name: str, found: Mapping[str, Blank]) -> Blank:
    for spelled in (name, f"d{name}"):
        if spelled in found:
            return found[spelled]
    raise EmitError.single(
        where=f"blank {quoted(name)}",
        what="this is no line of the backward pass",
        expected="one of " + ", ".join(found),
        got=quoted(name),
        way_out=way_to(name, found, "choose one of those"),
    )


def _file(
    lines: Sequence[str],
    blanks: Sequence[Blank],
    command: str,
    what: str,
    lang: Language | None = None,
) -> str:
    """The module with blanks: empty, told in a language, or solved."""
    kept = list(lines)
    before: list[str] = []
    for blank in sorted(blanks, key=lambda each: -each.start):
        written = _solved(blank) if lang is None else _empty(blank, lang)
        if blank.entry:
            key = blank.name[1:]
            kept[blank.start : blank.stop] = [f'        "{key}": {blank.name},']
            before = [*written, *before]
        else:
            kept[blank.start : blank.stop] = written
    opening = next(at for at, line in enumerate(kept) if line == "    grads = {")
    kept[opening:opening] = before
    body = kept[next(at for at, line in enumerate(kept) if not line.startswith("#")) :]
    head = _environment().get_template("assignment/head.py.jinja")
    return head.render(command=command, what=what) + "\n".join(body) + "\n"


def _solved(blank: Blank) -> list[str]:
    return [f"    {BEGIN}", f"    {blank.name} = {blank.text}", f"    {END}"]


def _empty(blank: Blank, lang: Language) -> list[str]:
    """What the name stands for, and a line that raises until it is replaced."""
    words = WORDS[lang]
    if blank.entry:
        meant = f"dC/d{blank.name[1:]}"
    else:
        layer = blank.name.removeprefix("delta").removeprefix("_")
        meant = f"dC/dz{layer}" if layer.isdigit() else f"dC/dz_{layer}"
    if not blank.entry and not blank.name.startswith("delta"):
        meant = words["adjoint"]
    of = words["shape"].format(shape=blank.shape) if blank.shape else ""
    return [
        f"    # {blank.name} = {meant}{of}",
        f'    raise NotImplementedError("{blank.name}")',
    ]


# tests ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One numeric example, as text."""

    params: tuple[str, ...]
    inputs: str
    targets: str
    loss: str
    grads: tuple[str, ...]


def _tests(
    derivation: Derivation, seed: int, command: str, layout: LayoutName, lang: Language
) -> str:
    reference = Reference(derivation)
    widths = set(derivation.record.system.sizes.values())
    batches = [m for m in BATCHES if m not in widths][:2]
    rng = np.random.default_rng(seed)
    examples = [_example(reference, random_point(reference, m, rng), layout) for m in batches]
    return (
        _environment()
        .get_template("assignment/tests.py.jinja")
        .render(
            command=command,
            title=derivation.network.spec() or derivation.network.name,
            module=STUDENT.removesuffix(".py"),
            examples=examples,
            tested=reference.parameters,
            words=WORDS[lang],
        )
    )


def _example(reference: Reference, point: Point, layout: LayoutName) -> Example:
    at = reference.at(point)
    built = reference.derivation.built

    def held(value: Array, *, data: bool = False) -> Array:
        """An array as the module holds it: with columns, samples last and biases (n, 1)."""
        if layout == "rows":
            return value
        return value.T if data else value[:, None] if value.ndim == 1 else value

    def bundle(names: Mapping[str, str], values: Mapping[str, Array]) -> str:
        if len(names) == 1:
            [tensor] = names.values()
            return _literal(held(values[tensor], data=True))
        inner = ", ".join(
            f'"{key}": {_literal(held(values[name], data=True))}' for key, name in names.items()
        )
        return f"{{{inner}}}"

    return Example(
        tuple(f'"{name}": {_literal(held(value))}' for name, value in point.params.items()),
        bundle(built.inputs, point.inputs),
        bundle(built.targets, point.targets),
        repr(float(at.loss)),
        tuple(f'"{name}": {_literal(held(value))}' for name, value in at.grads.items()),
    )


def _literal(value: Any) -> str:
    return repr(np.asarray(value, dtype=float).tolist())


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


__all__ = ["Blank", "lines_of", "make_assignment"]
