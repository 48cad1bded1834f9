"""The media worker: the process that carries calls, and nothing that decides about them.

A worker is started by the control process as ``python -m relay.media.ordinary`` or
``python -m relay.media.protected``, is told what to do over a socket (`visit_protocol.worker`)
and listens on **one UDP port** for all parties of all its calls. It decrypts, rewrites twelve
bytes, encrypts and sends; it never decodes or encodes a picture or a sound.

::

    control process ══ control ══╗                     (thread of its own: cuts at once)
                                 ║
    party ─ UDP ─ transport ── worker ── transport ─ UDP ─ party
                      └─ lane ── call ── lane ─┘
                           └──── tap ────┘
                            recorder  (ordinary workers only)

Reading order: `gate` (what makes a cut a cut), `control`, `worker`, `call`, `party`; then
`transport` (ICE-lite, DTLS, SRTP on the shared port), `forwarding` (the packet path),
`recorder`; `packets` holds the formats, `tap` the seam between a call and a recorder.

Guarantees: a cut call's last packet has left when the cut is confirmed; media reaches only the
other party of the same call, and only while the control process wants it to; a protected worker
has no recorder in it; whatever arrives on the port costs at most the packet itself. Leaves to
others: who may join, when a call may flow, which worker carries it, what becomes of recordings.
"""
