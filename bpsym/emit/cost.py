"""``cost`` and ``loss``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpsym.emit.context import ModuleContext, constants_of, unpacking
from bpsym.emit.source import INDENT, WIDTH, Source, call, docstring, statement
from bpsym.emit.targets import Targets
from bpsym.network.model import Loss


@dataclass(frozen=True)
class Cost:
    """Writes the cost C as a function of the forward pass and the targets."""

    context: ModuleContext

    def lines(self) -> list[str]:
        """The docstring and the body of ``cost``."""
        return [*self._cost_doc(), *self._cost_lines()]

    def _cost_names(self) -> list[str]:
        parameters = any(
            name in self.context.parameters
            for each in self.context.program.cost
            for name in each.reads
        )
        return (
            ["params"] * parameters
            + list(self.context.cost_reads)
            + ["Y"] * bool(self.context.built.targets)
        )

    def arguments(self) -> str:
        """What stands in the brackets of ``def cost()``."""
        [first, *others] = statement(
            "def cost", call("", [Source(name) for name in self._cost_names()]), 0, ":"
        )
        return "\n".join([first, *others]).removeprefix("def cost(").removesuffix("):")

    def call(self) -> Source:
        """The cost as a float."""
        return call("float", [call("cost", [Source(name) for name in self._cost_names()])])

    def _cost_doc(self) -> list[str]:
        words = " plus ".join(dict.fromkeys(map(_weighted, self.context.built.network.losses)))
        way = "mean" if self.context.built.network.reduction == "mean" else "sum"
        decay = ", with weight decay" if self.context.built.network.l2 else ""
        what = f"the {way} over the samples of {words}{decay}"
        return docstring(f"Return C, {what}.", f"C is {what}.", short="Return the cost C.")

    def _cost_lines(self) -> list[str]:
        targets = Targets(self.context)
        lines = []
        if self.context.labels():
            lines += [*targets.from_labels(self.context.cost_reads), *targets.counted()]
        lines += targets.checked()
        needs_m = any("m" in constants_of(each.node) for each in self.context.program.cost)
        if needs_m:
            lines.append(f"{INDENT}m = {self.context.count(self.context.cost_reads[0])}")
        if [each.name for each in self.context.program.cost] == ["C"]:
            [only] = self.context.program.cost
            return lines + statement("return ", self.context.printer.source(only.node))
        for each in self.context.program.cost:
            if not each.name.startswith("R_"):
                lines += statement(f"{each.name} = ", self.context.printer.source(each.node))
        total = []
        decayed = []
        for name, weight in self.context.program.system.objective:
            if name.startswith("R_"):
                decayed.append(name[2:])
            else:
                total.append(name if weight == 1 else f"{float(weight)!r} * {name}")
        if decayed:
            lines += self._decay(decayed)
            total.append("decay")
        return [*lines, f"{INDENT}return {' + '.join(total)}"]

    def _decay(self, names: Sequence[str]) -> list[str]:
        rate = f"{float(self.context.built.network.l2)!r} / 2"
        terms = [f'np.sum(params["{name}"] ** 2)' for name in names]
        line = (
            f"{INDENT}decay = {rate} * ({' + '.join(terms)})"
            if len(terms) > 1
            else (f"{INDENT}decay = {rate} * {terms[0]}")
        )
        if len(line) <= WIDTH:
            return [line]
        keys = ", ".join(f'"{name}"' for name in names)
        line = f"{INDENT}weights = ({keys})"
        if len(line) > WIDTH:
            inner = "".join(f'{INDENT * 2}"{name}",\n' for name in names)
            line = f"{INDENT}weights = (\n{inner}{INDENT})"
        return [
            line,
            f"{INDENT}decay = {rate} * sum(np.sum(params[name] ** 2) for name in weights)",
        ]

    def loss_lines(self) -> list[str]:
        """The body of ``loss``."""
        used = self.context.cost_reads
        names = [name if name in used else "_" for name in self.context.returned]
        return [*unpacking(names), *statement("return ", self.call())]


def _weighted(loss: Loss) -> str:
    """``0.3 times the huber``: a loss in words, with its weight."""
    kind = f"the {loss.kind.replace('_', ' ')}" if loss.kind else "the declared loss"
    if not kind.endswith(("error", "entropy", "divergence", "loss")):
        kind += " loss"
    return kind if loss.weight == 1 else f"{float(loss.weight)!r} times {kind}"
