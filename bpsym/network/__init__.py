"""What the user declares: shorthand, TOML, JSON or Python, one checked model behind them.

parse("2-3-3-1")        parse("net.toml", loss="huber")        parse({"inputs": ...})
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path

from bpsym.errors import NetworkError, quoted
from bpsym.network.check.activation_use import is_formula
from bpsym.network.check.stages import settled
from bpsym.network.declare import describe, files, shorthand
from bpsym.network.model import ActivationUse, Layer, Loss, Network, Number
from bpsym.text.names import nearest_name

__all__ = ["ActivationUse", "Layer", "Loss", "Network", "parse", "to_json", "to_toml"]


def parse(
    source: str | PathLike[str] | Mapping[str, object],
    *,
    act: str | None = None,
    loss: str | None = None,
    reduction: str | None = None,
    l2: Number | None = None,
) -> Network:
    """The network of a shorthand, of a file (by its ending .toml or .json), or of a mapping.

    A network of a file that gives it no name, and that shorthand cannot say, has that of the file.
    act, loss, reduction, l2: win over what the source says; ``act`` is for the layers that have no
    activation of their own. A formula may stand for the name of an activation or a loss.
    Raises NetworkError with every problem found.
    """
    default_act, file = "identity", ""
    if isinstance(source, Mapping):
        declared = dict(source)
    elif isinstance(source, PathLike):
        file = fspath(source)
        declared = files.loaded(file)
    elif not isinstance(source, str):
        raise NetworkError.single(
            where="the network",
            what="this declares none",
            expected="a shorthand such as '2-3-1', a path, or a mapping",
            got=f"a value of type {type(source).__name__}",
            way_out="write parse('2-3-1'), for example",
        )
    elif files.is_path(source):
        file = source
        declared = files.loaded(file)
    else:
        declared = shorthand.declared(source)
        default_act = shorthand.DEFAULT_ACT
    if act is not None:
        declared["act"] = {"expression": act} if is_formula(act) else act
    if loss is not None:
        declared["loss"] = _replaced(declared.get("loss"), loss)
    if reduction is not None:
        declared["reduction"] = reduction
    if l2 is not None:
        declared["l2"] = l2
    network = settled(declared, default_act)
    if file and "name" not in declared and network.spec() is None:
        # What shorthand cannot say goes by the name of its file.
        name = nearest_name(Path(file).stem) or network.name
        return settled({**declared, "name": name}, default_act)
    return network


def _replaced(declared: object, loss: str) -> object:
    """A declared loss with another kind: what it reads and its target stay."""
    if isinstance(declared, list | tuple):
        if len(declared) > 1:
            raise NetworkError.single(
                where="option loss",
                what="it is not clear which loss it replaces",
                expected="a network with one loss",
                got=f"{len(declared)} losses and loss = {quoted(loss)}",
                way_out="change the loss in the declaration",
            )
        declared = declared[0] if declared else None
    kept = ("of", "target", "targets", "weight")
    values = declared.items() if isinstance(declared, Mapping) else ()
    table = {key: value for key, value in values if key in kept}
    return table | {"expression" if is_formula(loss) else "kind": loss}


def to_toml(network: Network) -> str:
    """The network as a TOML file that parses back to an equal network."""
    return files.to_toml(describe.described(network))


def to_json(network: Network) -> str:
    """The network as a JSON file that parses back to an equal network."""
    return files.to_json(describe.described(network))
