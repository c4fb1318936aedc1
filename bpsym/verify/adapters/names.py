"""Which parameter a name means: ``W1``, ``w_1``, ``weights1``; ``dW1``, ``grad_W1``, ``dLdB1``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bpsym.verify.adapters.tags import numbered, places, worded

_GRADIENT = re.compile(
    r"^(?:gradients?_?(?:of_|wrt_)?|grads?_?(?:of_|wrt_)?|nabla_?|delta_(?=[wb])|∇_?"
    r"|d_?(?:loss|cost|l|j|c|e)_?d_?|d_?(?:loss|cost)_?|d_?|g_)(?=[^\d_])"
)
_GRADIENT_END = re.compile(r"(?:_?(?:grads?|gradients?|_d)|(?<=[wb\d])g)$")
_WEIGHT = re.compile(r"^(?:(?:weights?|kernels?|ws?)(?=$|[_\d])|thetas?(?=_?\d))")
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
            return letter, numbered(plain[found.end() :].strip("_"))
    return worded(plain)


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
    # A layer may be called d or grad: what is a declared name says nothing else.
    said |= {n: Spoken(letter_of(n), tag_of(n), gradient=False) for n in said if n in parameters}
    if gradient and any(each.gradient for each in said.values()):
        said = {name: each for name, each in said.items() if each.gradient}
    elif not gradient:
        said = {name: each for name, each in said.items() if not each.gradient}
    groups: dict[str, list[str]] = {}
    for parameter in parameters:
        groups.setdefault(letter_of(parameter), []).append(parameter)
    first = 0 if any(each.tag == "0" for each in said.values()) else 1
    said = _first_numbered(said, groups)
    found: dict[str, str] = {}
    for name, each in said.items():
        meant = _which(each, groups, first)
        if meant is not None and meant not in found.values():
            found[name] = meant
    return {**found, **_by_words(said, groups, set(found.values()))}


def _by_words(
    said: Mapping[str, Spoken], groups: Mapping[str, list[str]], known: set[str]
) -> dict[str, str]:
    """Names that call layers by words, of letters of which nothing else is known."""
    found: dict[str, str] = {}
    for letter, group in groups.items():
        if len(group) < 2 or known & set(group):
            continue
        names = {each.tag: name for name, each in said.items() if each.letter == letter}
        found |= {names[tag]: group[at] for tag, at in places(names, len(group)).items()}
    return found


def _first_numbered(
    said: Mapping[str, Spoken], groups: Mapping[str, list[str]]
) -> dict[str, Spoken]:
    """``W`` beside ``W2`` is the first of them."""
    tags = {(each.letter, each.tag) for each in said.values()}
    return {
        name: replace(each, tag="1")
        if not each.tag and len(groups.get(each.letter, ())) > 1 and (each.letter, "2") in tags
        else each
        for name, each in said.items()
    }


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
        (
            "params",
            r"(?:nn_?|init(?:ial)?_?|model_?|net_?)*(?:params?|parameters?|thetas?)|p|net(?:work)?|model"
            r"|vec(?:tor)?|flat|unrolled|layers",
        ),
        ("weights", r"weights?|ws?"),
        ("biases", r"bias(?:es)?|bs?"),
        (
            "X",
            r"xs?|x_?(?:train|batch|data|in|input|norm|scaled)|(?:train(?:ing)?_?)?inputs?(?:_list)?"
            r"|(?:train_?)?data|inp|(?:train_?)?features?|a0|(?:train_?)?images?|design_?matrix",
        ),
        (
            "Y",
            r"ys?|y_?(?:train|batch|data|true|t|onehot|one_hot|label)|ts?|expected|truth|desired|d"
            r"|targ|(?:train(?:ing)?_?)?(?:targets?|labels?|outputs?)(?:_list)?|y_?hot|one_?hot",
        ),
        ("batch size", r"(?:mini_?)?batch_?(?:size|len)|size_?batch|n_?batch"),
        ("epochs", r"(?:(?:n|num|max|no)_?(?:of_?)?)?(?:epochs?|iterations?|iters?)"),
        ("count", r"m|n|n_?samples|num_?(?:samples|examples)|train(?:ing)?_?size"),
    )
)


_OUTPUT = re.compile(
    r"^(?:al|o|out|outputs?|y_?hat|y_?pred(?:icted)?|pred(?:ict(?:ion|ed)?)?s?|probs?"
    r"|probabilit(?:y|ies)|a_?out|final_?outputs?|hypothesis|h_?theta)$",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"^(?:h|hidden(?:_?(?:layers?|outputs?|activations?|units?))?)$", re.IGNORECASE
)
_UPSTREAM = re.compile(
    r"^(?:d_?out(?:put)?s?|grads?|(?:grads?|output|loss)_?(?:output|out|grads?)s?|gradients?"
    r"|upstream(?:_?grad)?|d_?a|d_?y|d_?loss|d_?l|deltas?|errors?|err|out_?g)$",
    re.IGNORECASE,
)
_VALUE = re.compile(r"^([az])_?(\d+)$", re.IGNORECASE)


def value_of(name: str, values: Sequence[str], output: str) -> str | None:
    """The value of the forward pass that an argument wants: ``a1`` for ``A1``, the output.

    values: the hidden values of the network, z1, a1, ...
    """
    found = _VALUE.match(name)
    if found is not None:
        wanted = f"{found[1].lower()}{found[2]}"
        return wanted if wanted in values else None
    if _OUTPUT.match(name):
        return output
    activations = [each for each in values if each.startswith("a") and each != output]
    return activations[0] if _HIDDEN.match(name) and len(activations) == 1 else None


def is_upstream(name: str) -> bool:
    """Whether an argument is the gradient that comes from above: ``dout``, ``grad``."""
    return _UPSTREAM.match(name) is not None


def role_of(name: str) -> str | None:
    """What an argument of that name is: rate, decay, pairs, cache, params, weights, ..., X, Y."""
    plain = name.strip("_")
    return next((role for role, pattern in _ROLES if pattern.match(plain)), None)


# Settings of a training run: one step, with all samples.
RUN = ("batch size", "epochs")


def rate_among(variables: Mapping[str, object]) -> str | None:
    """The first number among some variables that a learning rate is called."""
    return next(
        (
            name
            for name, value in variables.items()
            if role_of(name) == "rate" and isinstance(value, int | float)
        ),
        None,
    )
