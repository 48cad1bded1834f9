"""Why a recording stopped before it was closed; the codes of `RecordingClosed.failure`."""

import errno
from enum import StrEnum


class Failure(StrEnum):
    """Staff are told of each."""

    DISK_FULL = "DISK_FULL"
    DISK_FAILED = "DISK_FAILED"
    DISK_TOO_SLOW = "DISK_TOO_SLOW"
    MUXER_FAILED = "MUXER_FAILED"
    """A bug of ours met this party's media."""
    RECORDER_LOST = "RECORDER_LOST"
    """The recorder's process ended under it; the recording goes on in a new segment."""


def failure_of(error: OSError) -> Failure:
    """What a disk's refusal is called."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return Failure.DISK_FULL if full else Failure.DISK_FAILED
