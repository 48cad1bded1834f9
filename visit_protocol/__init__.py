"""The wire between kiosk, visitor's browser, relay, media worker and bridge.

Guarantees: every message is a frozen model with a ``type``; ``parse_*`` turns bytes into
such a model or raises `ProtocolError` with a stable code; nothing here does I/O.
Leaves to others: who may say what, and when (`relay.core`), and carrying the bytes.
"""
