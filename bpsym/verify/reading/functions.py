r"""Functions in a formula: ``\sigma'(z^{(2)})``, ``g^{[1]\prime}(Z^{[1]})``, ``np.sum(x, axis=1)``.

A text writes f, g or \sigma for the activation of the layer at hand; which one that is is seen
from the argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpsym.calculus.terms.functions import U
from bpsym.errors import quoted
from bpsym.typeset.formulas.tree import ONE, Apply, Formula, Kind, Power, Prime, Symbol
from bpsym.verify.reading.cursor import CLOSER, FONTS, Cursor, letters_of
from bpsym.verify.reading.meaning import Meaning
from bpsym.verify.reading.names import Names
from bpsym.verify.reading.numbers import exponent_of
from bpsym.verify.reading.scripts import scripts_of
from bpsym.verify.reading.tokens import WORDS, refusal

if TYPE_CHECKING:
    from bpsym.verify.reading.grammar import Grammar

OUTPUT = "a"
_IDENTITY = "identity"
_TOTAL = "np.sum"
_UNBRACKETED = frozenset("exp log tanh sin cos sinh cosh arctan".split())
_KEYWORDS = ("axis=0", "axis=1", "keepdims=True")


class Functions:
    """Reads functions at the cursor of a grammar."""

    def __init__(self, cursor: Cursor, meaning: Meaning, grammar: Grammar) -> None:
        self.cursor = cursor
        self.names = meaning.names
        self.grammar = grammar
        self.left: Formula | None = None

    def stands_here(self) -> bool:
        """Whether words in the text are the name of a function."""
        word = self.cursor.peek().removeprefix(WORDS)
        return word == _TOTAL or self.names.function(word) is not None

    def applied(self) -> Formula | None:
        """A function with its arguments; None if none stands here."""
        cursor = self.cursor
        start = cursor.at
        if cursor.peek() == "e" and cursor.peek(1) == "^" and not self._is_symbol("e"):
            cursor.at += 2
            return Apply("exp", (self.grammar.inner(cursor.group()),))
        word = self._word()
        if word == _TOTAL:
            return self._total()
        name = self.names.function(word) if word else None
        if name is None:
            cursor.at = start
            return None
        scripts = scripts_of(cursor)
        curly = word in ("max", "min") and cursor.peek() == r"\{"
        if cursor.peek() not in ("(", "[") and not curly:
            if word in _UNBRACKETED and cursor.peek():
                return Apply(name, (self.grammar.factor(),))
            cursor.at = start
            return None
        if not scripts.primed and self._is_symbol(word):
            cursor.at = start
            return None
        arguments = self._arguments()
        power = scripts.above if word in _UNBRACKETED else []
        called = name or self._meant(word, arguments[0], primed=scripts.primed)
        found = _call(called, arguments, primed=scripts.primed)
        return Power(found, exponent_of(power, cursor)) if power else found

    def slope_of(self, of: Formula, by: Formula) -> Formula | None:
        """The derivative of a function in its first argument; None for what is none."""
        if isinstance(of, Apply) and isinstance(of.function, str) and of.arguments[0] == by:
            return _call(of.function, of.arguments, primed=True)
        return None

    def _word(self) -> str:
        cursor = self.cursor
        token = cursor.peek()
        if "".join(cursor.tokens[cursor.at : cursor.at + 6]) == _TOTAL:
            cursor.at += 6
            return _TOTAL
        if token in FONTS:
            cursor.take()
            return letters_of(cursor.group())
        if token.startswith(WORDS):
            return cursor.take().removeprefix(WORDS)
        name = token.removeprefix("\\")
        if name.isalpha() and (len(token) == 1 or token[0] == "\\"):
            return cursor.take().removeprefix("\\")
        return ""

    def _is_symbol(self, word: str) -> bool:
        """Whether the notation has symbols with this letter: ``a(1 - a)`` is a product."""
        return word in self.names.bases or self.names.is_cost(word)

    def _arguments(self) -> tuple[Formula, ...]:
        cursor = self.cursor
        closing = CLOSER[cursor.take()]
        found = [self.grammar.terms()]
        while cursor.accept(","):
            found.append(self.grammar.terms())
        cursor.expect(closing)
        return tuple(found)

    def _total(self) -> Formula:
        """``np.sum(dZ, axis=1, keepdims=True)``."""
        cursor = self.cursor
        cursor.expect("(")
        arguments: list[Formula] = [self.grammar.terms()]
        while cursor.accept(","):
            word: list[str] = []
            while cursor.peek() not in (",", ")"):
                word.append(cursor.take())
            keyword = letters_of(word).replace(" ", "")
            if keyword not in _KEYWORDS:
                raise cursor.stray(keyword, " or ".join(_KEYWORDS))
            arguments.append(Symbol(keyword, Kind.CONSTANT, keyword))
        cursor.expect(")")
        return Apply(_TOTAL, tuple(arguments))

    def _meant(self, word: str, argument: Formula, *, primed: bool) -> str:
        r"""What \sigma stands for in a network without a sigmoid: the layer's activation or itself.

        As a slope, or where a layer's output is defined, it is the layer's.
        """
        own = {"sigma": "sigmoid", "varphi": "normal_pdf"}.get(word)
        of_layer = isinstance(argument, Symbol) and argument.name in self.names.built.system.tensors
        if own is not None and not (of_layer and (primed or self._defines(argument))):
            return own
        return self._of_layer(argument)

    def _defines(self, argument: Formula) -> bool:
        """Whether the equation's left side is the output of the layer with this argument."""
        left = self.left
        return (
            isinstance(left, Symbol)
            and isinstance(argument, Symbol)
            and any(
                relation.schema.activation is not None
                and relation.defines == left.name
                and argument.name in relation.reads
                for relation in self.names.built.system.relations
            )
        )

    def _of_layer(self, argument: Formula) -> str:
        """The activation that f stands for."""
        functions = self.names.table.functions
        if isinstance(argument, Symbol):
            for relation in self.names.built.system.relations:
                activation = relation.schema.activation
                if activation is not None and argument.name in relation.names:
                    if activation.expression == U:
                        return _IDENTITY
                    if not activation.learned:
                        return functions[activation]
        known = self.names.built.system.tensors
        if len(functions) == 1 and not (isinstance(argument, Symbol) and argument.name in known):
            return next(iter(functions.values()))
        raise refusal(
            self.cursor.where,
            "it cannot be seen which activation is meant",
            "the z of a layer with an elementwise activation",
            quoted(" ".join(self.cursor.tokens[-12:])),
        )


def _call(name: str, arguments: tuple[Formula, ...], *, primed: bool) -> Formula:
    if name == _IDENTITY:
        return ONE if primed else arguments[0]
    return Apply(Prime(name) if primed else name, arguments)


def defined_letters(tokens: Sequence[str], names: Names) -> frozenset[str]:
    r"""The letters that stand for the arguments of a function that a formula defines.

    ``\sigma'(z) = a (1 - a)`` has z, and a for the output; any other formula has none.
    """
    left = list(tokens[: tokens.index("=")] if "=" in tokens else tokens)
    if left[:3] == [r"\frac", "{", r"\partial"] and left[-1:] == ["}"]:
        end = left.index(")") if ")" in left else 0
        left = left[3 : end + 1]
    elif left[-1:] != [")"]:
        return frozenset()
    if "(" not in left:
        return frozenset()
    at = left.index("(")
    head = [each for each in left[:at] if each not in ("'", "^", r"\prime")]
    inside = left[at + 1 : -1]
    letters = [each.removeprefix("\\") for each in inside[::2]]
    listed = inside[1::2] == [","] * (len(inside) // 2) and len(inside) % 2 == 1
    if not head or not listed or not all(each.isalpha() for each in letters):
        return frozenset()
    word = letters_of(head)
    if names.function(word) is None or word in names.bases:
        return frozenset()
    return frozenset((*letters, OUTPUT))
