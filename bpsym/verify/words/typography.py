"""Sentences as they are printed: a capital first, Chinese marks between Chinese words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language

_CHINESE = "\u2e80-\u9fff\uff01-\uffee\u3001-\u303f"
_FULL: Mapping[str, str] = MappingProxyType(
    {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "(": "\uff08", ")": "\uff09"}
)
_MARK = re.compile(
    rf"(?<=[{_CHINESE}])([,:;]) ?|([,:;]) ?(?=[{_CHINESE}])|(?<=[\w\])\"])([;:])(?=[A-Za-z\\∂Σ])"
)
_BRACKETS = re.compile(rf"\(([^()]*[{_CHINESE}][^()]*)\)")
# Words that a sentence may begin with; a name such as delta2 keeps its small letter.
_FIRST = re.compile(
    r"(?:the|there|this|that|a|an|one|two|no|none|its|it|each|every|with|only|all|in|as|another|"
    r"some|f'|sum|look|of|gradients)(?![\w\[.(=])"
)


def polished(text: str, lang: Language) -> str:
    """A sentence of a report, ready to be printed."""
    if lang == "zh":
        text = _MARK.sub(lambda match: _FULL[match[1] or match[2] or match[3]], text)
        return _BRACKETS.sub("\uff08\\1\uff09", text)
    if _FIRST.match(text) and not text.startswith("f'"):
        return text[:1].upper() + text[1:]
    return text
