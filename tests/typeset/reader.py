"""Reads a printed line back and computes it: what a person with a calculator would do.

It knows the grammar that the printed text promises and nothing of the tree: juxtaposition is a
product, a sum takes in all factors to its right, ``[p]`` is 1 or 0, subscripts follow a name
without a space.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bpsym.typeset.formulas.evaluate import Values

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "π": "pi"}
CALLED = {"σ": "sigmoid", "Φ": "normal_cdf", "φ": "normal_pdf", "Phi": "normal_cdf"}
CALLED |= {"phi": "normal_pdf"}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
RELATIONS: Mapping[str, Any] = {
    "=": operator.eq,
    "≠": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    "≤": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "≥": operator.ge,
}
NAME = re.compile(r"[A-Za-zα-ωΦ][A-Za-z0-9_]*")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
SUM = re.compile(r"(?:Σ|sum)_\{([A-Za-z0-9_]+)=([^}.]*)\.\.([^}]*)\}")
RELATION = re.compile(r" (<=|>=|!=|[=<>≤≥≠]) ")


def read(line: str, values: Values) -> Any:
    """The value of a formula in one line."""
    reader = Reader(line.replace("−", "-").replace("′", "'"), values)
    result = reader.terms(values)
    assert reader.at == len(reader.line), f"stopped before {reader.line[reader.at :]!r}"
    return result


@dataclass
class Reader:
    line: str
    values: Values
    at: int = 0

    def sees(self, text: str) -> bool:
        return self.line.startswith(text, self.at)

    def takes(self, text: str) -> bool:
        found = self.sees(text)
        self.at += len(text) * found
        return found

    def wants(self, text: str) -> None:
        assert self.takes(text), f"{text!r} wanted, not {self.line[self.at :]!r}"

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.line, self.at)
        if found:
            self.at = found.end()
        return found

    def terms(self, env: Values) -> Any:
        minus = self.takes("- ") or self.takes("-")
        total = -self.product(env) if minus else self.product(env)
        while True:
            if self.takes(" + "):
                total = total + self.product(env)
            elif self.takes(" - "):
                total = total - self.product(env)
            else:
                return total

    def product(self, env: Values) -> Any:
        summation = self.match(SUM)
        if summation:
            self.wants(" ")
            return self.summed(summation, env)
        value = self.quotient(env)
        while self.sees(" ") and not re.match(r" ([-+<>=!≤≥≠]|if |else )", self.line[self.at :]):
            self.at += 1
            factor = self.product(env)
            # As printed: y log y is 0 where y is.
            value = 0 * env.number(Fraction(1)) if 0 in (value, factor) else value * factor
        return value

    def quotient(self, env: Values) -> Any:
        value = self.power(env)
        if not self.takes("/"):
            return value
        below = self.power(env)
        return value / below if below else math.nan  # in a case that does not hold

    def summed(self, found: re.Match[str], env: Values) -> Any:
        letter = found[1]
        lower, upper = (int(read(found[k], env)) for k in (2, 3))
        start, total = self.at, env.number(Fraction(0))
        for number in range(lower, upper + 1):
            self.at = start
            total = total + self.product(env.at(**{letter: number}))
        if lower > upper:
            raise AssertionError("an empty sum cannot be skipped")
        return total

    def power(self, env: Values) -> Any:
        value = self.atom(env)
        if raised := self.match(re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")):
            return value ** int(raised[0].translate(RAISED))
        if self.takes("^("):
            found = self.match(re.compile(r"([0-9]+)/([0-9]+)\)"))
            assert found
            return value ** (int(found[1]) / int(found[2]))
        if self.takes("^"):
            found = self.match(re.compile("[0-9]+"))
            assert found
            return value ** int(found[0])
        return value

    def atom(self, env: Values) -> Any:
        if self.takes("√"):
            return self.atom(env) ** 0.5
        if number := self.match(NUMBER):
            if self.takes("·"):
                return env.number(Fraction(number[0])) * self.power(env)
            return env.number(Fraction(number[0]))
        if self.takes("("):
            value = self.cases(env)
            self.wants(")")
            return value
        if self.takes("|"):
            value = self.terms(env)
            self.wants("|")
            return abs(value)
        if self.takes("["):
            holds = self.condition(env)
            self.wants("]")
            return env.number(Fraction(int(holds)))
        name = self.match(NAME)
        assert name, f"nothing to read in {self.line[self.at :]!r}"
        return self.named(name[0], env)

    def cases(self, env: Values) -> Any:
        """What stands in round brackets: a formula, or values with conditions."""
        chosen: list[Any] = []
        while True:
            if self.takes("else "):
                return [*chosen, self.terms(env)][0]
            value = self.terms(env)
            if not self.takes(" if "):
                return value
            if self.condition(env):
                chosen.append(value)
            self.wants("; ")

    def condition(self, env: Values) -> bool:
        left, holds = self.terms(env), True
        while found := self.match(RELATION):
            right = self.terms(env)
            holds = holds and RELATIONS[found[1]](left, right)
            left = right
        if self.takes(", "):
            return self.condition(env) and holds
        return holds

    def named(self, name: str, env: Values) -> Any:
        prime = "'" if self.takes("'") else ""
        if self.takes("("):
            arguments = [self.terms(env)]
            while self.takes(", "):
                arguments.append(self.terms(env))
            self.wants(")")
            if name == "sqrt":
                return arguments[0] ** 0.5
            return env.functions[CALLED.get(name, name) + prime](*arguments)
        spelled = "".join(GREEK.get(letter, letter) for letter in name)
        if self.takes("["):
            end = self.line.index("]", self.at)
            table = env.tensors[spelled]
            for place in self.line[self.at : end].split(","):
                table = table[subscript(place, env) - 1]
            self.at = end + 1
            return table
        for known in (env.indices, env.sizes, {"pi": math.pi, "e": math.e}, env.tensors):
            if spelled in known:
                return known[spelled]
        raise AssertionError(f"nothing is called {name}")


def subscript(text: str, env: Values) -> int:
    """``i+2j-1`` or ``n1+i``."""
    total = 0
    for sign, factor, name in re.findall(r"([-+]?)([0-9]*)([A-Za-z_]\w*)?", text):
        if factor or name:
            known = env.indices.get(name, env.sizes.get(name, 1)) if name else 1
            total += (-1 if sign == "-" else 1) * int(factor or 1) * int(known)
    return total
