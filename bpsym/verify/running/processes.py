"""Where the user's code runs: in a process of its own that cannot hang, flood or kill this one."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from bpsym.verify.running.sandbox import MEGABYTES, SECONDS, UserCodeError, checked
from bpsym.verify.running.session import Session
from bpsym.verify.running.wire import HEAD_LENGTH, frame_length, packed, unpacked

KEPT_OUTPUT = 8_000
FLOOD = 32 * 2**20
# One part in so many of the memory that is allowed is more than a right call at a point takes.
MOST = 4


def _resident(pid: int) -> float:
    """Megabytes of memory that a process holds; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, ValueError, IndexError):
        return 0.0


class ProcessRunner:
    """Talks to a worker process.

    seconds: for each request. megabytes: of address space.
    """

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        self.output = ""
        self.printed = 0
        self._buffer = b""

    def _adopt(self, pid: int, requests: int, answers: int, printed: int) -> None:
        self.pid = pid
        self._requests, self._answers, self._printed = requests, answers, printed
        for descriptor in (answers, printed):
            os.set_blocking(descriptor, False)
        self._code: int | None = None
        self._closed = False

    def request(self, request: Mapping[str, Any], call: str) -> dict[str, Any]:
        """Send a request and wait for the answer, reading what is printed meanwhile."""
        deadline = time.monotonic() + self.seconds
        writer = threading.Thread(target=self._send, args=(packed(dict(request)),), daemon=True)
        writer.start()
        self._buffer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            selector.register(self._printed, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    self._too_late(call)
                for key, _ in selector.select(left):
                    if key.fd == self._printed:
                        if not self._read_printed(call):
                            selector.unregister(self._printed)
                        continue
                    answer = self._read_answer(call)
                    if answer is not None:
                        writer.join(1)
                        while self._read_printed(call, once=True):
                            continue
                        return checked(answer, call, self.output)

    def _send(self, frame: bytes) -> None:
        with suppress(OSError):
            view = memoryview(frame)
            while view:
                view = view[os.write(self._requests, view) :]

    def _read_printed(self, call: str, *, once: bool = False) -> bool:
        try:
            part = os.read(self._printed, 65536)
        except BlockingIOError:
            return not once
        self.printed += len(part)
        self.output = (self.output + part.decode("utf-8", "replace"))[-KEPT_OUTPUT:]
        if self.printed > FLOOD:
            self._fail("flood", call, f"the code printed more than {FLOOD >> 20} MB")
        return bool(part)

    def _read_answer(self, call: str) -> dict[str, Any] | None:
        try:
            part = os.read(self._answers, 1 << 20)
        except BlockingIOError:
            return None
        if not part:
            self._gone(call)
        self._buffer += part
        if len(self._buffer) < HEAD_LENGTH:
            return None
        try:
            if len(self._buffer) < HEAD_LENGTH + frame_length(self._buffer[:HEAD_LENGTH]):
                return None
            answer: dict[str, Any] = unpacked(self._buffer)
        except (ValueError, TypeError, LookupError):  # the code wrote into our channel
            self._fail("crash", call, "what came back is garbled")
        return answer

    def _gone(self, call: str) -> NoReturn:
        """The worker ended without an answer."""
        while self._read_printed(call, once=True):
            continue
        if self._code is None:
            self._code = self._wait()
        if self._code < 0:
            name = signal.Signals(-self._code).name
            self._fail("crash", call, f"the process that ran the code was ended by {name}")
        self._fail("exit", call, f"the code ended its process with exit code {self._code}")

    def _wait(self) -> int:
        """Wait for the worker; its exit code, or minus the signal that ended it."""
        raise NotImplementedError

    def _too_late(self, call: str) -> NoReturn:
        """No answer in time: for want of memory, where most of what is allowed is taken."""
        what = f"no answer within {self.seconds:g} s"
        held = _resident(self.pid)
        if held * MOST > self.megabytes:
            self._fail("memory", call, f"{what}, and by then it held {held:.0f} MB of memory")
        self._fail("timeout", call, what)

    def _fail(self, kind: str, call: str, what: str) -> NoReturn:
        self.close()
        raise UserCodeError.told(kind, call, what, output=self.output)

    def close(self) -> None:
        """End the worker, and what it started in its own process group."""
        if self._closed:
            return
        self._closed = True
        if self._code is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._code = self._wait()
        for descriptor in (self._requests, self._answers, self._printed):
            with suppress(OSError):
                os.close(descriptor)


class FileRunner(ProcessRunner):
    """A fresh Python that reads the user's file."""

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        super().__init__(seconds=seconds, megabytes=megabytes)
        their_requests, our_requests = os.pipe()
        our_answers, their_answers = os.pipe()
        our_printed, their_printed = os.pipe()
        import bpsym

        root = str(Path(bpsym.__file__).resolve().parents[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                each for each in (root, os.environ.get("PYTHONPATH", "")) if each
            ),
            # One thread starts faster, sums in one order, and takes little address space.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "Agg",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bpsym.verify.running.worker",
                str(their_requests),
                str(their_answers),
                str(megabytes),
            ],
            stdin=subprocess.DEVNULL,
            stdout=their_printed,
            stderr=their_printed,
            pass_fds=(their_requests, their_answers),
            env=environment,
            start_new_session=True,
        )
        for descriptor in (their_requests, their_answers, their_printed):
            os.close(descriptor)
        self._adopt(self._process.pid, our_requests, our_answers, our_printed)

    def _wait(self) -> int:
        return self._process.wait()


class ForkRunner(ProcessRunner):
    """A fork of this process, for a function or object that lives only here."""

    def __init__(
        self, target: Any, *, seconds: float = SECONDS, megabytes: int = MEGABYTES
    ) -> None:
        super().__init__(seconds=seconds, megabytes=megabytes)
        their_requests, our_requests = os.pipe()
        our_answers, their_answers = os.pipe()
        our_printed, their_printed = os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover - the child is not traced
            _be_a_worker(target, their_requests, their_answers, their_printed, megabytes)
        for descriptor in (their_requests, their_answers, their_printed):
            os.close(descriptor)
        self._adopt(pid, our_requests, our_answers, our_printed)

    def _wait(self) -> int:
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:
            return 0

    @staticmethod
    def possible() -> bool:
        """Whether a fork is safe: on Linux, while no other thread runs."""
        return sys.platform == "linux" and threading.active_count() == 1


def _be_a_worker(
    target: Any, requests: int, answers: int, printed: int, megabytes: int
) -> None:  # pragma: no cover
    from bpsym.verify.running.worker import limit_memory, serve

    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        sys.stdin = os.fdopen(0, "r")
        sys.stdout = os.fdopen(1, "w", buffering=1)
        sys.stderr = os.fdopen(2, "w", buffering=1)
        limit_memory(megabytes)
        with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
            serve(Session(target), incoming, outgoing)
    finally:
        os._exit(0)
