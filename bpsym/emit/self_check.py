"""What the self-check of a module needs: inputs, targets, and whose gradients it holds."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.arrays.nodes import Elementwise, walk
from bpsym.emit.context import ModuleContext, shape_text
from bpsym.emit.gradients import Gradients
from bpsym.emit.source import INDENT

_INFINITE = ("log", "xlogy")


@dataclass(frozen=True)
class SelfCheck:
    """Writes the data of ``check``."""

    context: ModuleContext

    def data(self) -> list[str]:
        """Lines that draw X and Y; targets suit their loss."""
        lines = []
        inputs = [
            (name, f"rng.standard_normal({shape_text(self.context.shape(tensor))})")
            for name, tensor in self.context.built.inputs.items()
        ]
        lines += _data("X", inputs)
        targets = [
            (name, self._target(tensor, name))
            for name, tensor in self.context.built.targets.items()
        ]
        lines += _data("Y", targets) if targets else [f"{INDENT}Y = None"]
        return [*lines, *self._nearer()]

    def _nearer(self) -> list[str]:
        """Smaller parameters, where the drawn ones may take a logarithm of 0."""
        nodes = [node for each in self.context.program.cost for node in walk(each.node)]
        if not any(isinstance(node, Elementwise) and node.operator in _INFINITE for node in nodes):
            return []
        return [
            f"{INDENT}for _ in range(20):  # come nearer to 0 until no log is infinite",
            f"{INDENT * 2}if np.isfinite(loss(params, X, Y)):",
            f"{INDENT * 3}break",
            f"{INDENT * 2}params = {{k: v / 2 for k, v in params.items()}}",
        ]

    def _target(self, tensor: str, name: str) -> str:
        shape = shape_text(self.context.shape(tensor))
        loss = next(each for each in self.context.built.network.losses if each.target == name)
        kind = self.context.built.target_kind(loss)
        if loss.targets == "labels":
            classes = self.context.sizes[self.context.program.system.tensors[tensor].sizes[1]]
            return f"rng.integers({classes}, size=m)"
        if kind == "distribution":
            classes = self.context.sizes[self.context.program.system.tensors[tensor].sizes[1]]
            draw = f"rng.dirichlet(np.ones({classes}), size=m)"
            return draw + ".T" * self.context.columns
        if kind == "unit":
            return f"rng.uniform(size={shape})"
        if kind == "signs":
            return f"rng.choice([-1.0, 1.0], size={shape})"
        if kind == "positive":
            return f"rng.exponential(size={shape})"
        return f"rng.standard_normal({shape})"

    def items(self) -> str:
        """The arrays whose gradients are held against differences."""
        if not Gradients(self.context).doc():
            return "params.items()"
        if len(self.context.built.inputs) > 1:
            return "{**params, **X}.items()"
        return f'{{**params, "{next(iter(self.context.built.inputs))}": X}}.items()'


def _data(name: str, values: list[tuple[str, str]]) -> list[str]:
    if len(values) == 1:
        return [f"{INDENT}{name} = {values[0][1]}"]
    return [
        f"{INDENT}{name} = {{",
        *(f'{INDENT * 2}"{key}": {text},' for key, text in values),
        f"{INDENT}}}",
    ]
