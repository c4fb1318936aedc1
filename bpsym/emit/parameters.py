"""The parameters of a module: their shapes and how they start."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.emit.context import ModuleContext, shape_text
from bpsym.emit.source import INDENT, WIDTH
from bpsym.emit.starts import start_lines


@dataclass(frozen=True)
class Parameters:
    """Writes ``PARAM_SHAPES`` and the body of ``init_params``."""

    context: ModuleContext

    def shapes(self) -> str:
        items = [
            f'"{name}": {shape_text(self.context.shape(name))}' for name in self.context.parameters
        ]
        line = "{" + ", ".join(items) + "}"
        if len("PARAM_SHAPES = ") + len(line) <= WIDTH:
            return line
        return "{\n" + "".join(f"{INDENT}{item},\n" for item in items) + "}"

    def lines(self) -> tuple[str, ...]:
        """The return statement of ``init_params``."""
        entries = tuple(start_lines(self.context.built, self.context.shape))
        return (
            (f"{INDENT}return {{", *entries, f"{INDENT}}}")
            if entries
            else (f"{INDENT}return {{}}",)
        )
