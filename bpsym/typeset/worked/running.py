"""Formulas for a running layer number, written for one layer.

Layers that are the same are printed once, for a running number l; their symbols have lost the names
that emitted code has for them. Here each gets back its number, and the name that belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Chain, Formula, Kind, Symbol, map_symbols, symbols
from bpsym.typeset.notations.notation import Notation
from bpsym.typeset.sections.repetition import running
from bpsym.typeset.sections.updates import STEP

# The letters of the code for what a notation has words for.
_CODE: Mapping[str, str] = {"z": "z", "a": "a", "W": "W", "b": "b", "delta": "delta"}


def is_running(formula: Formula) -> bool:
    """Whether it is for a running layer number."""
    return any(each.offset is not None for each in symbols(formula))


def at_layer(formula: Chain, layer: int, notation: Notation | None, first: str = "a0") -> Chain:
    """A formula for a running layer number, written for one layer; ``layer`` counts as code does.

    first: what the output of layer 0 is called, the input.
    A notation may count otherwise: the number that is printed is its own, the name is the code's.
    """
    letters = _letters(notation)

    def change(symbol: Symbol) -> Symbol:
        if symbol.offset is None or symbol.kind is Kind.INDEX:
            return symbol
        number = layer + symbol.offset
        if symbol.kind is Kind.SIZE:
            shift = notation.shift if notation is not None else 0
            return replace(symbol, name=f"n{number - shift}", label=str(number), offset=None)
        base = symbol.base.removeprefix(STEP)
        letter, shift = letters.get((base, symbol.accent), (base, 0))
        name = f"{letter}{number - shift}"
        if base != symbol.base:
            name = STEP + name
        if name == "a0":
            name = first
        return replace(symbol, name=name, label=str(number), offset=None)

    found = map_symbols(formula, change)
    assert isinstance(found, Chain)
    return found


def first_of_run(text: Text) -> int | None:
    """The first of the layers that a sentence says formulas are for, None if it names none."""
    if running() not in text:
        return None
    rest = "".join(each for each in text[text.index(running()) :] if isinstance(each, str))
    match = re.search(r"[0-9]+", rest)
    return int(match[0]) if match else None


def _letters(notation: Notation | None) -> dict[tuple[str, str], tuple[str, int]]:
    """The letter of the code, and how its number differs, by letter and accent of a notation."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    if notation is not None:
        for part, letter in _CODE.items():
            word = notation.words[part]
            found[word.base, word.accent] = (letter, word.shift)
            if notation.differentials and part != "delta":
                adjoint = f"d{letter}" if part in "Wb" else f"adj_{letter}"
                found.setdefault((f"d{word.base}", word.accent), (adjoint, word.shift))
    return found
