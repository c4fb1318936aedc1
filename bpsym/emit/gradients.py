"""The body of ``loss_and_grads``: the backward pass, and the equation of each line above it."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.arrays.program import Statement
from bpsym.calculus.system import Role
from bpsym.emit.comments import statement_text
from bpsym.emit.context import ModuleContext, constants_of, key_of, unpacking
from bpsym.emit.cost import Cost
from bpsym.emit.inputs import typed_inputs
from bpsym.emit.nielsen import equation_number
from bpsym.emit.source import INDENT, WIDTH, Source, statement, wrapped_equation
from bpsym.emit.targets import Targets

# An entry of the dict of gradients, `"W1": dW1,`, fits on its line up to so many letters.
MOST_IN_AN_ENTRY = WIDTH - len(f'{INDENT * 2}"": ,')


@dataclass(frozen=True)
class Gradients:
    """Writes the deltas and the gradients."""

    context: ModuleContext

    def doc(self) -> str:
        """What ``loss_and_grads`` returns besides the gradients of the parameters."""
        if any(
            self.context.program.system.tensors[each.tensor].role is Role.INPUT
            for each in self.context.program.gradients
        ):
            return ", and one per input"
        return ""

    def lines(self) -> list[str]:
        """The body of ``loss_and_grads``."""
        later = (*self.context.program.backward, *self.context.program.gradients)
        read = {name for each in later for name in each.reads}
        reads_inputs = not read.isdisjoint(self.context.built.inputs.values())
        lines = typed_inputs(self.context) if reads_inputs else []
        lines += [*unpacking(self.context.returned), *statement("C = ", Cost(self.context).call())]
        if self.context.labels() and any(
            name in self.context.labels() for each in later for name in each.reads
        ):
            lines += Targets(self.context).from_labels(self.context.returned)
        for name, target in self.context.built.targets.items():
            if target in read and target not in self.context.labels():
                # Floats of the type in use: targets of another type must not widen the gradients.
                arguments = [
                    Source(self.context.read(target)),
                    Source(f"{self.context.returned[0]}.dtype"),
                ]
                lines += Targets(self.context).new(name, "np.asarray", arguments)
        if any("m" in constants_of(each.node) for each in later):
            lines.append(f"{INDENT}m = {self.context.count(self.context.returned[0])}")
        if self.context.program.backward:
            lines.append("")
        for each in self.context.program.backward:
            lines += self._comment(each, 1)
            lines += self.context.statement(f"{each.name} = ", each)
        longest = max(
            (
                len(each.name) + len(self._gradient_key(each))
                for each in self.context.program.gradients
            ),
            default=WIDTH,
        )
        as_dict = longest <= MOST_IN_AN_ENTRY
        lines += ["", *(self._grads_dict() if as_dict else self._grads_one_by_one())]
        return [*lines, f"{INDENT}return C, grads"]

    def _grads_dict(self) -> list[str]:
        """The gradients as one dict; what does not fit on its line is computed before."""
        early: list[str] = []
        lines = [f"{INDENT}grads = {{"]
        for each in self.context.program.gradients:
            key = self._gradient_key(each)
            source = self.context.printer.source(each.node)
            single = statement(f'"{key}": ', source, 2, ",")
            if len(single) > 1:
                early += statement(f"{each.name} = ", source)
                single = [f'{INDENT * 2}"{key}": {each.name},']
            shape = f"  # {self.context.shape_of(each)}"
            if len(single[0]) + len(shape) <= WIDTH:
                single[0] += shape
            lines += [*self._comment(each, 2), *single]
        return [*early, *lines, f"{INDENT}}}"]

    def _grads_one_by_one(self) -> list[str]:
        """The gradients put into the dict one after the other, where names are long."""
        lines = [f"{INDENT}grads = {{}}"]
        for each in self.context.program.gradients:
            lines += self._comment(each, 1)
            lines += self.context.statement(f'grads["{self._gradient_key(each)}"] = ', each)
        return lines

    def _gradient_key(self, each: Statement) -> str:
        if self.context.program.system.tensors[each.tensor].role is Role.INPUT:
            return key_of(self.context.built.inputs, each.tensor)
        return each.tensor

    def _comment(self, each: Statement, indent: int) -> list[str]:
        """The equation that a line implements, with its number where it is one of BP1 to BP4."""
        role = self.context.program.system.tensors[each.tensor].role
        name = f"dC/d{each.tensor}" if role in (Role.PARAMETER, Role.INPUT) else each.name
        text = statement_text(name, each, self.context.sizes, self.context.program.activations)
        number = equation_number(each, self.context.program.system)
        return wrapped_equation(f"{number}{text}", f"{INDENT * indent}# ")
