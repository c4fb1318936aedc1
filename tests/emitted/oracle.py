"""The value and the gradients of a declared network, from its declaration alone.

Nothing of bpsym is used: the declaration is read again, the formulas are those of the definitions
written out once more, and a gradient is a complex step (Squire, Trapp, SIAM Review 40 (1998) 110):

    dC/dw = Im C(w + ih) / h        exact to rounding, because h = 1e-150 leaves no h^2

Every entry of every parameter is stepped in a copy of its own, all copies at once. Arithmetic is
long double, so that what differs is the emitted module's rounding. Case distinctions look at real
parts: at a kink a step yields the derivative of the branch that is taken there.

Arrays are as in the layout ``rows``; ``Layout`` turns them round.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.emitted import formula
from tests.emitted.formula import Array, Formula, pick

STEP = np.longdouble("1e-150")
REAL, COMPLEX = np.longdouble, np.clongdouble

ALPHA = {"leaky_relu": REAL("0.01"), "elu": REAL(1), "selu": REAL("1.6732632423543772")}
ONE = REAL(1)
SCALE = REAL("1.0507009873554805")

# f(z), with the options of the definitions and their defaults.
ACTIVATIONS: Mapping[str, Callable[..., Array]] = {
    **{
        name: formula.FUNCTIONS[name]
        for name in (
            "identity sigmoid tanh relu softplus softsign silu gelu gelu_tanh mish hard_sigmoid"
            " hard_tanh relu6 sin gaussian arctan"
        ).split()
    },
    "leaky_relu": lambda z, alpha=ALPHA["leaky_relu"]: pick(z.real > 0, z, alpha * z),
    "prelu": lambda z, alpha: pick(z.real > 0, z, alpha * z),
    "elu": lambda z, alpha=ALPHA["elu"]: pick(z.real > 0, z, alpha * np.expm1(z)),
    "selu": lambda z, scale=SCALE, alpha=ALPHA["selu"]: (
        scale * pick(z.real > 0, z, alpha * np.expm1(z))
    ),
}
LEARNED = {"prelu": ("alpha",)}
ALIASES = {"linear": "identity", "swish": "silu", "atan": "arctan"}


def softmax(z: Array) -> Array:
    """exp(z) / sum exp(z) over the units."""
    e = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def xlogy(y: Array, a: Array) -> Array:
    """y log a, with 0 log 0 = 0."""
    return y * np.log(pick(y == 0, np.ones_like(a), a))


# The loss of one sample: summed over the units, the last axis.
LOSSES: Mapping[str, Callable[..., Array]] = {
    "half_squared_error": lambda a, y: ((a - y) ** 2).sum(-1) / 2,
    "squared_error": lambda a, y: ((a - y) ** 2).sum(-1),
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(-1),
    "absolute_error": lambda a, y: formula.abs_(a - y).sum(-1),
    "huber": lambda a, y, delta=ONE: formula.huber(a - y, delta).sum(-1),
    "log_cosh": lambda a, y: np.log(np.cosh(a - y)).sum(-1),
    "binary_cross_entropy": lambda a, y: -(xlogy(y, a) + xlogy(1 - y, 1 - a)).sum(-1),
    "cross_entropy": lambda a, y: -xlogy(y, a).sum(-1),
    "kl_divergence": lambda a, y: (formula.xlogx(y) - xlogy(y, a)).sum(-1),
    "poisson": lambda a, y: (a - xlogy(y, a)).sum(-1),
    "hinge": lambda a, y: pick((1 - y * a).real > 0, 1 - y * a, 0 * a).sum(-1),
    "max_margin": lambda a, c, margin=ONE: pick(
        (margin + c - a).real > 0, margin + c - a, 0 * a
    ).sum(-1),
}
LOSS_ALIASES = {
    "mse": "mean_squared_error",
    "bce": "binary_cross_entropy",
    "ce": "cross_entropy",
}
WITHOUT_TARGET = ("max_margin",)

Declaration = Mapping[str, Any]


def from_shorthand(spec: str) -> dict[str, Any]:
    """The declaration that ``2-3:relu-1,loss=huber`` stands for."""
    sizes, *keys = re.split("[, ]+", spec)
    options = dict(key.split("=") for key in keys)
    first, *others = sizes.split("-")
    act = options.pop("act", "sigmoid")
    layers = []
    for each in others:
        units, _, activation = each.partition(":")
        layers.append({"units": int(units), "activation": activation or act})
    if "l2" in options:
        options["l2"] = float(options["l2"])  # type: ignore[assignment]
    return {"inputs": {"x": int(first)}, "layer": layers, **options}


@dataclass(frozen=True)
class Layer:
    """A layer with every default filled in.

    own: parameter in the layer's formula -> its name, in the order of the formula.
    """

    label: str
    kind: str
    reads: tuple[str, ...]
    activation: Mapping[str, Any]
    own: Mapping[str, str]
    declared: Mapping[str, Any]
    formula: Formula | None = None


class Oracle:
    """A declared network: its parameters, its values, its cost, its gradients.

    shapes: of each parameter, by name, in rows layout. weights: those that decay counts.
    inputs, targets: widths by name.
    """

    def __init__(self, declared: Declaration | str) -> None:
        self.declared = from_shorthand(declared) if isinstance(declared, str) else dict(declared)
        self.inputs: dict[str, int] = dict(self.declared["inputs"])
        self.widths: dict[str, int] = dict(self.inputs)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.weights: list[str] = []
        self.layers: list[Layer] = []
        self._named: dict[str, Mapping[str, str]] = {}
        self._count = 0
        for position, layer in enumerate(self.declared["layer"], start=1):
            self._add(layer, position)
        self.losses = self._losses()
        self.targets = {
            loss["target"]: self.widths[loss["of"][0]]
            for loss in self.losses
            if loss["target"] is not None
        }
        scored = (label for loss in self.losses for label in loss["of"])
        self.predictions = tuple(dict.fromkeys(scored))

    # -- the declaration, read again ---------------------------------------------------------

    def _add(self, layer: Mapping[str, Any], position: int) -> None:
        kind = layer.get("kind", "equation" if "equation" in layer else "dense")
        above = self.layers[-1].label if self.layers else next(iter(self.inputs))
        reads = layer.get("from", above)
        reads = (reads,) if isinstance(reads, str) else tuple(reads)
        plain = self.declared.get("act", "identity") if kind in ("dense", "activation") else None
        activation = layer.get("activation", plain or "identity")
        if isinstance(activation, str):
            activation = {"name": activation}
        text, name = None, layer.get("name")
        if kind == "equation":
            left, right = layer["equation"].split("=", 1)
            tensor, _, subscripts = left.strip().rstrip("]").partition("[")
            text = Formula(right, tuple(each.strip() for each in subscripts.split(",")))
            name = name or tensor
            reads = layer.get("from") or tuple(
                dict.fromkeys(tensor for tensor, _ in text.places if tensor in self.widths)
            )
        label = name or str(position)
        formal = self._formal(layer, kind, reads, text, activation, label)
        share = layer.get("share")
        if share is not None:
            own = self._named[str(share)]
        elif formal:
            self._count += 1
            # An equation's parameters bear the name on its left side.
            suffix = f"_{tensor}" if text else f"_{name}" if name else str(self._count)
            own = {each: f"{each}{suffix}" for each in formal}
            self.shapes |= {own[each]: shape for each, shape in formal.items()}
            self.weights += [own[each] for each, shape in formal.items() if len(shape) > 1]
        else:
            own = {}
        self._named[label] = own
        self.layers.append(Layer(label, kind, reads, activation, own, layer, text))

    def _formal(
        self,
        layer: Mapping[str, Any],
        kind: str,
        reads: tuple[str, ...],
        text: Formula | None,
        activation: Mapping[str, Any],
        label: str,
    ) -> dict[str, tuple[int, ...]]:
        """The parameters of a layer by their names in its formula; settles its width."""
        widths = [self.widths[each] for each in reads]
        shapes: dict[str, tuple[int, ...]] = {}
        width = widths[0]
        if kind == "dense":
            width = layer["units"]
            shapes["W"] = (width, widths[0])
            if layer.get("bias", True):
                shapes["b"] = (width,)
        elif kind == "concat":
            width = sum(widths)
        elif kind == "layer_norm":
            shapes |= {"gain": (width,), "shift": (width,)}
        elif text is not None:
            sizes = dict(layer.get("sizes", {}))
            for tensor, subscripts in text.places:
                if tensor in reads:
                    sizes[subscripts[-1]] = self.widths[tensor]
            # A parameter that is read twice has one shape: it may tell the size of an index.
            own = [place for place in text.places if place[0] not in reads]
            for (tensor, known), (other, asked) in itertools.product(own, own):
                if tensor == other:
                    for one, two in zip(known, asked, strict=True):
                        if one in sizes:
                            sizes.setdefault(two, sizes[one])
            for tensor, subscripts in own:
                shapes.setdefault(tensor, tuple(sizes[each] for each in subscripts))
            width = sizes[text.free[1]]
        self.widths[label] = width
        for each in LEARNED.get(activation.get("name", ""), ()):
            shapes[each] = (width,)
        return shapes

    def _losses(self) -> list[dict[str, Any]]:
        declared = self.declared.get("loss")
        listed = declared if isinstance(declared, list) else [declared]
        settled = []
        for each in listed:
            loss = {"kind": each} if isinstance(each, str) else dict(each or {})
            read = {name for layer in self.layers for name in layer.reads}
            ends = [layer.label for layer in self.layers if layer.label not in read]
            of = loss.get("of", ends)
            loss["of"] = (of,) if isinstance(of, str) else tuple(of)
            if "kind" not in loss and "expression" not in loss:
                [last] = [layer for layer in self.layers if layer.label == loss["of"][0]]
                distribution = "softmax" in (last.kind, last.activation.get("name"))
                loss["kind"] = "cross_entropy" if distribution else "half_squared_error"
            loss["kind"] = LOSS_ALIASES.get(loss.get("kind", ""), loss.get("kind"))
            reads_target = loss["kind"] not in WITHOUT_TARGET and "y[" in loss.get(
                "expression", "y["
            )
            loss["target"] = loss.get("target", "y") if reads_target else None
            settled.append(loss)
        return settled

    # -- values ------------------------------------------------------------------------------

    def values(self, params: Mapping[str, Array], X: Mapping[str, Array]) -> dict[str, Array]:
        """What every input and layer gives, (copies, m, width), from arrays with copies."""
        values = dict(X)
        for layer in self.layers:
            given = [values[each] for each in layer.reads]
            own = {formal: params[name] for formal, name in layer.own.items()}
            z = self._before_activation(layer, given, own)
            values[layer.label] = self._activated(layer, z, own)
        return values

    def _before_activation(
        self, layer: Layer, given: list[Array], own: Mapping[str, Array]
    ) -> Array:
        match layer.kind:
            case "dense":
                z = given[0] @ own["W"].swapaxes(-1, -2)
                return z + own["b"][:, None, :] if layer.declared.get("bias", True) else z
            case "activation":
                return given[0]
            case "softmax":
                return softmax(given[0])
            case "add":
                return sum(given[1:], given[0])
            case "multiply":
                product = given[0]
                for each in given[1:]:
                    product = product * each
                return product
            case "concat":
                return np.concatenate(given, axis=-1)
            case "layer_norm":
                x = given[0]
                epsilon = REAL(str(layer.declared.get("epsilon", "1e-5")))
                centred = x - x.mean(-1, keepdims=True)
                sd = np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
                return own["gain"][:, None, :] * centred / sd + own["shift"][:, None, :]
            case "equation":
                assert layer.formula is not None
                tensors = dict(zip(layer.reads, given, strict=True)) | dict(own)
                return layer.formula.value(tensors, {}, layer.declared.get("sizes", {}))
        raise AssertionError(layer.kind)

    def _activated(self, layer: Layer, z: Array, own: Mapping[str, Array]) -> Array:
        options = dict(layer.activation)
        if "expression" in options:
            return Formula(options["expression"]).of(z=z)
        name = options.pop("name")
        name = ALIASES.get(name, name)
        if name == "softmax":
            return softmax(z)
        options = {key: REAL(str(value)) for key, value in options.items()}
        learned = {each: own[each][:, None, :] for each in LEARNED.get(name, ())}
        return ACTIVATIONS[name](z, **options, **learned)

    def costs(
        self, params: Mapping[str, Array], X: Mapping[str, Array], Y: Mapping[str, Array]
    ) -> Array:
        """The cost of every copy, (copies,)."""
        values = self.values(params, X)
        total: Any = 0
        for loss in self.losses:
            outputs = [values[each] for each in loss["of"]]
            target = [self._target(loss, Y)] if loss["target"] is not None else []
            if "expression" in loss:
                tensors = dict(zip("ay", (*outputs, *target), strict=False))
                text = _per_sample(loss["expression"])
                each = text.value(tensors, {"K": outputs[0].shape[-1]}, {})
            else:
                known = ("delta", "margin")
                options = {key: REAL(str(loss[key])) for key in known if key in loss}
                each = LOSSES[loss["kind"]](*outputs, *target, **options)
            mean = self.declared.get("reduction", "mean") == "mean"
            weight = REAL(str(loss.get("weight", 1)))
            total = total + weight * (each.mean(-1) if mean else each.sum(-1))
        rate = REAL(str(self.declared.get("l2", 0)))
        for name in self.weights:
            axes = tuple(range(1, params[name].ndim))
            total = total + rate / 2 * (params[name] ** 2).sum(axis=axes)
        return np.asarray(total)

    def _target(self, loss: Mapping[str, Any], Y: Mapping[str, Array]) -> Array:
        y = Y[loss["target"]]
        if loss.get("targets") != "labels":
            return y
        return (y[..., None] == np.arange(self.targets[loss["target"]])).astype(COMPLEX)

    # -- what tests ask for ------------------------------------------------------------------

    def predict(self, params: Mapping[str, Array], X: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs that losses read, (m, width) each, by layer."""
        values = self.values(_copies(params, 1), _copies(X, 1))
        return {label: values[label][0].real for label in self.predictions}

    def cost(
        self, params: Mapping[str, Array], X: Mapping[str, Array], Y: Mapping[str, Array]
    ) -> np.longdouble:
        """The cost of the batch."""
        return self.costs(_copies(params, 1), _copies(X, 1), _copies(Y, 1))[0].real

    def gradients(
        self, params: Mapping[str, Array], X: Mapping[str, Array], Y: Mapping[str, Array]
    ) -> dict[str, Array]:
        """dC/d of every parameter and every input, by name, shaped like them."""
        variables = {**params, **X}
        count = sum(array.size for array in variables.values())
        stepped = _copies(variables, count)
        at = 0
        for array in stepped.values():
            size = array[0].size
            copies = np.arange(at, at + size)
            array.reshape(count, size)[copies, np.arange(size)] += 1j * STEP
            at += size
        costs = self.costs(
            {name: stepped[name] for name in params},
            {name: stepped[name] for name in X},
            _copies(Y, 1),
        )
        slopes = costs.imag / STEP
        found, at = {}, 0
        for name, array in variables.items():
            found[name] = slopes[at : at + array.size].reshape(array.shape)
            at += array.size
        return found

    def differences(
        self,
        params: Mapping[str, Array],
        X: Mapping[str, Array],
        Y: Mapping[str, Array],
        step: float = 1e-3,
    ) -> dict[str, Array]:
        """The gradients once more, by central differences and two steps of Richardson.

        The errors h^2 and h^4 cancel between steps h, h/2 and h/4.
        """
        variables = {**params, **X}
        return {
            name: np.array(
                [
                    self._difference(variables, set(params), Y, name, at, step)
                    for at in range(array.size)
                ]
            ).reshape(array.shape)
            for name, array in variables.items()
        }

    def _difference(
        self,
        variables: Mapping[str, Array],
        params: set[str],
        Y: Mapping[str, Array],
        name: str,
        at: int,
        step: float,
    ) -> Any:
        def cost(shift: Any) -> Any:
            moved = variables[name].astype(REAL)
            moved.reshape(-1)[at] += shift
            new = {**variables, name: moved}
            return self.cost(
                {each: new[each] for each in new if each in params},
                {each: new[each] for each in new if each not in params},
                Y,
            )

        central = [(cost(h) - cost(-h)) / (2 * h) for h in (step / REAL(2**k) for k in range(3))]
        once = [(4 * fine - coarse) / 3 for coarse, fine in itertools.pairwise(central)]
        return (16 * once[1] - once[0]) / 15


def _copies(arrays: Mapping[str, Array], count: int) -> dict[str, Array]:
    return {
        name: np.repeat(np.asarray(array)[None].astype(COMPLEX), count, axis=0)
        for name, array in arrays.items()
    }


def _per_sample(text: str) -> Formula:
    """A loss of one sample, ``a[k]``, as a formula of the batch, ``a[n,k]``."""
    return Formula(re.sub(r"\b([ay])\[", r"\1[n,", text), ("n",))
