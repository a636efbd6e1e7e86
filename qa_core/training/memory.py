"""The C library's allocator, set for training."""

import ctypes
import gc
import platform

# Of glibc's malloc.h, and what it begins with.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
USUAL = {M_MMAP_MAX: 65536, M_TRIM_THRESHOLD: 128 * 2**10, M_TOP_PAD: 128 * 2**10}


def retain_freed_memory() -> bool:
    """Have glibc keep what is freed for the next batch, instead of returning it to the system.

    Batches differ in shape, so that on a CPU their activations are otherwise mapped, zeroed page
    by page and unmapped again at every step: a third of the time of a small model's training.
    What is retained comes in pieces, too small for the next large batch, and grows: `trim` now and
    then. Returns whether the C library is glibc; elsewhere nothing is changed.
    """
    return _set({M_MMAP_MAX: 0, M_TRIM_THRESHOLD: -1, M_TOP_PAD: 256 * 2**20})


def return_freed_memory() -> bool:
    """Undo `retain_freed_memory`, and give the system what was retained; returns the same."""
    gc.collect()
    trim()
    return _set(USUAL)


def trim() -> None:
    """Give the system all that is free at this moment."""
    if _is_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _set(options: dict[int, int]) -> bool:
    if not _is_glibc():
        return False
    libc = ctypes.CDLL(None)
    return all(libc.mallopt(name, value) for name, value in options.items())


def _is_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"
