"""From an array program to the view of a module: every line of the output is made here."""

from __future__ import annotations

from collections.abc import Iterable

from bpsym.arrays.program import Program
from bpsym.emit.context import ModuleContext
from bpsym.emit.cost import Cost
from bpsym.emit.definitions import definitions
from bpsym.emit.forward import Forward
from bpsym.emit.gradients import Gradients
from bpsym.emit.header import Header
from bpsym.emit.parameters import Parameters
from bpsym.emit.self_check import SelfCheck
from bpsym.emit.starts import start_text
from bpsym.emit.view import ModuleView
from bpsym.errors import EmitError
from bpsym.network.build import BuiltNetwork


def module_view(
    built: BuiltNetwork,
    program: Program,
    *,
    input_grads: bool = False,
    declared_in: str | None = None,
) -> ModuleView:
    """The finished text of every part.

    Raises EmitError if the gradient of an input would bear the name of a parameter.
    """
    context = ModuleContext(built, program, input_grads, declared_in)
    _check_keys(context)
    header, forward, cost = Header(context), Forward(context), Cost(context)
    parameters, gradients, check = Parameters(context), Gradients(context), SelfCheck(context)
    return ModuleView(
        header=header.comment(),
        title=header.title(),
        equations=_lines(header.equations()),
        notes=_lines(header.notes()),
        param_shapes=parameters.shapes(),
        functions="".join(f"\n\n{each}\n" for each in definitions(context)),
        start=_lines(start_text(built)),
        random_start=any(each.value is None for each in built.starts.values()),
        init_lines=_lines(parameters.lines()),
        forward_lines=_lines(forward.lines()),
        predict_doc=forward.predict_doc(),
        predict_lines=_lines(forward.predict_lines()),
        cost_arguments=cost.arguments(),
        cost_lines=_lines(cost.lines()),
        y_default="" if built.targets else "=None",
        loss_lines=_lines(cost.loss_lines()),
        grads_doc=gradients.doc(),
        grads_lines=_lines(gradients.lines()),
        check_data=_lines(check.data()),
        check_items=check.items(),
    )


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _check_keys(context: ModuleContext) -> None:
    if not context.input_grads:
        return
    both = sorted(set(context.parameters) & set(context.built.inputs))
    if both:
        raise EmitError.single(
            where=f"gradients of the inputs of {context.built.network.name!r}",
            what="an input has the name of a parameter",
            expected="a key of its own for each gradient",
            got=repr(both[0]),
            way_out="call the input something else",
        )
