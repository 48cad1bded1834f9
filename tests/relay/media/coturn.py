"""A real coturn with a shared secret, on one address of this machine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

SECRET = b"coturn-and-the-relay-share-this"


@contextlib.asynccontextmanager
async def coturn(address: str, folder: Path) -> AsyncIterator[int]:
    """The port on which a coturn listens, by UDP and TCP, while the context lasts.

    It relays to `address` alone, as the edge's relays to nothing but the facility.
    """
    with socket.create_server((address, 0)) as reserved:
        port = int(reserved.getsockname()[1])
    everything = ("0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    command = [
        "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--realm=test.example",
        "--use-auth-secret", f"--static-auth-secret={SECRET.decode()}",
        f"--listening-ip={address}", f"--relay-ip={address}", f"--listening-port={port}",
        *(f"--denied-peer-ip={addresses}" for addresses in everything),
        f"--allowed-peer-ip={address}",
        "--log-file=stdout", "--simple-log", f"--pidfile={folder / 'turnserver.pid'}",
        f"--userdb={folder / 'turndb'}",
    ]  # fmt: skip
    with (folder / "turnserver.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            cwd=folder,
        )
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection(address, port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
