"""Recording: a process of its own that writes one WebM a party, of the packets that are forwarded.

::

    worker:    packet loop ── ring (shared memory) ──╮
               `process` ══ channel (JSON lines) ══ `program`            :recorder
                                                      │ `intake`: in C what needs no thought
                                                      │ one a tap
                                                  `recording` ── `reorder`, `frames`, `timeline`
                                                      │ `clusters`, `webm`: fragments of a second
                                                   `disk` ── `sink`      (a few threads)

The worker imports `process` alone, and nothing of what writes; `mend` finishes the files of a
recorder that was killed. A protected worker cannot import this package.

Guarantees: recording never makes a call wait and never touches its media; a file is playable up
to its last second even after ``kill -9`` or a power cut; what goes wrong is told in
`RecordingClosed.failure`, one of `relay.media.recorder.failure.Failure`. Leaves to others:
whether a call is to be recorded, and what becomes of the files.
"""
