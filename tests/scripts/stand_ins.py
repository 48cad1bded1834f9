"""Stand-ins for relay and kiosk: they speak our own interfaces and nothing else.

``python stand_ins.py relay FOLDER`` answers ``/readyz`` and ``/api/v1/terminals`` on
``FOLDER/relay.sock``; a terminal is connected while ``FOLDER/kiosk-ID`` exists,
and without a camera while ``FOLDER/blind-ID`` does.
``python stand_ins.py kiosk FOLDER ID`` keeps that file for as long as it lives. Each writes a line
into ``FOLDER/ends`` when SIGTERM ends it.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path


async def answer(folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (head := await reader.readline()) not in (b"", b"\r\n"):
        path = head.split()[1]
        while await reader.readline() not in (b"", b"\r\n"):
            continue
        body = "{}"
        if path == b"/api/v1/terminals":
            body = terminals(folder)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
    writer.close()


def terminals(folder: Path) -> str:
    names = [each.name.removeprefix("kiosk-") for each in folder.glob("kiosk-*")]
    well = {"connected": True, "engine": True, "microphone": "OK"}
    cameras = {name: "ABSENT" if (folder / f"blind-{name}").exists() else "OK" for name in names}
    return json.dumps([{"id": name, "camera": cameras[name], **well} for name in names])


def ending() -> asyncio.Event:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    return told


def note_end(folder: Path, name: str) -> None:
    with (folder / "ends").open("a") as ends:
        ends.write(f"{name}\n")


async def relay(folder: Path) -> None:
    told = ending()
    (folder / "relay.sock").unlink(missing_ok=True)
    await asyncio.start_unix_server(
        lambda reader, writer: answer(folder, reader, writer), folder / "relay.sock"
    )
    await told.wait()
    note_end(folder, "relay")


async def kiosk(folder: Path, terminal: str) -> None:
    told = ending()
    mark = folder / f"kiosk-{terminal}"
    mark.touch()
    await told.wait()
    mark.unlink()
    note_end(folder, f"kiosk {terminal}")


if __name__ == "__main__":
    program, place, *rest = sys.argv[1:]
    asyncio.run({"relay": relay, "kiosk": kiosk}[program](Path(place), *rest))
