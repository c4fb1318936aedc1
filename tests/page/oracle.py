"""A 2-3-3-1 network of sigmoids in plain numpy, its gradients by difference quotients."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from bpsym.worked.data import read_numbers
from tests.page.pages import built_of

STEP = 1e-5
_NUMBER = re.compile(r"(−?)([0-9.]+)(?:⋅10(−?[0-9]+))?")


def given(spec: str, samples: int = 1) -> dict[str, Any]:
    """The numbers of seed 0: weights, the inputs and the targets."""
    numbers = read_numbers(0, built_of(spec), samples=samples)
    return {name: np.array(each) for name, each in numbers.values.items()}


def outputs(values: dict[str, Any]) -> list[Any]:
    """The outputs of the layers, samples as rows."""
    found = [values["X"]]
    for layer in (1, 2, 3):
        z = found[-1] @ values[f"W{layer}"].T + values[f"b{layer}"]
        found.append(1 / (1 + np.exp(-z)))
    return found


def cost(values: dict[str, Any]) -> float:
    """Half the squared error of the network, the mean over the samples."""
    a = outputs(values)[-1]
    return float(np.sum((a - values["Y"]) ** 2) / 2 / len(a))


def quotients(values: dict[str, Any]) -> dict[str, float]:
    """The slope of the cost in each weight and bias, ``W1[2,1]`` and ``b1[2]``."""
    found = {}
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        for place in np.ndindex(*values[name].shape):
            costs = []
            for sign in (1, -1):
                moved = values[name].copy()
                moved[place] += sign * STEP
                costs.append(cost({**values, name: moved}))
            key = f"{name}[{','.join(str(each + 1) for each in place)}]"
            found[key] = (costs[0] - costs[1]) / (2 * STEP)
    return found


def tensor_of(key: str) -> str:
    """``W1`` of ``W1[2,1]``."""
    return key.partition("[")[0]


def place_of(key: str) -> tuple[int, ...]:
    """``(1, 0)`` of ``W1[2,1]``."""
    return tuple(int(each) - 1 for each in key.rstrip("]").partition("[")[2].split(","))


def lines(text: str, notation: str, phase: str, sample: int = 1) -> dict[str, str]:
    """The lines of a phase in a page by the point that they belong to, as text.

    sample: those of this one, and those of all samples.
    """
    (block,) = re.findall(
        rf'<div class="numbers" data-notation="{notation}".*?<div class="lines".*?</div>\n</div>',
        text,
        re.DOTALL,
    )
    line = r'data-in="([^"]+)"(?: data-sample="([0-9]+)")? hidden>(.*?)</div>'
    found = re.findall(line, block)
    return {
        groups.split()[2]: re.sub("<[^>]*>", "", formula)
        for groups, number, formula in found
        if groups.startswith(f"step:{phase}:") and number in ("", str(sample))
    }


def last_number(line: str) -> float:
    """What a line of numbers comes to: ``... = −4.8416⋅10−5``."""
    match = _NUMBER.fullmatch(line.rpartition("=")[2].strip())
    assert match is not None, line
    sign, digits, power = match.groups()
    exponent = int(power.replace("−", "-")) if power else 0
    return (-1 if sign else 1) * float(digits) * 10.0**exponent
