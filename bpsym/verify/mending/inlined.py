"""Calls of a module's own helpers written out, for a line that is to run in another file."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

# What is written out needs an expression; a kernel with statements in it stays a call, unless its
# textbook form is this short.
_TEXTBOOK: Mapping[str, str] = {
    "sigmoid": "1 / (1 + np.exp(-z))",
    "softplus": "np.logaddexp(0, z)",
    "softsign": "z / (1 + np.abs(z))",
    "softsign_slope": "1 / (1 + np.abs(z)) ** 2",
    "gaussian": "np.exp(-z**2)",
    "gaussian_slope": "-2 * z * np.exp(-z**2)",
    "reciprocal_one_plus_square": "1 / (1 + z**2)",
    "normal_pdf": "np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)",
}


class Inlined(ast.NodeTransformer):
    """``leaky_relu_slope(a1)`` as ``np.where(a1 > 0, 1, 0.01)``.

    helpers: functions by name, of which those with one expression are written out.
    """

    def __init__(self, helpers: Mapping[str, ast.FunctionDef]) -> None:
        self.helpers = helpers

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call, its arguments first."""
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr="astype"), args=[_]):
                return inner
            case ast.Call(func=ast.Name(id="float"), args=[inner]):
                return inner
        if not isinstance(node.func, ast.Name) or node.keywords:
            return node
        body = self._body(node.func.id)
        if body is None or len(body[0]) != len(node.args):
            return node
        names, expression = body
        values = dict(zip(names, node.args, strict=True))
        return self.visit(_Put(values).visit(copy.deepcopy(expression)))  # type: ignore[no-any-return]

    def _body(self, name: str) -> tuple[list[str], ast.expr] | None:
        """The arguments of a helper and the one expression that it is."""
        if name in _TEXTBOOK:
            return ["z"], ast.parse(_TEXTBOOK[name], mode="eval").body
        found = self.helpers.get(name)
        if found is None:
            return None
        last = found.body[-1]
        names = [each.arg for each in found.args.args]
        if not isinstance(last, ast.Return) or last.value is None:
            return None
        value = copy.deepcopy(last.value)
        for each in reversed(found.body[:-1]):  # what is named on the way is written out
            match each:
                case ast.Assign(targets=[ast.Name(id=name)], value=written) if name not in names:
                    value = _Put({name: written}).visit(value)
        # What else stands in it may check its arguments; it may not compute what is returned.
        read = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        known = {*names, *self.helpers, *_TEXTBOOK, "np", "m", "len", "float"}
        return (names, value) if read <= known else None


class _Put(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.values.get(node.id, node))
