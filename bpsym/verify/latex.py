r"""Formulas in LaTeX, in the matrix notations of textbooks, samples as columns.

    \delta^{(2)} = (W^{(3)})^T \delta^{(3)} \odot \sigma'(z^{(2)})          nielsen
    dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}                                ng

A product written without a sign is a matrix product and binds tighter than \odot. A letter with a
bare number above it, W^2 or \delta^L, is that of a layer; a power is written (a^{(1)})^2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.activation import Activation
from bpsym.calculus.functions import U
from bpsym.calculus.indexed import element, index, size
from bpsym.errors import ExpressionError, quoted
from bpsym.text.lexing import DEEPEST_BRACKETS, LONGEST_TEXT
from bpsym.verify.numpy_lines import Compute, Line

if TYPE_CHECKING:
    from bpsym.verify.names import Naming

Array = npt.NDArray[Any]

_TOKEN = re.compile(
    r"(?P<space>(?:\s|~|&|\\[,;:! ]|\\(?:left|right|[bB]igg?[lr]?|quad)(?![A-Za-z]))+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<command>\\[A-Za-z]+)"
    r"|(?P<word>np\.sum|[A-Za-z])"
    r"|(?P<sign>[-+*/=(){}\[\]^_',.])"
)
_FONTS = frozenset(
    r"\mathbf \mathrm \boldsymbol \bm \mathsf \text \operatorname \mathit \mathtt".split()
)
_ELEMENTWISE = frozenset({r"\odot", r"\circ", "*"})
_DOTS = frozenset({r"\cdot", r"\times"})
_TRANSPOSES = frozenset({"T", r"\top", r"\intercal"})
_FUNCTIONS = frozenset({r"\sigma", "g", "f", r"\phi", r"\varphi", "h"})
_NAMED: Mapping[str, Callable[[Array], Array]] = {
    r"\tanh": np.tanh,
    r"\exp": np.exp,
    r"\log": np.log,
}
_COSTS = frozenset("C E J L".split()) | {r"\mathcal"}
_GREEK = {r"\delta": "delta", r"\Delta": "delta"}


def is_latex(text: str) -> bool:
    """Whether a line is to be read as LaTeX: it has a command or a brace in it."""
    return "\\" in text or "{" in text or "^" in text


@dataclass(frozen=True)
class _Value:
    """A part of a formula. tensor: the tensor's name if it is no more than that."""

    compute: Compute
    tensor: str = ""


def read_latex(text: str, where: str, naming: Naming) -> Line:
    """Read one line; raises ExpressionError."""
    if len(text) > LONGEST_TEXT:
        raise _refusal(where, "the line is too long", f"at most {LONGEST_TEXT} characters", "more")
    return _Reader(text.strip().strip("$").rstrip("\\ ."), where, naming).line()


def _refusal(where: str, what: str, expected: str, got: str) -> ExpressionError:
    return ExpressionError.single(
        where=where,
        what=what,
        expected=expected,
        got=got,
        way_out=r"write for example \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(z^{(1)})",
    )


class _Reader:
    """A reader by recursive descent."""

    def __init__(self, text: str, where: str, naming: Naming) -> None:
        self.text = text
        self.where = where
        self.naming = naming
        self.tokens = self._tokens()
        self.at = 0
        self.depth = 0
        self.reads: list[str] = []
        self.last = self._last_layer()

    def _tokens(self) -> list[str]:
        found: list[str] = []
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise self._stray(self.text[position])
            if match.lastgroup != "space":
                found.append(match.group())
            position = match.end()
        return found

    def _stray(self, got: str) -> ExpressionError:
        expected = "the matrix notation of a textbook"
        return _refusal(self.where, "this has no meaning here", expected, quoted(got))

    def _last_layer(self) -> int:
        numbers = [
            int(name[1:])
            for name in self.naming.chain.system.tensors
            if name[0] == "a" and name[1:].isdigit()
        ]
        return max(numbers, default=0)

    # tokens -----------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise self._stray("the end of the line")
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            self.at -= 1
            raise self._stray(self.peek())

    def accept(self, *tokens: str) -> bool:
        if self.peek() in tokens:
            self.at += 1
            return True
        return False

    # grammar ----------------------------------------------------------------------------------

    def line(self) -> Line:
        left = self.factor()
        name = left.tensor
        if not name:
            raise self._stray(self.text.split("=")[0].strip())
        self.reads = []
        self.expect("=")
        value = self.expression()
        if self.peek():
            raise self._stray(self.peek())
        return Line(self.text, name, value.compute, tuple(dict.fromkeys(self.reads)))

    def expression(self) -> _Value:
        self.depth += 1
        if self.depth > DEEPEST_BRACKETS:
            raise self._stray("brackets that nest too deeply")
        negative = self.accept("-")
        if not negative:
            self.accept("+")
        value = self.term()
        if negative:
            first = value.compute
            value = _Value(lambda values: -first(values))
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            value = _sum(value.compute, self.term().compute, sign)
        self.depth -= 1
        return value

    def term(self) -> _Value:
        r"""Products with \odot, the matrix products between them first."""
        value = self.product()
        while self.peek() in _ELEMENTWISE:
            self.take()
            value = _binary(np.multiply, value, self.product())
        return value

    def product(self) -> _Value:
        value = self.factor()
        while True:
            token = self.peek()
            if token == "/":
                self.take()
                value = _binary(np.divide, value, self.factor())
            elif token in _DOTS:
                self.take()
                value = _binary(_times, value, self.factor())
            elif token and token not in "+-=)},]'" and token not in _ELEMENTWISE:
                value = _binary(_times, value, self.factor())
            else:
                return value

    def factor(self) -> _Value:
        token = self.take()
        if token in "([{":
            inner = self.expression()
            self.expect({"(": ")", "[": "]", "{": "}"}[token])
            return self._raised(_Value(inner.compute, inner.tensor if token == "{" else ""), inner)
        if token[0].isdigit():
            number = np.asarray(float(token))
            return _Value(lambda _: number)
        if token == r"\frac":
            return self._fraction()
        if token in (r"\hat", r"\widehat"):
            self._group_letter()
            return self._named_tensor("yhat")
        if token == r"\nabla":
            return self._nabla()
        if token == "np.sum":
            return self._total()
        if token in _FONTS:
            letter = self._group_letter()
            return self._letter(letter)
        if token in _NAMED and self.peek() == "(":
            return self._applied(_NAMED[token])
        if token in _FUNCTIONS and self.peek() in ("'", "(", "^", "_"):
            found = self._function()
            if found is not None:
                return found
        return self._letter(token)

    def _group_letter(self) -> str:
        r"""The letter in ``\mathbf{W}`` or ``\mathbf W``."""
        if not self.accept("{"):
            return self.take()
        letters = ""
        while not self.accept("}"):
            letters += self.take()
        return letters

    def _letter(self, token: str) -> _Value:
        base = _GREEK.get(token, token.lstrip("\\"))
        if base == "d" and self.peek() and (self.peek().isalpha() or self.peek() in _FONTS):
            letter = self.take()
            base = "d" + (self._group_letter() if letter in _FONTS else letter)
        layer, transposed = self._scripts()
        if layer is None and self.naming.tensor(base) is None:
            layer = self.last  # nabla_a C is that of the last layer
        if layer is None:
            name = base
        elif layer == 0:
            name = "X"
        else:
            name = f"{base}{layer}"
        value = self._named_tensor(name)
        return _transposed(value) if transposed else value

    def _named_tensor(self, name: str) -> _Value:
        tensor = self.naming.tensor(name)
        if tensor is None:
            raise _refusal(
                self.where,
                "this name means nothing here",
                "a tensor of the network with the number of its layer",
                quoted(name),
            )
        self.reads.append(tensor)
        return _Value(lambda values: values[tensor], tensor)

    def _scripts(self) -> tuple[int | None, bool]:
        """The layer and the transpose in ``^{(2)}``, ``^{[2]T}``, ``^2``, ``_{2}``, ``^L``."""
        layer: int | None = None
        transposed = False
        while self.peek() in ("^", "_"):
            above = self.take() == "^"
            tokens = self._script()
            if above and tokens and tokens[-1] in _TRANSPOSES:
                transposed = True
                tokens = tokens[:-1]
            tokens = [each for each in tokens if each not in "()[]"]
            if tokens:
                layer = self._number(tokens)
        return layer, transposed

    def _script(self) -> list[str]:
        if not self.accept("{"):
            if self.peek() in _FONTS:
                self.take()
                return [self._group_letter()]
            return [self.take()]
        tokens: list[str] = []
        depth = 1
        while depth:
            token = self.take()
            depth += (token == "{") - (token == "}")
            if token not in ("{", "}") and token not in _FONTS:
                tokens.append(token)
        return tokens

    def _number(self, tokens: list[str]) -> int:
        """A layer: ``2``, ``L``, ``L-1``, ``1+1``."""
        total, sign = 0, 1
        for token in tokens:
            if token in "+-":
                sign = 1 if token == "+" else -1
            elif token.isdigit():
                total += sign * int(token)
            elif token == "L":
                total += sign * self.last
            else:
                raise _refusal(
                    self.where, "a layer is a number", "1, 2, ..., L or L-1", quoted(token)
                )
        return total

    def _raised(self, value: _Value, inner: _Value) -> _Value:
        """What stands above a bracket: a transpose or a power."""
        while self.accept("^"):
            tokens = self._script()
            if tokens and tokens[0] in _TRANSPOSES:
                value = _transposed(value)
            elif tokens and tokens[-1].isdigit() and len(tokens) <= 2:
                power = float("".join(tokens))
                if abs(power) > 64:
                    raise self._stray(tokens[-1])
                base = value.compute
                value = _Value(lambda values, b=base, p=power: b(values) ** p)  # type: ignore[misc]
            else:
                raise self._stray("".join(tokens))
        return value

    def _fraction(self) -> _Value:
        r"""``\frac{1}{m}``, and ``\frac{\partial C}{\partial W^{(2)}}``."""
        start = self.at
        if self._is_derivative():
            self.at = start
            self.expect("{")
            while not self.accept("}"):
                self.take()
            self.expect("{")
            if not self.accept(r"\partial"):
                self.expect("d")
            inner = self.factor()
            self.expect("}")
            self.reads = [each for each in self.reads if each != inner.tensor]
            return self._adjoint(inner)
        self.at = start
        self.expect("{")
        above = self.expression()
        self.expect("}")
        self.expect("{")
        below = self.expression()
        self.expect("}")
        return _binary(np.divide, above, below)

    def _is_derivative(self) -> bool:
        if not self.accept("{"):
            return False
        return self.accept(r"\partial") or (self.accept("d") and self.peek() in _COSTS)

    def _nabla(self) -> _Value:
        r"""``\nabla_{W^{(2)}} C``."""
        self.expect("_")
        if self.accept("{"):
            inner = self.factor()
            self.expect("}")
        else:
            inner = self.factor()
        if self.peek() in _COSTS:
            self.take()
        self.reads = [each for each in self.reads if each != inner.tensor]
        return self._adjoint(inner)

    def _adjoint(self, inner: _Value) -> _Value:
        tensors = self.naming.chain.system.tensors
        if inner.tensor not in tensors:
            raise self._stray(self.text)
        adjoint = tensors[inner.tensor].adjoint
        return self._named_tensor(adjoint)

    def _total(self) -> _Value:
        """``np.sum(dZ^{[2]}, axis=1, keepdims=True)``: over the samples, which are columns."""
        self.expect("(")
        inner = self.expression().compute
        depth = 1
        while depth:
            token = self.take()
            depth += (token == "(") - (token == ")")
        return _Value(lambda values: np.sum(inner(values), axis=1, keepdims=True))

    def _applied(self, function: Callable[[Array], Array]) -> _Value:
        self.expect("(")
        inner = self.expression().compute
        self.expect(")")
        return _Value(lambda values: function(inner(values)))

    def _function(self) -> _Value | None:
        r"""``\sigma(z^{(2)})`` and ``\sigma'(z^{(2)})``: the activation of that layer."""
        start = self.at
        primed = False
        while self.peek() in ("^", "_"):
            self.take()
            primed = "'" in self._script() or primed
        primed = self.accept("'") or primed
        if not self.accept("("):
            self.at = start
            return None
        inner = self.expression()
        self.expect(")")
        activation = self._activation(inner.tensor)
        formula = activation.slope if primed else activation.expression
        i, j = index("i"), index("j")
        expr = formula.xreplace({U: element("z", i, j)})
        compute = compiled(expr, (i, j), (size("rows"), size("columns")))
        argument = inner.compute

        def apply(values: Mapping[str, Array]) -> Array:
            z = np.atleast_2d(argument(values))
            return compute(Scope({"z": z}, {"rows": z.shape[0], "columns": z.shape[1]}))

        return _Value(apply)

    def _activation(self, tensor: str) -> Activation:
        for relation in self.naming.chain.system.relations:
            activation = relation.schema.activation
            if activation is not None and tensor in relation.names and not activation.learned:
                return activation
        raise _refusal(
            self.where,
            "it cannot be seen which activation is meant",
            "the z of a layer with an elementwise activation",
            quoted(self.text[-40:]),
        )


def _sum(one: Compute, other: Compute, sign: int) -> _Value:
    return _Value(lambda values: np.asarray(one(values) + sign * other(values)))


def _binary(function: Callable[[Array, Array], Array], one: _Value, other: _Value) -> _Value:
    left, right = one.compute, other.compute
    return _Value(lambda values: np.asarray(function(left(values), right(values))))


def _times(one: Array, other: Array) -> Array:
    """A matrix product, or a product with a number."""
    if one.ndim == 0 or other.ndim == 0:
        return np.asarray(one * other)
    return np.asarray(one @ other)


def _transposed(value: _Value) -> _Value:
    inner = value.compute
    return _Value(lambda values: inner(values).T)
