"""The changes of one expression that undo a slip: a sign, a factor, a transpose, another name.

Nothing here knows what is right. Each change is tried, and most of them are wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.verify.mending.operands import operand_changes

Array = npt.NDArray[Any]
MOST_OTHERS = 14
SUBTRAHEND = 1.8
NUMBERS = (0, 1, 2, 0.5)
_REDUCTIONS: Mapping[str, str] = {"mean": "sum", "sum": "mean", "average": "sum"}
_FLIPPED: tuple[tuple[type[ast.cmpop], type[ast.cmpop]], ...] = (
    (ast.Gt, ast.Lt),
    (ast.Lt, ast.Gt),
    (ast.GtE, ast.LtE),
    (ast.LtE, ast.GtE),
)
_OPPOSITE: tuple[tuple[type[ast.cmpop], type[ast.cmpop]], ...] = (
    (ast.Gt, ast.LtE),
    (ast.Lt, ast.GtE),
    (ast.GtE, ast.Lt),
    (ast.LtE, ast.Gt),
)


@dataclass(frozen=True, eq=False)
class Change:
    """A part of an expression, and what is put in its place. Lower ranks are tried first."""

    rank: float
    old: ast.expr
    new: ast.expr


@dataclass(frozen=True, eq=False)
class Sight:
    """What can be read at a place: text -> value. functions: of the file, with their arities.

    counts: texts that hold the number of samples. factors, terms: what a right line has;
    slopes: all of its factors but the product of matrices. right: such lines; numbers: in them.
    ratio: what the place should be times. mask: whether it chooses entries that are assigned to.
    missing: an operation and a text, with which the value is one that is right.
    bases: lists of the file; indices: what they are read at. unused: names that nothing reads;
    lengths: names of whole numbers.
    """

    values: Mapping[str, Array]
    functions: Mapping[str, int]
    counts: Sequence[str] = ()
    factors: Sequence[str] = ()
    terms: Sequence[str] = ()
    right: Sequence[str] = ()
    slopes: Sequence[str] = ()
    numbers: Sequence[float] = ()
    ratio: float = 1.0
    mask: bool = False
    missing: Sequence[tuple[str, str]] = ()
    indices: Sequence[str] = ()
    bases: Sequence[str] = ()
    unused: Sequence[str] = ()
    lengths: Sequence[str] = ()


def changes(root: ast.expr, sight: Sight) -> list[Change]:
    """The changes of an expression, the likeliest first."""
    found = [*_of_whole(root, sight)]
    subtracted: set[int] = set()
    asked: set[int] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            subtracted.add(id(node.right))
        if isinstance(node, ast.IfExp):  # another question is no answer
            asked.update(map(id, ast.walk(node.test)))
        if isinstance(node, ast.Compare):
            asked.update(id(each) for each in ast.walk(node) if isinstance(each, ast.Name))
        if isinstance(node, ast.expr) and id(node) not in asked:
            mine = _of_node(node, sight)
            if id(node) in subtracted:  # that it goes as a whole is likelier
                mine = (replace(each, rank=max(each.rank, SUBTRAHEND + 0.1)) for each in mine)
            found += mine
    return sorted(found, key=lambda each: (each.rank, _taken_out(each)))


def _taken_out(change: Change) -> int:
    """How much a change takes away: of two factors that may go the smaller goes."""
    return max(0, len(ast.unparse(change.old)) - len(ast.unparse(change.new)))


_OPERATIONS: Mapping[str, ast.operator] = {"*": ast.Mult(), "+": ast.Add(), "-": ast.Sub()}


def _of_whole(root: ast.expr, sight: Sight) -> Iterator[Change]:
    for operation, text in sight.missing:
        if operation == "=":
            yield Change(0.6, root, _parsed(text))
        else:
            # A slope written in full reads better than a wrong one with a factor behind it.
            rank = 1.32 if operation == "*" and sight.slopes else 0.1
            yield Change(rank, root, ast.BinOp(root, _OPERATIONS[operation], _parsed(text)))
    for text in sight.right:
        yield Change(1.6, root, _parsed(text))
    for text in sight.counts:
        yield Change(0.5, root, ast.BinOp(root, ast.Div(), _parsed(text)))
        yield Change(2.0, root, ast.BinOp(root, ast.Mult(), _parsed(text)))
    yield Change(0.8, root, ast.UnaryOp(ast.USub(), root))
    for by in (sight.ratio, 1 / sight.ratio):
        whole = round(by)
        if by > 1 and abs(by - whole) < 1e-9 * by:
            scaled = _product([ast.Constant(whole), *_factors(root)])
            yield Change(0.85, root, scaled if by == sight.ratio else _divided(root, whole))
    yield Change(1.0, root, _transposed(root))
    for text in sight.factors:
        yield Change(1.4, root, ast.BinOp(root, ast.Mult(), _parsed(text)))
    for text in sight.slopes:
        yield Change(1.35, root, _product([root, *_factors(_parsed(text))]))
    kept = _factors(root)
    if len(kept) > 1:
        for part in kept:
            for text in sight.right:
                yield Change(1.62, part, _parsed(text))
    for text in sight.unused:
        for sum_ in ast.walk(root):
            if isinstance(sum_, ast.BinOp) and isinstance(sum_.op, ast.Add | ast.Sub):
                yield Change(0.72, sum_, ast.BinOp(sum_, ast.Sub(), _parsed(text)))
                yield Change(0.72, sum_, ast.BinOp(sum_, ast.Add(), _parsed(text)))
        for size in ("", *sight.lengths):
            term = _parsed(f"{text} / {size}" if size else text)
            yield Change(0.73, root, ast.BinOp(root, ast.Add(), term))
            yield Change(0.74, root, ast.BinOp(root, ast.Mult(), term))
    for text in sight.slopes:
        for count in range(1, len(kept)):
            for some in (kept[:count], kept[-count:]):
                yield Change(1.3, root, _product([*some, *_factors(_parsed(text))]))
    for text in sight.slopes:
        yield Change(1.55, root, _parsed(text))
    for text in sight.terms:
        yield Change(1.4, root, ast.BinOp(root, ast.Add(), _parsed(text)))
    if isinstance(root, ast.BinOp) and isinstance(root.op, ast.Add | ast.Sub):
        for text in sight.counts:  # the term of the data, and the decay beside it
            yield Change(0.6, root.left, ast.BinOp(root.left, ast.Div(), _parsed(text)))


def _of_node(node: ast.expr, sight: Sight) -> Iterator[Change]:
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield Change(0.1, node, operand)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for one, other in _OPPOSITE:
                if isinstance(op, one):
                    rank = 0.19 if sight.mask else 0.25
                    yield Change(rank, node, ast.Compare(left, [other()], [right]))
            for one, other in _FLIPPED:
                if isinstance(op, one):
                    yield Change(0.2, node, ast.Compare(left, [other()], [right]))
        case ast.Call():
            yield from _of_call(node, sight)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            near = (number - 1, number + 1) if isinstance(number, int) else ()
            for known in sight.numbers:
                if known != number:
                    yield Change(0.9, node, ast.Constant(known))
            for new in dict.fromkeys((*near, *NUMBERS)):
                if new != number and new >= 0:
                    yield Change(2.2, node, ast.Constant(new))
        case ast.GeneratorExp(elt=elt) | ast.ListComp(elt=elt):
            for text in sight.factors:
                yield Change(1.45, elt, ast.BinOp(_parsed(text), ast.Mult(), elt))
        case ast.IfExp(test=test, body=body, orelse=other):
            yield Change(0.45, node, body)
            yield Change(0.45, node, other)
            yield Change(0.5, node, ast.IfExp(test, other, body))
        case ast.Subscript(value=inner, slice=ast.Slice()):
            yield Change(0.5, node, inner)
        case ast.Attribute(value=inner, attr="T"):
            yield Change(0.7, node, inner)
        case ast.Subscript(
            value=ast.Attribute(attr="shape"), slice=ast.Constant(value=0 | 1 as axis)
        ):
            yield Change(0.4, node, ast.Subscript(node.value, ast.Constant(1 - axis), ast.Load()))
        case ast.Subscript(value=ast.Name() | ast.Attribute()):
            yield from _of_entry(node, sight)
    yield from (Change(*each) for each in operand_changes(node, sight.counts))
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        yield from _of_name(node, sight)
    if sight.mask and isinstance(node, ast.BinOp):  # the labels themselves
        for part in ast.walk(node):
            if isinstance(part, ast.Name | ast.Subscript):
                yield Change(0.4, node, part)


def _of_entry(node: ast.Subscript, sight: Sight) -> Iterator[Change]:
    """The same entry of another list, another entry of this one."""
    base = ast.unparse(node.value)
    if base not in sight.bases:
        return
    for other in sight.bases:
        if other != base:
            yield Change(0.78, node, ast.Subscript(_parsed(other), node.slice, ast.Load()))
    for text in sight.indices:
        if text != ast.unparse(node.slice):
            yield Change(0.95, node, ast.Subscript(node.value, _parsed(text), ast.Load()))


def _of_operation(node: ast.BinOp) -> Iterator[Change]:
    left, right = node.left, node.right
    match node.op:
        case ast.Sub():
            of_one = isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
            yield Change(0.05 if of_one else 0.0, node, ast.BinOp(right, ast.Sub(), left))
            yield Change(1.5, node, ast.BinOp(left, ast.Add(), right))
            less = 0.86 if isinstance(right, ast.Constant) else SUBTRAHEND
            yield Change(less, node, left)
            yield Change(1.9, node, right)
        case ast.Add():
            yield Change(1.0, node, ast.BinOp(left, ast.Sub(), right))
            yield Change(1.2, node, left)
            yield Change(1.3, node, right)
        case ast.Mult():
            kept = _factors(node)
            for count in range(1, len(kept) - 1):
                yield Change(0.35, node, _product(kept[:count]))
            yield Change(0.3, node, left)
            yield Change(0.3, node, right)
            yield Change(2.5, node, ast.BinOp(left, ast.MatMult(), right))
        case ast.Div():
            yield Change(0.3, node, left)
            yield Change(2.5, node, ast.BinOp(left, ast.Mult(), right))
        case ast.Pow():
            yield Change(0.6, node, left)
        case ast.MatMult():
            for one, other in _arranged(left, right):
                yield Change(0.9, node, ast.BinOp(one, ast.MatMult(), other))
    if not isinstance(node.op, ast.Pow | ast.MatMult):
        yield Change(2.4, node, ast.BinOp(node, ast.Pow(), ast.Constant(2)))


def _divided(node: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(node, ast.Div(), ast.Constant(by))


def _factors(node: ast.expr) -> list[ast.expr]:
    """The factors of a product, one after the other."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return [*_factors(left), right]
    return [node]


def _product(factors: Sequence[ast.expr]) -> ast.expr:
    found = factors[0]
    for each in factors[1:]:
        found = ast.BinOp(found, ast.Mult(), each)
    return found


def _arranged(left: ast.expr, right: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The other ways of multiplying two matrices."""
    turned, other = _transposed(left), _transposed(right)
    yield from ((right, left), (turned, right), (left, other))
    yield from ((other, turned), (other, left), (right, turned), (turned, other))


def _of_call(node: ast.Call, sight: Sight) -> Iterator[Change]:
    function, args = node.func, node.args
    name = function.attr if isinstance(function, ast.Attribute) else ""
    if isinstance(function, ast.Attribute) and name in _REDUCTIONS:
        other = ast.Attribute(function.value, _REDUCTIONS[name], ast.Load())
        yield Change(
            0.5 if name != "sum" else 2.0, node, ast.Call(other, args, list(node.keywords))
        )
        yield from _of_axis(node)
    if name in ("dot", "matmul", "outer") and len(args) == 2:
        for one, two in _arranged(*args) if name != "outer" else ((args[1], args[0]),):
            yield Change(0.9, node, ast.Call(function, [one, two], list(node.keywords)))
    if name in ("astype", "round", "copy") and isinstance(function, ast.Attribute):
        yield Change(0.4, node, function.value)
    if name in ("clip", "where", "nan_to_num", "roll", "full", "full_like", "float32"):
        for arg in args:
            yield Change(0.8, node, arg)
    if name == "where" and len(args) == 3:
        yield Change(0.15, node, ast.Call(function, [args[0], args[2], args[1]], []))
    known = function.id if isinstance(function, ast.Name) else name
    arity = sight.functions.get(known)
    if arity is not None:
        for other_name, count in sight.functions.items():
            if count == arity and other_name != known:
                called: ast.expr = ast.Name(other_name, ast.Load())
                if isinstance(function, ast.Attribute):
                    called = ast.Attribute(function.value, other_name, ast.Load())
                yield Change(1.2, node, ast.Call(called, args, list(node.keywords)))
        if len(args) == 1:
            yield Change(2.0, node, args[0])


def _of_axis(node: ast.Call) -> Iterator[Change]:
    """Another axis, one more or none, kept or not."""
    others = [each for each in node.keywords if each.arg not in ("axis", "keepdims")]
    kept = [each for each in node.keywords if each.arg == "keepdims"]
    more = [] if kept else [ast.keyword("keepdims", ast.Constant(True))]
    args = node.args
    module = isinstance(node.func, ast.Attribute) and (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
    )
    data = args[:1] if module else []
    for axis in (0, 1):
        keyword = ast.keyword("axis", ast.Constant(axis))
        for keep in (kept, more, []):
            new = ast.Call(node.func, data, [*others, keyword, *keep])
            if ast.dump(new) != ast.dump(node):
                yield Change(0.6 if keep is kept else 0.7, node, new)


def _of_name(node: ast.expr, sight: Sight) -> Iterator[Change]:
    """What else could be read in its place: of the same shape, or turned round."""
    mine = ast.unparse(node)
    value = sight.values.get(mine)
    if value is None:
        return
    count = 0
    for text, other in sight.values.items():
        if text == mine or count >= MOST_OTHERS or other.shape != value.shape:
            continue
        if other.shape == value.shape and np.array_equal(other, value):
            continue
        count += 1
        new = _parsed(text)
        yield Change(0.75 if type(new) is type(node) else 0.76, node, new)
    if value.ndim == 2:
        yield Change(1.1, node, _transposed(node))
        for text, other in sight.values.items():
            if text != mine and other.ndim == 2 and other.shape == value.shape[::-1]:
                yield Change(1.7, node, _transposed(_parsed(text)))
            elif text != mine and other.ndim == 2 and len(set(other.shape) & set(value.shape)) > 0:
                yield Change(1.2, node, _parsed(text))


def _transposed(node: ast.expr) -> ast.expr:
    match node:
        case ast.Attribute(value=inner, attr="T"):
            return inner
    return ast.Attribute(node, "T", ast.Load())


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
