r"""Reads one symbol: a letter in any font, its accent, and what stands above and below it.

    W_{kj}^{(2)}    \hat{y}_j    \mathbf{W}^{[2]\top}    \delta^{l+1}_k    dW^{[1]}

What stands above is the layer where the notation has such a symbol, else a power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bpsym.errors import quoted
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula, Kind, Number, Power, Symbol, Terms, Transpose
from bpsym.verify.reading.cursor import ACCENTS, FONTS, Cursor, letters_of
from bpsym.verify.reading.meaning import OWN, RESERVED, Meaning, RunningLayerError
from bpsym.verify.reading.names import STEP
from bpsym.verify.reading.numbers import exponent_of, fraction_of
from bpsym.verify.reading.scripts import Scripts, joined, parts_of, scripts_of
from bpsym.verify.reading.tokens import WORDS, refusal, told

_BRACKETS = frozenset("()[]{}")

# A vector of as many ones as a product needs: ``\mathbf{1}``.
ONES = Symbol("ones", Kind.TENSOR, "1", accent="bold")


class SymbolReader:
    """Reads symbols at a cursor."""

    def __init__(self, cursor: Cursor, meaning: Meaning) -> None:
        self.cursor = cursor
        self.meaning = meaning
        self.names = meaning.names
        self.defining = False

    def symbol(self) -> Formula:
        """A symbol with its indices, transposed or raised to a power as written.

        Raises ExpressionError for one that the notation does not have.
        """
        cursor = self.cursor
        start = cursor.at
        if cursor.peek() in FONTS:
            cursor.take()
            if cursor.group() == ["1"]:
                return ONES
            cursor.at = start
        base, accent = self.letter()
        if base == "d" and not accent and _is_letter(cursor.peek()) and cursor.peek() != "_":
            inner, accent = self.letter()
            base = f"d{inner}"
        elif base == "Delta" and _is_letter(cursor.peek()):
            found = self._step(start)
            if found is not None:
                return found
        return self._with_scripts(base, accent, start)

    def letter(self) -> tuple[str, str]:
        r"""The letter in any font, and its accent: ``\hat{\mathbf y}`` is y with a hat."""
        token = self.cursor.take()
        if token in ACCENTS:
            inner = self.cursor.group()
            return letters_of(inner), token[1:]
        if token in FONTS:
            tokens = self.cursor.group()
            if tokens and tokens[0] in ACCENTS:
                return letters_of(tokens[1:]), tokens[0][1:]
            return letters_of(tokens), ""
        if token.startswith(WORDS):
            return token.removeprefix(WORDS), ""
        if token[0] == "\\" and token[1:].isalpha():
            return token[1:], ""
        if len(token) == 1 and token.isalpha():
            return token, ""
        self.cursor.at -= 1
        raise self.cursor.stray()

    def _with_scripts(self, base: str, accent: str, start: int) -> Formula:
        cursor, names = self.cursor, self.names
        before = cursor.at
        scripts = scripts_of(cursor)
        if scripts.primed:
            cursor.at = start
            raise cursor.stray()
        if base in self.meaning.local and not accent:
            local = Symbol(base, Kind.TENSOR, base)
            if scripts.below:
                raise cursor.stray(base)
            return self._raised(local, scripts.above)
        if names.is_cost(base) and not accent and not scripts.above and not scripts.below:
            return Symbol("C", Kind.TENSOR, base)
        worded = self._worded(base, accent, scripts)
        if worded is not None:
            return worded
        bare = names.tensor(base, accent, "")
        is_power = bare is not None and not any(each in ("(", "[") for each in scripts.above)
        label = "" if is_power else self._label(scripts.above)
        found = names.tensor(base, accent, label) if label is not None else None
        if is_power and found is not None:
            symbol = self._finished(found, scripts.below, scripts.transposed)
            return self._raised(symbol, scripts.above)
        if found is not None:
            return self._finished(found, scripts.below, scripts.transposed)
        size = self._size(base, scripts)
        if size is not None:
            return size
        if scripts.below and not accent:
            below = self._label(scripts.below)
            found = names.tensor(base, accent, below) if below is not None else None
            if found is not None and not scripts.above:
                return self._finished(found, [], scripts.transposed)
        if scripts.below and not accent and label is not None:
            first, *rest = parts_of(scripts.below)
            found = names.tensor(f"{base}{letters_of(first)}", "", label)
            if found is not None:
                return self._finished(found, joined(rest), scripts.transposed)
        mine = self._own(base, accent, scripts)
        if mine is not None:
            return mine
        power = [each for each in scripts.above if each not in _BRACKETS]
        if power and all(map(str.isdigit, power)):  # a power of a name of the user's own
            own = self._own(base, accent, replace(scripts, above=[]))
            if own is not None:
                return self._raised(own, power)
        if self._is_index(base, accent, scripts):
            return index(base)
        if not scripts.above and not scripts.below and base == "pi":
            return Symbol("pi", Kind.CONSTANT, "pi")
        if base in ("eta", "alpha") and not scripts.above and not scripts.below:
            return Symbol("eta", Kind.TENSOR, "eta")
        cursor.at = before
        shown = told(cursor.tokens[start : start + 10])
        raise refusal(
            cursor.where,
            "this name means nothing here",
            "a tensor of the network with the number of its layer",
            quoted(shown),
            "compare bpsym derive with --notation for the names",
        )

    def _worded(self, base: str, accent: str, scripts: Scripts) -> Formula | None:
        """A symbol with a word below its letter, before its indices: ``s_{c, i}``."""
        if not scripts.below or accent:
            return None
        first, *rest = parts_of(scripts.below)
        label = self._label(scripts.above)
        found = self.names.worded(base, letters_of(first), label) if label is not None else None
        return None if found is None else self._finished(found, joined(rest), scripts.transposed)

    def _own(self, base: str, accent: str, scripts: Scripts) -> Formula | None:
        """A name of the user's own, known or just being defined; a known one may be squared."""
        written, plain = (f"{OWN}{accent}{base}{told(above)}" for above in (scripts.above, ()))
        known = self.meaning.own.known
        if scripts.above and written not in known and plain in known:
            symbol = Symbol(plain, Kind.TENSOR, base, accent=accent)
            places = self._places(symbol, scripts.below)
            return self._raised(replace(symbol, subscripts=places), scripts.above)
        is_cost = self.names.is_cost(base) and not scripts.below and not scripts.above
        if written not in self.meaning.own.known:
            new = self.defining and (base not in self.names.bases or self.names.is_cost(base))
            if not new or is_cost or scripts.primed or base in RESERVED:
                return None
            self.meaning.own.known.add(written)
        symbol = Symbol(written, Kind.TENSOR, base, told(scripts.above), accent=accent)
        return replace(symbol, subscripts=self._places(symbol, scripts.below))

    def _finished(self, found: Symbol, below: Sequence[str], transposed: bool) -> Formula:
        symbol = replace(found, subscripts=self._places(found, below))
        return Transpose(symbol) if transposed else symbol

    def _raised(self, base: Formula, above: Sequence[str]) -> Formula:
        if not above:
            return base
        tokens = [each for each in above if each not in ("{", "}")]
        if tokens[0] in _BRACKETS:
            raise self._no_layer(above)
        return Power(base, exponent_of(tokens, self.cursor))

    def _no_layer(self, above: Sequence[str]) -> Exception:
        return refusal(
            self.cursor.where,
            "there is no such layer",
            f"a number up to {self.names.depth}, or the name of a layer",
            quoted(told(above)),
        )

    def _step(self, start: int) -> Formula | None:
        r"""``\Delta w_{ij}``: minus the rate times the gradient."""
        at = self.cursor.at
        found = self._with_scripts(*self.letter(), start)
        transposed = isinstance(found, Transpose)
        symbol = found.argument if isinstance(found, Transpose) else found
        if isinstance(symbol, Symbol) and self.names.parameter(symbol):
            step = replace(symbol, name=STEP + symbol.name, base=STEP + symbol.base)
            return Transpose(step) if transposed else step
        self.cursor.at = at
        return None

    # what stands above and below --------------------------------------------------------------

    def _label(self, tokens: Sequence[str]) -> str | None:
        """The layer that is meant, as the names have it; None if it is no layer."""
        inner = [each for each in tokens if each not in _BRACKETS and each not in FONTS]
        if not inner:
            return ""
        words = letters_of(inner)
        bracketed = any(each in ("(", "[") for each in tokens)
        total = self._counted(inner, bracketed=bracketed)
        return words if total is None else str(total)

    def _counted(self, tokens: Sequence[str], *, bracketed: bool) -> int | None:
        """A layer as a number: ``2``, ``L - 1``, ``l + 1``; None if it is a name.

        Two of them without a sign between are none: ``[1](i)`` is layer 1 of sample i.
        """
        if any(one not in "+-" and other not in "+-" for one, other in pairwise(tokens)):
            return None
        total, sign = 0, 1
        for token in tokens:
            if token in ("+", "-"):
                sign = 1 if token == "+" else -1
            elif token.isdigit():
                total += sign * int(token)
            elif token in self.meaning.running:
                total += sign * self.meaning.running[token]
            elif token in self.names.last_labels and self.names.depth:
                total += sign * self.names.last_labels[token]
            elif len(token) == 1 and token.islower() and (bracketed or token == "l"):
                if len(tokens) > 1 and not all(each in "+-" or each.isdigit() for each in tokens
                                               if each != token):  # fmt: skip
                    return None
                if not self.names.depth:
                    return None
                raise RunningLayerError(token)
            else:
                return None
        return total

    def _size(self, base: str, scripts: Scripts) -> Symbol | None:
        if scripts.above or scripts.transposed:
            return None
        label = self._label(scripts.below) if scripts.below else ""
        found = self.names.size(base, label) if label is not None else None
        if found is None and base == "n" and label is not None and label.isdigit():
            return None
        return found

    def _is_index(self, base: str, accent: str, scripts: Scripts) -> bool:
        plain = not accent and not scripts.above and not scripts.below
        return plain and len(base) == 1 and base.islower()

    def _places(self, of: Symbol, tokens: Sequence[str]) -> tuple[Formula, ...]:
        """Subscripts: ``ij``, ``21``, ``i,j``, ``i+1, j``."""
        if not tokens:
            return ()
        parts = parts_of(tokens)
        if len(parts) == 1 and not any(each in ("+", "-", "_") for each in tokens):
            tokens = [each for each in tokens if each not in ("{", "}")]
            whole = list(tokens)
            count = self._dimensions(of)
            if len(whole) == 1 and whole[0].isdigit() and count == 1:
                return (self._place(whole),)
            parts = [[character] for each in whole for character in _characters(each)]
        return tuple(self._place(part) for part in parts if part)

    def _place(self, tokens: Sequence[str]) -> Formula:
        r"""A subscript: letters, numbers and sizes, ``i + 1``, ``n_{\mathrm{p}} + i_2``."""
        inner = Cursor(tokens, self.cursor.where)
        terms: list[tuple[int, Formula]] = []
        sign = -1 if inner.accept("-") else 1
        while True:
            terms.append((sign, self._counter(inner)))
            if not inner.peek():
                break
            sign = -1 if inner.take() == "-" else 1
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Terms(tuple(terms))

    def _counter(self, cursor: Cursor) -> Formula:
        """A number, a letter that counts, with a number below it or not, or a size."""
        token = cursor.take()
        if token.isdigit():
            return Number(fraction_of([token], cursor))
        if len(token) != 1 or not token.isalpha():
            raise cursor.stray(told(cursor.tokens), "letters and numbers as subscripts")
        below = scripts_of(cursor).below
        size = self.names.size(token, self._label(below) or "") if below else None
        return size if size is not None else index(token + letters_of(below))

    def _dimensions(self, of: Symbol) -> int:
        """How many indices a symbol has: as many as its tensor has axes that are written."""
        system = self.names.built.system
        name = self.names.table.adjoint_of.get(of.name, of.name.removeprefix(STEP))
        tensor = system.tensors.get(name)
        if tensor is None:
            return 0
        one = self.names.notation is not None and self.names.notation.samples.value == "one"
        return len([each for each in tensor.sizes if not (one and each == "m")])


def _characters(token: str) -> Sequence[str]:
    return token if token.isdigit() else (token,)


def _is_letter(token: str) -> bool:
    if token in FONTS or token in ACCENTS:
        return True
    if len(token) == 1:
        return token.isalpha()
    return token[:1] == "\\" and token[1:] in _GREEK


_GREEK = frozenset(
    "alpha beta gamma delta theta kappa lambda mu nu rho sigma tau phi omega".split()
)
