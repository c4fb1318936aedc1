"""A function: of parameters, X and Y in whatever order and package, or of X and Y alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.attributes import from_attributes
from bpsym.verify.adapters.bindings import Binding
from bpsym.verify.adapters.bundles import Bundle
from bpsym.verify.adapters.construct import filled
from bpsym.verify.adapters.containers import readings
from bpsym.verify.adapters.returned import Hints, Returned, arrays, scalar
from bpsym.verify.adapters.values import FED, passed, wants_values
from bpsym.verify.running.session import same

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Form, Given
    from bpsym.verify.diagnosis.observe import Array

from bpsym.verify.adapters.arguments import Argument

_TWO_LISTS = "weights and biases come as two lists"


@dataclass(frozen=True)
class FunctionRoute:
    """A call of the target with parameters in one package or another.

    beside: the global variables that hold the parameters, where the function takes none.
    feeds: global variables that are set to X or Y, or to one step with all samples.
    rate_global: the global variable that is the rate.
    written_rate: the rate that stands in the code as a number.
    guessed: whether it is only a step if the parameters change.
    forward: a function of the same file whose result the target wants, with its arguments.
    new: the steps that make an object without weights. method: of it, or of the target.
    returns: the names in the return statement. divided: it divides the strength of decay by m.
    asking: what stands for the parameters notes how the code asks for them.
    """

    network: Declared
    name: str
    arguments: tuple[Argument, ...]
    bundle: Bundle
    update: bool = False
    beside: Binding | None = None
    feeds: tuple[tuple[str, str], ...] = ()
    rate_global: str | None = None
    written_rate: float | None = None
    guessed: bool = False
    forward: tuple[str, tuple[Argument, ...]] | None = None
    new: tuple[Mapping[str, Any], ...] = ()
    method: str | None = None
    returns: tuple[str, ...] = ()
    divided: bool = False
    asking: bool = False

    @property
    def wants_values(self) -> bool:
        """Whether it takes values of the forward pass."""
        return wants_values(self.arguments)

    @property
    def any_widths(self) -> bool:
        """Whether parameters of other shapes can be handed over."""
        return self.beside is None

    @property
    def rated(self) -> bool:
        """Whether the learning rate can be chosen."""
        return self.rate_global is not None or any(a.role == "rate" for a in self.arguments)

    def harmless(self, name: str) -> bool:
        """Whether an argument may be changed: the parameters of a step may."""
        role = next((each.role for each in self.arguments if each.name == name), "")
        inputs = ("X", "Y", "pairs")
        return self.update and role not in inputs

    def forms(self) -> Sequence[Form] | None:
        return None if self.beside is None else self.beside.forms()

    def call(self) -> str:
        shown = ", ".join(
            f"{each.name}=..." if each.keyword else each.name for each in self.arguments
        )
        return f"{self.name}.{self.method}({shown})" if self.method else f"{self.name}({shown})"

    def sentences(self) -> Iterator[str]:
        roles = {each.role for each in self.arguments}
        if "params" in roles:
            yield self.bundle.sentence()
        if "weights" in roles and "biases" in roles:
            yield self.bundle.sentence() if self.bundle.first else _TWO_LISTS
        if self.beside is not None:
            yield "parameters are the global variables " + ", ".join(self.beside.in_order())
        for name, role in self.feeds:
            yield f"the global variable {name} is {FED.get(role, role)}"
        if self.rate_global is not None:
            yield f"the learning rate is the global variable {self.rate_global}"
        if self.forward:
            yield f"{self.forward[0]} is called first and its result handed on"
        for each in self.arguments:
            if each.role.startswith("value:"):
                yield f"{each.name} is {each.role.removeprefix('value:')} of the forward pass"
        if self.divided:
            yield "the strength of decay is handed over times m, since the code divides it by m"
        if self.update:
            yield "gradients are recovered from the change of the weights, over the rate"

    def value(self, role: str, given: Given, rate: float) -> Any:
        """What is passed for a role."""
        if self.asking and role == "params":
            return self.bundle.stand_in(given.params, self.network)
        return passed(role, given, rate, self.network, self.bundle, divided=self.divided)

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
        steps = [{**each, "args": filled(each["args"], given)} for each in self.new]
        steps += [] if self.beside is None else list(self.beside.steps(given, "globals"))
        known = [(name, self.value(role, given, rate)) for name, role in self.feeds]
        if self.rate_global is not None:
            known.append((self.rate_global, rate))
        steps += [
            {"do": "set", "of": "globals", "name": name, "value": value} for name, value in known
        ]
        if self.forward is not None:
            name, arguments = self.forward
            forward = self._call(arguments, given, rate, "forward")
            steps.append({**forward, "of": "globals", "method": name})
            steps.append({"do": "last", "of": "forward", "to": "cache"})
        call = self._call(self.arguments, given, rate, "result")
        if self.method is not None:
            call |= {"of": "obj", "method": self.method}
        steps.append(call)
        want = ["result"]
        if self.update and self.beside is not None:
            for path in self.beside.paths():
                steps.append({"do": "get", "of": "globals", "name": path, "to": f"after {path}"})
                want.append(f"after {path}")
        elif self.update:
            steps[-1]["keep"] = "arguments"
            want.append("arguments")
        elif self.beside is not None:
            steps.append({"do": "data", "of": "target", "to": "data"})
            want.append("data")
        return steps, want

    def read(self, results: Mapping[str, Any], given: Given, rate: float) -> Iterator[Returned]:
        result = results["result"]
        if not self.update:
            hints = Hints(self.returns, self.bundle.keys())
            yield from readings(result, self.network, hints=hints)
            if self.beside is not None and result is None:
                held = self.beside.paths()
                left = {name: v for name, v in results["data"].items() if name not in held}
                yield from from_attributes(left, self.network, "")
            return
        if self.beside is not None:
            found = self._beside_after(results, given)
            if found is not None:
                yield changed(Returned(found, scalar(result), {}), given, rate)
            return
        came_back = False
        if result is not None:
            hints = Hints(layers=self.bundle.keys())
            for each in readings(result, self.network, gradient=False, hints=hints):
                came_back = True
                if not (self.guessed and unchanged(each.grads, given)):
                    yield changed(each, given, rate)
        for each in self._in_place(results["arguments"], given):
            # What a step hands back it has not put in the place of its arguments too.
            if not ((came_back or self.guessed) and unchanged(each.grads, given)):
                yield changed(each, given, rate)

    def _beside_after(self, results: Mapping[str, Any], given: Given) -> dict[str, Array] | None:
        """The parameters in the global variables; None where a step is only guessed at."""
        assert self.beside is not None
        state = {path: arrays(results[f"after {path}"]) for path in self.beside.paths()}
        found = {
            name: np.asarray(value)
            for name, value in self.beside.after(state).items()
            if isinstance(value, np.ndarray | float | int)
        }
        return None if self.guessed and unchanged(found, given) else found

    def _in_place(self, arguments: Any, given: Given) -> Iterator[Returned]:
        """Parameters that the step changed in its arguments."""
        by_role = dict(zip((each.role for each in self.arguments), arguments, strict=False))
        if self.guessed and all(
            same(value, self.value(role, given, 1.0))
            for role, value in by_role.items()
            if role in ("params", "weights", "biases", *self.network.names)
        ):
            return
        if "params" in by_role:
            found = readings(by_role["params"], self.network, gradient=False)
        elif "weights" in by_role and "biases" in by_role:
            found = readings((by_role["weights"], by_role["biases"]), self.network, gradient=False)
        else:
            own = {name: by_role[name] for name in self.network.names if name in by_role}
            found = readings(own, self.network, gradient=False)
        yield from found


def unchanged(after: Mapping[str, Any], given: Given) -> bool:
    """Whether no parameter was touched."""
    return all(np.array_equal(value, given.params[name]) for name, value in after.items())


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
