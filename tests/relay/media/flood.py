"""``python tests/relay/media/flood.py SORT HOST PORT SECONDS [AS_HOST AS_PORT]``: datagrams at full
speed to one address, from three sockets, or from somebody else's address where we may forge it
(root). Says how many, at the end.
"""

import os
import random
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator

AT_ONCE = 200
CLIENT_HELLO = bytes.fromhex("16feff0000000000000000001a0100000e0000000000000000fefd") + bytes(200)


def junk(dice: random.Random) -> bytes:
    """Anything at all."""
    return dice.randbytes(dice.randint(1, 1400))


def rtp(dice: random.Random) -> bytes:
    """As a party's own, but for the key."""
    head = struct.pack("!BBHII", 0x80, 96, dice.randrange(1 << 16), dice.randrange(1 << 32), 7)
    return head + dice.randbytes(1100)


def hello(dice: random.Random) -> bytes:
    """Somebody wants to begin DTLS."""
    return CLIENT_HELLO + dice.randbytes(4)


def stun(dice: random.Random) -> bytes:
    """Well-formed outside, with a user name of nobody's or an attribute that lies of its length."""
    name = dice.randbytes(8).hex().encode()
    size = dice.choice((16, 16, 15, 0, 1, 400))
    body = struct.pack("!HH", dice.choice((6, 6, 1, 9, 0x20, 0x8028)), size) + name
    return struct.pack("!HHI", dice.choice((1, 0x101)), len(body), 0x2112A442) + bytes(12) + body


SORTS: dict[str, Callable[[random.Random], bytes]] = {
    "junk": junk,
    "rtp": rtp,
    "hello": hello,
    "stun": stun,
}


def forged(source: tuple[str, int], target: tuple[str, int], data: bytes) -> bytes:
    """An IPv4 packet with the datagram, from there."""
    udp = struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0) + data
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ends + udp


def senders(target: tuple[str, int]) -> Iterator[Callable[[bytes], object]]:
    """Ways to send from addresses of our own."""
    for _ in range(3):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        yield lambda data, sock=sock: sock.sendto(data, target)


def main() -> None:
    sort, host, port, seconds, *spoofed = sys.argv[1:]
    target, dice = (host, int(port)), random.Random(sort)
    datagrams = [SORTS[sort](dice) for _ in range(1000)]
    if spoofed:
        source = (spoofed[0], int(spoofed[1]))
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        datagrams = [forged(source, target, data) for data in datagrams]
        ways: list[Callable[[bytes], object]] = [lambda data: raw.sendto(data, (host, 0))]
    else:
        ways = list(senders(target))
    os.nice(10)  # who floods from outside takes none of the relay's processor
    sent, end_s = 0, time.monotonic() + float(seconds)
    while time.monotonic() < end_s:
        for _ in range(AT_ONCE):
            try:
                ways[sent % len(ways)](datagrams[sent % len(datagrams)])
            except OSError:
                continue  # our own buffer is full
            sent += 1
    sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main()
