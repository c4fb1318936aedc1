"""Shorthand, a network in one argument: ``784-128:relu-10:softmax,loss=cross_entropy``.

SIZE(-SIZE[:ACTIVATION])+   and, after commas or spaces,   act=  loss=  reduction=  l2=
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from bpsym.errors import NetworkError, Problem, quoted, way_to
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.losses import LOSSES
from bpsym.network.check.report import listing
from bpsym.network.limits import LARGEST_WIDTH, LONGEST_SPEC
from bpsym.network.model import (
    DEFAULT_INPUT,
    DEFAULT_NAME,
    DEFAULT_TARGET,
    ActivationUse,
    Layer,
    Loss,
    Network,
)

KEYS = ("act", "loss", "reduction", "l2")
DEFAULT_ACT = "sigmoid"
MOST_PROBLEMS = 20

_SIZE = re.compile(r"([0-9]{1,20})(?::([^:]*))?")
_FORM = "SIZE-SIZE[:ACTIVATION]-..., such as 2-3-3-1 or 784-128:relu-10:softmax"


def declared(spec: str) -> dict[str, object]:
    """The declaration that a shorthand stands for, in the form of a file.

    Raises NetworkError with every problem of the text itself.
    """
    where = f"shorthand {quoted(spec)}"
    if len(spec) > LONGEST_SPEC:
        raise NetworkError.single(
            where=where,
            what="the shorthand is too long",
            expected=f"at most {LONGEST_SPEC} characters",
            got=str(len(spec)),
            way_out="write a file",
        )
    problems: list[Problem] = []
    declaration: dict[str, object] = {}
    chains: list[str] = []
    for part in re.split(r"[, ]+", spec.strip(", ")):
        if len(problems) > MOST_PROBLEMS:
            break
        key, equals, value = part.partition("=")
        if not equals:
            chains.append(part)
        elif key not in KEYS:
            way_out = way_to(key, KEYS, "write a file for anything else")
            problems.append(Problem(where, "unknown key", listing(KEYS), quoted(key), way_out))
        elif key in declaration:
            problems.append(
                Problem(where, f"{key} is given twice", "once", quoted(part), "take one out")
            )
        else:
            declaration[key] = value
    if len(chains) == 1 and chains[0]:
        declaration |= _chain(chains[0], where, problems)
    else:
        got = " and ".join(map(quoted, chains[:3])) if chains and chains[0] else "none"
        way_out = "put the sizes together with -, without spaces, and write keys as key=value"
        problems.append(Problem(where, "one list of sizes is needed", _FORM, got, way_out))
    if problems:
        raise NetworkError(*problems)
    return declaration


def _chain(text: str, where: str, problems: list[Problem]) -> dict[str, object]:
    """Inputs and layers of ``2-3:relu-1``; what is wrong goes to ``problems``."""
    layers: list[dict[str, object]] = []
    items = text.split("-")
    for position, item in enumerate(items):
        if len(problems) > MOST_PROBLEMS:
            break
        match = _SIZE.fullmatch(item)
        place = f"size {position + 1} in {where}"
        if match is None or match[2] == "":
            way_out = "write digits, then a colon and an activation if wanted"
            problems.append(Problem(place, "this is not a size", _FORM, quoted(item), way_out))
            continue
        size = int(match[1])
        if not 1 <= size <= LARGEST_WIDTH:
            expected = f"1 to {LARGEST_WIDTH} values"
            way_out = "choose another width"
            problems.append(
                Problem(place, "this width is out of range", expected, match[1], way_out)
            )
        elif position == 0 and match[2] is not None:
            way_out = f"write {size}-... and give the activation to the next size"
            problems.append(
                Problem(place, "the input has no activation", str(size), quoted(item), way_out)
            )
        else:
            layers.append({"units": size} | ({"activation": match[2]} if match[2] else {}))
    if len(items) == 1 and _SIZE.fullmatch(text):
        way_out = f"write {items[0][:8]}-1, for example"
        problems.append(Problem(where, "there is no layer", _FORM, quoted(text), way_out))
    if problems:
        return {}
    return {"inputs": {DEFAULT_INPUT: layers[0]["units"]}, "layer": layers[1:]}


def written(network: Network) -> str | None:
    """The canonical shorthand of a network, or None if shorthand cannot say it.

    Sigmoid, the mean, no decay, and the loss that the output suggests are left out.
    """
    if network.name != DEFAULT_NAME or len(network.inputs) != 1 or len(network.losses) != 1:
        return None
    (name, size), (loss,) = network.inputs[0], network.losses
    items = [str(size)]
    above = name
    for label, layer in zip(network.labels, network.layers, strict=True):
        item = _item(layer)
        plain = Layer(None, "dense", (above,), layer.units, layer.activation, bias=True)
        if item is None or layer != plain:
            return None
        items.append(item)
        above = label
    keys = _keys(network, loss, above)
    if name != DEFAULT_INPUT or keys is None:
        return None
    return ",".join(["-".join(items), *(f"{key}={value}" for key, value in keys.items())])


def _item(layer: Layer) -> str | None:
    use = layer.activation
    row = ACTIVATIONS.get(use.name or "")
    if use.name is None or use != ActivationUse(
        use.name, tuple(row.options.items() if row else ())
    ):
        return None
    return f"{layer.units}" + ("" if use.name == DEFAULT_ACT else f":{use.name}")


def _keys(network: Network, loss: Loss, output: str) -> Mapping[str, str] | None:
    row = LOSSES.get(loss.kind or "")
    if row is None:
        return None
    target = DEFAULT_TARGET if row.target else None
    if loss != Loss((output,), loss.kind, None, tuple(row.options.items()), Fraction(1), target):
        return None
    usual = "cross_entropy" if network.gives_distribution(output) else "half_squared_error"
    keys: dict[str, str] = {} if row.name == usual else {"loss": row.name}
    if network.reduction != "mean":
        keys["reduction"] = network.reduction
    if network.l2:
        from bpsym.network.declare.files import in_digits

        decay = in_digits(network.l2)
        if decay is None:
            return None
        keys["l2"] = decay
    return keys
