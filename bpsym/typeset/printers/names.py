"""Names and marks: symbols with their layers and indices, functions, brackets, rows of pieces."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from bpsym.typeset.formulas.symbols import running_activation
from bpsym.typeset.formulas.tree import Formula, Kind, Number, Prime, Symbol
from bpsym.typeset.printers import piece as metrics
from bpsym.typeset.printers.language import Fence, Language
from bpsym.typeset.printers.piece import Piece, around, letters
from bpsym.typeset.printers.styles import Labels, Style

EMPTY = Piece("", 0.0)

# The sizes of brackets around a sum, and around a fraction.
BIG, BIGG, LARGEST = 2, 3, 4

_NUMBERED = re.compile(r"(.*[A-Za-z])([0-9]+)")

# ``s_c`` is a letter with a letter below it.
_INDEXED = re.compile("([A-Za-z])_([A-Za-z])")

# ``adj_a`` is a letter with a bar, ``Delta_w`` the step of w, ``dW`` the gradient as code has it.
_ADJOINT, _STEP = "adj_", "Delta_"
_DIFFERENTIAL = re.compile("d[A-Za-z]")


class Names(ABC):
    """Writes what has a name, and puts pieces together."""

    language: Language
    labels: Labels

    @abstractmethod
    def _piece(self, formula: Formula, style: Style) -> Piece:
        """Any formula."""

    def _symbol(self, symbol: Symbol) -> Piece:
        below: list[Piece] = []
        above: list[Piece] = []
        base = self._letter(symbol, below)
        if symbol.label:
            label = self._label(symbol)
            if symbol.kind is not Kind.TENSOR or self.labels is Labels.BELOW:
                below.append(label)
            else:
                above.append(self._placed(label))
        above += [self._piece(each, Style.SCRIPT) for each in symbol.superscripts]
        places = [self._piece(each, Style.SCRIPT) for each in symbol.subscripts]
        if below and places:
            below.append(Piece(self.language.comma, metrics.COMMA))
        below += with_commas(places, symbol.subscripts, self.language.comma)
        return self._scripted(base, below, above)

    def _letter(self, symbol: Symbol, below: list[Piece]) -> Piece:
        """The letter or word; digits at its end become a subscript."""
        name, accent = symbol.base, symbol.accent
        if accent == "bold":
            return Piece(self.language.bold(name), letters(name))
        if name == "...":
            return Piece(self.language.dots, 1.2)
        if name == ":::":
            return Piece(self.language.vertical_dots, 0.4)
        if name.startswith(_ADJOINT) and len(name) > len(_ADJOINT):
            name, accent = name.removeprefix(_ADJOINT), "bar"
        match = _NUMBERED.fullmatch(name)
        if match and (len(match[1]) == 1 or match[1] in self.language.greek):
            name = match[1]
            below.append(Piece(self.language.digits(match[2]), letters(match[2])))
        indexed = _INDEXED.fullmatch(name)
        if indexed:
            name = indexed[1]
            below.append(Piece(self.language.letter(indexed[2]), letters(indexed[2])))
        if name in self.language.greek:
            base = Piece(self.language.greek[name], letters("x"))
        elif len(name) == 1 or _DIFFERENTIAL.fullmatch(name):
            text = self._joined([self.language.letter(each) for each in name])
            base = Piece(text, letters(name))
        elif name.startswith(_STEP):
            of = name[len(_STEP) :]
            word = self.language.letter(of) if len(of) == 1 else self.language.upright(of)
            rest = Piece(self.language.greek.get(of) or word, letters(of))
            base = self._beside((Piece(self.language.greek["Delta"], 0.8), rest))
        else:
            base = Piece(self.language.upright(name), letters(name))
        if not accent:
            return base
        return around(self.language.accented(base.text, accent), (base,))

    def _label(self, symbol: Symbol) -> Piece:
        label = symbol.label
        if symbol.offset is None:
            if label.isdigit():
                return Piece(self.language.digits(label), letters(label))
            return Piece(self.language.upright(label), letters(label))
        running = Piece(self.language.letter(label), letters(label))
        if symbol.offset == 0:
            return running
        sign = self.language.plus if symbol.offset > 0 else self.language.minus
        digits = str(abs(symbol.offset))
        text = self._joined((running.text, sign, self.language.digits(digits)))
        return Piece(text, running.width + metrics.LEADING_SIGN + letters(digits))

    def _placed(self, label: Piece) -> Piece:
        if self.labels is Labels.BARE:
            return label
        fence = Fence.ROUND if self.labels is Labels.ROUND else Fence.SQUARE
        return self._fenced(label, fence)

    def _scripted(self, base: Piece, below: Sequence[Piece], above: Sequence[Piece]) -> Piece:
        if not below and not above:
            return base
        low = self._joined([each.text for each in below])
        high = self._joined([each.text for each in above])
        wide = max(sum(each.width for each in row) for row in (below, above))
        return Piece(
            self.language.scripts(base.text, low, high),
            base.width + metrics.SCRIPT * wide,
            base.tall,
            base.nested,
        )

    def _has_superscript(self, symbol: Symbol) -> bool:
        above = symbol.kind is Kind.TENSOR and self.labels is not Labels.BELOW
        return bool(symbol.superscripts) or (above and bool(symbol.label))

    def _digits(self, digits: str) -> Piece:
        return Piece(self.language.digits(digits), letters(digits))

    def _function(self, function: str | Prime) -> Piece:
        if isinstance(function, Prime):
            inner = self._function(function.function)
            return around(self.language.primed(inner.text), (inner,), extra=0.3)
        running = running_activation(function)
        if running is not None:
            return self._symbol(running)
        if function in self.language.operators:
            return Piece(self.language.operators[function], letters(function[:4]))
        if function in self.language.greek:
            return Piece(self.language.greek[function], letters("x"))
        stem, _, number = function.rpartition("_")
        if len(stem) == 1 and number.isdigit():
            # One of several functions of a letter.
            return self._scripted(self._function(stem), (self._digits(number),), ())
        if len(function) == 1:
            return Piece(self.language.letter(function), letters(function))
        if "." in function:
            return Piece(self.language.code(function), letters(function))
        return Piece(self.language.operator(function), letters(function))

    def _fenced(self, inner: Piece, fence: Fence) -> Piece:
        size = fence_size(inner)
        before = self._mark(self.language.opening(fence, size), size)
        after = self._mark(self.language.closing(fence, size), size)
        whole = self._beside((before, inner, after))
        return Piece(whole.text, whole.width, max(size, inner.tall), nested=True)

    def _mark(self, text: str, size: int) -> Piece:
        return Piece(text, metrics.TALL_FENCE if size > 1 else metrics.FENCE)

    def _listed(self, parts: Sequence[Piece]) -> Piece:
        comma = Piece(self.language.comma, metrics.COMMA)
        return self._beside([each for part in parts for each in (comma, part)][1:])

    def _beside(self, parts: Sequence[Piece]) -> Piece:
        return around(self._joined([part.text for part in parts]), tuple(parts))

    def _joined(self, texts: Sequence[str]) -> str:
        kept = [text for text in texts if text]
        return kept[0] if len(kept) == 1 else self.language.row(kept) if kept else ""


def fence_size(inner: Piece) -> int:
    """Brackets around brackets are a size larger, unless what is inside is tall anyway."""
    if inner.tall >= BIG or not inner.nested:
        return inner.tall
    return min(inner.tall + 1, BIG)


def with_commas(places: Sequence[Piece], formulas: Sequence[Formula], comma: str) -> list[Piece]:
    """Subscripts: ``ij`` and ``21`` run together, ``i+1, j`` and ``12, 1`` have commas."""
    if all(map(_is_one_character, formulas)):
        return list(places)
    mark = Piece(comma, metrics.COMMA)
    return [each for place in places for each in (mark, place)][1:]


def _is_one_character(formula: Formula) -> bool:
    match formula:
        case Symbol(base=base, label=label, subscripts=(), superscripts=()):
            return not label and len(base) == 1
        case Number(value):
            return value.denominator == 1 and 0 <= value < 10
        case _:
            return False
