"""Rewrite generated/, or check that it is what it would be rewritten to.

python -m bpsym.emit.regenerate            write, and delete what no longer belongs
python -m bpsym.emit.regenerate --check    exit 1 on any difference, missing or extra file
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bpsym.api import LayoutName, generate
from bpsym.network import parse

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "generated"
NETWORKS = ROOT / "examples" / "networks"


@dataclass(frozen=True)
class Committed:
    """A committed module: its file, its declaration, a shorthand or a file of ``NETWORKS``."""

    file: str
    declared: str
    layout: LayoutName = "rows"
    input_grads: bool = False

    def text(self) -> str:
        """The module as it is generated now, its derivation proven."""
        is_file = self.declared.endswith(".toml")
        path = NETWORKS / self.declared
        return generate(
            parse(str(path) if is_file else self.declared),
            layout=self.layout,
            input_grads=self.input_grads,
            declared_in=path.relative_to(ROOT).as_posix() if is_file else None,
        )


MODULES = (
    # Source 001: the error is squared and not halved, and the gradient in the input is derived too.
    Committed("chain_2_3_3_1.py", "2-3-3-1,loss=squared_error", input_grads=True),
    # Source 002, first half: sigmoid inside, a linear output, half the squared error.
    Committed("sigmoid_linear_4_5_3.py", "4-5:sigmoid-3:identity"),
    # Source 003: the max-margin scorer, run twice on shared weights.
    Committed("max_margin_scorer.py", "scorer.toml"),
    # Source 004: three layers, an activation each, samples as columns.
    Committed("columns_4_5_3_1.py", "4-5:tanh-3:relu-1:sigmoid,loss=bce", layout="columns"),
    Committed("residual_layer_norm.py", "residual.toml"),
    # What examples/digits.py trains.
    Committed("digits_64_32_10.py", "64-32:relu-10:softmax"),
)


def expected() -> Mapping[str, str]:
    """File name -> text of everything that belongs into the folder."""
    return {each.file: each.text() for each in MODULES}


def differences(texts: Mapping[str, str], folder: Path) -> list[str]:
    """What is missing, different or extra in the folder, in words."""
    found = {path.name: path for path in folder.glob("*") if path.name != "__pycache__"}
    problems = [f"missing: {name}" for name in texts if name not in found]
    problems += [f"extra: {name}" for name in sorted(found) if name not in texts]
    problems += [
        f"different: {name}"
        for name, text in texts.items()
        if name in found and found[name].read_text(encoding="utf-8") != text
    ]
    return problems


def rewrite(texts: Mapping[str, str], folder: Path) -> None:
    """Make the folder hold exactly these files."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*"):
        if path.is_file() and path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m bpsym.emit.regenerate [--check]\n")
        return 2
    texts = expected()
    if not arguments:
        rewrite(texts, FOLDER)
        return 0
    problems = differences(texts, FOLDER)
    for problem in problems:
        sys.stderr.write(f"generated/ is stale: {problem}\n")
    if problems:
        sys.stderr.write("Run python -m bpsym.emit.regenerate and read the difference.\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
