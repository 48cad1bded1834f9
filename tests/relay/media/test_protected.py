"""A protected worker: no recorder and no monitor in its process, nothing of its media on disk."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.relay.media.conftest import MakeParty, StartWorker

REPORT = """
import sys
import relay.media.{kind} as entry
rooms = ("recorder", "watched", "monitor", "pictures")
rooms = ("cv2", *("relay.media." + room for room in rooms))
found = [n for n in sys.modules if n.startswith(rooms)]
print(*sorted(found), file=sys.stderr, flush=True)
sys.exit(entry.main())
"""


async def modules(kind: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REPORT.format(kind=kind),
        "--control-fd", "0", "--port", "0", "--bind", "127.0.0.1",
        stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    first = await asyncio.wait_for(process.stderr.readline(), 20)
    process.kill()
    await process.wait()
    return first.decode().split()


async def test_no_recorder_no_monitor_and_no_vision_is_in_a_protected_process() -> None:
    assert await modules("protected") == []


async def test_the_same_look_finds_recorder_and_monitor_in_an_ordinary_process() -> None:
    found = await modules("ordinary")
    assert {"relay.media.recorder", "relay.media.monitor", "relay.media.pictures"} <= set(found)
    assert "cv2" not in found, "what decodes is in a process of its own"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
async def test_a_protected_call_writes_no_file_and_holds_none_open(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker("protected")
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(15), visitor.until_pictures(15))
    folder = Path(f"/proc/{worker.process.pid}")
    opened = [entry for entry in (folder / "fd").iterdir() if int(entry.name) > 2]
    links = [str(entry.readlink()) for entry in opened]
    assert [link for link in links if link.startswith("/") and not link.startswith("/dev/")] == []
    writes = int(
        next(
            line for line in (folder / "io").read_text().splitlines() if line.startswith("write_b")
        ).split()[1]
    )
    assert writes == 0, "bytes that this process caused to be written to a disk"
