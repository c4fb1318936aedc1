"""Layers that names call by a word: hidden_weights, b_out, Who, layer2_bias."""

from __future__ import annotations

import re
from collections.abc import Collection

_WORD = (
    r"(?:hidden|hid|h|input|inp|in|i|x|output|outp|out|o|y|final|last|first|second|third"
    r"|layer|l)\d*"
)
_JOINED = r"(?:i|o|h|y|x|ih|ho|xh|hh|hy|in|out|hid)\d*"
_TAG = re.compile(rf"^{_WORD}(?:_?(?:to_?|2_?)?{_WORD})*(?:_?layer)?(?:_\d+)?$|^{_JOINED}$")
# ``hidden_weights``, ``out_b``: the layer before the letter.
_ENDS = (
    (re.compile(r"_?(?:weights?|kernels?|(?<=_)w)$"), "W"),
    (re.compile(r"_?(?:bias(?:es)?|(?<=_)b)$"), "b"),
)
# ``wh``, ``bo``: the layer joined to the letter.
_BEGINS = re.compile(rf"^(?P<letter>[wb])(?P<tag>{_JOINED})$")
_NUMBERED = re.compile(r"^(?:layer|l)_?(\d+)$")
_ORDER = (
    (re.compile(r"(?:^|_)(?:input|inp|in|i|x)$"), 0),
    (re.compile(r"(?:hidden|hid|h|first|second|third)$"), 1),
    (re.compile(r"(?:output|outp|out|o|y|final|last)$"), 2),
)
_COUNTED = {"first": 1, "second": 2, "third": 3}
_HIDDEN, _OUTPUT = 1, 2


def worded(plain: str) -> tuple[str, str] | None:
    """The letter, W or b, and the tag of a name in small letters; None if it has no such tag."""
    for pattern, letter in _ENDS:
        found = pattern.search(plain)
        if found and _TAG.match(plain[: found.start()].strip("_")):
            return letter, numbered(plain[: found.start()].strip("_"))
    joined = _BEGINS.match(plain)
    if joined is None:
        return None
    return {"w": "W", "b": "b"}[joined["letter"]], joined["tag"]


def numbered(tag: str) -> str:
    """``layer2`` is 2; any other tag is what it is."""
    found = _NUMBERED.match(tag)
    return found[1] if found else tag


def _rank(tag: str) -> tuple[int, int] | None:
    """Where a layer stands, by the last of its words and its number; None for another tag."""
    if not _TAG.match(tag):
        return None
    number = re.search(r"_?(\d+)$", tag)
    plain = re.sub(r"_?\d+$", "", re.sub(r"_?layer$", "", tag))
    for pattern, place in _ORDER:
        if pattern.search(plain):
            return place, int(number[1]) if number else _COUNTED.get(plain, 0)
    return None


def places(tags: Collection[str], count: int) -> dict[str, int]:
    """Tag -> which of so many layers it means; the tags that mean none are missing.

    Where all layers are named, they stand in the order of their words. Of some of them, the
    output is the last, and of two layers the hidden one is the first.
    """
    ranks = {tag: rank for tag in tags if (rank := _rank(tag)) is not None}
    if len(set(ranks.values())) < len(ranks):
        return {}
    if len(ranks) == count:
        return {tag: at for at, tag in enumerate(sorted(ranks, key=ranks.__getitem__))}
    if len(ranks) > count:
        return {}
    last = {tag: count - 1 for tag, (place, _) in ranks.items() if place == _OUTPUT}
    if count == len(("hidden", "output")):
        last |= {tag: 0 for tag, rank in ranks.items() if rank == (_HIDDEN, 0)}
    return last
