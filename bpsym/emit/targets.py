"""Targets as they come: of another type, as integer labels, of a wrong shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpsym.emit.context import ModuleContext, key_of, shape_text
from bpsym.emit.source import AND, Source, bracketed, call, chain, statement, value_error


@dataclass(frozen=True)
class Targets:
    """Writes the lines that make arrays of the targets."""

    context: ModuleContext

    def checked(self) -> list[str]:
        """Targets become floats of the shape of their output: no broadcasting, no wrapping ints."""
        outputs = {}
        for loss in self.context.built.network.losses:
            if loss.target is not None and loss.targets != "labels":
                outputs[loss.target] = self.context.built.outputs[loss.of[0]]
        lines = []
        for name, output in outputs.items():
            target = self.context.built.targets[name]
            like = next(each for each in self.context.cost_reads if self._alike(each, output))
            written = self.context.read(target)
            arguments = [Source(written), Source(f"{like}.dtype")]
            lines += self.new(name, "np.asarray", arguments)
            quoted = written.replace('"', "'")
            # One sample as a vector agrees with its output, and its units would count as samples.
            tests = [f"{written}.shape != {like}.shape", f"{written}.ndim != 2"]
            tests.append(f"not {written}.size")
            either = [("or" if at else "", Source(test)) for at, test in enumerate(tests)]
            lines += statement("if ", chain(either, AND), 1, ":")
            wanted = self.context.shape(like)
            parts = (
                f"{quoted} has shape ",
                f"{{{quoted}.shape}}, the output ",
                f"{{{like}.shape}}; ",
                f"both are to be {shape_text(wanted)}",
            )
            lines += value_error(parts, 2)
        return lines

    def new(self, name: str, function: str, arguments: Sequence[Source]) -> list[str]:
        """``Y = function(...)``, or the same for one target of several."""
        if len(self.context.built.targets) == 1:
            return statement("Y = ", call(function, arguments))
        entry = bracketed(f'"{name}": {function}(', tuple(arguments), ")")
        return statement("Y = ", bracketed("{", (Source("**Y"), entry), "}"))

    def _alike(self, read: str, output: str) -> bool:
        """Whether what the cost reads is an output or the pre-activation of it."""
        tensors = self.context.program.system.tensors
        definitions = self.context.program.system.definitions[output]
        return read == output or (
            read in definitions[0].reads and tensors[read].sizes == tensors[output].sizes
        )

    def counted(self) -> list[str]:
        """As many labels as samples, and not none: a single one would broadcast."""
        lines = []
        for target, output in self.context.labels().items():
            like = next(each for each in self.context.cost_reads if self._alike(each, output))
            read = self.context.read(target)
            samples = "{}.shape[1]" if self.context.columns else "len({})"
            given, wanted = samples.format(read), samples.format(like)
            quoted = given.replace('"', "'")
            tests = [Source(f"{read}.shape != {like}.shape"), Source(f"not {read}.size")]
            either = [("or" if at else "", test) for at, test in enumerate(tests)]
            lines += statement("if ", chain(either, AND), 1, ":")
            parts = (f"expected a label for each sample, got {{{quoted}}} ", f"for {{{wanted}}}")
            lines += value_error(parts, 2)
        return lines

    def from_labels(self, known: Sequence[str]) -> list[str]:
        """Labels become rows of zeros and a one, of the floating type of a known array."""
        lines = []
        suffix = "_columns" * self.context.columns
        for target, output in self.context.labels().items():
            like = output if output in known else known[0]
            classes = self.context.sizes[self.context.program.system.tensors[output].sizes[1]]
            read = self.context.read(target)
            arguments = [Source(read), Source(str(classes)), Source(f"{like}.dtype")]
            key = key_of(self.context.built.targets, target)
            lines += self.new(key, f"one_hot{suffix}", arguments)
        return lines
