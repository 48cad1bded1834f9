"""The facility behind `scripts/run`: an example facility, its relay and its kiosks, alive.

Guarantees: what it started it also stops, restarts what dies, and says in one line what is
wrong. Leaves to others: installing (`scripts/lib/bootstrap.sh`), what the example facility holds
(`operate.example`), and everything that the relay and the kiosks do.

Read `arguments`, then `supervisor`; `program` is one supervised process.
"""
