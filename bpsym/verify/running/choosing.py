"""Which function or class of a file gives the gradients, where none is named.

What others in the file use is a part of them: a network uses its layers, a step its activation.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bpsym.verify.running.training_loop import multiplies

_GRADIENTS = ("backprop", "back_prop", "backward", "bprop", "grad")
_STEPS = ("train_step", "update", "step")
_TRAINS = ("train", "fit", "learn", "optimi", "descent", "sgd", "epoch")
_LOSSES = ("loss", "cost", "objective", "net")
# What checks gradients gives some, but not those that are to be judged.
_CHECKS = ("numeric", "check", "test", "approx", "finite_diff")
# The first group of names that is in the file decides.
_GROUPS = (_GRADIENTS, _STEPS, _TRAINS, _LOSSES)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def gives_gradients(node: ast.stmt) -> bool:
    """Whether a definition is a backward pass: it says so by a name, and multiplies matrices."""
    return isinstance(node, Definition) and bool(
        _says(node, _GRADIENTS) and _multiplying([node]) and not _is_check(node)
    )


def likeliest(tree: ast.Module) -> tuple[str, list[str]]:
    """The definition that is to be judged, empty if two are as likely; all, the likeliest first.

    Of those that say so by their names, those that no other of them uses; what is the only one
    left that multiplies matrices needs no such name.
    """
    there = [
        each for each in tree.body if isinstance(each, Definition) and not each.name.startswith("_")
    ]
    own = [each for each in there if not _is_check(each)] or there
    ordered: list[Definition] = []
    choice = ""
    for group in _GROUPS:
        found = _roots([each for each in own if _says(each, group) and each not in ordered])
        if len(found) > 1:
            found = _multiplying(found) or found
        choice = choice or (found[0].name if len(found) == 1 and not ordered else "")
        ordered += [each for each in found if each not in ordered]
    rest = _roots([each for each in own if each not in ordered])
    products = _multiplying(rest)
    if not ordered and len(products or rest) == 1:
        choice = (products or rest)[0].name
    ordered += [*products, *(each for each in rest if each not in products)]
    ordered += [each for each in there if each not in ordered]
    return choice, [each.name for each in ordered]


def _multiplying(definitions: Sequence[Definition]) -> list[Definition]:
    return [each for each in definitions if any(map(multiplies, ast.walk(each)))]


def _is_check(node: Definition) -> bool:
    return any(part in node.name.lower() for part in _CHECKS)


def _says(node: Definition, parts: Sequence[str]) -> bool:
    """Whether the name of a function, or that of a method of a class, has one of these parts."""
    names = [node.name]
    if isinstance(node, ast.ClassDef):
        names = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
    return any(part in name.lower() for name in names for part in parts)


def _roots(definitions: Sequence[Definition]) -> list[Definition]:
    """Those that no other of them uses."""
    uses = {each.name: _used(each) for each in definitions}
    found = [
        each
        for each in definitions
        if not any(each.name in used for name, used in uses.items() if name != each.name)
    ]
    return found or list(definitions)  # each of some uses another


def _used(node: ast.AST) -> set[str]:
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
