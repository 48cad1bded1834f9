"""The packet loop: what one party publishes reaches others, re-addressed and still encoded.

`path` is the interface that the rest of the worker uses, `choice` takes one of its two
implementations: `native` over loop.c, which runs a thread of its own and never enters Python for
a packet, or `python_loop` with `lane`, where `incoming` keeps a publisher's reception statistics,
`outgoing` a subscriber's streams continuous, and `arrivals` what transport-wide congestion control
wants to know. `feedback` is the RTCP conversation around both, `limit` what it allows a publisher.

Guarantees: nothing is decoded or encoded; nothing leaves but through the call's gate; both loops
pass the same tests. Leaves to others: when a call may flow (`relay.media.call`).
"""
