"""Names and numbers in terminal text: symbols with their layers and indices, functions, digits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction

from bpsym.typeset.formulas.numerals import digits_of, is_decimal
from bpsym.typeset.formulas.symbols import running_activation
from bpsym.typeset.formulas.tree import Formula, Prime, Symbol
from bpsym.typeset.terminal.glyphs import Glyphs

_STEP = "Delta_"


class Names(ABC):
    """Writes names and numbers with one set of characters."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs

    @abstractmethod
    def _compact(self, formula: Formula) -> str:
        """A subscript or superscript, without spaces."""

    def symbol(self, symbol: Symbol) -> str:
        """A symbol: letter, label, superscripts, subscripts."""
        if symbol.accent == "bold":
            return self.glyphs.ones
        letter = self._letter(symbol.base)
        accent = f"_{symbol.accent}" if symbol.accent else ""
        above = ",".join(map(self._compact, symbol.superscripts))
        raised = "".join(self.glyphs.superscripts.get(each, "") for each in above)
        below = ",".join(map(self._compact, symbol.subscripts))
        return (
            letter
            + accent
            + self._label(symbol)
            + (raised if above == "+" and raised else f"^({above})" if above else "")
            + (f"[{below}]" if below else "")
        )

    def _letter(self, base: str) -> str:
        """The letter of a symbol; the step of ``w`` is called ``Delta_w``."""
        letters = self.glyphs.letters
        if base.startswith(_STEP) and not self.glyphs.is_plain():
            rest = base.removeprefix(_STEP)
            return letters.get("Delta", "\u0394") + letters.get(rest, rest)
        return letters.get(base, base)

    def _label(self, symbol: Symbol) -> str:
        label = symbol.label
        if symbol.offset is not None:
            sign = "+" if symbol.offset > 0 else self.glyphs.minus
            shift = f"{sign}{abs(symbol.offset)}" if symbol.offset else ""
            shifted = label + shift
            if all(each in self.glyphs.subscripts for each in shifted):
                return "".join(self.glyphs.subscripts[each] for each in shifted)
            return f"{{{shifted}}}"
        return label if not label or label.isdigit() else f"_{label}"

    def function(self, function: str | Prime) -> str:
        """The name of a function or of its derivative."""
        name, prime = function, ""
        if isinstance(function, Prime):
            name, prime = function.function, self.glyphs.prime
        running = running_activation(str(name))
        if running is not None:
            return self.symbol(running) + prime
        return self.glyphs.functions.get(str(name), str(name)) + prime

    def number(self, value: Fraction) -> str:
        """An exact number."""
        sign = self.glyphs.minus if value < 0 else ""
        value = abs(value)
        if not is_decimal(value):
            return sign + str(value)
        digits, exponent = digits_of(value)
        if exponent == 0:
            return sign + digits
        if self.glyphs.is_plain():
            return f"{sign}{digits}e{exponent}"
        raised = "".join(self.glyphs.superscripts[each] for each in f"−{-exponent}")
        return sign + ("" if digits == "1" else f"{digits}·") + f"10{raised}"
