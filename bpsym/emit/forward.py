"""``forward`` and ``predict``."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.emit.context import ModuleContext, shape_text, unpacking
from bpsym.emit.inputs import same_count, shaped_inputs, typed_inputs
from bpsym.emit.source import INDENT, Source, bracketed, docstring, names_statement, statement


@dataclass(frozen=True)
class Forward:
    """Writes the forward pass."""

    context: ModuleContext

    def lines(self) -> list[str]:
        """The docstring and the body of ``forward``."""
        shapes = {each.name: self.context.shape_of(each) for each in self.context.program.forward}
        names = self.context.returned
        lines = docstring(
            f"Return ``{', '.join(names)}``, of shape{'s' * (len(names) > 1)} "
            f"{', '.join(shapes[name] for name in names)}.",
            ", ".join(f"{name} {shapes[name]}" for name in names),
            short="Return all that the cost and the gradients read, in this order.",
        )
        lines += [
            *typed_inputs(self.context),
            *shaped_inputs(self.context),
            *same_count(self.context),
        ]
        *others, last = self.context.program.forward
        for each in others:
            lines += self.context.statement(f"{each.name} = ", each)
        if not others:
            return [*lines, *self.context.statement("return ", last)]
        return [
            *lines,
            *self.context.statement(f"{last.name} = ", last),
            *names_statement("return ", names),
        ]

    def predict_doc(self) -> str:
        """What ``predict`` returns, in words."""
        names = self.context.built.predictions
        if len(names) == 1:
            return f"the output {names[0]}, of shape {shape_text(self.context.shape(names[0]))}"
        return "the outputs as a dict by layer"

    def predict_lines(self) -> list[str]:
        """The body of ``predict``."""
        names = self.context.built.predictions
        if len(names) == 1:
            if len(self.context.returned) == 1:
                return [f"{INDENT}return forward(params, X)"]
            at = self.context.returned.index(names[0])
            place = -1 if at == len(self.context.returned) - 1 else at
            return [f"{INDENT}return forward(params, X)[{place}]"]
        items = tuple(Source(f'"{label}": {name}') for label, name in self._outputs())
        return [
            *unpacking([name if name in names else "_" for name in self.context.returned]),
            *statement("return ", bracketed("{", items, "}")),
        ]

    def _outputs(self) -> list[tuple[str, str]]:
        return [
            (label, name)
            for label, name in self.context.built.outputs.items()
            if name in self.context.built.predictions and label not in self.context.built.inputs
        ]
