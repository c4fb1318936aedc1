"""The words of the page in every language of the documents."""

from collections.abc import Mapping
from types import MappingProxyType

from bpsym.typeset.languages.en.page import PageEnglish
from bpsym.typeset.languages.zh.page import PageChinese

PAGE_WORDS: Mapping[str, PageEnglish] = MappingProxyType({"en": PageEnglish(), "zh": PageChinese()})

__all__ = ["PAGE_WORDS", "PageChinese", "PageEnglish"]
