"""What stands above and below a symbol, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bpsym.verify.reading.cursor import FONTS, Cursor


@dataclass
class Scripts:
    """What stands below and above a symbol; a transpose and primes are told apart."""

    below: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    primed: bool = False
    transposed: bool = False


def scripts_of(cursor: Cursor) -> Scripts:
    """What stands above and below, a transpose and primes taken out."""
    found = Scripts()
    while True:
        if cursor.accept("'"):
            found.primed = True
        elif cursor.accept("_"):
            found.below += cursor.group()
        elif cursor.accept("^"):
            tokens = cursor.group()
            kept = [each for each in tokens if each not in ("'", r"\prime")]
            found.primed = found.primed or len(kept) < len(tokens)
            bare = [each for each in kept if each not in FONTS]
            if _ends_in_transpose(bare):
                found.transposed = True
                while bare[-1] in ("{", "}"):
                    bare.pop()
                bare.pop()
                while bare and bare[-1] == "{":
                    bare.pop()
                kept = bare
            found.above += kept
        else:
            return found


def _ends_in_transpose(tokens: Sequence[str]) -> bool:
    kept = [each for each in tokens if each not in ("{", "}")]
    return bool(kept) and kept[-1] == "T"


def parts_of(tokens: Sequence[str]) -> list[list[str]]:
    """Subscripts between commas that are not within braces."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == "{") - (token == "}")
        if token in (",", ";") and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def joined(parts: Sequence[Sequence[str]]) -> list[str]:
    """Parts with commas between them again."""
    return [token for part in parts for token in (*part, ",")][:-1]
