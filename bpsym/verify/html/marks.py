"""Which parts of the pictures a diagnosis points at, as selectors of CSS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bpsym.typeset.sections.context import Context

if TYPE_CHECKING:
    from bpsym.verify.report import Diagnosis


def marked_adjoints(context: Context, found: Iterable[Diagnosis]) -> frozenset[str]:
    """The adjoints whose equations are violated, by the places of diagnoses."""
    system = context.built.system
    by_name = {each.adjoint: each.adjoint for each in system.tensors.values()}
    by_name |= {each.name: each.adjoint for each in system.tensors.values()}
    names = {by_name.get(where, "") for each in found for where in _places(each)}
    if any(each.where == "loss" for each in found):
        names |= {each.name for each in context.derivation.adjoints[:1]}
    return frozenset(names - {""})


def _places(each: Diagnosis) -> Iterator[str]:
    yield each.where
    several = each.data.get("parameters")
    if each.where == "regularisation" and isinstance(several, list):
        yield from (str(name) for name in several)


def selectors(context: Context, marked: frozenset[str]) -> Iterator[str]:
    """Selectors of the lines and circles of the network's picture that are marked.

    A weight marks its lines; an error signal or a bias the units of its layer.
    """
    system = context.built.system
    for part in context.parts:
        for relation in part.relations:
            if system.tensors[relation.defines].adjoint in marked:
                yield f'.network circle[data-unit^="{_quoted(part.label)}."]'
        for name in part.parameters:
            tensor = system.tensors[name]
            if tensor.adjoint not in marked:
                continue
            if len(tensor.sizes) == 2:
                yield f'.network line[data-weight^="{_quoted(name)}["]'
            else:
                yield f'.network circle[data-unit^="{_quoted(part.label)}."]'


def _quoted(name: str) -> str:
    """A name within quotes of a selector: nothing in it ends them, or the style."""
    kept = (c if c.isalnum() or c in "_- " else f"\\{ord(c):x} " for c in name)
    return "".join(kept)
