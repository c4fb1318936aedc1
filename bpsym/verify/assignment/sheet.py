"""The student's file and the solution: a function for each blank, and the pass that calls them.

The mathematics stands in the docstrings, as index equations; numpy is what the student writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from bpsym.arrays.program import Program, Statement
from bpsym.calculus.system import SAMPLES
from bpsym.emit.comments import statement_text
from bpsym.emit.context import ModuleContext, key_of, shape_text
from bpsym.emit.nielsen import equation_number
from bpsym.emit.source import (
    INDENT,
    SUM,
    WIDTH,
    Source,
    bracketed,
    call,
    chain,
    statement,
    wrapped_equation,
)
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.terminal.columns import wrap
from bpsym.verify.assignment.steps import COST, Step, samples_in, tensor_of
from bpsym.verify.assignment.words import WORDS
from bpsym.verify.diagnosis.observe import Language

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Sheet:
    """Writes the parts of one file.

    blanks: the names of the steps that are functions of the student's.
    """

    built: BuiltNetwork
    program: Program
    steps: Sequence[Step]
    blanks: Collection[str]
    lang: Language

    @cached_property
    def context(self) -> ModuleContext:
        """How tensors are printed and shaped."""
        return ModuleContext(self.built, self.program)

    def shape(self, name: str) -> str:
        """The shape of an array as it is stored, as text: ``(m, 3)``."""
        return shape_text(self.context.shape(tensor_of(name, self.program.system)))

    # the head ----------------------------------------------------------------------------------

    def equations(self) -> list[str]:
        """The inputs, and the equations of the network with the shape of each value."""
        system = self.program.system
        words = WORDS[self.lang]
        rows = [
            (name, f"{self.shape(name)}, {words['columns' if self.context.columns else 'rows']}")
            for name in self.built.inputs.values()
        ]
        labels = self.context.labels()
        rows += [
            (name, f"({SAMPLES},)" if name in labels else self.shape(name))
            for name in self.built.targets.values()
        ]
        for step in self.steps:
            if step.kind in ("forward", "cost"):
                shape = self.shape(step.name) if step.name in system.tensors else ""
                formulas = self.formulas(step)
                rows += [(each, shape if shape != "()" else "") for each in formulas]
        fitting = (len(left) for left, right in rows if right and len(left) <= 64)
        width = max(fitting, default=0)
        lines = []
        for left, right in rows:
            line = f"{INDENT}{left:<{width}}  {right}".rstrip()
            lines += [line] if len(line) <= WIDTH else wrapped_equation(left, INDENT)
        return lines

    def formulas(self, step: Step) -> list[str]:
        """The index equations of a step."""
        texts = [self._formula(each) for each in step.statements]
        total = self._total(step)
        return [*texts, f"{COST} = {total.text}"] if total else texts

    def _formula(self, each: Statement) -> str:
        return statement_text(each.name, each, self.context.sizes, self.program.activations)

    def _total(self, step: Step) -> Source | None:
        """The cost as a sum of its terms; None if it is only one, or the step is another."""
        if step.kind != "cost" or [each.name for each in step.statements] == [COST]:
            return None
        terms = [
            ("+" if at else "", Source(name if weight == 1 else f"{float(weight)!r} * {name}"))
            for at, (name, weight) in enumerate(self.program.system.objective)
        ]
        return chain(terms, SUM)

    # the blanks --------------------------------------------------------------------------------

    def blank(self, step: Step, *, solved: bool) -> list[str]:
        """The function that a student writes, empty or solved."""
        head = statement("def ", call(step.function, list(map(Source, step.reads))), 0, ":")
        body = self._solved(step) if solved else self._empty(step)
        return [*head, *self._doc(step), *body]

    def _doc(self, step: Step) -> list[str]:
        words = WORDS[self.lang]
        is_forward = step.kind in ("forward", "cost")
        tensor = "" if step.kind == "cost" else step.statements[0].tensor
        shape = self.shape(tensor) if tensor else ""
        key = "returns number" if not tensor else "returns" if is_forward else "returns derivative"
        first = words[key].format(name=step.name, of=tensor, shape=shape)
        read = ", ".join(
            name if name == SAMPLES else f"{name} {self.shape(name)}" for name in step.reads
        )
        lines = [f'{INDENT}"""{first}']
        if is_forward:
            lines.append("")
            for each in self.formulas(step):
                lines += wrapped_equation(each, INDENT * 2)
        if read:
            said = words["arguments"].format(arguments=read)
            lines += ["", *wrap(said, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)]
        return [*lines, f'{INDENT}"""']

    def _empty(self, step: Step) -> list[str]:
        note = WORDS[self.lang]["your code"]
        return [f"{INDENT}{note}", f'{INDENT}raise NotImplementedError("{step.name}")']

    def _solved(self, step: Step) -> list[str]:
        lines = [f"{INDENT}{BEGIN}"]
        if step.needs_m and SAMPLES not in step.reads:
            array = samples_in(step.reads, self.program)
            assert array is not None
            lines.append(f"{INDENT}{SAMPLES} = {self._count(array)}")
        total = self._total(step)
        if total:
            for each in step.statements:
                lines += statement(f"{each.name} = ", self.context.plain.source(each.node))
            lines += statement("return ", total)
        else:
            lines += statement("return ", self.context.plain.source(step.statements[0].node))
        return [*lines, f"{INDENT}{END}"]

    def _count(self, name: str) -> str:
        return f"{name}.shape[-1]" if self.context.columns else f"len({name})"

    # the pass ----------------------------------------------------------------------------------

    def whole(self) -> list[str]:
        """The body of ``loss_and_grads``: the given lines, and a call for each blank."""
        lines = [*self._unpacked(), *self._counted(), ""]
        kind = ""
        for step in self.steps:
            if kind == "gradient" and step.kind != kind:
                lines.append("")
            kind = step.kind
            if step.name in self.blanks:
                lines += self._line(step.name, call(step.function, list(map(Source, step.reads))))
            else:
                lines += self._given(step)
        entries = [
            Source(f'"{step.statements[0].tensor}": {step.name}')
            for step in self.steps
            if step.kind == "gradient"
        ]
        return [*lines, *statement(f"return float({COST}), ", bracketed("{", tuple(entries), "}"))]

    def _given(self, step: Step) -> list[str]:
        lines = []
        for each in step.statements:
            if step.kind not in ("forward", "cost"):
                number = equation_number(each, self.program.system)
                lines += wrapped_equation(f"{number}{self._formula(each)}", f"{INDENT}# ")
            lines += self._line(each.name, self.context.plain.source(each.node))
        total = self._total(step)
        return [*lines, *statement(f"{COST} = ", total)] if total else lines

    def _line(self, name: str, source: Source) -> list[str]:
        lines = statement(f"{name} = ", source)
        tensors = self.program.system.tensors
        known = name in tensors or any(each.adjoint == name for each in tensors.values())
        comment = f"  # {self.shape(name)}" if known and self.shape(name) != "()" else ""
        if len(lines[-1]) + len(comment) <= WIDTH:
            lines[-1] += comment
        return lines

    def _unpacked(self) -> list[str]:
        """Parameters, inputs and targets under the names that they have in the formulas."""
        lines = [f'{INDENT}{name} = params["{name}"]' for name in self.context.parameters]
        for letter, table in (("X", self.built.inputs), ("Y", self.built.targets)):
            for name in table.values():
                if len(table) > 1:
                    lines.append(f'{INDENT}{name} = {letter}["{key_of(table, name)}"]')
                elif name != letter:
                    lines.append(f"{INDENT}{name} = {letter}")
        suffix = "_columns" * self.context.columns
        for target, output in self.context.labels().items():
            classes = self.context.sizes[self.program.system.tensors[output].sizes[1]]
            lines.append(f"{INDENT}{target} = one_hot{suffix}({target}, {classes}, float)")
        return lines

    def _counted(self) -> list[str]:
        """The number of samples, where a given line or a call needs it."""
        needed = any(
            SAMPLES in step.reads if step.name in self.blanks else step.needs_m
            for step in self.steps
        )
        name = next(iter(self.built.inputs.values()))
        return [f"{INDENT}{SAMPLES} = {self._count(name)}"] if needed else []
