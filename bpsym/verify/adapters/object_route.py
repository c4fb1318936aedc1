"""An object is made, its weights are set, and a method is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.arguments import UPSTREAM, VALUE, Argument
from bpsym.verify.adapters.attributes import from_attributes
from bpsym.verify.adapters.bindings import Binding
from bpsym.verify.adapters.bundles import Bundle
from bpsym.verify.adapters.construct import filled
from bpsym.verify.adapters.containers import readings
from bpsym.verify.adapters.function import changed, unchanged
from bpsym.verify.adapters.returned import Hints, Returned, arrays, scalar
from bpsym.verify.adapters.values import FED, passed, wants_values

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Form, Given

_HOLDERS = ("gradient", "gradients", "grad", "grads", "nabla", "dparams", "deltas_w")


@dataclass(frozen=True)
class ObjectRoute:
    """An object is made, its weights are set, and a method is called.

    new: the steps that make it, empty if the target is an instance.
    feeds: attributes that are set before: to X or Y for methods that take neither, and so that a
    training run makes one step with all samples.
    rate_attribute, rate_global: the attribute, or the global variable, that is the learning rate.
    written_rate: the one that stands in the code as a number.
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
    rate_global: str | None = None
    written_rate: float | None = None
    guessed: bool = False
    returns: tuple[str, ...] = ()
    divided: bool = False

    @property
    def wants_values(self) -> bool:
        """Whether it takes values of the forward pass."""
        return wants_values(self.arguments)

    @property
    def any_widths(self) -> bool:
        """An object is made for its widths."""
        return False

    @property
    def rated(self) -> bool:
        """Whether the learning rate can be chosen."""
        if self.rate_attribute is not None or self.rate_global is not None:
            return True
        return any(a.role == "rate" for a in self.arguments)

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
                f"self.{name} = {FED.get(role, role)}" for name, role in self.feeds
            )
        if self.forward is not None:
            yield f"self.{self.forward[0]} is called before self.{self.method}"
        if self.rate_global is not None:
            yield f"the learning rate is the global variable {self.rate_global}"
        for each in self.arguments:
            if each.role == UPSTREAM:
                yield f"{each.name} is dC/dz of the output"
        if self.divided:
            yield "the strength of decay is handed over times m, since the code divides it by m"
        if self.update:
            yield f"gradients are recovered from what self.{self.method} does to the weights"

    def _made(self, step: Mapping[str, Any], given: Given, rate: float) -> dict[str, Any]:
        """A step of the construction, X and Y filled in where the constructor takes them."""
        return {**step, "args": filled(step["args"], given)}

    def _value(self, role: str, given: Given, rate: float) -> Any:
        if role == "cache":
            return {"ref": "forwarded"}
        if role == f"{VALUE}{self.network.output}" and self.forward is not None:
            return {"ref": "forwarded"}
        return passed(role, given, rate, self.network, Bundle("dict"), divided=self.divided)

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
        if self.rate_global is not None:
            steps.append({"do": "set", "of": "globals", "name": self.rate_global, "value": rate})
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
            yield from readings(result, self.network, hints=Hints(self.returns))
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
        yield from from_attributes(left, self.network, "self.")
