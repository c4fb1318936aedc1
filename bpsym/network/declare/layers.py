"""Layers and losses as a Python program writes them; each is the mapping that a file holds.

Network(
    inputs={"x": 64},
    layers=[
        dense(32, name="h1", activation="tanh"),
        dense(32, name="h2", share="h1"),
        add("h1", "h2", name="s"),
        equation("g[n,i] = sigmoid(c[i])*s[n,i]"),
        dense(10, activation={"name": "leaky_relu", "alpha": 0.2}),
    ],
    loss=loss_term("huber", delta=1.5),
)
"""

from __future__ import annotations

from collections.abc import Mapping

from bpsym.network.model import Number

Declared = dict[str, object]
Activation = str | Mapping[str, object]


def dense(
    units: int,
    *,
    name: str | None = None,
    reads: str | None = None,
    activation: Activation | None = None,
    bias: bool = True,
    share: str | None = None,
) -> Declared:
    """z = W x + b, then the activation; ``share`` names the layer whose W and b it uses."""
    return _layer("dense", name, (reads,), activation, units=units, share=share) | (
        {} if bias else {"bias": False}
    )


def activation(
    function: Activation, *, name: str | None = None, reads: str | None = None
) -> Declared:
    """An activation by itself."""
    return _layer("activation", name, (reads,), function)


def softmax(*, name: str | None = None, reads: str | None = None) -> Declared:
    """exp(x) divided by its sum over the layer."""
    return _layer("softmax", name, (reads,), None)


def add(*reads: str, name: str | None = None, activation: Activation | None = None) -> Declared:
    """The sum of layers of one width."""
    return _layer("add", name, reads, activation)


def multiply(
    *reads: str, name: str | None = None, activation: Activation | None = None
) -> Declared:
    """The elementwise product of layers of one width."""
    return _layer("multiply", name, reads, activation)


def concat(*reads: str, name: str | None = None, activation: Activation | None = None) -> Declared:
    """Layers side by side."""
    return _layer("concat", name, reads, activation)


def layer_norm(
    *,
    name: str | None = None,
    reads: str | None = None,
    activation: Activation | None = None,
    epsilon: Number | None = None,
    share: str | None = None,
) -> Declared:
    """Mean 0 and variance 1 over the layer, then a learned gain and shift."""
    return _layer("layer_norm", name, (reads,), activation, epsilon=epsilon, share=share)


def equation(
    text: str,
    *,
    name: str | None = None,
    reads: tuple[str, ...] = (),
    activation: Activation | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Declared:
    """A layer of the user's own equation, ``g[n,i] = ...``; what it reads is in the equation."""
    return _layer("equation", name, reads, activation, equation=text, sizes=sizes)


def loss_term(
    kind: str | None = None,
    *,
    expression: str | None = None,
    of: str | tuple[str, ...] | None = None,
    weight: Number | None = None,
    target: str | None = None,
    targets: str | None = None,
    **options: Number,
) -> Declared:
    """One loss, of the catalogue or an expression in ``a[k]`` and ``y[k]``."""
    return _given(
        of=of,
        kind=kind,
        expression=expression,
        weight=weight,
        target=target,
        targets=targets,
        **options,
    )


def _layer(
    kind: str,
    name: str | None,
    reads: tuple[str | None, ...],
    activation: Activation | None,
    **keys: object,
) -> Declared:
    given = [label for label in reads if label is not None]
    return _given(kind=kind, name=name, **{"from": given or None}, activation=activation, **keys)


def _given(**keys: object) -> Declared:
    return {key: value for key, value in keys.items() if value is not None}
