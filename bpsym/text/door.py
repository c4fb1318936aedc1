"""The one door for user text: a formula comes out as a syntax tree, or not at all.

Python's own parser reads the text, an allow-list of its nodes is translated, and everything else
is refused by name. Nothing is ever evaluated.

    read_expression("z*sigmoid(1.7*z)", where)           an Expression
    read_equation("g[n,i] = c[i]*s[n,i]", where)         an Equation
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.text import syntax
from bpsym.text.functions import ALIASES, FUNCTIONS, SPECIAL_FORMS, SUM, WHERE
from bpsym.text.lexing import Text, equals_signs, look_at
from bpsym.text.limits import check_magnitude
from bpsym.text.literals import exponent, number
from bpsym.text.subscripts import affine

DEEPEST_TREE = 64
MOST_NODES = 500

__all__ = ["ALIASES", "FUNCTIONS", "read_equation", "read_expression"]

_OPERATORS: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
)
_RELATIONS: Mapping[type[ast.cmpop], str] = MappingProxyType(
    {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
)


def read_expression(text: str, where: str) -> syntax.Expression:
    """Read a formula without an equals sign.

    where: the place it came from, for messages. Raises ExpressionError.
    """
    formula = look_at(text, where)
    if equals_signs(formula):
        raise formula.refuse(
            "an expression has no equals sign",
            "one side only",
            quoted(formula.source),
            "write the right side alone; to compare, write where(a < b, then, otherwise)",
        )
    expression = _Reader(formula).expression(_parsed(formula), 1)
    check_magnitude(expression, formula)
    return expression


def read_equation(text: str, where: str) -> syntax.Equation:
    """Read ``name[subscripts] = expression``.

    where: the place it came from, for messages. Raises ExpressionError.
    """
    formula = look_at(text, where)
    places = equals_signs(formula)
    if len(places) != 1:
        raise formula.refuse(
            "an equation has one equals sign",
            "name[n,i] = expression",
            f"{len(places)} equals signs in {quoted(formula.source)}",
            "write what the layer gives on the left, such as g[n,i] = c[i]*s[n,i]",
        )
    sides = (formula.source[: places[0]], formula.source[places[0] + 1 :])
    left, right = (look_at(side, where) for side in sides)
    lhs = _Reader(left).expression(_parsed(left), 1)
    if not isinstance(lhs, syntax.Read):
        raise left.refuse(
            "the left side of an equation is one element",
            "name[n,i]",
            quoted(left.source),
            "write what the layer gives there, such as g[n,i]",
        )
    rhs = _Reader(right).expression(_parsed(right), 1)
    check_magnitude(rhs, right)
    return syntax.Equation(lhs, rhs)


def _parsed(text: Text) -> ast.expr:
    """Python's reading of a text that ``look_at`` let pass."""
    try:
        return ast.parse(text.source, mode="eval").body
    except SyntaxError as error:
        column = min(error.offset or 1, len(text.source))
        raise text.refuse(
            "the formula breaks off",
            "operands with operators between them",
            f"{quoted(text.source[max(column - 12, 0) : column + 12])} near column {column}",
            "look for a missing operand, operator or comma there",
        ) from None
    except (ValueError, RecursionError, MemoryError):  # the caps of look_at make this unreachable
        raise text.refuse(
            "the formula is too large", "a short formula", quoted(text.source), "split it"
        ) from None


class _Reader:
    """Translates one formula; counts its nodes on the way."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.nodes = 0

    def expression(self, node: ast.expr, depth: int) -> syntax.Expression:
        """The syntax tree of an ast node, which lies ``depth`` levels down."""
        self.nodes += 1
        if depth > DEEPEST_TREE or self.nodes > MOST_NODES:
            raise self.text.refuse(
                "the formula is too large",
                f"at most {MOST_NODES} operands and operators, {DEEPEST_TREE} levels deep",
                "more",
                "split it over several layers, or bracket long sums in groups",
            )
        below = depth + 1
        match node:
            case ast.Constant():
                return syntax.Number(number(node, self.text))
            case ast.Name(id=name):
                return self._name(name)
            case ast.Subscript(value=ast.Name(id=tensor), slice=subscripts):
                return self._read(tensor, subscripts)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return syntax.Negative(self.expression(operand, below))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand, below)
            case ast.BinOp(op=ast.Pow(), left=base, right=power):
                return syntax.Power(self.expression(base, below), exponent(power, self.text))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATORS:
                operator = _OPERATORS[type(op)]
                return syntax.Binary(
                    operator, self.expression(left, below), self.expression(right, below)
                )
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self._call(function, arguments, below)
        raise self._stranger(node)

    def _name(self, name: str) -> syntax.Expression:
        if name in SPECIAL_FORMS or name in FUNCTIONS or name in ALIASES:
            raise self.text.refuse(
                f"{name} is a function",
                "its arguments in brackets",
                quoted(name),
                f"write {name}(...)",
            )
        return syntax.Name(name)

    def _read(self, tensor: str, subscripts: ast.expr) -> syntax.Expression:
        listed = subscripts.elts if isinstance(subscripts, ast.Tuple) else [subscripts]
        if not listed:
            raise self.text.refuse(
                f"{tensor} has no subscripts", "at least one", f"{tensor}[()]", f"write {tensor}[i]"
            )
        self.nodes += len(listed)
        return syntax.Read(tensor, tuple(affine(each, self.text) for each in listed))

    def _call(self, name: str, arguments: list[ast.expr], depth: int) -> syntax.Expression:
        if name == SUM:
            return self._sum(arguments, depth)
        if name == WHERE:
            return self._where(arguments, depth)
        function = ALIASES.get(name, name)
        if function not in FUNCTIONS:
            raise self.text.refuse(
                "unknown function",
                "one of " + ", ".join(sorted((*FUNCTIONS, *SPECIAL_FORMS))),
                quoted(name),
                way_to(name, (*FUNCTIONS, *ALIASES, *SPECIAL_FORMS), "write it with those"),
            )
        if len(arguments) != FUNCTIONS[function]:
            raise self._arity(name, FUNCTIONS[function], arguments)
        return syntax.Call(function, tuple(self.expression(each, depth) for each in arguments))

    def _sum(self, arguments: list[ast.expr], depth: int) -> syntax.Expression:
        match arguments:
            case [ast.Name(id=index), body]:
                return syntax.Sum(index, self.expression(body, depth))
        raise self.text.refuse(
            "a sum names its index first",
            "sum(index, body)",
            quoted(f"sum({', '.join(map(ast.unparse, arguments))})"),
            "write sum(j, W[i,j]*x[n,j]), for example",
        )

    def _where(self, arguments: list[ast.expr], depth: int) -> syntax.Expression:
        match arguments:
            case [ast.Compare(left=left, ops=[op], comparators=[right]), then, otherwise] if (
                type(op) in _RELATIONS
            ):
                parts = [self.expression(each, depth) for each in (left, right, then, otherwise)]
                return syntax.Where(_RELATIONS[type(op)], *parts)
        raise self.text.refuse(
            "a choice is one comparison and two values",
            "where(a < b, then, otherwise), with < <= > or >=",
            quoted(f"where({', '.join(map(ast.unparse, arguments))})"),
            "nest where(...) for more than two cases",
        )

    def _arity(self, name: str, wanted: int, arguments: list[ast.expr]) -> ExpressionError:
        call = f"{name}({', '.join(map(ast.unparse, arguments))})"
        way_out = "give it all of them"
        if len(arguments) > wanted:
            way_out = f"nest it: {name}({name}(u, v), w)" if wanted == 2 else "leave the rest out"
        return self.text.refuse(
            f"{name} takes {wanted} argument{'s' if wanted > 1 else ''}",
            str(wanted),
            f"{len(arguments)} in {quoted(call)}",
            way_out,
        )

    def _stranger(self, node: ast.expr) -> ExpressionError:
        """The error about a node that is not on the allow-list."""
        match node:
            case ast.Compare():
                what, way_out = "a comparison stands alone", "write where(a < b, then, otherwise)"
            case ast.Subscript() | ast.Call():
                what = "only a name can be called or subscripted"
                way_out = "write * for a product"
            case ast.BinOp(op=ast.FloorDiv()):
                what, way_out = "// has no meaning in a formula", "write / for a quotient"
            case ast.Tuple():
                what, way_out = "a comma separates arguments only", "write one formula"
            case _:
                what = f"{type(node).__name__} has no meaning in a formula"
                way_out = "write it with + - * / ** and functions"
        expected = "numbers, names, name[i,j], + - * / ** and calls"
        return self.text.refuse(what, expected, quoted(ast.unparse(node)), way_out)
