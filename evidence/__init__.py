"""The audit log as mathematics: bytes in, proofs and findings out.

Every program that keeps, shows or checks an audit log asks here. Everything is a value or a pure
function: no clock, no file, no socket.

Reading order: `canonical` (one value, one text) → `entry` (what a log holds) → `tree` (one hash
for all of them, and proofs) → `note` (signed text) → `checkpoint` (a signed hash of the log) →
`verification` (what is wrong with a log, and where: a `finding`). The format, byte by byte, is
``docs/evidence.md``.
"""
