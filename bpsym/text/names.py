"""Rules for the names that users give: one pattern, and the few words that would hurt.

In emitted code a user's name is only ever the end of a name (``z_h1``, ``W_h1``, ``X_image``) or a
key in quotes, so a layer may well be called ``loss1`` or ``np``. Indices and parameters stand alone
in formulas, so functions, constants and the layer's own ``z`` and ``a`` are refused there.
"""

from __future__ import annotations

import re
from keyword import iskeyword

from bpsym.errors import Problem, quoted
from bpsym.text.functions import ALIASES, FUNCTIONS, SPECIAL_FORMS

LONGEST_NAME = 32
_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")

SAMPLE = "n"  # the sample index
SAMPLES = "m"  # how many samples there are
PI = "pi"

_FORMULA_WORDS = frozenset({SAMPLE, SAMPLES, PI, *FUNCTIONS, *ALIASES, *SPECIAL_FORMS})

# With the layer's name behind it, each of these names something else already: z_h1, X_image, ...
_OWN_TENSORS = frozenset({"z", "a", "delta", "adj", "X", "Y"})

# What an emitted module may define at its top, as far as a parameter can come to be called so:
# a parameter `init` of a layer `params` would be `init_params`.
EMITTED_WORDS = frozenset(
    """
    PARAM_SHAPES init_params loss_and_grads loss_and_grads_flat make_workspace self_check
    gaussian_slope gelu_tanh gelu_tanh_slope hard_sigmoid hard_tanh leaky_relu log_cosh log_gaussian
    log_gaussian_slope log_one_minus_gaussian log_one_minus_gaussian_slope log_one_minus_softmax
    log_one_minus_softmax_columns log_plus log_softmax log_softmax_columns log_softplus
    log_softplus_slope log_weighted_sum_exp logsumexp_along logsumexp_columns normal_cdf normal_pdf
    one_hot one_hot_columns reciprocal_one_plus_square root_mean_square root_mean_square_columns
    softmax_along softmax_columns softmax_of_others softmax_of_others_columns softsign_slope
    """.split()
)


def is_name(text: str) -> bool:
    """Whether the text is a name: ASCII letters, digits and ``_``, a letter first, at most 32."""
    return _PATTERN.fullmatch(text) is not None


def form_problem(name: str, where: str, what: str) -> Problem | None:
    """The problem with the form of a name, if it has one. ``what``: ``layer name``, ..."""
    if is_name(name):
        return None
    return Problem(
        where,
        f"this {what} is not a name",
        f"a letter, then letters, digits or _, at most {LONGEST_NAME}, ASCII only",
        quoted(name),
        _repaired(name),
    )


def tensor_name_problem(name: str, where: str, what: str) -> Problem | None:
    """The problem with the name of an input, a layer or a target, if it has one."""
    if is_name(name) and iskeyword(name):
        return _taken(name, where, what, "a word of Python, which no formula can hold")
    if name == SAMPLE:
        return _taken(name, where, what, "the sample index")
    return form_problem(name, where, what)


def index_name_problem(name: str, where: str) -> Problem | None:
    """The problem with the name of an index in a formula, if it has one."""
    if name in _FORMULA_WORDS:
        return _taken(name, where, "index name", "used in formulas for something else")
    return form_problem(name, where, "index name")


def parameter_name_problem(name: str, where: str) -> Problem | None:
    """The problem with the name of a parameter in the equation of a layer, if it has one."""
    if name in _FORMULA_WORDS:
        return _taken(name, where, "parameter name", "used in formulas for something else")
    if name in _OWN_TENSORS:
        return _taken(name, where, "parameter name", "used for the layer's own values")
    return form_problem(name, where, "parameter name")


def _taken(name: str, where: str, what: str, by: str) -> Problem:
    return Problem(
        where,
        f"this {what} is {by}",
        "a name that nothing else has",
        quoted(name),
        f"call it {name}_1, for example" if len(name) < LONGEST_NAME - 1 else "choose another",
    )


def _repaired(name: str) -> str:
    """A way out: the nearest name, where one is in sight."""
    candidate = nearest_name(name)
    return "choose a name of that form" if candidate is None else f"write {candidate}"


def nearest_name(text: str) -> str | None:
    """The name that is nearest to a text, None if none is in sight."""
    candidate = re.sub(r"[^A-Za-z0-9_]+", "_", text[: 2 * LONGEST_NAME]).strip("_")[:LONGEST_NAME]
    if candidate[:1].isdigit():
        candidate = f"l{candidate}"[:LONGEST_NAME]
    return candidate if is_name(candidate) else None
