"""The process in which the user's code runs: ``python -m bpsym.verify.running.worker``.

Its arguments are IN OUT MEGABYTES. It reads requests from one file descriptor and writes answers to
another; what the user's code prints goes to the ordinary output, which the parent reads too.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from bpsym.verify.running.session import Session
from bpsym.verify.running.wire import packed, read_frame


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond a limit fail with MemoryError, where the system can do that."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    size = megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        size = min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def serve(session: Session, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while True:
        try:
            request = read_frame(requests)
        except EOFError:
            return
        answer = session.handle(request)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):  # the user's code closed it
                continue
        answers.write(packed(answer))
        answers.flush()


def main() -> None:
    """Serve on the two file descriptors of the command line."""
    incoming, outgoing, megabytes = (int(each) for each in sys.argv[1:4])
    sys.argv = ["bpsym verify"]
    limit_memory(megabytes)
    with os.fdopen(incoming, "rb") as requests, os.fdopen(outgoing, "wb") as answers:
        serve(Session(), requests, answers)
        answers.flush()
    os._exit(0)  # threads or atexit handlers of the user's code must not keep it alive


if __name__ == "__main__":
    main()
