"""What a template is given: finished strings, nothing to compute."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModuleView:
    """All the text of a module, in the order of the template ``numpy/module.py.jinja``."""

    header: str
    title: str
    equations: tuple[str, ...]
    notes: tuple[str, ...]
    param_shapes: str
    functions: tuple[str, ...]
    start: tuple[str, ...]
    random_start: bool
    init_lines: tuple[str, ...]
    forward_lines: tuple[str, ...]
    predict_doc: str
    predict_lines: tuple[str, ...]
    cost_arguments: str
    cost_lines: tuple[str, ...]
    y_default: str
    loss_lines: tuple[str, ...]
    grads_doc: str
    grads_lines: tuple[str, ...]
    check_data: tuple[str, ...]
    check_items: str
