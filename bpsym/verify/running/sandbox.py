"""Asking the user's code: who answers, and what is raised when it does not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from bpsym.errors import BpsymError
from bpsym.verify.running.session import Session

SECONDS = 10.0
MEGABYTES = 4096

_GOT = {
    "raised": "an exception",
    "exit": "an exit",
    "memory": "one that runs out of memory",
    "timeout": "one that does not end in time",
    "flood": "a flood of output",
    "own": "an exception of bpsym's own",
}
_UNREADABLE = ("SyntaxError", "IndentationError", "TabError")


class UserCodeError(BpsymError):
    """The user's code raised, exited, crashed, hung or flooded; ``traceback`` if it raised.

    type: of the exception. reached: how far the code got, see ``Session``; larger is further.
    """

    kind: str = "raised"
    traceback: str = ""
    output: str = ""
    type: str = ""
    reached: tuple[int, ...] = ()

    @classmethod
    def told(
        cls,
        kind: str,
        call: str,
        what: str,
        *,
        traceback: str = "",
        output: str = "",
        expected: str = "a call that returns",
        got: str = "",
        way_out: str = "",
    ) -> UserCodeError:
        """An error of a kind (raised, exit, crash, timeout, flood, memory, result, own) in a call.

        result: it returns something else than gradients. own: an exception of bpsym's, before the
        call or after it.
        """
        ways = {
            "raised": "mend the error; the traceback is above",
            "exit": "return a value instead of leaving the program",
            "crash": "run the call by itself; compiled code may be at fault",
            "timeout": "look for a loop that does not end, or give a longer --timeout",
            "flood": "take out the prints",
            "memory": "look for an array that is too large or a list that grows without end, or "
            "give a larger --memory",
            "own": "this is a fault of bpsym, not of your code: please report it with the code",
        }
        error = cls.single(
            where=call,
            what=what,
            expected=expected,
            got=got or _GOT.get(kind, f"a {kind}"),
            way_out=way_out or ways[kind],
        )
        error.kind, error.traceback, error.output = kind, traceback, output
        return error

    def otherwise_called(self, adapter: str) -> UserCodeError:
        """The same, for code that may be right and is called in a way that it does not take."""
        problem = self.problems[0]
        way_out = f"{problem.way_out}; if the code itself is right, {adapter}"
        told = type(self)(replace(problem, way_out=way_out))
        told.kind, told.traceback, told.output = self.kind, self.traceback, self.output
        told.type, told.reached = self.type, self.reached
        return told

    def to_json(self) -> dict[str, object]:
        """Plain values; there is no verdict on code that does not return."""
        problem = self.problems[0]
        return {
            "schema": 1,
            "verdict": None,
            "error": {
                "kind": self.kind,
                "call": problem.where,
                "what": problem.what,
                "traceback": self.traceback,
                "output": self.output,
            },
            "parameters": [],
            "diagnosis": [],
        }

    def __str__(self) -> str:
        parts = [self.traceback.rstrip(), super().__str__()]
        if self.output.strip():
            parts.append("It printed:\n" + self.output[-1500:].rstrip())
        return "\n".join(part for part in parts if part)


class Runner(Protocol):
    """Answers requests to the user's code, each within so many seconds."""

    output: str
    seconds: float

    def request(self, request: Mapping[str, Any], call: str) -> dict[str, Any]:
        """The answer; ``call`` describes the call for messages.

        Raises UserCodeError for whatever the user's code did instead of answering.
        """
        ...

    def close(self) -> None:
        """End it."""
        ...


def checked(answer: dict[str, Any], call: str, output: str) -> dict[str, Any]:
    """An answer as it came; raises UserCodeError if it tells of an error."""
    error = answer.get("error")
    if error is None:
        return answer
    name, message = error["type"], error["message"]
    if error.get("own"):
        raise UserCodeError.told(
            "own",
            call,
            f"bpsym could not prepare or read this call ({name}: {message})",
            output=output,
        )
    if name == "SystemExit":
        raise UserCodeError.told(
            "exit",
            call,
            "the code left the program by sys.exit",
            traceback=error["traceback"],
            output=output,
        )
    if name in _UNREADABLE:
        raise UserCodeError.told(
            "raised",
            call,
            f"it cannot be read as Python: {message}",
            traceback=error["traceback"],
            output=output,
            expected="Python code",
            got="a syntax error",
            way_out="mend the line above",
        )
    kind = "memory" if error.get("memory") else "raised"
    raised = UserCodeError.told(
        kind,
        call,
        f"the code raised {name}: {message}" if message else f"the code raised {name}",
        traceback=error["traceback"],
        output=output,
    )
    raised.type, raised.reached = name, tuple(error.get("reached", ()))
    raise raised


class LocalRunner:
    """Runs the code in this process: no limits, and debuggers work."""

    def __init__(self, target: Any = None) -> None:
        self.session = Session(target)
        self.output = ""
        self.seconds = math.inf

    def request(self, request: Mapping[str, Any], call: str) -> dict[str, Any]:
        """The answer; the user's output is not captured."""
        return checked(self.session.handle(request), call, "")

    def close(self) -> None:
        """Nothing to end."""
