"""How parameters start: the lines of ``init_params``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork

RULES = {
    "he": ("2 / fan_in", "He et al. 2015"),
    "glorot": ("2 / (fan_in + fan_out)", "Glorot and Bengio 2010"),
    "lecun": ("1 / fan_in", "LeCun et al. 1998"),
}


def start_text(built: BuiltNetwork) -> Iterator[str]:
    """What the docstring of ``init_params`` says, a line for each rule."""
    for rule in dict.fromkeys(each.rule for each in built.starts.values() if each.value is None):
        variance, source = RULES[rule]
        names = [name for name, each in built.starts.items() if each.rule == rule]
        shown = ", ".join(names[:4]) + ", ..." * (len(names) > 4)
        yield f"{shown}: normal, of variance {variance} ({source})."


def start_lines(built: BuiltNetwork, shape: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """One line for each parameter."""
    space = " " * 8
    for tensor in built.system.of_role(Role.PARAMETER):
        dims = shape(tensor.name)
        text = f"({', '.join(dims)}{',' if len(dims) == 1 else ''})"
        start = built.starts[tensor.name]
        if start.value is None:
            variance = _variance(start.rule, [int(each) for each in dims])
            draw = f"rng.normal(0, {variance} ** 0.5, {text}).astype(dtype)"
            yield f'{space}"{tensor.name}": {draw},'
        elif start.value == 0:
            yield f'{space}"{tensor.name}": np.zeros({text}, dtype),'
        elif start.value == 1:
            yield f'{space}"{tensor.name}": np.ones({text}, dtype),'
        else:
            yield f'{space}"{tensor.name}": np.full({text}, {float(start.value)!r}, dtype),'


def _variance(rule: str, dims: Sequence[int]) -> str:
    """The variance as a quotient of whole numbers that shows where it comes from."""
    fan_out, fan_in = dims[0], dims[1]
    for extra in dims[2:]:
        fan_in *= extra
    top, bottom = {
        "he": (2, fan_in),
        "lecun": (1, fan_in),
        "glorot": (2, fan_in + fan_out),
    }[rule]
    return f"({top} / {bottom})"
