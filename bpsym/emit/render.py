"""The one place that meets jinja: a view in, text out; view and template must agree."""

from __future__ import annotations

import dataclasses
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta

from bpsym.emit.view import ModuleView
from bpsym.templates import templates_dir

MODULE = "numpy/module.py.jinja"


@cache
def environment() -> Environment:
    """Templates as they look: blocks leave no blank lines, a missing value is an error."""
    return Environment(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(view: ModuleView) -> str:
    """The module's text."""
    values = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
    return environment().get_template(MODULE).render(values)


def wanted(template: str = MODULE) -> set[str]:
    """The names that a template and what it includes ask for; a test holds them to the view."""
    loader = environment()
    found: set[str] = set()
    pending = [template]
    while pending:
        name = pending.pop()
        assert loader.loader is not None
        text = loader.loader.get_source(loader, name)[0]
        tree = loader.parse(text)
        found |= meta.find_undeclared_variables(tree)
        pending += [each for each in meta.find_referenced_templates(tree) if each]
    return found
