"""Small pictures for the guards' wall and the health of each party's picture.

::

    recorder ── `feed`: whole keyframes, one datagram each ──╮
    worker ── `process` ══ channel (JSON lines) ══ `program` :pictures
                                                      │ `keyframe` → `decode` → JPEG
                                                      ╰─ `health`: dark, covered, frozen

Decoding is the one place where a participant's bits meet a codec of ours, so it happens in a
process of its own that holds no keys, no files and no network, and may die at any time (ADR
0010). The worker imports `process`, the recorder `feed`, and neither of them what decodes. A
protected worker cannot import this package.

Guarantees: nobody waits for a picture; a JPEG is made only while somebody looks; nothing is
written to a disk. Leaves to others: who looks, and what follows from a picture's health.
"""
