"""An object that holds the weights: a backward that gives gradients, or a step that uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.arguments import UPSTREAM, VALUE, Argument, arguments_of
from bpsym.verify.adapters.bindings import Binding, bind
from bpsym.verify.adapters.names import RUN, rate_among, role_of
from bpsym.verify.adapters.route import ReadingError

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared

from bpsym.verify.adapters.object_route import ObjectRoute

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
    "__call__",
)
_LOSS_METHODS = ("compute_loss", "computeloss", "loss", "cost", "compute_cost", "computecost")


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
    if not chosen and not updates:
        parts = ("grad", "backprop", "backward", "train", "fit", "update", "step", "learn")
        updates = [each for each in methods if any(part in each.lower() for part in parts)]
    rate = next((path for path in state if role_of(path.split(".")[-1]) == "rate"), None)
    forward = next((lower[name] for name in _FORWARD_METHODS if name in lower), None)
    forward = forward or _taking_inputs(methods, network, (*chosen, *updates))
    losses = [lower[name] for name in _LOSS_METHODS if name in lower]
    found: list[ObjectRoute] = []
    for method in (*chosen, *updates):
        update = method.lower() in _UPDATE_METHODS or method in updates
        try:
            arguments = tuple(
                arguments_of(methods[method] or [], network, update=update, method=True)
            )
        except ReadingError:
            continue
        roles = {each.role for each in arguments}
        feeds = tuple(_feeds(state, bindings[0], roles)) if "pairs" not in roles else ()
        lead = _lead(forward, methods, network) if method != forward else None
        if any(role.startswith((VALUE, UPSTREAM)) for role in roles):
            leads = [lead]
        elif "X" in roles and "Y" in roles:
            leads = [None, lead]
        else:
            leads = [lead, None] if "pairs" not in roles else [None]
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
                    rate if update and "rate" not in roles else None,
                    returns=tuple(description.get("method returns", {}).get(method, ())),
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
    found += [replace(each, rate_attribute=None if each.rated else rate) for each in steps]
    found = [_with_rate_beside(each, description) for each in found]
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
    return tuple(arguments_of(methods[route.method] or [], network, update=True, method=True))


def _with_rate_beside(route: ObjectRoute, description: Mapping[str, Any]) -> ObjectRoute:
    """A step with the rate that is a global variable, or stands in the code as a number."""
    if not route.update or route.rated:
        return route
    name = rate_among(description.get("globals", {}))
    if name is not None:
        return replace(route, rate_global=name)
    return replace(route, written_rate=description.get("rate"))


def _with_loss(route: ObjectRoute, loss: tuple[str, tuple[Argument, ...]]) -> ObjectRoute:
    return replace(route, loss=loss)


def _lead(
    method: str | None, methods: Mapping[str, Any], network: Declared
) -> tuple[str, tuple[Argument, ...]] | None:
    """A method that is called before, with its arguments."""
    if method is None:
        return None
    try:
        arguments = tuple(arguments_of(methods[method] or [], network, method=True))
    except ReadingError:
        return None
    if any(each.role not in ("X", "Y", "decay") for each in arguments):
        return None
    return method, arguments


def _taking_inputs(
    methods: Mapping[str, Any], network: Declared, others: Sequence[str]
) -> str | None:
    """A forward pass under another name: the first method that takes the inputs and no more."""
    for name in methods:
        if name in others or name.startswith("_"):
            continue
        lead = _lead(name, methods, network)
        if lead is not None and [each.role for each in lead[1]] == ["X"]:
            return name
    return None


def _feeds(
    state: Mapping[str, Any], binding: Binding, roles: set[str]
) -> Iterator[tuple[str, str]]:
    """Attributes that a method without X or Y reads: ``self.x``, ``self.label``."""
    for path in state:
        role = role_of(path) if path not in binding.paths() and "." not in path else None
        if role in ("X", "Y") and role not in roles:
            yield path, role
    for path, value in state.items():
        role = role_of(path) if "." not in path else None
        if role in RUN and isinstance(value, int):
            yield path, str(role)
