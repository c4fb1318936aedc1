"""Other widths, for evidence only: code that is right at the declared widths is right.

A network with equal widths hides what depends on their being equal. Where code takes its
parameters as arguments it may run at other widths too; what happens there is told, and decides
nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bpsym.verify.adapters.declared import declared
from bpsym.verify.numbers.compare import judged, roundoffs
from bpsym.verify.numbers.points import PointError, choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.running.sandbox import UserCodeError
from bpsym.verify.words.remarks import note

if TYPE_CHECKING:
    from bpsym.network.model import Network
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.observe import Language

LARGEST = 64


def distinct_twin(network: Network) -> str | None:
    """The same chain with pairwise distinct widths, as shorthand.

    None if its widths are distinct already, it is no chain, or it is large.
    """
    spec = network.spec()
    if spec is None:
        return None
    chain, *options = re.split(r"([, ].*)", spec, maxsplit=1)[:2]
    parts = chain.split("-")
    widths = [int(part.partition(":")[0]) for part in parts]
    if len(set(widths)) == len(widths) or max(widths) > LARGEST:
        return None
    taken: set[int] = set()
    twin = []
    for part, width in zip(parts, widths, strict=True):
        while width in taken:
            width += 1
        taken.add(width)
        twin.append(re.sub(r"^\d+", str(width), part))
    return "-".join(twin) + "".join(options)


def at_other_widths(reading: Reading, network: Network, lang: Language) -> tuple[str, ...]:
    """What the code does at pairwise distinct widths, as a note; empty if it is right there."""
    from bpsym.api import derive

    twin = distinct_twin(network)
    if twin is None or not reading.route.any_widths:
        return ()
    reference = Reference(derive(twin))
    try:
        point = choose_points(reference).generic[0]
        seen = reading.moved(reference, declared(reference.derivation)).observe(point)
    except PointError:
        return ()
    except UserCodeError:
        return (note("other widths raise", lang, twin=twin),)
    epsilons = roundoffs(reference, [seen])
    wrong = [
        name
        for name in reference.parameters
        if not judged(reference, name, seen, epsilons[name]).result.ok
    ]
    if not wrong:
        return ()
    return (note("other widths", lang, twin=twin, names=", ".join(wrong)),)
