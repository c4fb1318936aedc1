"""The stages, in the order in which they happen; what each takes and gives.

parse      text, path or mapping        -> Network       checked, all problems at once
derive     Network                      -> Derivation    system of equations, adjoints, steps
prove      Derivation                   -> Certificate   every equality, and brute force
generate   Network                      -> str           a module that needs only numpy
load       Network                      -> module        the same, imported
"""

from __future__ import annotations

import linecache
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from bpsym.collection import paused_collection
from bpsym.errors import EmitError, ProofError
from bpsym.network import Network, parse

if TYPE_CHECKING:
    import sympy as sp

    from bpsym.calculus.derivation import Adjoint
    from bpsym.calculus.derivation import Derivation as Record
    from bpsym.calculus.scalars.to_delta import ScalarStep
    from bpsym.network.build import BuiltNetwork
    from bpsym.proof.certificate import Certificate
    from bpsym.typeset.printed import Printed
    from bpsym.typeset.sections.context import View
    from bpsym.typeset.worked.request import Source
    from bpsym.worked.record import Worked

LayoutName = Literal["rows", "columns"]
StyleName = Literal["readable"]

__all__ = ["Derivation", "derive", "generate", "load", "parse"]


@dataclass(frozen=True, eq=False)
class Derivation:
    """The derivation of a network's gradients: formulas, code and proofs come from this record.

    network: what was declared. built: its equations and names. record: adjoints and their steps.
    input_grads: whether the inputs have adjoints too.
    """

    network: Network
    built: BuiltNetwork
    record: Record
    input_grads: bool = False

    @property
    def adjoints(self) -> tuple[Adjoint, ...]:
        """Every delta and every gradient, in the order in which a backward pass computes them."""
        return self.record.adjoints

    def delta_form(self, target: str, samples: int | None = None) -> sp.Expr:
        """The formula of a gradient in deltas, of ``"W1"`` or of one element, ``"W1[2,1]"``.

        samples: write the sum over so many samples out, in scalars: what ``to_delta`` ends in.
        Raises ExpressionError if there is no such tensor or element.
        """
        formula = self.record.delta_form(target)
        if samples is None:
            return formula
        from bpsym.calculus.scalars.cost import unroll

        return unroll(self.record.system, samples).write_out(formula)

    def full_loss(self, samples: int = 1) -> sp.Expr:
        """The whole loss as one sympy expression in the scalar weights."""
        from bpsym.calculus.scalars.cost import full_loss

        return full_loss(self.record, samples)

    def raw_gradient(self, target: str, samples: int = 1) -> sp.Expr:
        """sympy's own derivative of ``full_loss`` in one weight, as it comes out."""
        from bpsym.calculus.scalars.cost import raw_gradient

        return raw_gradient(self.record, target, samples)

    def to_delta(self, target: str, samples: int = 1) -> tuple[ScalarStep, ...]:
        """The raw gradient rewritten, named step by named step, into the delta form.

        The last step is ``delta_form(target, samples)``.
        """
        from bpsym.calculus.scalars.to_delta import to_delta

        return to_delta(self.record, target, samples)

    def document(
        self,
        *,
        notation: str | None = None,
        lang: str = "en",
        view: View = "index",
        full: bool = False,
        weight: str | None = None,
        steps: bool = False,
        prove: bool = True,
        numbers: Source | None = None,
        samples: int | None = None,
        rate: float | None = None,
        digits: int | None = None,
        freeze: Sequence[str] = (),
        gates: bool = False,
        paths: str | None = None,
    ) -> Printed:
        """The derivation as a document, which a notebook shows and which writes itself as a file.

        The options are those of ``bpsym derive``; ``numbers`` is a path, ``"seed:0"``, or a mapping
        of names to arrays. The result has ``text()``, ``latex()``, ``markdown()``, ``html()``,
        ``typst()`` and ``pdf()``.
        Raises EmitError if there is no such notation, language or view, or the notation has no
        words for the network; ProofError if an equality cannot be proven; NumbersError if the
        numbers do not fit the network.
        """
        from bpsym.typeset.printed import printed
        from bpsym.typeset.worked.request import Request

        return printed(
            self.built,
            notation=notation,
            lang=lang,
            view=view,
            full=full,
            weight=weight,
            steps=steps,
            input_grads=self.input_grads,
            prove=prove,
            request=Request(numbers, samples, rate, digits, tuple(freeze), gates, paths),
        )

    def page(
        self,
        *,
        notation: str | None = None,
        lang: str = "en",
        view: View = "index",
        full: bool = False,
        prove: bool = True,
        numbers: Source | None = None,
        rate: float | None = None,
        freeze: Sequence[str] = (),
    ) -> str:
        """The interactive page, one HTML file with all notations and languages.

        notation, lang: those that it begins with. numbers: those of seed 0 if left out.
        Raises what ``document`` raises.
        """
        from bpsym.typeset.documents.page.build import page_of
        from bpsym.typeset.documents.page.variants import Wanted
        from bpsym.typeset.worked.request import Request

        request = Request(numbers, rate=rate, freeze=tuple(freeze))
        wanted = Wanted(
            notation=notation,
            view=view,
            full=full,
            input_grads=self.input_grads,
            prove=prove,
            request=request,
        )
        return page_of(self.built, wanted, language=lang)

    def worked(
        self,
        numbers: Source = "seed:0",
        *,
        samples: int | None = None,
        rate: float | None = None,
        freeze: Sequence[str] = (),
    ) -> Worked:
        """All values, deltas and gradients at given numbers, and one step of gradient descent.

        numbers: a path, ``"seed:0"``, a seed, or a mapping of names to arrays, samples as rows.
        Raises NumbersError if they do not fit the network.
        """
        from bpsym.typeset.worked.request import Request
        from bpsym.worked.record import worked

        read = Request(numbers, samples, rate, None, tuple(freeze)).read(self.built)
        assert read is not None
        return worked(self.built, read)

    def paths(self, target: str) -> tuple[tuple[str, ...], ...]:
        """All paths from one weight, ``"W1[2,1]"``, to the cost, as names of elements."""
        from bpsym.worked.paths import paths_of

        return paths_of(self.built, target)

    def _repr_latex_(self) -> str:
        """What a notebook shows where it takes LaTeX."""
        return self.document()._repr_latex_()

    def _repr_html_(self) -> str:
        """What a notebook shows: the derivation as a page."""
        return self.document()._repr_html_()

    def _repr_svg_(self) -> str:
        """The network as a picture."""
        from bpsym.typeset.notebook import svg_of

        return svg_of(self.built)

    def prove(self, *, budget_seconds: float = 0.5) -> Certificate:
        """Prove every equality of the derivation; the certificate says how each was proven."""
        from bpsym.proof.prove import prove

        return prove(self.record, budget_seconds=budget_seconds)

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate, proven once."""
        return self.prove()

    def require_proof(self) -> None:
        """Raise ProofError unless everything is proven."""
        certificate = self.certificate
        if not certificate.ok:
            raise ProofError.single(
                where=f"derivation of {self.network.name!r}",
                what="an equality could not be proven, so nothing is emitted",
                expected="a certificate without failures",
                got=str(certificate),
                way_out="this is a fault of bpsym: please report the network",
            )


@paused_collection()
def derive(
    network: Network | str | Mapping[str, object], *, input_grads: bool = False
) -> Derivation:
    """Derive the gradients of the cost in every parameter, and in the inputs if asked for.

    network: a Network, or anything that ``parse`` takes.
    Raises NetworkError if the declaration is not sound.
    """
    from bpsym.calculus.derivation import derive_system
    from bpsym.network.build import build

    declared = network if isinstance(network, Network) else parse(network)
    built = build(declared)
    record = derive_system(built.system, inputs=input_grads)
    return Derivation(declared, built, record, input_grads)


@paused_collection()
def generate(
    network: Network | str | Mapping[str, object],
    *,
    style: StyleName = "readable",
    layout: LayoutName = "rows",
    input_grads: bool = False,
    prove: bool = True,
    declared_in: str | None = None,
) -> str:
    """The source of a numpy module with the loss and its gradients.

    layout: ``rows`` for X (m, n0), ``columns`` for X (n0, m). input_grads: also dC/dX.
    prove: prove the derivation first. declared_in: what stands for the network in the command at
    the head of the module, where no shorthand does; ``NAME.toml`` by default.
    Raises ProofError if a proof fails, EmitError if there is no code for a part yet.
    """
    from bpsym.arrays.layout import LAYOUTS
    from bpsym.arrays.program import lower_derivation
    from bpsym.emit.module import module_view
    from bpsym.emit.render import render

    for name, value, known in (("style", style, ("readable",)), ("layout", layout, tuple(LAYOUTS))):
        if value not in known:
            raise EmitError.single(
                where=f"generate({name}=...)",
                what=f"unknown {name}",
                expected=" or ".join(known),
                got=repr(value),
                way_out=f"leave it out for {known[0]!r}",
            )
    derivation = derive(network, input_grads=input_grads)
    if prove:
        derivation.require_proof()
    program = lower_derivation(derivation.record, LAYOUTS[layout])
    if prove:
        from bpsym.worked.code import require_same_values

        require_same_values(derivation.built, derivation.record, program)
    return render(
        module_view(derivation.built, program, input_grads=input_grads, declared_in=declared_in)
    )


def load(
    network: Network | str | Mapping[str, object],
    *,
    style: StyleName = "readable",
    layout: LayoutName = "rows",
    input_grads: bool = False,
    prove: bool = True,
) -> ModuleType:
    """The module of ``generate``, imported without touching the disk.

    Its source is known to tracebacks and debuggers. It is a new module object at each call and is
    not put into ``sys.modules``.
    """
    declared = network if isinstance(network, Network) else parse(network)
    source = generate(declared, style=style, layout=layout, input_grads=input_grads, prove=prove)
    module = ModuleType(f"bpsym_generated_{declared.name}")
    filename = f"<bpsym {declared.name} {sha256(source.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module.__file__ = filename
    exec(compile(source, filename, "exec"), module.__dict__)  # noqa: S102 - our own text
    return module
