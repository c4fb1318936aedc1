"""Sound declarations to spoil, and the check that one problem is reported and tells all."""

import copy
import re

import pytest

from bpsym.errors import NetworkError
from bpsym.network import parse

FIELDS = ("where", "what", "expected", "got", "way_out")

CHAIN = {
    "inputs": {"x": 4},
    "layer": [{"name": "h", "units": 3}, {"name": "o", "units": 2}],
    "loss": "half_squared_error",
    "reduction": "mean",
}

DEEP = "sum(j, U[i,j]*h[n,j])"


def chain(**changes):
    """A sound declaration with other values at its top."""
    return copy.deepcopy(CHAIN) | changes


def hidden(**keys):
    """A sound declaration with other keys in its hidden layer."""
    declared = chain()
    declared["layer"][0] |= keys
    return declared


def output(**keys):
    """A sound declaration with other keys in its output layer."""
    declared = chain()
    declared["layer"][1] |= keys
    return declared


def between(*layers, **changes):
    """A sound declaration with other layers between hidden and output layer."""
    declared = chain(**changes)
    declared["layer"][1:1] = layers
    return declared


def equation(text, **keys):
    """A sound declaration with a layer of that equation between hidden and output layer."""
    return between({"kind": "equation", "equation": text, **keys})


def scored(loss, activation="identity"):
    """A sound declaration with another loss and output activation."""
    return output(activation=activation) | {"loss": loss}


def check(declared, signs):
    """Assert that one problem is reported, with all its parts as the signs say.

    One and no more: what follows from a mistake must not be reported as another.
    """
    with pytest.raises(NetworkError) as caught:
        parse(declared)
    assert len(caught.value.problems) == 1, str(caught.value)
    (problem,) = caught.value.problems
    for field, sign in zip(FIELDS, signs.split(" | "), strict=True):
        value = getattr(problem, field)
        assert value
        assert re.search(sign, value, re.IGNORECASE), (field, sign, value)
    assert problem.where in str(caught.value)
    assert problem.way_out[1:] in str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()
