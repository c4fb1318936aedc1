"""Garbage collection is as it was, whatever happens while it is paused."""

import gc
import subprocess
import sys

import pytest

import bpsym
from bpsym.collection import paused_collection


@pytest.fixture(params=[True, False], ids=["on before", "off before"])
def enabled(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_it_is_off_inside_and_as_before_afterwards(enabled):
    with paused_collection():
        assert not gc.isenabled()
        with paused_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is enabled


def test_an_error_does_not_leave_it_off(enabled):
    with pytest.raises(KeyError), paused_collection():
        raise KeyError
    assert gc.isenabled() is enabled


def test_a_derivation_leaves_it_as_it_was(enabled):
    bpsym.generate("2-1", prove=False)
    assert gc.isenabled() is enabled


def test_nothing_stays_frozen():
    with paused_collection():
        pass
    assert gc.get_freeze_count() == 0


def test_what_a_process_froze_itself_stays_frozen():
    code = (
        "import gc\nfrom bpsym.collection import paused_collection\n"
        "gc.freeze()\nbefore = gc.get_freeze_count()\n"
        "with paused_collection():\n    pass\n"
        "assert gc.get_freeze_count() == before > 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_garbage_made_inside_is_collected_later():
    class Node:
        pass

    seen = []
    with paused_collection():
        node = Node()
        node.itself = node
        node.end = type("End", (), {"__del__": lambda self: seen.append(True)})()
        del node
    gc.collect()
    assert seen
