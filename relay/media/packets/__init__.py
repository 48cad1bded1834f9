"""RTP, RTCP and VP8 payload formats: bytes to values and back, nothing else.

Guarantees: pure functions without a clock; whatever the bytes, the only error is
`relay.media.packets.errors.MalformedPacketError`. Leaves to others: encryption
(`relay.media.transport`) and what to do with a packet (`relay.media.forwarding`).
"""
