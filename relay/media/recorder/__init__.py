"""Recording: one WebM per party, muxed live from the very packets that are forwarded.

`disk` makes a `recording` per party, each with a thread of its own behind a bounded queue;
`reorder` puts packets in order, `frames` makes pictures of them, `timeline` gives each its time,
`webm` muxes, `sink` holds the bytes. A protected worker cannot import this package.

Guarantees: recording never makes a call wait and never touches its media; a file is playable up
to its last second even after ``kill -9`` or a power cut; what goes wrong is told in
`RecordingClosed.failure`, one of `relay.media.recorder.recording.Failure`. Leaves to others:
whether a call is to be recorded, and what becomes of the files.
"""

from relay.media.recorder.disk import DiskRecorder

__all__ = ["DiskRecorder"]
