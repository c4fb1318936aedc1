"""Python's garbage collection, kept out of the way of building many objects at once.

sympy and a derivation make hundreds of thousands of objects that refer to each other and that stay.
While they are made, the collector would walk them again and again and find nothing.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Iterator[None]:
    """No garbage collection inside; whether there is one outside stays as it was.

    What was made inside counts as old afterwards, so that it is not walked at once. Where the
    process has frozen objects of its own, they are left alone.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def end_without_collection() -> None:
    """Let the process end without the last collection, which walks all there is: it ends anyway."""
    atexit.register(gc.freeze)
