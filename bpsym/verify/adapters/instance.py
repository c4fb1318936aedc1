"""An object that holds the weights: a backward that gives gradients, or a step that uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import weights_and_biases
from bpsym.verify.adapters.forms import BATCH_FORMS, SINGLE_FORMS
from bpsym.verify.adapters.function import Argument, arguments_of, changed
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
class Binding:
    """Where an object keeps its parameters.

    whole: attribute path -> declared name. lists: path -> the declared names of its entries.
    dicts: path -> key -> declared name. transposed, bias: how they are held.
    """

    whole: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    transposed: bool | None = None
    bias: str = "flat"

    def names(self) -> set[str]:
        """The parameters that are found."""
        found = set(self.whole.values())
        for each in self.lists.values():
            found |= set(each)
        for keys in self.dicts.values():
            found |= set(keys.values())
        return found

    def steps(self, given: Given) -> Iterator[dict[str, Any]]:
        """The steps that put a point's parameters into the object."""
        params = given.params
        for path, name in self.whole.items():
            yield {"do": "set", "of": "obj", "name": path, "value": params[name]}
        for path, names in self.lists.items():
            value: Any = [params[name] for name in names]
            yield {"do": "set", "of": "obj", "name": path, "value": value}
        for path, keys in self.dicts.items():
            for key, name in keys.items():
                yield {
                    "do": "set",
                    "of": "obj",
                    "name": f"{path}.{key}",
                    "value": params[name],
                }

    def after(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters in a state of the object."""
        found = {name: state[path] for path, name in self.whole.items() if path in state}
        for path, names in self.lists.items():
            found |= dict(zip(names, state.get(path, ()), strict=False))
        for path, keys in self.dicts.items():
            found |= {name: state[path][key] for key, name in keys.items() if path in state}
        return found

    def paths(self) -> set[str]:
        """The attributes that hold parameters."""
        return {*self.whole, *self.lists, *self.dicts}


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
        return [
            form
            for form in (*BATCH_FORMS, *SINGLE_FORMS)
            if form.bias == self.binding.bias
            and (self.binding.transposed is None or form.transposed == self.binding.transposed)
        ]

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
            still = all(np.array_equal(value, given.params[name]) for name, value in found.items())
            if self.guessed and still:
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
        found = _nested(plain, network, gradient=True)
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


def _nested(plain: Mapping[str, Any], network: Declared, *, gradient: bool) -> dict[str, str]:
    """``layers.0.W`` -> the parameter of that letter in the order in which layers stand."""
    letters = [letter_of(name) for name in network.names]
    groups: dict[str, list[str]] = {}
    for name in network.names:
        groups.setdefault(letter_of(name), []).append(name)
    found: dict[str, str] = {}
    used: dict[str, int] = {}
    for path in plain:
        said = spoken(path.split(".")[-1], letters)
        if said is None or said.gradient != gradient:
            continue
        at = used.get(said.letter, 0)
        group = groups.get(said.letter, [])
        if at < len(group):
            found[path] = group[at]
            used[said.letter] = at + 1
    return found


def bind(state: Mapping[str, Any], network: Declared) -> list[Binding]:
    """The ways in which an object's attributes may hold the parameters."""
    state = {path: arrays(value) for path, value in state.items()}
    plain = {
        path: value
        for path, value in state.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
    found: list[Binding] = []
    names = matched([path for path in plain if "." not in path], network.names, gradient=False)
    nested = _nested({p: v for p, v in plain.items() if "." in p}, network, gradient=False)
    for whole in (names, nested):
        if set(whole.values()) == set(network.names):
            found += _held(Binding(whole=whole), state, network)
    weights, biases = weights_and_biases(network)
    lists = {path: value for path, value in state.items() if isinstance(value, list | tuple)}
    for path, value in lists.items():
        kept = [each for each in value if isinstance(each, np.ndarray)]
        said = spoken(path.split(".")[-1])
        if len(kept) != len(value):
            continue
        if len(kept) == len(weights) and said is not None and said.letter == "W":
            for other, its in lists.items():
                told = spoken(other.split(".")[-1])
                if len(its) == len(biases) and told is not None and told.letter == "b":
                    binding = Binding(lists={path: weights, other: biases})
                    found += _held(binding, state, network)
            if not biases:
                found += _held(Binding(lists={path: weights}), state, network)
        if len(kept) == len(network.names):
            found += _held(Binding(lists={path: network.names}), state, network)
    for path, value in state.items():
        if isinstance(value, dict):
            keys = matched(
                [str(key) for key, v in value.items() if isinstance(v, np.ndarray)],
                network.names,
                gradient=False,
            )
            if set(keys.values()) == set(network.names):
                found += _held(Binding(dicts={path: keys}), state, network)
    if not found:
        found += _by_shape(plain, state, network)
    return found


def _by_shape(
    plain: Mapping[str, Any], state: Mapping[str, Any], network: Declared
) -> list[Binding]:
    """Attributes of any names, in the order in which they were made."""
    sizes = [int(np.prod(shape)) for shape in network.parameters.values()]
    candidates = [path for path, value in plain.items() if value.size in sizes and "." not in path]
    if len(candidates) != len(network.names):
        return []
    weights, biases = weights_and_biases(network)
    for order in (network.names, (*weights, *biases)):
        whole = dict(zip(candidates, order, strict=True))
        found = _held(Binding(whole=whole), state, network)
        if found:
            return found
    return []


def _held(binding: Binding, state: Mapping[str, Any], network: Declared) -> list[Binding]:
    """The binding with the orientation that the object's own arrays have; none if none fits."""
    values = {name: np.asarray(each) for name, each in binding.after(state).items()}
    bias: set[str] = set()
    transposed: set[bool] = set()
    for name, shape in network.parameters.items():
        own = values[name].shape
        if len(shape) == 1:
            kinds = {"flat": shape, "column": (*shape, 1), "row": (1, *shape)}
            fitting = {kind for kind, each in kinds.items() if each == own}
            bias = fitting if not bias else (bias & fitting or fitting)
            if not fitting:
                return []
        else:
            if own not in (shape, shape[::-1]):
                return []
            if shape != shape[::-1]:
                transposed.add(own != shape)
    if len(transposed) > 1:
        return []
    turned = transposed.pop() if transposed else None
    return [replace(binding, transposed=turned, bias=each) for each in sorted(bias or {"flat"})]


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
                    if each is None or update:
                        break
                    its = _lead(loss, methods, network)
                    if its is not None:
                        found.append(_with_loss(route, its))
                found.append(route)
    # A backward that gives nothing may change the weights itself.
    steps = [
        replace(each, update=True, guessed=True)
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


def filled(args: Sequence[Any], X: Any, Y: Any) -> list[Any]:
    """Arguments with the data in the places that are marked for it."""
    values = {"X": X, "Y": Y}
    return [
        values[each["role"]] if isinstance(each, dict) and "role" in each else each for each in args
    ]


def constructions(
    signature: Sequence[Mapping[str, Any]] | None, network: Declared
) -> Iterator[list[Mapping[str, Any]]]:
    """Ways to call a constructor: without arguments, with a list of widths, width by width."""
    variable = ("VAR_KEYWORD", "VAR_POSITIONAL")
    needed = [each for each in signature or [] if each["needed"] and each["kind"] not in variable]
    widths = list(network.widths)
    roles = [role_of(str(each["name"])) for each in needed]
    fixed: dict[int, Any] = {}
    for at, role in enumerate(roles):
        if role == "rate":
            fixed[at] = 0.5
        elif role == "decay":
            fixed[at] = network.decay
    # inputs, hidden, outputs are widths; x, y are data.
    if len(needed) - len(fixed) not in (3, len(widths)):
        fixed |= {at: {"role": role} for at, role in enumerate(roles) if role in ("X", "Y")}
    free = [at for at in range(len(needed)) if at not in fixed]

    def new(values: Sequence[Any]) -> list[Mapping[str, Any]]:
        args = {**fixed, **dict(zip(free, values, strict=True))}
        return [{"do": "new", "args": [args[at] for at in range(len(needed))], "to": "obj"}]

    if not free:
        yield new([])
        optional = [str(each["name"]) for each in signature or [] if not each["needed"]]
        for name in optional:
            if name.lower() in ("sizes", "layers", "layer_sizes", "dims", "layer_dims", "shape"):
                yield [{"do": "new", "args": [], "kwargs": {name: widths}, "to": "obj"}]
        return
    if len(free) == 1:
        yield new([widths])
    if len(free) == len(widths):
        yield new(widths)
    if len(free) == 3 and len(widths) >= 3:
        yield new([widths[0], widths[1:-1], widths[-1]])
