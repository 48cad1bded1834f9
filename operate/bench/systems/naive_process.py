"""``python -m operate.bench.systems.naive_process FOLDER``: calls as aiortc's examples make them.

Each visit is two peer connections; `MediaRelay` hands each party's decoded media to the other,
which encodes it again, and `MediaRecorder` writes it. Lines of JSON in (two offers and a name),
lines of JSON out (two answers).
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aioice.ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder, MediaRelay


async def admit(relay: MediaRelay, folder: Path, offers: list[str]) -> list[RTCPeerConnection]:
    """The two connected ends of a visit, once their answers are known to their parties."""
    ends = [RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in offers]
    tracks: list[list[MediaStreamTrack]] = [[], []]
    for number, end in enumerate(ends):
        end.on("track", tracks[number].append)
        await end.setRemoteDescription(RTCSessionDescription(offers[number], "offer"))
    for number, end in enumerate(ends):
        for track in tracks[number]:
            # WORKAROUND: aiortc 1.16 gives up a picture when sound has opened the file before it;
            # with a file each, both are written.
            recorder = MediaRecorder(str(folder / f"{number}-{track.kind}.webm"))
            recorder.addTrack(relay.subscribe(track))
            await recorder.start()
        for track in tracks[1 - number]:
            end.addTrack(relay.subscribe(track))
    for end in ends:
        await end.setLocalDescription(await end.createAnswer())
    return ends


async def serve(folder: Path) -> None:
    """Answer pairs of offers until there are no more."""
    # aioice never looks at loopback, where all of this happens.
    aioice.ice.get_host_addresses = lambda **_: ["127.0.0.1"]
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    relay = MediaRelay()
    ends: list[RTCPeerConnection] = []
    while line := await reader.readline():
        order: dict[str, Any] = json.loads(line)
        place = folder / order["visit"]
        place.mkdir()
        admitted = await admit(relay, place, order["offers"])
        ends += admitted
        answers = [end.localDescription.sdp for end in admitted]
        sys.stdout.write(json.dumps({"answers": answers}) + "\n")
        sys.stdout.flush()
    await asyncio.gather(*(end.close() for end in ends))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
