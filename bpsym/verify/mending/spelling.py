"""How the user's code spells its parameters, as far as the reading of it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpsym.verify.adapters.bundles import weights_and_biases

if TYPE_CHECKING:
    from bpsym.verify.adapters.arguments import Argument
    from bpsym.verify.adapters.bindings import Binding
    from bpsym.verify.adapters.choose import Reading


def parameter_names(reading: Reading) -> dict[str, str]:
    """Declared name -> a Python expression, ``params["W1"]``, ``self.weights[0]``.

    A parameter whose spelling is not seen is missing.
    """
    route = reading.route
    network = reading.search.network
    binding: Binding | None = getattr(route, "binding", None)
    if binding is not None:
        return _bound(binding, "self.")
    beside: Binding | None = getattr(route, "beside", None)
    if beside is not None:
        return _bound(beside, "")
    arguments: Sequence[Argument] = getattr(route, "arguments", ())
    found: dict[str, str] = {}
    weights, biases = weights_and_biases(network)
    for each in arguments:
        if each.role == "params":
            found |= route.bundle.spelled(each.name, network)  # type: ignore[union-attr]
        elif each.role in ("weights", "biases"):
            names = weights if each.role == "weights" else biases
            first = route.bundle.first  # type: ignore[union-attr] # of a function
            found |= {name: f"{each.name}[{at}]" for at, name in enumerate(names, first)}
        elif each.role in network.parameters:
            found[each.role] = each.name
    return {name: text for name, text in found.items() if _is_expression(text)}


def _bound(binding: Binding, owner: str) -> dict[str, str]:
    found = {name: owner + _path(path) for path, name in binding.whole.items()}
    for path, names in binding.lists.items():
        found |= {name: f"{owner}{_path(path)}[{at}]" for at, name in enumerate(names)}
    for path, keys in binding.dicts.items():
        found |= {name: f"{owner}{_path(path)}[{_key(key)}]" for key, name in keys.items()}
    return {name: text for name, text in found.items() if _is_expression(text)}


def _key(key: object) -> str:
    return str(key) if isinstance(key, int) else f'"{key}"'


def _path(path: str) -> str:
    """``layers.0.W`` as one writes it: ``layers[0].W``."""
    first, *rest = path.split(".")
    return first + "".join(f"[{each}]" if each.isdigit() else f".{each}" for each in rest)


def _is_expression(text: str) -> bool:
    import ast

    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
