"""The notations: one table each. Whoever adds a notation adds a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bpsym.errors import EmitError
from bpsym.typeset.notations.notation import Letters, Notation, Numbered, Samples, Scale, Word

_YHAT = Word("y", accent="hat", numbered=Numbered.NEVER)
_TARGET = Word("y", numbered=Numbered.NEVER)
_INPUT = Word("x", numbered=Numbered.NEVER)


def _deep(base: str) -> Word:
    return Word(base, numbered=Numbered.DEEP)


def _never(base: str) -> Word:
    return Word(base, numbered=Numbered.NEVER)


# Zhou's letters. Between input and hidden layer v, between hidden and output layer w; e and g are
# dE/dalpha and dE/dbeta. Biases have the letters of his thresholds, and are added.
_WATERMELON = Notation(
    name="watermelon",
    cost="E",
    words={
        "X": _INPUT,
        "Y": _TARGET,
        "z": _deep("alpha"),
        "a": _deep("b"),
        "W": _deep("v"),
        "b": _deep("gamma"),
        "delta": _deep("e"),
    },
    last={
        "z": _never("beta"),
        "a": _YHAT,
        "W": _never("w"),
        "b": _never("theta"),
        "delta": _never("g"),
    },
    units=Letters("h", "r", "q"),
    ends=("i", "j"),
    samples=Samples.ONE,
    from_to=True,
    written_out=True,
    layers_only=True,
)

# Zhou's own letters stand for thresholds, which are subtracted; his e and g are minus the
# derivatives, so that weights grow by +eta g b and thresholds by -eta g.
_THRESHOLDS = replace(_WATERMELON, thresholds=True, scale=Scale.MINUS)

# The error signal is minus the derivative: the correction of a weight is +eta delta v.
_HAYKIN = Notation(
    name="haykin",
    cost="E",
    words={
        "X": Word("v"),
        "Y": _never("t"),
        "z": Word("u"),
        "a": Word("v"),
        "W": Word("w"),
        "b": Word("b"),
        "delta": Word("delta"),
        "error": _never("e"),
    },
    units=Letters("j", "i", "k"),
    delta_units=Letters("i", "h", "j"),
    samples=Samples.ONE,
    from_to=True,
    written_out=True,
    layers_only=True,
    scale=Scale.MINUS,
    errors=True,
)

# Layer l maps x^(l) to x^(l+1); no letters for what goes into an activation.
_FULLY_CONNECTED = Notation(
    name="fully-connected",
    cost="L",
    words={
        "X": Word("x", shift=1),
        "Y": _TARGET,
        "z": Word("z"),
        "a": Word("x", shift=1),
        "W": Word("W"),
        "b": Word("B"),
        "delta": Word("delta"),
    },
    last={"a": _YHAT},
    units=Letters("i", "j", "k"),
    samples=Samples.ONE,
    layers_only=True,
    by_outputs=True,
)

_NIELSEN = Notation(
    name="nielsen",
    cost="C",
    words={
        "X": Word("a"),
        "Y": _TARGET,
        "z": Word("z"),
        "a": Word("a"),
        "W": Word("w"),
        "b": Word("b"),
        "delta": Word("delta"),
    },
    units=Letters("j", "k", "i"),
    delta_units=Letters("j", "i", "k"),
    samples=Samples.ONE,
    labels="bare",
    lines=("BP1.", "BP2.", "BP3.", "BP4."),
)

# Samples are columns. dZ of a batch is that of each sample by itself; the 1/m of the mean stands
# in dW and db.
_NG = Notation(
    name="ng",
    cost="J",
    words={
        "X": Word("A"),
        "Y": _never("Y"),
        "z": Word("Z"),
        "a": Word("A"),
        "W": Word("W"),
        "b": Word("b"),
        "delta": Word("dZ"),
    },
    units=Letters("j", "k", "i"),
    delta_units=Letters("j", "i", "k"),
    samples=Samples.COLUMNS,
    differentials=True,
    scale=Scale.SAMPLES,
    labels="square",
    output_derivatives=True,
    sums_in_code=True,
)

# Layer 1 is the input, so W^(k) leads from layer k to layer k+1.
_CS224N = Notation(
    name="cs224n",
    cost="J",
    words={
        "X": Word("a", shift=1),
        "Y": _TARGET,
        "z": Word("z", shift=1),
        "a": Word("a", shift=1),
        "W": Word("W"),
        "b": Word("b"),
        "delta": Word("delta", shift=1),
    },
    units=Letters("i", "j", "k"),
    delta_units=Letters("j", "h", "i"),
    samples=Samples.ONE,
    error_signals=True,
)

NOTATIONS: Mapping[str, Notation] = MappingProxyType(
    {each.name: each for each in (_WATERMELON, _HAYKIN, _FULLY_CONNECTED, _NIELSEN, _NG, _CS224N)}
)

# The same with thresholds, where the text of that name has them.
WITH_THRESHOLDS: Mapping[str, Notation] = MappingProxyType({_THRESHOLDS.name: _THRESHOLDS})


def notation_of(name: str | None, *, thresholds: bool = False) -> Notation | None:
    """A notation by its name, None being that of the code.

    Raises EmitError if thresholds are asked for where the text has biases.
    """
    if not thresholds:
        return NOTATIONS[name] if name else None
    if name is None or name not in WITH_THRESHOLDS:
        raise EmitError.single(
            where="thresholds",
            what=f"the notation {name!r} adds biases" if name else "the code adds biases",
            expected=f"the notation {', '.join(WITH_THRESHOLDS)}",
            got=str(name) if name else "no notation",
            way_out="leave out --thresholds, or add --notation watermelon",
        )
    return WITH_THRESHOLDS[name]
