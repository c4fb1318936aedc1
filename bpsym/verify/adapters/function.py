"""A function: of parameters, X and Y in whatever order and package, or of X and Y alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bundles import KINDS, Bundle, Kind, weights_and_biases
from bpsym.verify.adapters.names import letter_of, matched, role_of, spoken
from bpsym.verify.adapters.returned import Returned, readings
from bpsym.verify.adapters.route import ReadingError

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared, Form, Given

_UPDATES = ("update", "train", "step", "sgd", "descent", "fit", "learn", "optimi")
_FORWARDS = ("forward", "forward_propagation", "forward_pass", "forward_prop", "feedforward")


@dataclass(frozen=True)
class Argument:
    """One argument: its name and what goes there, a role or a declared parameter."""

    name: str
    role: str
    keyword: bool = False


@dataclass(frozen=True)
class FunctionRoute:
    """A call of the target with parameters in one package or another.

    spread: global variable -> declared name, for parameters that stand beside the function.
    forward: a function of the same file whose result the target wants, with its arguments.
    of: whose method is called: the target itself, if ``method`` is None.
    """

    network: Declared
    name: str
    arguments: tuple[Argument, ...]
    bundle: Bundle
    update: bool = False
    spread: Mapping[str, str] = field(default_factory=dict)
    forward: tuple[str, tuple[Argument, ...]] | None = None

    @property
    def any_widths(self) -> bool:
        """Whether parameters of other shapes can be handed over."""
        return not self.spread

    @property
    def rated(self) -> bool:
        """Whether the learning rate can be chosen."""
        return any(each.role == "rate" for each in self.arguments)

    def harmless(self, name: str) -> bool:
        """Whether an argument may be changed: the parameters of a step may."""
        role = next((each.role for each in self.arguments if each.name == name), "")
        inputs = ("X", "Y", "pairs")
        return self.update and role not in inputs

    def forms(self) -> Sequence[Form] | None:
        return None

    def call(self) -> str:
        shown = ", ".join(
            f"{each.name}=..." if each.keyword else each.name for each in self.arguments
        )
        return f"{self.name}({shown})"

    def sentences(self) -> Iterator[str]:
        roles = {each.role for each in self.arguments}
        if "params" in roles:
            yield self.bundle.sentence()
        if "weights" in roles and "biases" in roles:
            yield "weights and biases come as two lists"
        if self.spread:
            yield "parameters are the global variables " + ", ".join(self.spread)
        if self.forward:
            yield f"{self.forward[0]} is called first and its result handed on"
        if self.update:
            yield "gradients are recovered from the change of the weights, over the rate"

    def value(self, role: str, given: Given, rate: float) -> Any:
        """What is passed for a role."""
        weights, biases = weights_and_biases(self.network)
        params = given.params
        if role == "params":
            return self.bundle.pack(params, self.network)
        if role == "weights":
            return [params[name] for name in weights]
        if role == "biases":
            return [params[name] for name in biases]
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
            return {"ref": "cache"}
        return params[role]

    def _call(
        self, arguments: Sequence[Argument], given: Given, rate: float, to: str
    ) -> dict[str, Any]:
        positional = [each for each in arguments if not each.keyword]
        keywords = [each for each in arguments if each.keyword]
        return {
            "do": "call",
            "of": "target",
            "args": [self.value(each.role, given, rate) for each in positional],
            "kwargs": {each.name: self.value(each.role, given, rate) for each in keywords},
            "names": [each.name for each in (*positional, *keywords)],
            "to": to,
        }

    def script(self, given: Given, rate: float) -> tuple[list[dict[str, Any]], list[str]]:
        steps: list[dict[str, Any]] = [
            {"do": "set", "of": "globals", "name": name, "value": given.params[parameter]}
            for name, parameter in self.spread.items()
        ]
        if self.forward is not None:
            name, arguments = self.forward
            forward = self._call(arguments, given, rate, "forward")
            steps.append({**forward, "of": "globals", "method": name})
            steps.append({"do": "last", "of": "forward", "to": "cache"})
        steps.append(self._call(self.arguments, given, rate, "result"))
        want = ["result"]
        if self.update:
            steps[-1]["keep"] = "arguments"
            want.append("arguments")
        return steps, want

    def read(self, results: Mapping[str, Any], given: Given, rate: float) -> Iterator[Returned]:
        result = results["result"]
        if not self.update:
            for each in readings(result, self.network):
                yield each
            return
        if result is not None:
            for each in readings(result, self.network, gradient=False):
                yield changed(each, given, rate)
        for each in self._in_place(results["arguments"], given, rate):
            yield each

    def _in_place(self, arguments: Any, given: Given, rate: float) -> Iterator[Returned]:
        """Parameters that the step changed in its arguments."""
        by_role = dict(zip((each.role for each in self.arguments), arguments, strict=False))
        if "params" in by_role:
            found = readings(by_role["params"], self.network, gradient=False)
        elif "weights" in by_role and "biases" in by_role:
            found = readings((by_role["weights"], by_role["biases"]), self.network, gradient=False)
        else:
            own = {name: by_role[name] for name in self.network.names if name in by_role}
            found = readings(own, self.network, gradient=False)
        for each in found:
            yield changed(each, given, rate)


def changed(after: Returned, given: Given, rate: float) -> Returned:
    """The gradients that a step of gradient descent used: (before - after) / rate."""
    grads = {}
    for name, value in after.grads.items():
        before = given.params[name]
        if value.shape != before.shape and value.size == before.size and after.flat:
            before = before.reshape(value.shape)
        if value.shape == before.shape:
            step = (before - value) / rate
            grads[name] = step.astype(value.dtype) if value.dtype.kind == "f" else step
        else:
            grads[name] = value
    spelling = {name: f"the step of {name}" for name in grads}
    return replace(after, grads=grads, spelling=spelling, sentence="")


def function_routes(description: Mapping[str, Any], network: Declared) -> list[FunctionRoute]:
    """The routes for a function, the likeliest first.

    Raises ReadingError if its arguments cannot be told apart.
    """
    name = str(description["name"])
    signature = description["signature"]
    if signature is None:
        raise _unreadable(name, "its arguments cannot be seen")
    update = any(part in name.lower() for part in _UPDATES)
    arguments = arguments_of(signature, network, update=update)
    roles = [each.role for each in arguments]
    if "rate" in roles:
        update = True
    spread: dict[str, str] = {}
    has_parameters = any(
        role in ("params", "weights", "biases") or role in network.names for role in roles
    )
    if not has_parameters:
        spread = matched(description.get("globals", {}), network.names, gradient=False)
        spread = {
            key: parameter
            for key, parameter in spread.items()
            if isinstance(description["globals"][key], np.ndarray)
        }
        if set(spread.values()) != set(network.names):
            raise _unreadable(name, "it takes no parameters, and no global variables hold them")
    forward = _forward(description, network) if "cache" in roles else None
    if "cache" in roles and forward is None:
        raise _unreadable(name, "it wants the result of a forward pass that is not beside it")
    kinds: tuple[Kind, ...] = KINDS if "params" in roles else ("dict",)
    said = next((each.name.lower() for each in arguments if each.role == "params"), "")
    if said.startswith(("theta", "vec", "flat")):
        kinds = ("flat", *(kind for kind in KINDS if kind != "flat"))
    return [
        FunctionRoute(network, name, tuple(arguments), Bundle(kind), update, spread, forward)
        for kind in kinds
    ]


def arguments_of(
    signature: Sequence[Mapping[str, Any]], network: Declared, *, update: bool = False
) -> list[Argument]:
    """What goes into each argument that is needed, and into known ones that are not."""
    letters = [letter_of(name) for name in network.names]
    names = [str(each["name"]) for each in signature]
    single = len([n for n in network.names if letter_of(n) == "W"]) == 1
    tagged = [
        name for name in names if (s := spoken(name, letters)) is not None and (s.tag or single)
    ]
    own = matched(tagged, network.names, gradient=False)
    found: list[Argument] = []
    open_places: list[int] = []
    for each in signature:
        name = str(each["name"])
        if each["kind"] in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        role = own.get(name) or role_of(name)
        keyword = each["kind"] == "KEYWORD_ONLY" or not each["needed"]
        if not each["needed"]:
            known = role in ("X", "Y", "params", "pairs") or role in network.names
            if role == "decay" and network.decay:
                known = True
            if role == "rate" and update:
                known = True
            if not known:
                continue
        if role is None or (role in (a.role for a in found) and role not in network.names):
            open_places.append(len(found))
            role = ""
        found.append(Argument(name, role, keyword))
    roles = {each.role for each in found}
    if roles & {"params", "weights", "biases", *network.names}:
        missing = [role for role in ("X", "Y") if role not in roles and "pairs" not in roles]
    elif len(open_places) >= 3 - len(roles & {"X", "Y"}):
        missing = [role for role in ("params", "X", "Y") if role not in roles]
    else:
        missing = [role for role in ("X", "Y") if role not in roles]
    if "weights" in roles and "biases" not in roles:
        found = [replace(a, role="params") if a.role == "weights" else a for a in found]
    if not network.targets:
        missing = [role for role in missing if role != "Y"]
    for place, role in zip(open_places, missing, strict=False):
        found[place] = replace(found[place], role=role)
    left = [each.name for each in found if not each.role]
    if left:
        raise _unreadable("the function", f"its argument {left[0]!r} is not understood")
    return found


def _forward(
    description: Mapping[str, Any], network: Declared
) -> tuple[str, tuple[Argument, ...]] | None:
    siblings = description.get("siblings", {})
    for name in siblings:
        if name.lower() in _FORWARDS or name.lower().endswith("_forward"):
            try:
                return name, tuple(arguments_of(siblings[name], network))
            except ReadingError:
                continue
    return None


def _unreadable(name: str, what: str) -> ReadingError:
    return ReadingError.single(
        where=f"function {name!r}",
        what=what,
        expected="a function of (params, X, Y), or of W1, b1, ..., X, Y",
        got="something else",
        way_out=(
            "give an adapter: def adapter(params, X, Y): return loss, "
            '{"W1": ..., "b1": ...}, with X (m, n0), W (out, in), b (out,)'
        ),
    )
