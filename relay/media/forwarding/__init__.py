"""The packet path: what one party publishes reaches the other, re-addressed and still encoded.

`path` is the interface that the rest of the worker uses; `lane` is its Python implementation;
`incoming` keeps a publisher's reception statistics, `outgoing` keeps a subscriber's streams
continuous over changes of the publisher; `feedback` is the RTCP conversation around both.

Guarantees: nothing is decoded or encoded; nothing leaves but through the call's gate. Leaves to
others: when a call may flow (`relay.media.call`).
"""
