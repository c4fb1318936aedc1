"""Inputs as they come: bytes of an image, floats of another type, one sample as a vector."""

from __future__ import annotations

from bpsym.emit.context import ModuleContext, shape_text
from bpsym.emit.source import INDENT, WIDTH, Source, bracketed, statement, value_error


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


def shaped_inputs(context: ModuleContext) -> list[str]:
    """A vector, or a matrix of another width, may broadcast to a wrong result: it is refused."""
    if not context.parameters:
        return []
    widths = {
        name: context.sizes[context.program.system.tensors[tensor].sizes[1]]
        for name, tensor in context.built.inputs.items()
    }
    at = 0 if context.columns else 1
    if len(widths) == 1:
        [(name, width)] = zip(context.built.inputs.values(), widths.values(), strict=True)
        wanted = shape_text((str(width), "m") if context.columns else ("m", str(width)))
        return [
            f"{INDENT}if {name}.ndim != 2 or {name}.shape[{at}] != {width}:",
            *value_error((f"{name} has shape {{{name}.shape}}; ", f"it is to be {wanted}"), 2),
        ]
    entries = tuple(Source(f'"{name}": {width}') for name, width in widths.items())
    wanted = "({width}, m)" if context.columns else "(m, {width})"
    return [
        *statement("widths = ", bracketed("{", entries, "}")),
        f"{INDENT}for name, width in widths.items():",
        f"{INDENT * 2}if X[name].ndim != 2 or X[name].shape[{at}] != width:",
        *value_error(("{name} has shape {X[name].shape}; ", f"it is to be {wanted}"), 3),
    ]


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
