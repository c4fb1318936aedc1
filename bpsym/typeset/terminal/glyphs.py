"""The characters of terminal text, once in Unicode and once in plain ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Joint, Relation

TIMES = "\u00d7"


@dataclass(frozen=True)
class Fence:
    """One side of a tall bracket: the whole of it in one line, or top, middle and bottom.

    waist: the character at half height of a brace, else the middle again.
    """

    line: str
    top: str
    middle: str
    bottom: str
    waist: str

    def rows(self, height: int, axis: int) -> tuple[str, ...]:
        """The fence at a height, its waist in row ``axis``."""
        if height == 1:
            return (self.line,)
        rows = [self.top, *[self.middle] * (height - 2), self.bottom]
        if height > 2:
            rows[min(max(axis, 1), height - 2)] = self.waist
        return tuple(rows)


@dataclass(frozen=True)
class Glyphs:
    """What each sign is written with.

    letters: bases and functions that have a letter of their own.
    superscripts, subscripts: characters that have a raised or lowered form; empty for none.
    """

    minus: str
    prime: str
    sum: str
    root: str
    partial: str
    bar: str
    rule: str
    ellipsis: str
    transpose: str
    ones: str
    times: str
    joints: Mapping[Joint, str]
    relations: Mapping[Relation, str]
    letters: Mapping[str, str]
    functions: Mapping[str, str]
    superscripts: Mapping[str, str]
    subscripts: Mapping[str, str]
    round: tuple[Fence, Fence]
    square: tuple[Fence, Fence]
    curly: tuple[Fence, Fence]
    bars: Fence

    def is_plain(self) -> bool:
        """Whether only ASCII is used."""
        return self.sum.isascii()

    def sample(self) -> str:
        """All characters in use, to ask an encoding whether it has them."""
        parts = [self.minus, self.prime, self.sum, self.root, self.partial, self.bar, self.rule]
        for table in (self.joints, self.relations, self.letters, self.functions):
            parts += table.values()
        parts += [*self.superscripts.values(), *self.subscripts.values()]
        for fence in (*self.round, *self.square, *self.curly, self.bars):
            parts += fence.rows(5, 2)
        return "".join((*parts, self.ellipsis, self.transpose, self.ones, self.times))


# sigma and phi are left out: they are the names of functions.
_GREEK = MappingProxyType(
    {
        "alpha": "α",
        "beta": "β",
        "gamma": "γ",
        "delta": "δ",
        "epsilon": "ε",
        "eta": "η",
        "theta": "θ",
        "kappa": "κ",
        "lambda": "λ",
        "mu": "μ",
        "pi": "π",
        "rho": "ρ",
        "tau": "τ",
        "omega": "ω",
        "ell": "ℓ",
        ":::": "⋮",
    }
)

UNICODE = Glyphs(
    minus="−",
    prime="′",
    sum="Σ",
    root="√",
    partial="∂",
    bar="│",
    rule="─",
    ellipsis="…",
    transpose="ᵀ",
    ones="\U0001d7cf",
    times=TIMES,
    joints=MappingProxyType({Joint.BESIDE: " ", Joint.DOT: " · ", Joint.HADAMARD: " ⊙ "}),
    relations=MappingProxyType({"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}),
    letters=_GREEK,
    functions=MappingProxyType({"sigmoid": "σ", "normal_cdf": "Φ", "normal_pdf": "φ"}),
    superscripts=MappingProxyType(dict(zip("0123456789+−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", strict=True))),
    subscripts=MappingProxyType(dict(zip("0123456789l+−", "₀₁₂₃₄₅₆₇₈₉ₗ₊₋", strict=True))),
    round=(Fence("(", "⎛", "⎜", "⎝", "⎜"), Fence(")", "⎞", "⎟", "⎠", "⎟")),
    square=(Fence("[", "⎡", "⎢", "⎣", "⎢"), Fence("]", "⎤", "⎥", "⎦", "⎥")),
    curly=(Fence("{", "⎧", "⎪", "⎩", "⎨"), Fence("}", "⎫", "⎪", "⎭", "⎬")),
    bars=Fence("|", "│", "│", "│", "│"),
)

ASCII = Glyphs(
    minus="-",
    prime="'",
    sum="sum",
    root="sqrt",
    partial="d",
    bar="|",
    rule="-",
    ellipsis="...",
    transpose="^T",
    ones="ones",
    times="x",
    joints=MappingProxyType({Joint.BESIDE: " ", Joint.DOT: " . ", Joint.HADAMARD: " * "}),
    relations=MappingProxyType({"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}),
    letters=MappingProxyType({":::": ":"}),
    functions=MappingProxyType({"normal_cdf": "Phi", "normal_pdf": "phi"}),
    superscripts=MappingProxyType({}),
    subscripts=MappingProxyType({}),
    round=(Fence("(", "/", "|", "\\", "|"), Fence(")", "\\", "|", "/", "|")),
    square=(Fence("[", "[", "[", "[", "["), Fence("]", "]", "]", "]", "]")),
    curly=(Fence("{", "/", "|", "\\", "<"), Fence("}", "\\", "|", "/", ">")),
    bars=Fence("|", "|", "|", "|", "|"),
)


def glyphs_for(encoding: str | None) -> Glyphs:
    """Unicode where the encoding has every character of it, else ASCII."""
    try:
        UNICODE.sample().encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
