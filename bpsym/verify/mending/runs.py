"""Changed copies of the user's file, run: what they get wrong, and what was seen in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bpsym.errors import BpsymError
from bpsym.verify.adapters.forms import slices

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.observe import Observation, Point

# A place has few changes that are likely, and nobody waits long: processor time, and by the clock.
MOST_RUNS = 400
SECONDS = 3.0
LONGEST_WAIT = 12.0
# What ends the process that runs the code.
_ENDS = ("exit", "crash", "timeout", "flood")

Wrong = Callable[["Observation"], frozenset[str]]


@dataclass(eq=False)
class Runs:
    """Runs texts of one file.

    load: the request that loads it. wrong: the parameters that an observation has wrong, of these.
    """

    reading: Reading
    load: Mapping[str, Any]
    points: Sequence[Point]
    wrong: Wrong
    parameters: Sequence[str]
    count: int = 0
    _ends: tuple[float, float] = (0.0, 0.0)
    _seen: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)

    def start(self) -> None:
        """From now on time counts."""
        self._ends = time.process_time() + SECONDS, time.monotonic() + LONGEST_WAIT

    def spent(self, part: float = 1.0) -> bool:
        """Whether that part of the runs, or all of the time, is used up."""
        cpu, clock = self._ends
        late = time.process_time() > cpu or time.monotonic() > clock
        return late or self.count > part * MOST_RUNS

    def begin(self, text: str) -> frozenset[str]:
        """What a file has wrong at the first point where that is anything, tried first from now."""
        for at, point in enumerate(self.points):
            left = self.left(text, point)
            if left:
                self.points = [point, *self.points[:at], *self.points[at + 1 :]]
                return left
        return frozenset()

    def restore(self) -> None:
        """The file as it is."""
        try:
            self._request(dict(self.load))
        except BpsymError:  # the process is gone, and the report is made without it
            return

    @cached_property
    def looked_at(self) -> Point:
        """The point at which the code is watched: one sample where it takes one."""
        point = self.points[0]
        return next(iter(slices(point))) if self.reading.form.single else point

    def observed(self, text: str) -> Observation:
        """What the file with this text gives there."""
        self._request({**self.load, "text": text})
        return self.reading.observe(self.looked_at)

    def left(self, text: str, point: Point | None = None) -> frozenset[str]:
        """The parameters that the file with this text gets wrong; all if it does not run."""
        try:
            self._request({**self.load, "text": text})
            return self.wrong(self.reading.observe(point or self.points[0]))
        except BpsymError as error:
            if getattr(error, "kind", "") in _ENDS:
                raise
            return frozenset(self.parameters)

    def right_elsewhere(self, text: str) -> bool:
        """Whether a file that is right at the first point is so at the others."""
        return all(not self.left(text, each) for each in self.points[1:])

    def values(self, text: str) -> list[tuple[int, Any]]:
        """The number of each place that was come to, and what it gave, in the order of the run."""
        if text not in self._seen:
            self._request({**self.load, "text": text, "watch": True})
            self.reading.observe(self.looked_at)
            self._seen[text] = self._request({"do": "seen"})["value"]["values"]
        return self._seen[text]

    def sights(self, text: str, number: int) -> list[list[tuple[str, Any]]]:
        """What every name in sight held, each time that a place was come to."""
        self._request({**self.load, "text": text, "watch": True, "place": number})
        self.reading.observe(self.looked_at)
        found: list[list[tuple[str, Any]]] = self._request({"do": "seen"})["value"]["sights"]
        return found

    def _request(self, request: Mapping[str, Any]) -> Any:
        self.count += 1
        return self.reading.search.runner.request(request, "a changed copy of the file")
