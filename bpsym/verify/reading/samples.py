r"""The number of the sample above a symbol, ``a^{[2](i)}``: an equation about one sample.

What it says holds for each sample by itself, so the number is left out, and ``dZ^{[2](i)}``, one
column of a matrix, is the vector ``dz^{[2]}``. Under a sum over the samples the number is needed.
"""

from __future__ import annotations

from collections.abc import Sequence


def without_sample(tokens: Sequence[str]) -> list[str]:
    """The tokens of an equation without the numbers of samples, as they are if none is there."""
    letters = {
        tokens[at + 2]
        for at in range(len(tokens) - 3)
        if list(tokens[at : at + 2]) == ["]", "("]
        and _letter(tokens[at + 2])
        and tokens[at + 3] == ")"
    }
    if len(letters) != 1 or r"\sum" in tokens:
        return list(tokens)
    [letter] = letters
    found: list[str] = []
    at = 0
    while at < len(tokens):
        if list(tokens[at : at + 6]) == ["^", "{", "(", letter, ")", "}"]:  # y^{(i)}
            at += 6
        elif list(tokens[at : at + 3]) == ["(", letter, ")"] and found[-1:] == ["]"]:
            _lower(found)
            at += 3
        else:
            found.append(tokens[at])
            at += 1
    return found


def _letter(token: str) -> bool:
    return len(token) == 1 and token.islower()


def _lower(tokens: list[str]) -> None:
    """The last symbol with something above it in small letters."""
    above = len(tokens) - 1 - tokens[::-1].index("^")
    if above and len(tokens[above - 1]) == 1:
        tokens[above - 1] = tokens[above - 1].lower()
