"""The C library's allocator, set for training."""

import ctypes
import platform

# Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Have glibc keep what is freed for the next batch, instead of returning it to the system.

    Batches differ in shape, so that on a CPU their activations are otherwise mapped, zeroed page
    by page and unmapped again at every step: a third of the time of a small model's training.
    The process then holds its peak of memory until it ends. Returns whether the C library is
    glibc; elsewhere nothing is changed.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    settings = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: -1, M_TOP_PAD: 256 * 2**20}
    return all(libc.mallopt(name, value) for name, value in settings.items())
