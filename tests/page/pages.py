"""Pages that tests look at, each made once."""

from __future__ import annotations

import tomllib
from functools import cache

from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build
from bpsym.typeset.documents.page.build import Wanted, page_of, page_of_any_depth
from tests.typeset.networks import DECLARED

USUAL = "2-3-3-1"


@cache
def built_of(spec: str) -> BuiltNetwork:
    """A network of a shorthand, or of the list of graphs by its name."""
    return build(parse(tomllib.loads(DECLARED[spec]) if spec in DECLARED else spec))


@cache
def page_text(spec: str = USUAL) -> str:
    """The page of a network, or of any depth."""
    if spec == "any-depth":
        return page_of_any_depth()
    return page_of(built_of(spec), Wanted())
