"""What is loaded: our worker, and what it is compared with, behind one interface (`system`).

`worker` is the media worker as it ships, `janus` Debian's Janus, `naive` the way that aiortc's
documentation shows.
"""
