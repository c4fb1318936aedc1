"""Reads printed LaTeX back into a formula, as a reader would: by the rules of mathematics alone.

It knows nothing of the printer's decisions, so that a bracket too few or a factor in the wrong
place comes out as another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    equation,
)

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\S")
IGNORED = re.compile(r"\\(?:[bB]igg?[lr]|left|right|qquad|,|noindent)(?![A-Za-z])|\{\}")
RELATIONS = {"=": "=", "<": "<", ">": ">", r"\le": "<=", r"\ge": ">=", r"\neq": "!="}
FUNCTIONS = {r"\sigma": "sigmoid", r"\Phi": "normal_cdf", r"\varphi": "normal_pdf"} | {
    rf"\{name}": name for name in "arctan cos cosh exp log max min sin sinh tanh".split()
}
STOPS = {"+", "-", ")", "]", ",", "&", r"\\", "}", r"\rvert", r"\end", *RELATIONS}
HALF = Fraction(1, 2)
GOES_ON = r" \goeson "


class UnreadableError(Exception):
    """The text is no formula."""


def read_display(text: str, heads: Mapping[str, Symbol]) -> list[Formula]:
    """The formulas of an ``align*``."""
    body = re.fullmatch(r"\s*\\begin\{align\*\}(.*)\\end\{align\*\}\s*", text, re.DOTALL)
    if body is None:
        raise UnreadableError("no align*")
    return [read(part, heads) for part in re.split(r"\\\\\*?\[4pt\]", body[1])]


def read(text: str, heads: Mapping[str, Symbol]) -> Formula:
    """One formula, on one line or on several."""
    text = text.replace(r"\\*", r"\\")
    reader = Reader(tokens_of(text), heads)
    found = reader.chain()
    if reader.left():
        raise UnreadableError(f"{reader.left()} after {found}")
    return found


def tokens_of(text: str) -> list[str]:
    """The tokens; what goes on in a further line of a condition is marked within cases."""
    marked = re.sub(r"\\qquad\s*\\qquad(?![A-Za-z])", lambda _: GOES_ON, text.replace("{}", ""))
    depth, found = 0, []
    for token in TOKEN.findall(IGNORED.sub(" ", marked)):
        depth += {r"\begin": 1, r"\end": -1}.get(token, 0)
        if depth or token != GOES_ON.strip():
            found.append(token)
    return found


def heads_of(symbols: Iterable[Symbol], printed: object) -> dict[str, Symbol]:
    """Symbols by how they are printed without subscripts, without spaces."""
    found = {}
    for each in symbols:
        bare = replace(each, subscripts=())
        found[compact(printed(bare))] = bare  # type: ignore[operator]
    return found


def compact(text: str) -> str:
    return "".join(TOKEN.findall(text.strip("$"))).replace("{", "").replace("}", "")


class Reader:
    """Reads one formula from its tokens."""

    def __init__(self, tokens: list[str], heads: Mapping[str, Symbol]) -> None:
        self.tokens, self.at, self.heads = tokens, 0, heads

    def left(self) -> list[str]:
        return [each for each in self.tokens[self.at :] if each not in ("&", r"\\")]

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise UnreadableError(f"{expected or 'something'}, not {token!r} at {self.tokens}")
        self.at += 1
        return token

    def group(self) -> list[str]:
        """The tokens of one argument."""
        if self.peek() != "{":
            return [self.take()]
        depth, start = 0, self.at + 1
        while True:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
            if depth == 0:
                return self.tokens[start : self.at - 1]

    def inner(self, tokens: list[str]) -> Formula:
        reader = Reader(tokens, self.heads)
        found = reader.chain()
        if reader.left():
            raise UnreadableError(f"{reader.left()} in {tokens}")
        return found

    def chain(self) -> Formula:
        self.skip_marks()
        first, rest = self.terms(), []
        self.skip_marks()
        while self.peek() in RELATIONS:
            relation = RELATIONS[self.take()]
            rest.append((relation, self.terms()))
            self.skip_marks()
        if not rest:
            return first
        if all(relation == "=" for relation, _ in rest):
            return equation(first, *(side for _, side in rest))
        return Comparison(first, tuple(rest))

    def skip_marks(self) -> None:
        while self.peek() in ("&", r"\\"):
            self.at += 1

    def terms(self) -> Formula:
        self.skip_marks()
        sign = -1 if self.peek() == "-" else 1
        if sign < 0:
            self.take()
        found = [(sign, self.term())]
        self.skip_marks()
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            found.append((sign, self.term()))
            self.skip_marks()
        return found[0][1] if found[0][0] == 1 and len(found) == 1 else Terms(tuple(found))

    def term(self) -> Formula:
        factors: list[Formula] = []
        while self.peek() and (self.peek() not in STOPS or self.goes_on()):
            if self.peek() in (r"\times", r"\cdot", r"\odot"):
                self.take()
            elif self.peek() == "/":
                self.take()
                factors[-1] = Quotient(factors[-1], self.factor())
            elif self.peek() == r"\sum":
                factors.append(self.sum())
            else:
                factors.append(self.factor())
        if not factors:
            raise UnreadableError(f"nothing at {self.at} in {self.tokens}")
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def goes_on(self) -> bool:
        """Whether the line is broken before a factor."""
        ahead = 0
        while self.peek(ahead) in ("&", r"\\"):
            ahead += 1
        if ahead and self.peek(ahead) in (r"\times", r"\cdot", "/"):
            self.at += ahead
            return True
        return False

    def sum(self) -> Formula:
        self.take(r"\sum")
        self.take("_")
        limits = self.inner(self.group())
        self.take("^")
        upper = self.inner(self.group())
        assert isinstance(limits, Chain)
        index = limits.first
        assert isinstance(index, Symbol)
        return Summation(index, limits.rest[0][1], upper, self.term())

    def factor(self) -> Formula:
        return self.raised(self.atom())

    def raised(self, base: Formula) -> Formula:
        if self.peek() != "^":
            return base
        self.take()
        tokens = self.group()
        if tokens[0] == r"\mathsf":
            return Transpose(base)
        return Power(base, Fraction("".join(tokens)))

    def atom(self) -> Formula:
        token = self.peek()
        if token[0].isdigit():
            return Number(Fraction(self.take()))
        if token in (r"\frac", r"\tfrac"):
            self.take()
            above, below = self.group(), self.group()
            if above[0] == r"\partial":
                return Partial(self.inner(above[1:]), self.inner(below[1:]))
            return Quotient(self.inner(above), self.inner(below))
        if token == r"\sqrt":
            self.take()
            return Power(self.inner(self.group()), HALF)
        if token == r"\partial":
            self.take()
            of = self.factor()
            self.take("/")
            self.take(r"\partial")
            return Partial(of, self.factor())
        if token == "(":
            return self.fenced("(", ")")[0]
        if token == "[":
            return Bracket(as_condition(*self.fenced("[", "]")))
        if token == r"\lvert":
            return Apply("abs", tuple(self.fenced(r"\lvert", r"\rvert")))
        if token in (r"\begin", r"\{"):
            return self.cases()
        name = self.function()
        return name if name is not None else self.symbol()

    def fenced(self, left: str, right: str) -> list[Formula]:
        self.take(left)
        found = [self.chain()]
        while self.peek() == ",":
            self.take()
            found.append(self.chain())
        self.skip_marks()
        self.take(right)
        return found

    def function(self) -> Formula | None:
        start, token = self.at, self.take()
        name = FUNCTIONS.get(token)
        if token == r"\operatorname":
            name = "".join(self.group()).replace(r"\_", "_")
        elif token == "f" and self.peek() in ("'", "("):
            name = "f"
        if name is None:
            self.at = start
            return None
        primed, exponent = False, None
        if self.peek() == "'":
            primed = bool(self.take())
        if self.peek() == "^":
            self.take()
            exponent = Fraction("".join(self.group()))
        applied = Apply(Prime(name) if primed else name, tuple(self.fenced("(", ")")))
        return applied if exponent is None else Power(applied, exponent)

    def symbol(self) -> Formula:
        base = self.take()
        if base in (r"\bar", r"\overline", r"\hat", r"\mathrm"):
            base += "".join(self.group())
        scripts: dict[str, list[str]] = {"_": [], "^": []}
        start = self.at
        while self.peek() in scripts:
            mark = self.take()
            scripts[mark] = self.group()
        below, above = (compact("".join(scripts[mark])) for mark in "_^")
        head = compact(base)
        whole = head + (f"_{below}" if below else "") + (f"^{above}" if above else "")
        if whole in self.heads:
            return self.heads[whole]
        labelled = head + (f"^{above}" if above else "")
        if labelled in self.heads:
            return replace(self.heads[labelled], subscripts=self.places(scripts["_"]))
        if head in self.heads or f"{head}_{below}" in self.heads:  # the superscript is a power
            self.at = start
            if below:
                self.take("_")
                self.group()
            symbol = self.heads.get(f"{head}_{below}")
            if symbol is None:
                symbol = replace(self.heads[head], subscripts=self.places(scripts["_"]))
            return symbol
        if re.fullmatch("[a-z]", base) and not above and (not below or below.isdigit()):
            return Symbol(base + below, Kind.INDEX, base + below)
        raise UnreadableError(f"unknown symbol {whole}")

    def places(self, tokens: list[str]) -> tuple[Formula, ...]:
        parts: list[list[str]] = [[]]
        for token in tokens:
            if token == ",":
                parts.append([])
            else:
                parts[-1].append(token)
        if len(parts) == 1 and all(len(token) == 1 or token.isdigit() for token in tokens):
            letters = [each for token in tokens for each in token]
            if all(each.isalnum() for each in letters):
                return tuple(self.inner([each]) for each in letters)
        return tuple(self.inner(part) for part in parts if part)

    def cases(self) -> Formula:
        closed = self.peek() == r"\{"
        if closed:
            self.take()
        self.take(r"\begin")
        if "".join(self.group()) == "array":
            self.group()
        depth, start = 1, self.at
        while depth:
            token = self.take()
            depth += {r"\begin": 1, r"\end": -1}.get(token, 0)
        body = self.tokens[start : self.at - 1]
        self.group()
        if closed:
            self.take(r"\}")
        values: list[list[str]] = [[]]
        tests: list[list[str]] = []
        for value, test in rows_of(body):
            match value:
                case [r"\text", "{", "i" | "o", *_]:  # if, otherwise
                    tests.append(value)
                    values.append([])
                case [r"\goeson", *more]:
                    tests[-1] += more
                case _:
                    values[-1] += value
            if test:
                tests.append(test)
                values.append([])
        pairs = zip(values[:-1], tests, strict=True)
        return Cases(tuple((self.inner(value), self.condition(test)) for value, test in pairs))

    def condition(self, tokens: list[str]) -> Formula | None:
        r"""``\text{if } z > 0``: the words say whether there is a condition."""
        end = tokens.index("}")
        words = "".join(tokens[2:end])
        if words == "otherwise":
            return None
        rest = [*tokens[end + 1 :], "]"]
        return as_condition(*Reader(["[", *rest], self.heads).fenced("[", "]"))


def rows_of(body: list[str]) -> list[list[list[str]]]:
    """The rows of an array as cells; those of an array within it are left together."""
    rows: list[list[list[str]]] = [[[]]]
    depth = 0
    for token in body:
        depth += {r"\begin": 1, r"\end": -1}.get(token, 0)
        if token == r"\\" and not depth:
            rows.append([[]])
        elif token == "&" and not depth:
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    return rows


def as_condition(*parts: Formula) -> Formula:
    """Comparisons with an equals sign are no definitions here."""
    found = [
        Comparison(each.first, each.rest) if isinstance(each, Chain) else each for each in parts
    ]
    return found[0] if len(found) == 1 else Conjunction(tuple(found))
