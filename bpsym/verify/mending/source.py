"""A source file, and what it becomes when one expression in it is changed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from bpsym.verify.mending.places import Place, places

# A power of a name or of a bracket by a number.
_POWER = re.compile(r"(?<=[\w\])]) \*\* (?=\d)")


@dataclass(frozen=True)
class Patch:
    """One statement rewritten.

    line: its number in the file, from 1. old, new: its lines that change, without their margin.
    text: the whole file after it.
    """

    line: int
    old: str
    new: str
    text: str


@dataclass(frozen=True, eq=False)
class Source:
    """The text of a file. Raises SyntaxError, when first looked into, if it is no Python."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def places(self) -> list[Place]:
        return places(self.tree)

    @cached_property
    def functions(self) -> dict[str, int]:
        """The functions of the file, and how many arguments each takes."""
        found: dict[str, int] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.FunctionDef():
                    found[node.name] = len(node.args.args)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=args)):
                    found[name] = len(args.args)
        return found

    def patched(self, place: Place, old: ast.expr, new: ast.expr) -> Patch | None:
        """The file with one part of a place exchanged; what surrounds it keeps its look."""
        root = place.node
        wanted = ast.dump(_parsed(ast.unparse(put(root, old, new))))
        first, last = self._span(old)
        if any(each is old for each in ast.walk(new)):  # it goes on within the new one
            first, last = self._bracketed(old)
        start, end = (first, last) if old is root else self._span(root)
        inner = self._rewritten(root, new)
        within, after = self.text[start:first], self.text[last:end]
        bare = within[:-1] + inner + after[1:]
        bracketed = within.endswith("(") and after.startswith(")")
        tries = [f"{within}{part}{after}" for part in (inner, f"({inner})")]
        for text in ([bare] if bracketed else []) + tries:
            try:
                if ast.dump(_parsed(f"({text})")) == wanted:
                    break
            except SyntaxError:
                continue
        else:
            text = self.written(put(root, old, new))
        return self._patch(place.statement, self.text[:start] + text + self.text[end:])

    def _rewritten(self, root: ast.expr, new: ast.expr) -> str:
        """A new expression as text; the parts of ``root`` that it takes over keep their look."""
        taken = {id(each) for each in ast.walk(root)}
        kept: dict[str, str] = {}

        def copied(node: object) -> object:
            if isinstance(node, ast.expr) and id(node) in taken:
                name = f"bpsym_part_{len(kept)}_"
                start, end = self._bracketed(node)
                kept[name] = self.text[start:end]
                return ast.Name(name, ast.Load())
            if isinstance(node, list):
                return [copied(each) for each in node]
            if isinstance(node, ast.AST):
                return type(node)(**{k: copied(v) for k, v in ast.iter_fields(node)})
            return node

        wanted = ast.dump(_parsed(ast.unparse(new)))
        outline = copied(new)
        assert isinstance(outline, ast.expr)
        written = self.written(outline)
        for form in ("{}", "({})"):  # in brackets if it would fall apart without
            text = written
            for name, part in kept.items():
                text = text.replace(name, form.format(part))
            try:
                if ast.dump(_parsed(f"({text})")) == wanted:
                    return text
            except SyntaxError:
                continue
        return self.written(new)

    def restated(self, statement: ast.stmt, new: ast.stmt) -> Patch | None:
        """The file with another statement in the place of one."""
        start, end = self._span(statement)
        return self._patch(statement, self.text[:start] + self.written(new) + self.text[end:])

    def exchanged(self, one: Place, other: Place) -> Patch | None:
        """The file with two parts of a statement in each other's place."""
        (start, end), (first, last) = self._span(one.node), self._span(other.node)
        text = self.text
        new = text[:start] + text[first:last] + text[end:first] + text[start:end] + text[last:]
        return self._patch(one.statement, new)

    def without(self, statement: ast.stmt) -> Patch | None:
        """The file without a statement that has its lines for itself."""
        rows = self._rows
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        old = rows[first:last]
        text = "\n".join([*rows[:first], *rows[last:]])
        try:
            ast.parse(text)
        except SyntaxError:  # a block with nothing left in it
            return None
        return Patch(first + 1, _flush(old), "", text)

    def with_after(self, statement: ast.stmt, text: str) -> Patch | None:
        """The file with one more line behind a statement; None if that is a return."""
        if isinstance(statement, ast.Return):
            return None
        rows = self._rows
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        margin = rows[first][: len(rows[first]) - len(rows[first].lstrip())]
        if '"' in self.text and self.text.count('"') > self.text.count("'"):
            text = text.replace("'", '"')
        new = [*rows[first:last], margin + _POWER.sub("**", text)]
        whole = "\n".join([*rows[:first], *new, *rows[last:]])
        return Patch(first + 1, _flush(rows[first:last]), _flush(new), whole)

    def later(self, statement: ast.stmt, after: ast.stmt) -> Patch | None:
        """The file with a statement moved behind another of its block."""
        rows = self._rows
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        ends = after.end_lineno or after.lineno
        moved = rows[first:last]
        new = [*rows[last:ends], *moved]
        text = "\n".join([*rows[:first], *new, *rows[ends:]])
        return Patch(first + 1, _flush(rows[first:ends]), _flush(new), text)

    def written(self, node: ast.expr | ast.stmt) -> str:
        """A node as text, with the quotes of the file and powers set close."""
        text = _POWER.sub("**", ast.unparse(node))
        return text.replace("'", '"') if self.text.count('"') > self.text.count("'") else text

    def _patch(self, statement: ast.stmt, text: str) -> Patch | None:
        before, after = self.text.split("\n"), text.split("\n")
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        old = before[first:last]
        new = after[first : last + len(after) - len(before)]
        while len(old) > 1 and len(new) > 1 and old[0] == new[0]:
            old, new, first = old[1:], new[1:], first + 1
        while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
            old, new = old[:-1], new[:-1]
        if old == new:
            return None
        return Patch(first + 1, _flush(old), _flush(new), text)

    def _bracketed(self, node: ast.expr) -> tuple[int, int]:
        """Where a node begins and ends, with the brackets that are set around it alone."""
        start, end = self._span(node)
        while self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")":
            if re.match(r"[\w\])]", self.text[start - 2 : start - 1]):  # of a call
                break
            start, end = start - 1, end + 1
        return start, end

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends, in characters."""
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError("the node is not of this file")
        return self._at(node.lineno, node.col_offset), self._at(end_line, end_column)

    def _at(self, line: int, column: int) -> int:
        rows = self._rows
        text = rows[line - 1].encode()[:column].decode()
        return sum(len(each) + 1 for each in rows[: line - 1]) + len(text)

    @cached_property
    def _rows(self) -> list[str]:
        return self.text.split("\n")


def put(root: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """A copy of an expression with one part exchanged."""

    def copied(node: object) -> object:
        if node is old:
            return new
        if isinstance(node, list):
            return [copied(each) for each in node]
        if isinstance(node, ast.AST):
            fields = {name: copied(value) for name, value in ast.iter_fields(node)}
            return ast.copy_location(type(node)(**fields), node)
        return node

    found = copied(root)
    assert isinstance(found, ast.expr)
    return found


def _flush(lines: list[str]) -> str:
    """Lines without the margin that all of them have."""
    import textwrap

    return textwrap.dedent("\n".join(lines)).strip("\n").rstrip()


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
