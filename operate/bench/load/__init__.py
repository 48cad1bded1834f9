"""The load generator: a process of its own that plays a clip as many parties and times the echo.

`clip` makes what is played, `leg` connects one party, `pump.c` (behind `pump`) plays and listens,
`__main__` is the process, told what to do in lines of JSON by `operate.bench.generator`.

Guarantees: what it measures is the system under test: packets are encoded beforehand, arrival is
the kernel's timestamp, and how much of its core it used is told with every figure. Leaves to
others: which system is loaded, how many parties, for how long.
"""
