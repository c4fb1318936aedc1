"""Inputs as they come: bytes of an image, floats of another type, different numbers of samples."""

from __future__ import annotations

from bpsym.emit.context import ModuleContext
from bpsym.emit.source import INDENT, WIDTH


def typed_inputs(context: ModuleContext) -> list[str]:
    """Inputs take the floating type of the parameters: bytes would wrap, wider floats widen."""
    if not context.parameters:
        return []
    dtype = f'params["{context.parameters[0]}"].dtype'
    if len(context.built.inputs) == 1:
        [name] = context.built.inputs.values()
        return [f"{INDENT}{name} = np.asarray({name}, {dtype})"]
    line = f"{INDENT}X = {{name: np.asarray(x, {dtype}) for name, x in X.items()}}"
    if len(line) <= WIDTH:
        return [line]
    parts = (f"name: np.asarray(x, {dtype})", "for name, x in X.items()")
    return [f"{INDENT}X = {{", *(f"{INDENT * 2}{part}" for part in parts), f"{INDENT}}}"]


def same_count(context: ModuleContext) -> list[str]:
    """Several inputs must be of the same samples: numpy would broadcast one of them."""
    if len(context.built.inputs) == 1:
        return []
    count = "x.shape[1]" if context.columns else "len(x)"
    return [
        f"{INDENT}counts = {{name: {count} for name, x in X.items()}}",
        f"{INDENT}if len(set(counts.values())) > 1:",
        f"{INDENT * 2}raise ValueError("
        'f"the inputs differ in their number of samples: {counts}")',
    ]
