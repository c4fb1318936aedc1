"""How parameters start: the lines of ``init_params``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bpsym.calculus.system import Role
from bpsym.emit.source import INDENT, Source, call, statement, wrapped
from bpsym.network.build import BuiltNetwork

RULES = {
    "he": ("2 / fan_in", "He et al. 2015"),
    "glorot": ("2 / (fan_in + fan_out)", "Glorot and Bengio 2010"),
    "lecun": ("1 / fan_in", "LeCun et al. 1998"),
    "apart": ("1", "what starts alike stays alike"),
}


def start_text(built: BuiltNetwork) -> Iterator[str]:
    """What the docstring of ``init_params`` says of each rule, in lines."""
    rules = dict.fromkeys(each.rule for each in built.starts.values() if each.value is None)
    for rule in rules:
        variance, source = RULES[rule]
        names = [name for name, each in built.starts.items() if each.rule == rule]
        yield from wrapped(f"{_first(names)}: normal, of variance {variance} ({source}).", INDENT)
    constants = dict.fromkeys(
        each.value for each in built.starts.values() if each.value is not None
    )
    for value in constants:
        names = [name for name, each in built.starts.items() if each.value == value]
        yield from wrapped(f"{_first(names)}: {float(value):g}.", INDENT)
    if not built.starts:
        yield f"{INDENT}This network has none."


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + ", ..." * (len(names) > 4)


def start_lines(built: BuiltNetwork, shape: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """An entry of the dict for each parameter."""
    for tensor in built.system.of_role(Role.PARAMETER):
        dims = shape(tensor.name)
        text = dims[0] if len(dims) == 1 else f"({', '.join(dims)})"
        start = built.starts[tensor.name]
        if start.value is None:
            variance = _variance(start.rule, [int(each) for each in dims])
            deviation = "1" if variance == "1" else f"{variance} ** 0.5"
            value = _called("rng.normal", "0", deviation, text).followed_by(".astype(dtype)")
        elif start.value == 0:
            value = _called("np.zeros", text, "dtype")
        elif start.value == 1:
            value = _called("np.ones", text, "dtype")
        else:
            value = _called("np.full", text, repr(float(start.value)), "dtype")
        yield from statement(f'"{tensor.name}": ', value, 2, ",")


def _called(function: str, *arguments: str) -> Source:
    return call(function, [Source(each) for each in arguments])


def _variance(rule: str, dims: Sequence[int]) -> str:
    """The variance as a quotient of whole numbers that shows where it comes from."""
    if rule == "apart":
        return "1"
    fan_out, fan_in = dims[0], dims[1]
    for extra in dims[2:]:
        fan_in *= extra
    top, bottom = {
        "he": (2, fan_in),
        "lecun": (1, fan_in),
        "glorot": (2, fan_in + fan_out),
    }[rule]
    return f"({top} / {bottom})"
