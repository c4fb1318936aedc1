"""Which parameter a name means: ``W1``, ``w_1``, ``weights1``; ``dW1``, ``grad_W1``, ``dLdB1``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_GRADIENT = re.compile(
    r"^(?:gradients?_?(?:of_|wrt_)?|grads?_?(?:of_|wrt_)?|nabla_?|delta_(?=[wb])|∇_?"
    r"|d_?(?:loss|cost|l|j|c|e)_?d_?|d_?(?:loss|cost)_?|d_?|g_)(?=[^\d_])"
)
_GRADIENT_END = re.compile(r"_?(?:grads?|gradients?|_d)$")
_WEIGHT = re.compile(r"^(?:weights?|kernels?|ws?)(?=$|[_\d])")
_BIAS = re.compile(r"^(?:bias(?:es)?|bs?)(?=$|[_\d])")

WEIGHT, BIAS = "W", "b"


@dataclass(frozen=True)
class Spoken:
    """A name taken apart: whose letter, which layer, and whether a gradient is meant.

    tag: the layer's number or name, empty if none is said.
    """

    letter: str
    tag: str
    gradient: bool


def spoken(name: str, letters: Iterable[str] = ()) -> Spoken | None:
    """What a name says, or None if it is no name of a parameter.

    letters: what parameters of this network are called besides W and b (alpha, gain, shift, U).
    """
    plain = name.strip().replace(" ", "_").replace("-", "_").lower()
    ended = _GRADIENT_END.sub("", plain)
    for text, gradient in (
        (ended if ended != plain else "", True),
        (plain, False),
        (_GRADIENT.sub("", plain, count=1), True),
    ):
        found = _core(text, letters) if text else None
        if found is not None:
            return Spoken(*found, gradient=gradient)
    return None


def _core(plain: str, letters: Iterable[str]) -> tuple[str, str] | None:
    for letter in letters:
        if plain.startswith(letter.lower()):
            return letter, plain[len(letter) :].strip("_")
    for pattern, letter in ((_WEIGHT, WEIGHT), (_BIAS, BIAS)):
        found = pattern.match(plain)
        if found:
            return letter, plain[found.end() :].strip("_")
    return None


def letter_of(parameter: str) -> str:
    """The letter of a declared parameter: W of W1, alpha of alpha_h1."""
    return re.sub(r"(?:_.*|\d+)$", "", parameter)


def tag_of(parameter: str) -> str:
    """The layer of a declared parameter: 1 of W1, h1 of W_h1."""
    return parameter[len(letter_of(parameter)) :].strip("_").lower()


def matched(names: Iterable[str], parameters: Sequence[str], *, gradient: bool) -> dict[str, str]:
    """Of the names those that mean a parameter (or its gradient): name -> declared parameter.

    gradient: prefer names that say that they are gradients, and take plain ones if none does.
    A number that no layer has counts layers, from 0 if any name ends in 0.
    """
    letters = sorted(
        {letter_of(each) for each in parameters} - {WEIGHT, BIAS}, key=len, reverse=True
    )
    said = {name: each for name in names if (each := spoken(name, letters)) is not None}
    if gradient and any(each.gradient for each in said.values()):
        said = {name: each for name, each in said.items() if each.gradient}
    elif not gradient:
        said = {name: each for name, each in said.items() if not each.gradient}
    groups: dict[str, list[str]] = {}
    for parameter in parameters:
        groups.setdefault(letter_of(parameter), []).append(parameter)
    first = 0 if any(each.tag == "0" for each in said.values()) else 1
    found: dict[str, str] = {}
    for name, each in said.items():
        meant = _which(each, groups, first)
        if meant is not None and meant not in found.values():
            found[name] = meant
    return found


def _which(each: Spoken, groups: Mapping[str, list[str]], first: int) -> str | None:
    group = groups.get(each.letter, [])
    if first == 1:
        for parameter in group:
            if tag_of(parameter) == each.tag:
                return parameter
    if each.tag.isdigit() and first <= int(each.tag) < first + len(group):
        return group[int(each.tag) - first]
    if not each.tag and len(group) == 1:
        return group[0]
    return None


_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"^(?:{pattern})$", re.IGNORECASE))
    for role, pattern in (
        ("rate", r"lr|learning_?rate|l_?rate|eta|rate|step(?:_?size)?|alpha"),
        ("decay", r"lambda_?|lam|lambd|lmbda|reg(?:ularization)?(?:_?strength)?|l2|weight_?decay"),
        ("pairs", r"mini_?batch|batch|samples|training_?data|pairs"),
        ("cache", r"caches?|memory|activations|forward_?(?:cache|values)"),
        ("params", r"params?|parameters?|p|theta|thetas|net(?:work)?|model|vec(?:tor)?|flat"),
        ("weights", r"weights?|ws?"),
        ("biases", r"bias(?:es)?|bs?"),
        ("X", r"xs?|x_?(?:train|batch|data|in)|inputs?|data|features?|a0|images?"),
        (
            "Y",
            r"ys?|y_?(?:train|batch|data|true|t)|targets?|labels?|ts?|expected|truth|desired|d"
            r"|outputs?|y_?hot",
        ),
    )
)


def role_of(name: str) -> str | None:
    """What an argument of that name is: rate, decay, pairs, cache, params, weights, ..., X, Y."""
    plain = name.strip("_")
    return next((role for role, pattern in _ROLES if pattern.match(plain)), None)
