"""One UDP port for all parties: ICE-lite, DTLS and SRTP; alone in knowing aiortc's internals.

`port` owns the sockets and decides whose a datagram is; `ice` answers connectivity checks and
says which addresses a party has proved to be its own; `dtls` runs aiortc's DTLS over that and
hands out the SRTP sessions; `srtp` uses those in place; `description` reads offers, `answer`
writes answers; `peer` puts them together for one party; `release` names the releases and the
internals that this package relies on.

We use aiortc's DTLS transport and certificate and aioice's STUN messages, and not their
`RTCPeerConnection` and `Connection`: those bring SCTP, decoders with their threads, candidate
gathering, a public STUN server, and an SDP parser with five untyped errors, each of which the
attacks of ``media-plane.md`` walk through. What is not there cannot be attacked, and the fewer
internals we touch, the less a release can break.
"""
