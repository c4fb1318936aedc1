"""What a template is given: finished strings, nothing to compute."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModuleView:
    """All the text of a module, in the order of the template ``numpy/module.py.jinja``.

    Each part is whole lines, without the end of the last one; a part that is not there is empty.
    """

    header: str
    title: str
    equations: str
    notes: str
    param_shapes: str
    functions: str
    start: str
    random_start: bool
    init_lines: str
    forward_lines: str
    predict_doc: str
    predict_lines: str
    cost_arguments: str
    cost_lines: str
    y_default: str
    loss_lines: str
    grads_doc: str
    grads_lines: str
    check_data: str
    check_items: str
