"""The media worker: the process that carries calls, and nothing that decides about them.

A worker is started by the control process as ``python -m relay.media.ordinary`` or
``python -m relay.media.protected``, is told what to do over a socket (`visit_protocol.worker`)
and listens on **one UDP port** for all parties of all its calls. It decrypts, rewrites twelve
bytes, encrypts and sends; it never decodes or encodes a picture or a sound
(small pictures for the wall are decoded elsewhere).

::

    control process ══ control ══╗                     (thread of its own: cuts at once)
                                 ║
    party ─ UDP ─ transport ── worker ── transport ─ UDP ─ party
                      └─ lane ── call ── lane ─┘
                           └──── tap ────┘
                            recorder ── pictures  (ordinary workers only, as are monitors)

Reading order: `gate` (what makes a cut a cut), `control`, `worker`, `call`, `party`; then
`transport` (ICE-lite, DTLS, SRTP on the shared port), `forwarding` (the packet path),
`recorder`; `watched` and `monitor` (guards who watch), `pictures` (the guards' wall); `packets`
holds the formats, `tap` the seam between a call and a recorder.

Guarantees: a cut call's last packet has left when the cut is confirmed; media reaches only the
other party of the same call, and guards who were let in to watch, and only while the control
process wants it to; a protected worker has no recorder in it and nothing to watch with; whatever
arrives on the port costs at most the packet itself. Leaves to others: who may join, when a call
may flow, which worker carries it, what becomes of recordings.
"""
