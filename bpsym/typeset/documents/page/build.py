"""The page as one file: articles, drawing, lines with numbers and the script put together."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bpsym import __version__
from bpsym.collection import paused_collection
from bpsym.emit.render import environment
from bpsym.errors import EmitError, quoted, way_to
from bpsym.network.build import BuiltNetwork
from bpsym.templates import templates_dir
from bpsym.typeset.documents.page.article import ArticleRenderer, article
from bpsym.typeset.documents.page.explorer import Explorer
from bpsym.typeset.documents.page.points import Said
from bpsym.typeset.documents.page.steps import PHASES
from bpsym.typeset.documents.page.variants import (
    CODE,
    Variant,
    Wanted,
    variants,
    variants_of_any_depth,
)
from bpsym.typeset.languages.page import PAGE_WORDS
from bpsym.typeset.notations import NOTATIONS

TEMPLATE = "documents/page/page.html.jinja"


@paused_collection()
def page_of(built: BuiltNetwork, wanted: Wanted | None = None, *, language: str = "en") -> str:
    """The page of a network.

    wanted: the numbers of its request, or else those of seed 0, are those of the page; of several
    samples the reader chooses one for the elements, cost and gradients are of all.
    Raises EmitError if the notation asked for cannot write the network, NumbersError for numbers
    that do not fit, ProofError if an equality or a number cannot be proven.
    """
    wanted = wanted or Wanted()
    _check(wanted, language)
    found, left_out = variants(built, wanted)
    explorer = Explorer(built, found, wanted.request)
    return _written(found, left_out, wanted, language, explorer)


def page_of_any_depth(wanted: Wanted | None = None, *, language: str = "en") -> str:
    """The page of the recursion for any number of layers; it has no drawing and no numbers."""
    wanted = wanted or Wanted()
    _check(wanted, language)
    return _written(variants_of_any_depth(wanted), [], wanted, language, None)


def _check(wanted: Wanted, language: str) -> None:
    """Raise EmitError for a notation or a language that there is not."""
    known = (
        ("notation", wanted.notation, tuple(NOTATIONS)),
        ("language", language, tuple(PAGE_WORDS)),
    )
    for what, name, names in known:
        if name is not None and name not in names:
            raise EmitError.single(
                where="a page",
                what=f"unknown {what}",
                expected="one of " + ", ".join(names),
                got=quoted(str(name)),
                way_out=way_to(str(name), names, f"take {names[0]!r}"),
            )


@dataclass(frozen=True)
class _Shown:
    """A notation as the template takes it."""

    name: str
    chosen: bool
    article: str
    chips: Sequence[Mapping[str, str]]
    lines: Sequence[Mapping[str, str]]
    samples: str = ""


def _written(
    found: Sequence[Variant],
    left_out: Sequence[str],
    wanted: Wanted,
    language: str,
    explorer: Explorer | None,
) -> str:
    chosen = wanted.notation or CODE
    known = explorer.keys if explorer is not None else frozenset[str]()
    shown = [
        _Shown(
            each.name,
            each.name == chosen,
            _article(each, known),
            explorer.chips(each.name) if explorer is not None else (),
            explorer.lines(each.name) if explorer is not None else (),
            _each_language(explorer.whose(each.name)) if explorer is not None else "",
        )
        for each in found
    ]
    titles = {code: document.title for code, (document, *_) in found[0].documents.items()}
    facts = {
        "notation": chosen,
        "language": language,
        "said": _said(titles, left_out, explorer),
        **(explorer.facts() if explorer is not None else _NOTHING),
    }
    script = _asset("page.js")
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            language=language,
            title=escape(titles[language]),
            heading=_each_language({code: escape(title) for code, title in titles.items()}),
            version=__version__,
            style=_asset("page.css"),
            script=script,
            script_hash=_hash(script),
            facts=as_data(facts),
            words=_Words(),
            notations=shown,
            samples=explorer.samples if explorer is not None else (),
            left_out=escape(_left_out(left_out)[language]),
            figure=explorer.figure() if explorer is not None else "",
            phases=[
                {
                    "name": name,
                    "shown": _each_language(
                        {code: words.phases[name] for code, words in PAGE_WORDS.items()}
                    ),
                    "back": name == "deltas",
                }
                for name in PHASES
            ],
        )
    )


_NOTHING: Mapping[str, object] = {
    "points": {},
    "steps": [{"name": "start", "phase": "", "lit": [], "formulas": []}],
    "values": [],
    "letters": {},
    "costs": {},
}


def _article(variant: Variant, known: frozenset[str]) -> str:
    system = variant.story.built.system if variant.story is not None else None
    written = [
        (documents, ArticleRenderer(variant.manner(language), system, known))
        for language, documents in variant.documents.items()
    ]
    return article(written, variant.name)


def _said(
    titles: Said, left_out: Sequence[str], explorer: Explorer | None
) -> Mapping[str, Mapping[str, str]]:
    """What is said in attributes, which cannot hold two languages at once."""
    reasons = _left_out(left_out)
    return {
        code: {
            "title": titles[code],
            CODE: words.code_names,
            "left_out": reasons[code],
            "explorer": words.explorer,
            "steps": words.steps,
            "numbers": words.numbers,
            "formula": words.formula,
            "languages": words.languages,
            "network": words.network(explorer.title(code)) if explorer is not None else "",
        }
        for code, words in PAGE_WORDS.items()
    }


def _left_out(names: Sequence[str]) -> Said:
    return {
        code: words.left_out([(name, words.no_letters) for name in names])
        for code, words in PAGE_WORDS.items()
    }


class _Words:
    """Every word of the template in all languages."""

    def __getattr__(self, name: str) -> str:
        return _each_language(
            {code: escape(str(getattr(words, name))) for code, words in PAGE_WORDS.items()}
        )


def _each_language(texts: Mapping[str, str]) -> str:
    if not texts:
        return ""
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "".join(
        f'<span data-language="{code}" lang="{code}">{text}</span>' for code, text in texts.items()
    )


def as_data(facts: object) -> str:
    """JSON that no text in it can end: it stands in a script element."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    for each in "<\u2028\u2029":
        text = text.replace(each, f"\\u{ord(each):04x}")
    return text


def _asset(name: str) -> str:
    path: Path = templates_dir() / "documents" / "page" / name
    return path.read_text(encoding="utf-8").strip()


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
