import gc
import re
from pathlib import Path

import pytest

from newsds import memory

STATUS = Path("/proc/self/status")


def resident_bytes():
    return 1024 * int(re.search(r"VmRSS:\s+(\d+) kB", STATUS.read_text())[1])


@pytest.mark.skipif(memory._trim() is None or not STATUS.exists(), reason="needs glibc and procfs")
def test_what_was_freed_goes_back_to_the_system(monkeypatch):
    monkeypatch.setattr(memory, "_SMALL", 0)
    # Of blocks that lie in turn, every second stays: the heap does not shrink by itself.
    blocks = [bytes(60_000) for _ in range(2000)]
    kept = blocks[::2]
    del blocks
    gc.collect()
    before = resident_bytes()
    memory.give_back()
    assert before - resident_bytes() > 30_000_000
    assert kept


def test_a_small_process_keeps_what_it_has(monkeypatch):
    called = []
    monkeypatch.setattr(memory, "_trim", lambda: called.append)
    for resident in (memory._SMALL - 1, memory._SMALL):
        monkeypatch.setattr(memory, "_resident_bytes", lambda resident=resident: resident)
        memory.give_back()
    assert called == [0]


@pytest.mark.skipif(not STATUS.exists(), reason="needs procfs")
def test_the_resident_memory_is_what_the_system_says():
    assert abs(memory._resident_bytes() - resident_bytes()) < 5_000_000


def test_where_nothing_can_be_given_back_nothing_happens(monkeypatch):
    class Library:
        pass

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: Library())
    monkeypatch.setattr(memory, "_trim", memory._trim.__wrapped__)
    monkeypatch.setattr(memory, "_SMALL", 0)
    assert memory._trim() is None
    memory.give_back()
