"""``"W1[2,1]"``: one element of a tensor by name, as users write it."""

from __future__ import annotations

import re

from bpsym.calculus.system import Role, System
from bpsym.errors import ExpressionError, way_to

_FORM = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\[\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\])?\s*")


def parse_element(text: str, system: System, *roles: Role) -> tuple[str, tuple[int, ...]]:
    """The tensor and its subscripts, counted from 1; no subscripts for the whole tensor.

    roles: those of the tensors that are asked for, in the order to name them; all if left out.
    Raises ExpressionError if there is no such tensor or element.
    """
    match = _FORM.fullmatch(text)
    asked = {each.name: each for role in roles for each in system.of_role(role)} or system.tensors
    if match is None or match[1] not in system.tensors:
        names = ", ".join(asked)
        raise ExpressionError.single(
            where=repr(text[:60]),
            what="no such tensor",
            expected=f"one of {names}, with subscripts counted from 1",
            got=text[:60],
            way_out=way_to(match[1] if match is not None else text, asked, _example(system)),
        )
    name = match[1]
    if match[2] is None:
        return name, ()
    subscripts = tuple(int(each) for each in match[2].split(","))
    limits = tuple(system.sizes.get(label) for label in system.tensors[name].sizes)
    if len(subscripts) != len(limits) or any(
        value < 1 or (limit is not None and value > limit)
        for value, limit in zip(subscripts, limits, strict=False)
    ):
        shape = ", ".join(str(limit or "m") for limit in limits)
        raise ExpressionError.single(
            where=repr(text[:60]),
            what=f"{name} has no such element",
            expected=f"{len(limits)} subscripts between 1 and ({shape})",
            got=str(list(subscripts)),
            way_out="count from 1, the row first",
        )
    return name, subscripts


def _example(system: System) -> str:
    """The last element of the first parameter, as one writes it."""
    for tensor in system.of_role(Role.PARAMETER):
        sizes = [str(system.sizes[label]) for label in tensor.sizes if label in system.sizes]
        place = f"[{','.join(sizes)}]" if sizes else ""
        return f"write for example {tensor.name}{place}"
    return "name a tensor of the network"
