"""Where a file makes a mistake: the places that give what the derivation gives with it made."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from bpsym.verify.adapters.forms import joined
from bpsym.verify.diagnosis.variants.base import Sites
from bpsym.verify.mending.scene import alike, equal, located, ratio
from bpsym.verify.mending.sound import Sound

if TYPE_CHECKING:
    from bpsym.arrays.index_values import Scope
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.search import Finding
    from bpsym.verify.mending.runs import Runs
    from bpsym.verify.mending.source import Source

Array = npt.NDArray[Any]

# A mistake is mended in few places.
MOST_PLACES = 4
# Where nothing is known of the mistake, the first that gives something else is the likeliest.
MOST_UNKNOWN = 8
COARSE = ("precision",)
FORWARD = ("wrong-activation", "bias-left-out", "wrong-forward")


@dataclass(frozen=True, eq=False)
class Suspects:
    """The places that may be at fault. decay: the declared l2, that some code adds afterwards."""

    runs: Runs
    chain: Chain
    decay: float = 0.0

    def places(
        self, finding: Finding, source: Source, left: frozenset[str], *, first: bool
    ) -> list[int]:
        """The places that may be at fault, the likeliest first."""
        values = self.runs.values(source.text)
        scope = self.chain.scope(self.runs.looked_at)
        adjoint = {name: each.adjoint for name, each in self.chain.system.tensors.items()}
        right = [np.asarray(each) for each in scope.values.values()]
        if finding.code in FORWARD:
            known = [
                scope.values[n]
                for n in (finding.where, f"z{finding.where[1:]}")
                if n in scope.values
            ]
            found = [n for each in known for n in alike(values, np.asarray(each), right)]
            return list(dict.fromkeys(found))[: 2 * MOST_PLACES]
        if not finding.edits and finding.code == "unknown":
            return self.doubtful(source, left)[:MOST_UNKNOWN]
        signals = self._signals(finding, scope, adjoint) if first else []
        slopes = list(self._slopes(finding, scope))
        handed = self._handed(finding, source, left)
        coarse = finding.code in COARSE
        order = [number for number, _ in values]
        nodes = [place.node for place in source.places]
        found = []
        # 1/m may come later, at the gradients: then the code has m times the adjoints.
        groups = [slopes, signals, [each * self.runs.looked_at.m for each in signals], handed]
        for loosely in (False, True):
            for group in groups:
                here = {
                    n for a in group for n in located(values, a, loosely=loosely, coarse=coarse)
                }
                copied = finding.code == "missing-derivative"
                found += sorted(
                    here,
                    key=lambda n: (copied and not isinstance(nodes[n], ast.Name), order.index(n)),
                )
        tensor = {each.name: each.tensor for each in self.chain.derivation.adjoints}
        if finding.where in tensor and not found:
            found += alike(values, np.asarray(scope.values[adjoint[tensor[finding.where]]]), right)
        sound = self._sound(source, left).places(finding)
        return [n for n in dict.fromkeys(found) if n not in sound][:MOST_PLACES]

    def _handed(self, finding: Finding, source: Source, left: frozenset[str]) -> list[Array]:
        """The wrong gradients as the code hands them out, and as it has them on the way there."""
        seen, point = self.runs.observed(source.text), self.runs.looked_at
        merged = self.runs.reading.form.merged
        named = [finding.where] if finding.where in self.chain.parameters else []
        found: list[Array] = []
        for name in dict.fromkeys((*named, *(n for n in self.chain.order if n in left))):
            given = seen.grads.get(name, seen.raw.get(name))
            if given is None:
                continue
            given, before = np.asarray(given), point.params[name]
            found.append(given)
            if given.shape != before.shape:
                continue
            data = given - self.decay * before  # the decay may be added afterwards
            found += [data] if self.decay else []
            bias = seen.grads.get("b" + name.removeprefix("W"))
            if merged and given.ndim == 2 and bias is not None:
                found += [joined(each, np.asarray(bias), merged) for each in (given, data)]
            found += self._stepped(name, given)
        return found

    def _stepped(self, name: str, given: Array) -> list[Array]:
        """The parameter after a step with the gradient that it was given."""
        reading, point = self.runs.reading, self.runs.looked_at
        before = point.params[name]
        if not reading.route.update or given.shape != before.shape:
            return []
        return [before - reading.search.rate(reading.route, point) * given]

    def doubtful(self, source: Source, left: frozenset[str]) -> list[int]:
        """The places that gave nothing that is known to be right, in the order of the run."""
        return self._sound(source, left).doubtful()

    def _sound(self, source: Source, left: frozenset[str]) -> Sound:
        return Sound(self.runs, self.chain, self.runs.values(source.text), left)

    def _slopes(self, finding: Finding, scope: Scope) -> Iterator[Array]:
        """The derivatives of activations as the mistake has them."""
        for each in Sites(self.chain).slopes():
            tensor = each.term.tensor
            edits = [edit for edit in finding.edits if edit.tensor == tensor]
            if not edits:
                continue
            with np.errstate(all="ignore"):
                given = np.asarray(self.chain.adjoint_with(scope, edits, tensor))
                before = self.chain.adjoint_with(scope, (each.replaced(sp.Integer(1)),), tensor)
                found = given / before
            known = any(equal(found, np.asarray(one)) for one in scope.values.values())
            if np.all(np.isfinite(found)) and np.ptp(found) > 0 and not known:
                yield found

    def _signals(self, finding: Finding, scope: Scope, adjoint: Mapping[str, str]) -> list[Array]:
        """The adjoints that the mistake spoils first, with the mistake made."""
        found: list[Array] = []
        here = [name for name, place in self.chain.place.items() if place == finding.where]
        for name in dict.fromkeys((*(each.tensor for each in finding.edits), *here)):
            with np.errstate(all="ignore"):
                given = np.asarray(self.chain.adjoint_with(scope, finding.edits, name))
            found.append(given)
            factor = ratio(given, np.asarray(scope.values[adjoint[name]]))
            if factor is not None:  # it may come down with the factor from what is above
                found += [factor * np.asarray(scope.values[adjoint[each]]) for each in here]
        return found
