"""Gates: values, local gradients, error signals, against difference quotients of each gate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bpsym.errors import ProofError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.worked.data import read_numbers
from bpsym.worked.gate_builder import GateBuilder
from bpsym.worked.gates import ADD, CONSTANT, GIVEN, TIMES, Gate, Gates, gates_of
from bpsym.worked.problems import NumbersError
from bpsym.worked.record import worked
from tests.worked.networks import EXAMPLES, MAZUR, built_of, worked_of

SPECS = ("2-2-1", "2-2-2", "2-3:relu-2:softmax", "2-2:mish-1:identity,loss=hinge", "1-2-2,loss=bce")

# How the operations of the smallest networks are computed, by hand.
BY_HAND = {
    "*": lambda *u: math.prod(u),
    "^2": lambda u: u * u,
    "^-1": lambda u: 1 / u,
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
    "relu": lambda u: max(u, 0.0),
    "max": lambda u: max(u, 0.0),
    "mish": lambda u: u * math.tanh(math.log1p(math.exp(u))),
    "exp": math.exp,
    "log": math.log,
}


def computed(gate: Gate, inputs: list[float]) -> float:
    """What a gate gives for these inputs."""
    if gate.operation == ADD:
        return sum(sign * each for sign, each in zip(gate.signs, inputs, strict=True))
    return float(BY_HAND[gate.operation](*inputs))


@pytest.mark.parametrize("spec", SPECS)
def test_every_gate_computes_what_it_says(spec: str) -> None:
    graph = gates_of(built_of(spec), worked_of(spec))
    for gate in graph.gates:
        if gate.is_given:
            continue
        inputs = [graph.gates[each].value for each in gate.inputs]
        assert gate.value == pytest.approx(computed(gate, inputs), rel=1e-12)
        for at, local in enumerate(gate.local):
            h = 1e-6
            near = [[*inputs[:at], inputs[at] + s * h, *inputs[at + 1 :]] for s in (1, -1)]
            slope = (computed(gate, near[0]) - computed(gate, near[1])) / (2 * h)
            assert local == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("spec", SPECS)
def test_error_signals_are_derivatives_of_the_cost(spec: str) -> None:
    """Every gate is shifted by itself, and all that reads it is computed again."""
    graph = gates_of(built_of(spec), worked_of(spec))

    def cost(shifted: int, by: float) -> float:
        values: list[float] = []
        for number, gate in enumerate(graph.gates):
            value = gate.value
            if not gate.is_given:
                value = computed(gate, [values[each] for each in gate.inputs])
            values.append(value + by * (number == shifted))
        return values[-1]

    h = 1e-5
    for number, gate in enumerate(graph.gates):
        quotient = (cost(number, h) - cost(number, -h)) / (2 * h)
        assert gate.signal == pytest.approx(quotient, rel=1e-6, abs=1e-9)


def test_the_smallest_example() -> None:
    """f = x y at x = 4, y = -3: each input gets the value of the other."""
    built = build(parse(str(EXAMPLES / "product.toml")))
    numbers = read_numbers(str(EXAMPLES / "product_numbers.toml"), built)
    x, y, product = gates_of(built, worked(built, numbers)).gates
    assert (x.value, y.value, product.value) == (4, -3, -12)
    assert (product.operation, product.local, product.signal) == (TIMES, (-3, 4), 1)
    assert (x.signal, y.signal) == (-3, 4)


def test_a_bias_is_a_weight_on_a_constant() -> None:
    graph = gates_of(built_of("2-2-1"), worked_of("2-2-1"))
    (reader,) = graph.readers[graph.gates.index(graph.named("b1[2]"))]
    gate = graph.gates[reader]
    operations = [graph.gates[each].operation for each in gate.inputs]
    assert (gate.operation, operations) == (TIMES, [GIVEN, CONSTANT])
    assert graph.gates[gate.inputs[1]].value == 1


def test_error_signals_add_up_at_forks() -> None:
    graph = gates_of(built_of("2-2-2"), worked_of("2-2-2", MAZUR))
    fork = graph.named("a1[1]")
    readers = graph.readers[graph.gates.index(fork)]
    assert len(readers) == 2
    weights = [graph.named("W2[1,1]").value, graph.named("W2[2,1]").value]
    signals = [graph.gates[each].signal for each in readers]
    assert fork.signal == pytest.approx(np.dot(weights, signals), rel=1e-12)


def test_a_wrong_gate_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(self: object, gates: list[Gate]) -> tuple[Gate, ...]:
        return tuple(replace(each, signal=1.0) for each in gates)

    monkeypatch.setattr(GateBuilder, "_with_signals", faulty)
    with pytest.raises(ProofError, match="not what the derivation says"):
        gates_of(built_of("2-2-1"), worked_of("2-2-1"))


def test_large_networks_are_refused() -> None:
    with pytest.raises(NumbersError, match="too many gates"):
        gates_of(built_of("8-8-8-1"), worked_of("8-8-8-1"))


def test_several_samples_are_refused() -> None:
    with pytest.raises(NumbersError, match="one sample"):
        gates_of(built_of("2-2-1"), worked_of("2-2-1", samples=2))


def test_there_is_no_such_gate() -> None:
    with pytest.raises(KeyError):
        Gates(()).named("W1[1,1]")
