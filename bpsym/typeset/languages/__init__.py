"""Languages: one folder of sentences each, terms in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from bpsym.typeset.languages.en.words import English
from bpsym.typeset.languages.zh.words import Chinese

LANGUAGES: Mapping[str, English] = MappingProxyType({"en": English(), "zh": Chinese()})

__all__ = ["LANGUAGES", "Chinese", "English"]
