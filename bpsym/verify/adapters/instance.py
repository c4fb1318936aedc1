"""An object that holds the weights: a backward that gives gradients, or a step that uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.arguments import Argument, arguments_of
from bpsym.verify.adapters.bindings import Binding, bind, nested_names
from bpsym.verify.adapters.construct import filled
from bpsym.verify.adapters.function import changed, unchanged
from bpsym.verify.adapters.names import letter_of, matched, role_of, spoken
from bpsym.verify.adapters.returned import Returned, arrays, readings, scalar
from bpsym.verify.adapters.route import ReadingError

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared, Form, Given

_GRADIENT_METHODS = (
    "loss_and_grads",
    "loss_and_gradients",
    "loss_and_grad",
    "compute_gradients",
    "compute_grads",
    "compute_gradient",
    "calc_gradients",
    "gradients",
    "gradient",
    "grads",
    "grad",
    "backprop",
    "back_prop",
    "backpropagation",
    "back_propagation",
    "backpropagate",
    "backward",
    "backward_pass",
    "backward_propagation",
    "backward_prop",
    "bprop",
)
_UPDATE_METHODS = (
    "train_step",
    "train_on_batch",
    "update_mini_batch",
    "partial_fit",
    "update",
    "step",
    "sgd_step",
    "train",
    "fit",
    "learn",
)
_FORWARD_METHODS = (
    "forward",
    "forward_pass",
    "forward_propagation",
    "forward_prop",
    "feedforward",
    "feed_forward",
    "fprop",
    "predict",
)
_LOSS_METHODS = ("compute_loss", "computeloss", "loss", "cost", "compute_cost", "computecost")
_HOLDERS = ("gradient", "gradients", "grad", "grads", "nabla", "dparams", "deltas_w")


@dataclass(frozen=True)
class ObjectRoute:
    """An object is made, its weights are set, and a method is called.

    new: the steps that make it, empty if the target is an instance.
    feeds: attributes that are set to X or Y before, for methods that take neither.
    guessed: whether it is only tried if the method changes the weights.
    """

    network: Declared
    owner: str
    method: str
    arguments: tuple[Argument, ...]
    binding: Binding
    new: tuple[Mapping[str, Any], ...]
    update: bool
    feeds: tuple[tuple[str, str], ...] = ()
    forward: tuple[str, tuple[Argument, ...]] | None = None
    loss: tuple[str, tuple[Argument, ...]] | None = None
    rate_attribute: str | None = None
    guessed: bool = False

    @property
    def any_widths(self) -> bool:
        """An object is made for its widths."""
        return False

    @property
    def rated(self) -> bool:
        """Whether the learning rate can be chosen."""
        return self.rate_attribute is not None or any(a.role == "rate" for a in self.arguments)

    def harmless(self, name: str) -> bool:
        """Whether an argument may be changed: no."""
        return False

    def forms(self) -> Sequence[Form] | None:
        return self.binding.forms()

    def call(self) -> str:
        shown = ", ".join(each.name for each in self.arguments)
        return f"{self.owner}.{self.method}({shown})"

    def sentences(self) -> Iterator[str]:
        yield "parameters are " + ", ".join(f"self.{path}" for path in sorted(self.binding.paths()))
        if self.feeds:
            yield "set before the call: " + ", ".join(
                f"self.{name} = {role}" for name, role in self.feeds
            )
        if self.forward is not None:
            yield f"self.{self.forward[0]} is called before self.{self.method}"
        if self.update:
            yield f"gradients are recovered from what self.{self.method} does to the weights"

    def _made(self, step: Mapping[str, Any], given: Given, rate: float) -> dict[str, Any]:
        """A step of the construction, X and Y filled in where the constructor takes them."""
        return {**step, "args": filled(step["args"], given.X, given.Y)}

    def _value(self, role: str, given: Given, rate: float) -> Any:
        if role == "X":
            return given.X
        if role == "Y":
            return given.Y
        if role == "pairs":
            return given.pairs()
        if role == "rate":
            return rate
        if role == "decay":
            return self.network.decay
        if role == "cache":
            return {"ref": "forwarded"}
        raise KeyError(role)

    def _call(
        self, method: str, arguments: Sequence[Argument], given: Given, rate: float, to: str
    ) -> dict[str, Any]:
        return {
            "do": "call",
            "of": "obj",
            "method": method,
            "args": [self._value(a.role, given, rate) for a in arguments if not a.keyword],
            "kwargs": {a.name: self._value(a.role, given, rate) for a in arguments if a.keyword},
            "names": [a.name for a in (*arguments,)],
            "to": to,
        }

    def script(self, given: Given, rate: float) -> tuple[list[dict[str, Any]], list[str]]:
        steps = [self._made(each, given, rate) for each in self.new]
        steps.extend(self.binding.steps(given))
        for name, role in self.feeds:
            steps.append(
                {"do": "set", "of": "obj", "name": name, "value": self._value(role, given, rate)}
            )
        if self.rate_attribute is not None:
            steps.append({"do": "set", "of": "obj", "name": self.rate_attribute, "value": rate})
        if self.forward is not None:
            name, arguments = self.forward
            steps.append(self._call(name, arguments, given, rate, "forwarded"))
        want = ["result", "state"]
        if self.loss is not None:
            name, arguments = self.loss
            steps.append(self._call(name, arguments, given, rate, "loss"))
            want.append("loss")
        steps.append(self._call(self.method, self.arguments, given, rate, "result"))
        steps.append({"do": "state", "of": "obj", "to": "state"})
        return steps, want

    def read(self, results: Mapping[str, Any], given: Given, rate: float) -> Iterator[Returned]:
        own_loss = scalar(results.get("loss"))
        for each in self._read(results, given, rate):
            yield each if each.loss is not None else replace(each, loss=own_loss)

    def _read(self, results: Mapping[str, Any], given: Given, rate: float) -> Iterator[Returned]:
        result, state = results["result"], arrays(results["state"])
        if self.update:
            found = {
                name: np.asarray(value)
                for name, value in self.binding.after(state).items()
                if isinstance(value, np.ndarray | float | int)
            }
            if self.guessed and unchanged(found, given):
                return
            spelling = {name: f"the step of {name}" for name in found}
            yield changed(Returned(found, scalar(result), spelling), given, rate)
            return
        if result is not None:
            yield from readings(result, self.network)
        own = self.binding.paths()
        for path, value in state.items():
            last = path.split(".")[-1].lower()
            if last in _HOLDERS and isinstance(value, dict | list | tuple | np.ndarray):
                for each in readings(value, self.network):
                    spelling = {
                        name: text.replace("grads", f"self.{path}", 1)
                        for name, text in each.spelling.items()
                    }
                    yield Returned(each.grads, each.loss, spelling, each.sentence, each.flat)
        left = {path: value for path, value in state.items() if path not in own}
        yield from _from_attributes(left, self.network)


def _from_attributes(state: Mapping[str, Any], network: Declared) -> Iterator[Returned]:
    """Gradients in attributes of their own: ``self.dW1``, or lists ``self.dW``."""
    letters = [letter_of(name) for name in network.names]
    plain = {
        path: value
        for path, value in state.items()
        if isinstance(value, np.ndarray)
        and (said := spoken(path.split(".")[-1], letters)) is not None
        and said.gradient
    }
    nested = [path for path in plain if "." in path]
    if nested and len(nested) == len(plain):
        found = nested_names(plain, network, gradient=True)
    else:
        found = matched(plain, network.names, gradient=True)
    if found:
        yield Returned(
            {name: plain[path] for path, name in found.items()},
            None,
            {name: f"self.{path}" for path, name in found.items()},
            "gradients are attributes of the object",
        )
    lists = {path: value for path, value in state.items() if isinstance(value, list | tuple)}
    for each in readings(dict(lists), network):
        spelling = {
            name: "self." + text.removeprefix('grads["').replace('"]', "", 1)
            for name, text in each.spelling.items()
        }
        yield Returned(each.grads, None, spelling, each.sentence)


def object_routes(
    description: Mapping[str, Any],
    state: Mapping[str, Any],
    new: Sequence[Mapping[str, Any]],
    network: Declared,
    wanted: str | None,
) -> list[ObjectRoute]:
    """The routes for an object whose attributes are ``state``, the likeliest first.

    wanted: the method that the user named, if any.
    Raises ReadingError if no parameters or no method is found.
    """
    owner = str(description["name"])
    methods: Mapping[str, Any] = description["methods"]
    bindings = bind(state, network)
    if not bindings:
        shapes = ", ".join(f"{name} {shape}" for name, shape in network.parameters.items())
        raise ReadingError.single(
            where=f"class {owner!r}",
            what="its weights were not found, or have other shapes than the network declares",
            expected=f"attributes, lists or a dict with {shapes}, transposed or not",
            got=", ".join(
                f"{name} {np.shape(value)}" if isinstance(value, np.ndarray) else name
                for name, value in state.items()
            )
            or "no data",
            way_out="check SPEC against the class, or give a function of (params, X, Y)",
        )
    lower = {name.lower(): name for name in methods}
    chosen = [wanted] if wanted else []
    chosen += [lower[name] for name in _GRADIENT_METHODS if name in lower and not wanted]
    chosen += [lower[name] for name in ("loss", "cost") if name in lower and not chosen]
    updates = [lower[name] for name in _UPDATE_METHODS if name in lower and not wanted]
    rates = [path for path in state if role_of(path.split(".")[-1]) == "rate"]
    forward = next((lower[name] for name in _FORWARD_METHODS if name in lower), None)
    losses = [lower[name] for name in _LOSS_METHODS if name in lower]
    found: list[ObjectRoute] = []
    for method in (*chosen, *updates):
        update = method.lower() in _UPDATE_METHODS
        try:
            arguments = tuple(arguments_of(methods[method] or [], network, update=update))
        except ReadingError:
            continue
        roles = {each.role for each in arguments}
        feeds = tuple(_feeds(state, bindings[0], roles)) if "pairs" not in roles else ()
        lead = _lead(forward, methods, network) if method != forward else None
        if "X" in roles and "Y" in roles:
            leads = [None, lead]
        else:
            leads = [lead, None] if "pairs" not in roles else [None]
        rate = rates[0] if rates and "rate" not in roles else None
        for binding in bindings:
            for each in dict.fromkeys(leads):
                route = ObjectRoute(
                    network,
                    owner,
                    method,
                    arguments,
                    binding,
                    tuple(new),
                    update,
                    feeds,
                    each,
                    None,
                    rate if update else None,
                )
                for loss in losses:
                    its = None if update else _lead(loss, methods, network)
                    # Without a forward pass before it, a loss must take all that it needs.
                    if its is not None and (each or "X" in {a.role for a in its[1]}):
                        found.append(_with_loss(route, its))
                found.append(route)
    # A backward that gives nothing may change the weights itself.
    steps = [
        replace(each, arguments=_with_rate(methods, each, network), update=True, guessed=True)
        for each in found
        if not each.update and not each.loss
    ]
    for step in steps:
        rate = rates[0] if rates and not step.rated else None
        found.append(replace(step, rate_attribute=rate))
    if not found:
        raise ReadingError.single(
            where=f"class {owner!r}",
            what="no method that gives gradients or makes a step was found",
            expected="a method such as backward, backprop, gradient, train_step or update",
            got=", ".join(methods) or "no methods",
            way_out=f"name it: FILE.py:{owner}.METHOD",
        )
    return found


def _with_rate(
    methods: Mapping[str, Any], route: ObjectRoute, network: Declared
) -> tuple[Argument, ...]:
    """The arguments of a method as those of a step: a rate that may be left out is given."""
    return tuple(arguments_of(methods[route.method] or [], network, update=True))


def _with_loss(route: ObjectRoute, loss: tuple[str, tuple[Argument, ...]]) -> ObjectRoute:
    return replace(route, loss=loss)


def _lead(
    method: str | None, methods: Mapping[str, Any], network: Declared
) -> tuple[str, tuple[Argument, ...]] | None:
    """A method that is called before, with its arguments."""
    if method is None:
        return None
    try:
        arguments = tuple(arguments_of(methods[method] or [], network))
    except ReadingError:
        return None
    if any(each.role not in ("X", "Y", "decay") for each in arguments):
        return None
    return method, arguments


def _feeds(
    state: Mapping[str, Any], binding: Binding, roles: set[str]
) -> Iterator[tuple[str, str]]:
    """Attributes that a method without X or Y reads: ``self.x``, ``self.label``."""
    for path in state:
        role = role_of(path) if path not in binding.paths() and "." not in path else None
        if role in ("X", "Y") and role not in roles:
            yield path, role
