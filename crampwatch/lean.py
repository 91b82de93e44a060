"""Keeps the memory of a process small that runs all night on a small computer."""

from __future__ import annotations

import ctypes

import pyarrow as pa

__all__ = ["keep_small"]

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Numbers of the parameters in glibc's ``malloc.h``."""
MMAP_THRESHOLD_BYTES = 128 * 1024
"""From this size on, what is freed goes back to the system: what glibc itself begins with. It
raises that to the largest array ever freed, and a night that is judged every minute then leaves
holes of many sizes."""
ARENAS = 1
"""Heaps that threads share: only one thread at a time computes anything large."""


def keep_small() -> None:
    """Have freed memory given back; 13 MB by the morning, as `benchmarks.collector_cost` has it.

    Where the system's memory is not glibc's, it is left as it is.
    """
    # Arrow's own allocator sets 4 MB aside, for batches of some KiB.
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
