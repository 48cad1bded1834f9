"""Shared pictures: whole or not at all."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.engine import control
from kiosk.engine.frames import (
    MAX_HEIGHT,
    MAX_WIDTH,
    SLOTS,
    SOUND_RATE,
    FrameReader,
    FrameWriter,
    make_shared_memory,
)


@pytest.fixture
def memory() -> Iterator[int]:
    fd = make_shared_memory()
    yield fd
    os.close(fd)


def test_a_reader_gets_the_newest_picture_once(memory: int) -> None:
    writer, reader = FrameWriter(memory), FrameReader(memory)
    assert reader.latest("remote") is None
    for shade in range(5):
        writer.write("remote", 4, 2, 16, bytes([shade]) * 32)
    picture = reader.latest("remote")
    assert picture is not None
    assert (picture.sequence, picture.width, picture.height) == (5, 4, 2)
    assert picture.data == bytes([4]) * 32
    assert reader.latest("remote", newer_than=5) is None
    assert reader.latest("own") is None


def test_the_largest_picture_fits(memory: int) -> None:
    writer, reader = FrameWriter(memory), FrameReader(memory)
    stride = MAX_WIDTH * 4 + 64
    for _ in range(SLOTS):
        writer.write("own", MAX_WIDTH, MAX_HEIGHT, stride, bytes(stride * MAX_HEIGHT))
    picture = reader.latest("own")
    assert picture is not None
    assert len(picture.data) == stride * MAX_HEIGHT
    assert reader.sound() is None


def test_a_picture_that_is_too_large_is_refused(memory: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        FrameWriter(memory).write("own", 4000, 3000, 16000, b"")


def test_a_half_written_picture_is_not_shown(memory: int) -> None:
    writer, reader = FrameWriter(memory), FrameReader(memory)
    writer.write("remote", 4, 2, 16, bytes(32))
    first_record = 4096 + 64 + (1 % SLOTS) * 64
    # A writer has announced picture 4 in the same slot and was stopped in the middle of it.
    os.pwrite(memory, (4).to_bytes(8, "little"), first_record)
    assert reader.latest("remote") is None


def test_sound_is_the_last_second(memory: int) -> None:
    writer, reader = FrameWriter(memory), FrameReader(memory)
    pcm = bytes(2 * SOUND_RATE) + b"\x01\x02" * SOUND_RATE
    writer.write_sound(0.5, 0.7, 440.0, pcm)
    sound = reader.sound()
    assert sound is not None
    assert (sound.rms, sound.peak, sound.frequency_hz) == (0.5, 0.7, 440.0)
    assert sound.pcm == b"\x01\x02" * SOUND_RATE
    assert reader.sound(newer_than=sound.sequence) is None


def test_any_other_descriptor_is_refused(memory: int) -> None:
    with pytest.raises(ValueError, match="not a parloir"):
        FrameReader(os.memfd_create("other"))


def test_a_process_without_frames_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        FrameReader.of_process(os.getpid())


@given(st.sampled_from([*control.TO_ENGINE, *control.FROM_ENGINE]))
def test_words_survive_the_line(kind: type[control.Word]) -> None:
    values = {
        "id": "a", "sdp": "v=0", "pid": 1, "camera": "OK", "microphone": "OK", "speaker": "OK",
        "state": "failed", "region": "own", "sequence": 3, "rms": 0.5, "peak": 0.6,
        "frequency_hz": 440.0, "faults": ("DARK",), "own": True, "remote": False,
        "speech": True, "text": "Назад", "language": "ru", "prompt": "", "at_ns": 7,
        "loss": 0.01, "rtt_ms": 20.0, "sent_bps": 1, "received_bps": 2,
    }  # fmt: skip
    names = kind.__dataclass_fields__
    word = kind(**{name: values[name] for name in names})
    assert control.decode(control.encode(word), [kind]) == word


@given(st.binary(max_size=64))
def test_noise_on_the_line_is_one_error(noise: bytes) -> None:
    with pytest.raises(control.ControlError):
        control.decode(noise, control.TO_ENGINE)
