"""What the names in a formula stand for: ``dZ2``, ``delta2`` and ``dz2`` are one tensor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bpsym.calculus.system import SAMPLES, Role
from bpsym.verify.diagnosis.chain import Chain

if TYPE_CHECKING:
    from bpsym.api import Derivation

# What a learning rate is called in code.
RATES = frozenset({"lr", "eta", "alpha", "rate", "learning_rate", "step_size"})


class Naming:
    """The spellings of one network's tensors, adjoints and sizes."""

    def __init__(self, derivation: Derivation, chain: Chain) -> None:
        self.derivation = derivation
        self.chain = chain

    def tensor(self, name: str) -> str | None:
        """The tensor, adjoint or size label that a name stands for; None if it is none."""
        return self.names.get(name)

    @cached_property
    def of_adjoint(self) -> Mapping[str, str]:
        """Adjoint name -> tensor."""
        return {each.adjoint: each.name for each in self.chain.system.tensors.values()}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every spelling; those of the derivation win over the others."""
        system = self.chain.system
        found: dict[str, str] = {}

        def add(tensor: str, *spellings: str) -> None:
            for each in spellings:
                found.setdefault(each, tensor)

        for tensor in system.tensors.values():
            if tensor.role is not Role.LOSS:
                add(tensor.name, tensor.name)
                if tensor.name in self.chain.terms:
                    add(tensor.adjoint, tensor.adjoint)
        add(SAMPLES, SAMPLES)
        for label in system.sizes:
            add(label, label)
        for tensor in system.tensors.values():
            name, adjoint = tensor.name, tensor.adjoint
            if tensor.role is Role.LOSS:
                continue
            add(name, name.lower(), name[:1].upper() + name[1:])
            if name not in self.chain.terms:
                continue
            upper = name[:1].upper() + name[1:]
            spelled = (name, upper, name.lower())
            for each in spelled:
                add(adjoint, f"d{each}", f"grad_{each}", f"nabla_{each}", f"d_{each}", f"g{each}")
            if adjoint.startswith("delta"):
                suffix = adjoint.removeprefix("delta")
                add(adjoint, f"delta_{suffix.lstrip('_')}", f"Delta{suffix}", f"d{suffix}")
        inputs = system.of_role(Role.INPUT)
        if len(inputs) == 1:
            add(inputs[0].name, "a0", "A0", "x")
        targets = system.of_role(Role.TARGET)
        if len(targets) == 1:
            add(targets[0].name, "y", "t", "T")
        predictions = self.derivation.built.predictions
        if len(predictions) == 1:
            add(predictions[0], "yhat", "y_hat", "Yhat", "Y_hat", "p", "P", "output")
        outputs = [targets[0].sizes[1]] if len(targets) == 1 and len(targets[0].sizes) > 1 else []
        for label in outputs:
            add(label, "K")
        return found
