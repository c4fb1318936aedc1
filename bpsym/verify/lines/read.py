"""Lines of text as equalities, in each notation in which they can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bpsym.errors import BpsymError, EmitError, ExpressionError, quoted, way_to
from bpsym.typeset.formulas.tree import Apply, Chain, Partial, Prime, Symbol, walk
from bpsym.typeset.notations import NOTATIONS, WITH_THRESHOLDS
from bpsym.verify.lines.equality import (
    RATE_NAME,
    DefinitionEquality,
    Equality,
    NumpyEquality,
    TreeEquality,
    about,
)
from bpsym.verify.lines.function_values import FunctionValues
from bpsym.verify.lines.names import RATES
from bpsym.verify.lines.numpy_lines import Line, read_line
from bpsym.verify.reading.documents import Piece
from bpsym.verify.reading.grammar import read_chain
from bpsym.verify.reading.meaning import OWN, Meaning, OwnNames, RunningLayerError
from bpsym.verify.reading.names import Names, names_of
from bpsym.verify.reading.tokens import refusal, tokens_of

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Derivation
    from bpsym.typeset.notations import Notation
    from bpsym.verify.lines.names import Naming


@dataclass(frozen=True, eq=False)
class Readable:
    """The equalities that a notation reads, and what it does not.

    record: the derivation of the equations as the notation writes them.
    """

    notation: Notation | None
    record: Derivation
    equalities: tuple[Equality, ...]
    unread: tuple[tuple[Piece, BpsymError], ...] = ()


def numpy_equalities(
    texts: Sequence[tuple[str, str]], naming: Naming, *, strict: bool = True
) -> Readable:
    """Lines in numpy notation, each a text and its place; strict: each must be read.

    Raises ExpressionError for a line that is no formula or reads a name that means nothing, if
    strict.
    """
    own: dict[str, Line] = {}
    found: list[Equality] = []
    unread: list[tuple[Piece, BpsymError]] = []
    spelled: dict[str, str] = {}
    for text, where in texts:
        try:
            line = read_line(text, where)
            spelled |= _spelled(line, where, naming, own)
        except ExpressionError as error:
            if strict:
                raise
            unread.append((Piece(text.strip(), where), error))
            continue
        tensor = naming.tensor(line.name)
        above = tuple(own.values())
        found.append(NumpyEquality(line, where, tensor or "", len(found), dict(spelled), above))
        if tensor is None:
            own[line.name] = line
    return Readable(None, naming.derivation.record, tuple(found), tuple(unread))


def _spelled(line: Line, where: str, naming: Naming, own: Mapping[str, Line]) -> dict[str, str]:
    """What a line reads of the network: the user's name -> the derivation's."""
    found: dict[str, str] = {}
    for name in line.reads:
        tensor = naming.tensor(name)
        if name in own:
            continue
        if tensor is None and name in RATES:
            found[name] = RATE_NAME
            continue
        if tensor is None:
            raise ExpressionError.single(
                where=where,
                what="this name means nothing here",
                expected="a tensor of the network, m, or a name of a line above",
                got=quoted(name),
                way_out=way_to(name, (*naming.names, *own), "compare bpsym derive for the names"),
            )
        found[name] = tensor
    return found


def text_equalities(
    pieces: Sequence[Piece], naming: Naming, notation: str | None, *, strict: bool
) -> list[Readable]:
    """Equations in LaTeX, in each notation that reads as many of them as any.

    notation: the only one to try; empty for the names of the code. strict: each must be read.
    Raises ExpressionError for one that cannot be read in any, if strict.
    """
    tables: list[Notation | None] = [*NOTATIONS.values(), *WITH_THRESHOLDS.values(), None]
    if notation is not None:
        tables = [each for each in tables if notation == (each.name if each else "")]
    found: list[Readable] = []
    refused: EmitError | None = None
    for table in tables:
        try:
            names = names_of(naming.derivation.built, naming, table)
        except EmitError as error:
            refused = error
            continue
        found.append(_read(pieces, names))
    if not found and refused is not None:
        raise refused
    most = max(len(pieces) - len(each.unread) for each in found)
    kept = [each for each in found if len(pieces) - len(each.unread) == most]
    if strict and kept[-1].unread:
        raise kept[-1].unread[0][1]
    return kept


def _read(pieces: Sequence[Piece], names: Names) -> Readable:
    functions = FunctionValues(names.table)
    found: list[Equality] = []
    unread: list[tuple[Piece, BpsymError]] = []
    group = 0
    own = OwnNames()
    for piece in pieces:
        try:
            chains = list(_instances(piece, names, own))
            made = [list(_equalities(piece, each, names, functions, group)) for each in chains]
        except ExpressionError as error:
            unread.append((piece, error))
            continue
        except RecursionError:
            unread.append((piece, _too_deep(piece)))
            continue
        found += [each for equalities in made for each in equalities]
        group += max(len(each) for each in made)
    return Readable(names.notation, names.record, tuple(found), tuple(unread))


def _too_deep(piece: Piece) -> ExpressionError:
    return refusal(piece.where, "the formula nests too deeply", "fewer levels", "more")


def _instances(piece: Piece, names: Names, own: OwnNames) -> Iterator[Chain]:
    """The equation; one with a letter for a layer once for each layer that it can stand for."""
    tokens = tokens_of(piece.text, piece.where)
    try:
        yield read_chain(tokens, piece.where, Meaning(names, own=own))
        return
    except RunningLayerError as running:
        letter = running.letter
    first: ExpressionError | None = None
    found: list[Chain] = []
    for layer in range(names.depth + 2):
        try:
            chain = read_chain(tokens, piece.where, Meaning(names, {letter: layer}, own=own))
        except ExpressionError as error:
            first = first or error
            continue
        except RunningLayerError as other:
            raise refusal(
                piece.where,
                "two letters stand for layers",
                "one letter for the layer at hand",
                quoted(f"{letter}, {other.letter}"),
            ) from None
        found.append(chain)
    if not found and first is not None:
        raise first
    fitting = [each for each in found if _has_its_functions(each, names)]
    yield from fitting or found


def _has_its_functions(chain: Chain, names: Names) -> bool:
    """Whether each function of a z is the activation of that layer: others are not spoken of."""
    called = {
        relation.reads[0]: names.table.functions.get(relation.schema.activation)
        for relation in names.built.system.relations
        if relation.schema.activation is not None
    }
    for node in walk(chain):
        match node:
            case Apply(function, (Symbol(name=of),)) if of in called:
                name = function.function if isinstance(function, Prime) else function
                if called[of] != name:
                    return False
    return True


def _equalities(
    piece: Piece, chain: Chain, names: Names, functions: FunctionValues, group: int
) -> Iterator[Equality]:
    left = chain.first
    defined = left.of if isinstance(left, Partial) else left
    texts = _texts(piece.text, len(chain.rest))
    written = texts[0].partition("=")[0].strip()
    for number, ((_, side), text) in enumerate(zip(chain.rest, texts, strict=True)):
        if isinstance(defined, Apply):
            yield DefinitionEquality(
                text, piece.where, written, _called(defined), group + number, left, side, functions
            )
            continue
        of = about(left, names.table.adjoint_of)
        if of is not None and of.startswith(OWN):
            if number:
                continue
            of = ""
        if of is None and isinstance(left, Partial) and isinstance(left.of, Symbol):
            of = ""  # of one tensor in another, such as the slope of a softmax
        if of is None:
            raise refusal(
                piece.where,
                "the left side is not one symbol",
                "a tensor of the network, or a derivative of the cost",
                quoted(written),
            )
        yield TreeEquality(text, piece.where, written, of, group + number, left, side, functions)


def _called(defined: Apply) -> str:
    function = defined.function
    return function if isinstance(function, str) else f"{function.function}'"


def _texts(text: str, sides: int) -> list[str]:
    """Each equality as it was written, ``left = side``; the whole if it cannot be taken apart."""
    marks = [-1]
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "{([") - (character in "})]")
        if character == "=" and depth == 0:
            marks.append(at)
    parts = [text[a + 1 : b].strip() for a, b in pairwise([*marks, len(text)])]
    parts[0] = parts[0].removesuffix(":").strip()
    if len(parts) != sides + 1:
        return [text] * sides
    return [f"{parts[0]} = {each}" for each in parts[1:]]
