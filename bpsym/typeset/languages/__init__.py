"""Languages: one file of sentences each, terms in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from bpsym.typeset.languages.en import English
from bpsym.typeset.languages.zh import Chinese

LANGUAGES: Mapping[str, English] = MappingProxyType({"en": English(), "zh": Chinese()})

__all__ = ["LANGUAGES", "Chinese", "English"]
