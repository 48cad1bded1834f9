"""The serial port: never waits, and says once that it is gone."""

import asyncio
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.port import PortError, SerialPort, find_port


@pytest.fixture
def ends() -> Iterator[tuple[int, str]]:
    """The far end of a line, and the name of ours."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    for number in (ours, theirs):
        os.close(number)


def opened(path: str, heard: list[bytes], lost: list[bool]) -> SerialPort:
    return SerialPort(path, 115200, heard=heard.append, lost=lambda: lost.append(True))


async def test_bytes_go_both_ways(ends: tuple[int, str]) -> None:
    heard: list[bytes] = []
    port = opened(ends[1], heard, [])
    port.write(b"to the board")
    assert os.read(ends[0], 100) == b"to the board"
    os.write(ends[0], b"to the host")
    await asyncio.sleep(0.05)
    assert b"".join(heard) == b"to the host"
    port.close()
    port.write(b"nobody")


async def test_a_line_that_takes_nothing_stops_nobody(ends: tuple[int, str]) -> None:
    port = opened(ends[1], [], [])
    for _ in range(200):
        port.write(bytes(4096))
    port.close()


async def test_the_end_is_told_once() -> None:
    ours, theirs = os.openpty()
    lost: list[bool] = []
    port = opened(os.ttyname(theirs), [], lost)
    os.close(theirs)
    os.close(ours)
    port.write(b"nobody")
    await asyncio.sleep(0.05)
    assert lost == [True]


@pytest.mark.parametrize(
    ("name", "mend"), [("none", "plug the board in"), ("file", "is no serial port")]
)
async def test_what_cannot_be_opened_is_one_line(tmp_path: Path, name: str, mend: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PortError, match=mend) as refused:
        opened(str(tmp_path / name), [], [])
    assert "\n" not in str(refused.value)


def test_the_first_port_that_matches_is_taken(tmp_path: Path) -> None:
    assert find_port(str(tmp_path / "*board*")) is None
    for name in ("b-board-2", "a-board-1", "c"):
        (tmp_path / name).touch()
    assert find_port(str(tmp_path / "*board*")) == str(tmp_path / "a-board-1")
