"""The right line of numpy as this user would write it: their names, their layout.

The lines are those of the emitted module, which is proven and tested; here names are exchanged,
transposes are moved where weights are stored (in, out), and sums keep their axis or do not.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from bpsym.verify.mending.inlined import Inlined

if TYPE_CHECKING:
    from bpsym.api import Derivation, LayoutName

LONGEST_LINE = 160
NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class RightCode:
    """Lines of the module for one network.

    columns: samples are columns. transposed: weights are (in, out). bias: ``flat``, ``row`` or
    ``column``; None as the module has it. vectors: one sample per call, as arrays of one axis.
    names: what the user calls tensors, adjoints and
    parameters, as Python expressions.
    """

    derivation: Derivation
    columns: bool = False
    transposed: bool = False
    bias: str | None = None
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    vectors: bool = False

    def line(self, name: str, left: str = "") -> str | None:
        """``delta2 = ...`` or ``dW1 = ...``; None if the module has no such short line.

        left: how the user calls what it gives; as ``names`` has it by default.
        """
        node = self._nodes.get(name)
        if node is None or len(ast.unparse(node)) > LONGEST_LINE:
            return None
        parameter = name[1:] if name[:1] == "d" and name[1:] in self._parameters else ""
        node = Inlined(self._helpers).visit(_parsed(ast.unparse(node)))
        called = {each.func.id for each in ast.walk(node)
                  if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}  # fmt: skip
        if called - {"len"}:  # it would not run in another file
            return None
        written: ast.expr = _Renamed(self).visit(_parsed(ast.unparse(node)))
        if parameter and self._parameters[parameter] == 2 and self.transposed:
            written = transposed(written)
        if parameter and self._parameters[parameter] == 1 and self.bias is not None:
            written = _Kept(keep=self.bias != "flat").visit(written)
        if self.vectors:
            written = _OneSample().visit(written)
        text = ast.unparse(ast.fix_missing_locations(written))
        return f"{left or self.names.get(name, name)} = {text}"

    def turns(self, parameter: str) -> bool:
        """Whether the user holds the transpose of a parameter."""
        return self.transposed and self._parameters.get(parameter) == 2

    @cached_property
    def _parameters(self) -> Mapping[str, int]:
        tensors = self.derivation.built.system.tensors.values()
        return {each.name: len(each.sizes) for each in tensors if each.role.name == "PARAMETER"}

    @cached_property
    def _helpers(self) -> Mapping[str, ast.FunctionDef]:
        """The module's own functions that are one expression each, slopes above all."""
        return {
            node.name: node
            for node in self._tree.body
            if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return)
        }

    @cached_property
    def _tree(self) -> ast.Module:
        from bpsym.api import generate
        from bpsym.errors import BpsymError

        layout: LayoutName = "columns" if self.columns else "rows"
        try:
            return ast.parse(generate(self.derivation.network, layout=layout, prove=False))
        except (BpsymError, SyntaxError):  # a report does without the line, and has the equation
            return ast.Module([], [])

    @cached_property
    def _nodes(self) -> Mapping[str, ast.expr]:
        found: dict[str, ast.expr] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, node.value)
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    name = key.value if isinstance(key, ast.Constant) else None
                    shape = isinstance(value, ast.Tuple)
                    if isinstance(name, str) and name in self._parameters and not shape:
                        found[f"d{name}"] = value
        return found


class _Renamed(ast.NodeTransformer):
    """Names and parameters as the user has them; two transposes of one thing cancel."""

    def __init__(self, code: RightCode) -> None:
        self.code = code

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _parsed(self.code.names.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        match node:
            case ast.Subscript(
                value=ast.Name(id="params"), slice=ast.Constant(value=str() as name)
            ):
                found = _parsed(self.code.names.get(name, name))
                return transposed(found) if self.code.turns(name) else found
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return transposed(node.value) if node.attr == "T" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Name):  # the name of a function is no tensor
            node.args = [self.visit(each) for each in node.args]
            return node
        self.generic_visit(node)
        return node


class _OneSample(ast.NodeTransformer):
    """The same for vectors: a sum over samples has one term, ``d.T @ a`` is an outer product."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=ast.Attribute(value=left, attr="T"), op=ast.MatMult(), right=right):
                outer = ast.Attribute(ast.Name("np", ast.Load()), "outer", ast.Load())
                return ast.Call(outer, [left, right], [])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr="sum"), keywords=keywords) if any(
                each.arg == "axis"
                and isinstance(each.value, ast.Constant)
                and each.value.value == 0
                for each in keywords
            ):
                return inner
        return node


class _Kept(ast.NodeTransformer):
    """Sums that keep the axis they run over, or drop it."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name not in ("sum", "mean") or not any(each.arg == "axis" for each in node.keywords):
            return node
        node.keywords = [each for each in node.keywords if each.arg != "keepdims"]
        if self.keep:
            node.keywords.append(ast.keyword("keepdims", ast.Constant(value=True)))
        return node


def without_mean(text: str) -> str | None:
    """A right side without its division by m; None if m stands in it otherwise."""
    tree = _NoMean().visit(ast.parse(text, mode="eval"))
    left = any(isinstance(node, ast.Name) and node.id == "m" for node in ast.walk(tree))
    return None if left else ast.unparse(ast.fix_missing_locations(tree))


def with_mean(text: str, count: str = "m") -> str:
    """The sums over samples on a right side divided by m; a decay term is left as it is.

    count: how the number of samples is written.
    """
    return ast.unparse(ast.fix_missing_locations(_divided(_parsed(text), _parsed(count))))


def _divided(node: ast.expr, count: ast.expr) -> ast.expr:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return ast.BinOp(_divided(node.left, count), node.op, _divided(node.right, count))
    sums = any(
        isinstance(each, ast.MatMult) or (isinstance(each, ast.Attribute) and each.attr == "sum")
        for each in ast.walk(node)
    )
    return ast.BinOp(node, ast.Div(), count) if sums else node


class _NoMean(ast.NodeTransformer):
    """Divisions by m, and by a product that has m for a factor, without it."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Name(id="m")):
                return left
            case ast.BinOp(
                left=left,
                op=ast.Div(),
                right=ast.BinOp(left=ast.Name(id="m"), op=ast.Mult(), right=rest)
                | ast.BinOp(left=rest, op=ast.Mult(), right=ast.Name(id="m")),
            ):
                return ast.BinOp(left, ast.Div(), rest)
        return node


def transposed(node: ast.expr) -> ast.expr:
    """The transpose, pushed down: ``(A @ B).T`` is ``B.T @ A.T``."""
    match node:
        case ast.Attribute(value=inner, attr="T"):
            return inner
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return ast.BinOp(transposed(right), ast.MatMult(), transposed(left))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            return ast.BinOp(transposed(left), op, transposed(right))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=ast.Constant() | ast.Name(
            id="m"
        ) as right):  # fmt: skip
            return ast.BinOp(transposed(left), op, right)
        case ast.BinOp(left=ast.Constant() as left, op=ast.Mult(), right=right):
            return ast.BinOp(left, ast.Mult(), transposed(right))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, transposed(operand))
        case ast.Constant():
            return node
    return ast.Attribute(node, "T", ast.Load())


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
