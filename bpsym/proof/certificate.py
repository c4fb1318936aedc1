"""What was proven, how, and with what chance of error."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["exact", "digits", "brute_force", "induction"]

# Two independent points multiply their chances of error; no certificate claims less than this.
SMALLEST_BOUND = 2.0**-1000


@dataclass(frozen=True)
class Counterexample:
    """Where two sides differ.

    sizes: the size of each dimension. indices: the values of the free indices, counted from 1.
    left, right: the values there, residues of the prime field or decimal numbers.
    """

    sizes: Mapping[str, int]
    indices: tuple[int, ...]
    left: str
    right: str

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {value}" for name, value in self.sizes.items())
        at = f" at {list(self.indices)}" if self.indices else ""
        return f"{self.left} and {self.right}{at}, sizes {sizes or 'none'}"


@dataclass(frozen=True)
class Equality:
    """One equality and its proof.

    rule: what makes it an equality, a rewrite or a theorem. where: the adjoint, the parameter or
    the activation that it belongs to.
    kind: ``exact`` in a prime field, ``digits`` with 60 digits, ``brute_force`` against sympy's
    derivative of the whole cost, ``induction`` over the layer number.
    error_bound: an upper bound for the chance that the proof accepts a wrong equality, over the
    random points; None where there is none (digits).
    note: what was run through: sizes, points, branches; or why it was not proven.
    """

    rule: str
    where: str
    kind: Kind
    error_bound: float | None
    ok: bool = True
    note: str = ""
    counterexample: Counterexample | None = None

    def __str__(self) -> str:
        verdict = "proven" if self.ok else "FAILED"
        bound = f", error < {power_of_two(self.error_bound)}" if self.error_bound else ""
        note = f" ({self.note})" if self.note else ""
        difference = f": {self.counterexample}" if self.counterexample else ""
        return f"{self.where}: {self.rule}: {verdict}, {self.kind}{bound}{note}{difference}"


@dataclass(frozen=True)
class Certificate:
    """The verdict on a derivation, and every equality that it rests on.

    remarks: what a reader should know of the proof, such as which small network stood in.
    """

    equalities: tuple[Equality, ...]
    remarks: tuple[str, ...] = ()

    @cached_property
    def ok(self) -> bool:
        """Whether every equality was proven; a certificate without any proves nothing."""
        return bool(self.equalities) and all(each.ok for each in self.equalities)

    @property
    def failures(self) -> tuple[Equality, ...]:
        """The equalities that were not proven."""
        return tuple(each for each in self.equalities if not each.ok)

    def __str__(self) -> str:
        parts = []
        for kind, words in _WORDS.items():
            chosen = [each for each in self.equalities if each.kind == kind and each.ok]
            if chosen:
                parts.append(words(chosen))
        lines = []
        if self.failures:
            lines.append(f"NOT PROVEN: {len(self.failures)} of {len(self.equalities)} equalities")
            lines += [f"  {each}" for each in self.failures]
            if parts:
                lines.append("  proven: " + ", ".join(parts))
        else:
            lines.append("proven: " + ", ".join(parts) if parts else "nothing to prove")
        lines += [f"  {remark}" for remark in self.remarks]
        return "\n".join(lines)

    def to_json(self) -> str:
        """The certificate as JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def to_dict(self) -> dict[str, object]:
        """The certificate as plain values."""
        return {
            "ok": self.ok,
            "remarks": list(self.remarks),
            "equalities": [_plain(each) for each in self.equalities],
        }


def _plain(equality: Equality) -> dict[str, object]:
    found: dict[str, object] = {
        "rule": equality.rule,
        "where": equality.where,
        "kind": equality.kind,
        "error_bound": equality.error_bound,
        "ok": equality.ok,
        "note": equality.note,
    }
    if equality.counterexample is not None:
        found["counterexample"] = {
            "sizes": dict(equality.counterexample.sizes),
            "indices": list(equality.counterexample.indices),
            "left": equality.counterexample.left,
            "right": equality.counterexample.right,
        }
    return found


def power_of_two(bound: float) -> str:
    """The smallest power of two that is at least the bound: ``2^-50``."""
    return f"2^{exponent_of_two(bound)}"


def exponent_of_two(bound: float) -> int:
    """The exponent of the smallest power of two that is at least the bound."""
    return min(0, math.ceil(math.log2(max(bound, SMALLEST_BOUND))))


def _worst(chosen: Iterable[Equality]) -> str:
    bounds = [each.error_bound for each in chosen if each.error_bound is not None]
    return f" (error < {power_of_two(max(bounds))})" if bounds else ""


def _count(number: int, word: str, words: str) -> str:
    return f"{number} {word if number == 1 else words}"


def _brute_force(chosen: list[Equality]) -> str:
    tensors = Counter(each.where.partition("[")[0] for each in chosen)
    of = f" of {_count(len(tensors), 'parameter', 'parameters')}"
    return _count(len(chosen), "gradient", "gradients") + of + " against brute force"


_WORDS: Mapping[Kind, Callable[[list[Equality]], str]] = {
    "brute_force": _brute_force,
    "exact": lambda chosen: (
        _count(len(chosen), "equality", "equalities") + " exact" + _worst(chosen)
    ),
    "digits": lambda chosen: _count(len(chosen), "equality", "equalities") + " to 60 digits",
    "induction": lambda chosen: "any depth by induction",
}
