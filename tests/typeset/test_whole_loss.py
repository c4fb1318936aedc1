"""The section on the whole loss: every printed formula is true, and a wrong step is caught."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

import bpsym
from bpsym.calculus.derivation import derive_system
from bpsym.calculus.scalars.counts import operation_counts
from bpsym.calculus.scalars.to_delta import ScalarStep, to_delta
from bpsym.calculus.system import Role
from bpsym.cli.main import main
from bpsym.errors import EmitError, ExpressionError, ProofError
from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build
from bpsym.typeset.document import Display, Document, Paragraph, Section, Table
from bpsym.typeset.formulas.evaluate import FLOAT_FUNCTIONS, Values, evaluate
from bpsym.typeset.formulas.tree import Chain, Formula, Number, Partial, Product, Symbol, symbols
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS, Notation
from bpsym.typeset.notations.by_outputs import derived_by_outputs
from bpsym.typeset.notations.notation import Samples, Scale
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.printed import Printed, printed
from bpsym.typeset.sections import whole_loss
from bpsym.typeset.story import Story
from bpsym.typeset.terminal.formulas import Printer
from tests.calculus.scalar_networks import OTHERS, WHOLE
from tests.typeset import oracle
from tests.typeset.values import _callable, element, tabulated

TITLES = {language: words.whole_loss for language, words in LANGUAGES.items()}
STEP = 1e-5

CASES = [
    *((spec, name) for spec in ("2-2-1", "2-3-1", "2-3-3-1") for name in ("", *NOTATIONS)),
    ("2-3:relu-2:softmax", ""),
    ("2-2:gelu-1", "nielsen"),
    ("2-2:leaky_relu-2:identity,loss=huber,l2=0.01", "ng"),
    ("3-2:softplus-2:softplus,loss=poisson", "cs224n"),
    *((name, "") for name in ("skip", "shared", "gate", "layer_norm")),
]


@cache
def built_of(spec: str) -> BuiltNetwork:
    """A network of a shorthand, or of the tables of small graphs by its name."""
    return build(parse({**WHOLE, **OTHERS}.get(spec, spec)))


@cache
def told(spec: str, notation: str, weight: str | None = None) -> Document:
    """The document in full."""
    options = {"notation": notation or None, "weight": weight}
    return printed(built_of(spec), full=True, prove=False, **options).document


def section_of(document: Document) -> Section:
    return next(each for each in document.sections if each.title in TITLES.values())


def formulas(section: Section) -> list[Chain]:
    """The equations of the section."""
    displays = [block for block in section.blocks if isinstance(block, Display)]
    found = [each for display in displays for each in display.formulas]
    assert all(isinstance(each, Chain) for each in found)
    return [each for each in found if isinstance(each, Chain)]


class Reader:
    """Reads formulas of one sample in a notation, with the numbers of the oracle."""

    def __init__(self, spec: str, name: str) -> None:
        self.notation = NOTATIONS.get(name)
        self.system = prepared(built_of(spec), self.notation).derivation.system
        self.built = replace(built_of(spec), system=self.system)
        self.code = arrays(self.built)
        self.adjoints = {each.name: each.adjoint for each in self.system.tensors.values()}
        tensors = {each: self.arranged(each, self.code[each]) for each in self.code}
        self.values = Values(tensors, {}, {}, functions(self.built), self.partial)

    def arranged(self, name: str, array: Any) -> Any:
        """An array of the code as a reader of the notation has it."""
        notation, array = self.notation, np.asarray(array)
        of = {adjoint: tensor for tensor, adjoint in self.adjoints.items()}.get(name, name)
        tensor = self.system.tensors.get(of)
        if tensor is None:
            return array if notation is None or array.ndim < 2 else self._sample(array, notation)
        hidden = tensor.role is Role.HIDDEN
        if notation is not None and name != of and hidden and notation.scale is Scale.MINUS:
            array = -array
        if notation is None or array.ndim == 0:
            return array
        if tensor.role is Role.PARAMETER:
            return array.T if notation.from_to else array
        return self._sample(array, notation)

    def _sample(self, array: Any, notation: Notation) -> Any:
        return {Samples.ROWS: array, Samples.ONE: array[0], Samples.COLUMNS: array.T}[
            notation.samples
        ]

    def partial(self, node: Partial, at: Values) -> float:
        """A derivative of the cost: of a parameter by differences, of a unit by the oracle."""
        assert isinstance(node.by, Symbol)
        if self.system.tensors[node.by.name].role is Role.PARAMETER:
            return self.difference(node.by)
        adjoint = self.code[self.adjoints[node.by.name]]
        table = self._sample(adjoint, self.notation) if self.notation is not None else adjoint
        return element(table, node.by.subscripts, at)

    def difference(self, weight: Symbol) -> float:
        """The derivative of the cost in one weight by a difference of fourth order."""
        place = [int(evaluate(each, self.values)) - 1 for each in weight.subscripts]
        if self.notation is not None and self.notation.from_to:
            place.reverse()

        def cost(times: int) -> float:
            with mock.patch.object(oracle, "M", 1):
                given = oracle.random_arrays(self.built)
                given[weight.name] = np.array(given[weight.name], dtype=float)
                given[weight.name][tuple(place)] += times * STEP
                return float(oracle.cost(given, self.system))

        return (8 * (cost(1) - cost(-1)) - (cost(2) - cost(-2))) / (12 * STEP)

    def expected(self, left: Formula) -> float:
        """What the left side of an equation is."""
        if isinstance(left, Symbol) and left.name == "C":
            return float(self.code["C"])
        of = {adjoint: tensor for tensor, adjoint in self.adjoints.items()}
        if isinstance(left, Symbol) and left.name in of:
            tensor = of[left.name]
            if self.system.tensors[tensor].role is Role.PARAMETER:  # dW
                return self.difference(replace(left, name=tensor))
        return float(evaluate(left, self.values))

    def wrong(self, chains: list[Chain]) -> Iterator[str]:
        """The equations with a side that is not what the left side is."""
        for chain in chains:
            wanted = self.expected(chain.first)
            for _, side in chain.rest:
                found = float(evaluate(side, self.values))
                if abs(found - wanted) > 1e-8 * max(1.0, abs(wanted)) + 1e-9:
                    yield f"{Printer().line(chain.first)}: {found}, not {wanted}"


def arrays(built: BuiltNetwork) -> dict[str, Any]:
    """Every tensor and adjoint for one sample, in the layout of the code, and the cost."""
    system = built.system
    with mock.patch.object(oracle, "M", 1):
        given = oracle.random_arrays(built)
        known = oracle.forward(given, system)
        value = oracle.SympyValue(known, oracle.sizes_of(system))
        for record in (derive_system(system), derived_by_outputs(system, inputs=False)):
            for adjoint in record.adjoints:
                letters, result = adjoint.equation
                table = tabulated(adjoint.tensor, letters, result, value, system)
                known.setdefault(adjoint.name, table)
        known["C"] = oracle.cost(given, system)
    return known


def functions(built: BuiltNetwork) -> dict[str, Any]:
    """The activations of a network and their slopes, by the oracle."""
    found: dict[str, Any] = dict(FLOAT_FUNCTIONS)
    for activation, called in Story(derive_system(built.system), built).table.functions.items():
        arguments = [sp.Symbol(f"u{k}", real=True) for k in range(1 + len(activation.learned))]
        node = activation.function(*arguments)
        found[called] = _callable(node, arguments)
        found[f"{called}'"] = _callable(node.fdiff(1), arguments)
    return found


# Every formula is true


@pytest.mark.parametrize(("spec", "name"), CASES)
def test_every_formula_is_true(spec: str, name: str) -> None:
    chains = formulas(section_of(told(spec, name)))
    assert len(chains) >= 5
    assert list(Reader(spec, name).wrong(chains)) == []


@pytest.mark.parametrize("weight", ["W1[2,1]", "b1[3]", "W2[1,2]", "b2[1]"])
def test_any_weight_can_be_chosen(weight: str) -> None:
    chains = formulas(section_of(told("2-3-1", "watermelon", weight)))
    assert list(Reader("2-3-1", "watermelon").wrong(chains)) == []
    assert chains[1].first == chains[-1].first


def test_a_false_formula_is_seen() -> None:
    """The oracle of this file can fail."""
    chains = formulas(section_of(told("2-3-1", "nielsen")))
    for number, chain in enumerate(chains):
        relation, side = chain.rest[-1]
        false = Chain(chain.first, ((relation, Product((Number(Fraction(2)), side))),))
        changed = [*chains[:number], false, *chains[number + 1 :]]
        assert list(Reader("2-3-1", "nielsen").wrong(changed))


def test_the_loss_of_small_networks_is_complete() -> None:
    """Nothing but inputs, targets and parameters, by name and written out."""
    for spec in ("2-2-1", "2-3-1"):
        built = built_of(spec)
        roles = {each.name: each.role for each in built.system.tensors.values()}
        loss, raw = formulas(section_of(told(spec, "")))[:2]
        assert len(loss.rest) == 2
        for side in (loss.rest[0][1], loss.rest[1][1], raw.rest[0][1]):
            names = {each.name for each in symbols(side)}
            assert {roles[each] for each in names} <= {Role.INPUT, Role.TARGET, Role.PARAMETER}
            assert names == {"X", "Y", "W1", "b1", "W2", "b2"}


def test_the_scalars_are_written_in_the_notation() -> None:
    def left(name: str) -> str:
        chain = formulas(section_of(told("2-3-1", name, "W1[2,1]")))[1]
        return Printer().line(chain.first)

    assert left("") == "∂C/∂W1[2,1]"
    assert left("watermelon") == "∂E/∂v[1,2]"
    assert left("nielsen") == "∂C/∂w1[2,1]"
    assert left("ng") == "dW1[2,1]"


# A wrong step is caught


@pytest.mark.parametrize("place", range(4))
def test_a_wrong_step_is_an_error(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*arguments: Any) -> tuple[ScalarStep, ...]:
        steps = list(to_delta(*arguments))
        steps[place] = replace(steps[place], expression=-steps[place].expression)
        return tuple(steps)

    monkeypatch.setattr(whole_loss, "to_delta", faulty)
    with pytest.raises(ProofError, match="could not be proven"):
        printed(built_of("2-3-1"), full=True)


def test_a_wrong_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*arguments: Any) -> tuple[ScalarStep, ...]:
        *steps, last = to_delta(*arguments)
        wrong = {name: 2 * value for name, value in last.introduced.items()}
        return (*steps, replace(last, introduced=wrong))

    monkeypatch.setattr(whole_loss, "to_delta", faulty)
    with pytest.raises(ProofError):
        printed(built_of("2-3-1"), full=True)


def test_the_steps_count_in_the_certificate() -> None:
    texts = (printed(built_of("2-2-1"), full=full).text() for full in (False, True))
    numbers = [int(re.findall(r"(\d+) equalit\w+ holds? exactly", text)[0]) for text in texts]
    assert numbers[1] == numbers[0] + len(bpsym.derive("2-2-1").to_delta("W1[1,1]"))


# What does not fit


def words_of(section: Section) -> str:
    return " ".join(
        part
        for block in section.blocks
        if isinstance(block, Paragraph)
        for part in block.text
        if isinstance(part, str)
    )


def test_what_is_too_long_is_counted() -> None:
    section = section_of(told("2-3-3-1", ""))
    raw = bpsym.derive("2-3-3-1").raw_gradient("W1[1,1]")
    said = words_of(section)
    assert f"{len(str(raw)):,} characters" in said
    assert "546 operations" in said
    assert "from here on each is shown" in said


def test_a_large_network_has_its_counts_only() -> None:
    section = section_of(told("784-128-10", ""))
    assert formulas(section) == []
    assert sum(isinstance(block, Table) for block in section.blocks) == 1


@pytest.mark.parametrize("spec", ["2-2-1", "2-3-3-1", "784-128-10"])
def test_the_table_has_the_measured_counts(spec: str) -> None:
    (table,) = [each for each in section_of(told(spec, "")).blocks if isinstance(each, Table)]
    counts = operation_counts(bpsym.derive(spec).record)
    shown = [row[1][0] for row in table.rows]
    wanted = (counts.loss, counts.delta, counts.finite_differences, counts.raw)
    assert shown == [f"{each:,}" if each is not None else "too many to count" for each in wanted]


def test_a_weight_that_is_not_there_is_an_error() -> None:
    for spec in ("2-3-1", "784-128-10"):
        with pytest.raises(ExpressionError):
            printed(built_of(spec), full=True, weight="W9[1,1]")
    with pytest.raises(EmitError, match="full"):
        printed(built_of("2-3-1"), weight="W1[1,1]")


def test_a_derivative_that_is_zero_is_said() -> None:
    flat = {"units": 1, "activation": {"expression": "sign(z)"}}
    built = build(parse({"inputs": {"x": 2}, "layer": [{"units": 2}, flat], "loss": "mse"}))
    assert "does not depend" in words_of(section_of(printed(built, full=True).document))


# Formats


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["latex", "markdown", "html", "typst"])
def test_every_format_has_the_section(name: str, language: str) -> None:
    text = printed(built_of("2-3-1"), lang=language, full=True).written(name).decode()
    assert TITLES[language] in text
    assert "1,405" in text


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    shown = Printed(told("2-3-3-1", "watermelon"), printed(built_of("2-3-1")).manner)
    assert max(map(len, shown.text(width=width).splitlines())) <= width


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@pytest.mark.parametrize(
    ("spec", "name"), [("2-2-1", ""), ("2-3-1", "nielsen"), ("2-3-3-1", "watermelon")]
)
def test_no_line_is_wider_than_the_page(spec: str, name: str, tmp_path: Path) -> None:
    shown = Printed(told(spec, name), printed(built_of(spec), notation=name or None).manner)
    (tmp_path / "document.tex").write_text(shown.latex(), encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout


def test_the_command_takes_a_weight() -> None:
    arguments = ["derive", "2-2-1", "--full", "--weight", "W2[1,2]", "--notation", "nielsen"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "W2[1,2] in the code" in result.output
    result = CliRunner().invoke(main, ["derive", "2-2-1", "--weight", "W2[1,2]"])
    assert result.exit_code == 1
    assert "--full" in result.output
