r"""LaTeX cut into tokens: what only spaces and sizes things is left out, Unicode becomes commands.

\left( W^{(2)} \right)^{\!\top}        ( W ^ { ( 2 ) } ) ^ { \top }
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bpsym.errors import ExpressionError, quoted
from bpsym.text.lexing import DEEPEST_BRACKETS

# A chain of equalities with every weight written out is long; a novel is no formula.
LONGEST_FORMULA = 20_000
MOST_TOKENS = 12_000

_TOKEN = re.compile(
    r"(?P<space>(?:\s|~|\\[,;:!> ]|\\(?:left|right|middle|mleft|mright|[bB]igg?[lrm]?|q?quad"
    r"|thinspace|medspace|thickspace|negthinspace|displaystyle|textstyle|limits|nolimits|noindent"
    r"|hfill|nonumber|notag|mathstrut|phantom\{\}|allowbreak)(?![A-Za-z])|\{\})+)"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<command>\\[A-Za-z]+\*?)"
    r"|(?P<escaped>\\[{}|_%#$\\])"
    r"|(?P<letter>[A-Za-z])"
    r"|(?P<sign>[-+*/=<>(){}\[\]^_',.|!:&;])"
)

_SAME: Mapping[str, str] = MappingProxyType(
    {
        r"\dfrac": r"\frac",
        r"\tfrac": r"\frac",
        r"\cfrac": r"\frac",
        r"\sb": "_",
        r"\sp": "^",
        r"\lbrace": r"\{",
        r"\rbrace": r"\}",
        r"\lbrack": "[",
        r"\rbrack": "]",
        r"\lparen": "(",
        r"\rparen": ")",
        r"\vert": "|",
        r"\textunderscore": r"\_",
        r"\leq": r"\le",
        r"\leqslant": r"\le",
        r"\geq": r"\ge",
        r"\geqslant": r"\ge",
        r"\ne": r"\neq",
        r"\lt": "<",
        r"\gt": ">",
        r"\ast": "*",
        r"\colon": ":",
        r"\circ": r"\odot",
        r"\bullet": r"\odot",
        r"\otimes": r"\odot",
        r"\bm": r"\mathbf",
        r"\boldsymbol": r"\mathbf",
        r"\pmb": r"\mathbf",
        r"\widehat": r"\hat",
        r"\overline": r"\bar",
        r"\widetilde": r"\tilde",
        r"\ln": r"\log",
        r"\varepsilon": r"\epsilon",
        r"\top": "T",
        r"\intercal": "T",
        r"\coloneqq": "=",
        r"\equiv": "=",
        r"\triangleq": "=",
        r"\displaybreak": "",
        r"\cr": r"\\",
    }
)

_GREEK = "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi omega"
_UNICODE: Mapping[str, str] = MappingProxyType(
    {
        **dict(zip("αβγδεηθκλμνπρστφω", (rf"\{name} " for name in _GREEK.split()), strict=True)),
        "∂": r"\partial ",
        "∇": r"\nabla ",
        "Δ": r"\Delta ",
        "Σ": r"\sum ",
        "∑": r"\sum ",
        "⊙": r"\odot ",
        "∘": r"\odot ",
        "·": r"\cdot ",
        "×": r"\times ",
        "−": "-",
        "′": "'",
        "ᵀ": "^T",
        "²": "^2",
        "≤": r"\le ",
        "≥": r"\ge ",
        "≠": r"\neq ",
        "√": r"\sqrt ",
        "\uff08": "(",
        "\uff09": ")",
        "\uff0c": ",",
        "\u00a0": " ",
    }
)
_BARS = (
    # The upright d of a derivative.
    (re.compile(r"\\(?:mathrm|operatorname|text|mathop)\s*\{\s*d\s*\}\s*"), r"\\partial "),
    (re.compile(r"\\(?:left|[bB]igg?l)\s*\|"), r"\\lvert "),
    (re.compile(r"\\(?:right|[bB]igg?r)\s*\|"), r"\\rvert "),
    (re.compile(r"(\\begin\{array\})\s*\{(?:[^{}]|\{[^{}]*\})*\}"), r"\1"),
)
_OPENING = frozenset(["(", "[", "{", r"\{", r"\begin"])
_CLOSING = frozenset([")", "]", "}", r"\}", r"\end"])

# Words whose braces hold text; it is kept as one token, spaces and all.
_TEXT = re.compile(r"\\(?:text|textrm|textit|mbox|textup|textnormal)\s*\{([^{}$\\]*)\}")
WORDS = "\\text "


def tokens_of(text: str, where: str) -> tuple[str, ...]:
    r"""The tokens of a formula.

    A text in words is one token, ``\text`` with a space and the words after it. where: the place
    it came from, for messages. Raises ExpressionError for what is too long, too deep or no LaTeX.
    """
    if len(text) > LONGEST_FORMULA:
        expected = f"at most {LONGEST_FORMULA} characters"
        raise refusal(where, "the formula is too long", expected, str(len(text)))
    text = "".join(_UNICODE.get(each, each) for each in text)
    for pattern, plain in _BARS:
        text = pattern.sub(plain, text)
    found: list[str] = []
    position = depth = 0
    while position < len(text):
        words = _TEXT.match(text, position)
        if words is not None:
            found.append(WORDS + words[1].strip())
            position = words.end()
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise refusal(where, "this has no meaning here", "a formula", quoted(text[position]))
        position = match.end()
        if match.lastgroup == "space":
            continue
        token = _SAME.get(match.group(), match.group())
        if token:
            found.append(token)
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth > DEEPEST_BRACKETS or len(found) > MOST_TOKENS:
            expected = f"at most {DEEPEST_BRACKETS} levels of brackets and {MOST_TOKENS} signs"
            raise refusal(where, "the formula is too large", expected, "more")
    return tuple(found)


def told(tokens: Sequence[str]) -> str:
    """Tokens as a reader of a message sees them."""
    return " ".join(each.removeprefix(WORDS) for each in tokens)


def refusal(where: str, what: str, expected: str, got: str, way_out: str = "") -> ExpressionError:
    r"""The error of a formula that cannot be read."""
    example = r"write for example \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(z^{(1)})"
    return ExpressionError.single(
        where=where, what=what, expected=expected, got=got, way_out=way_out or example
    )
