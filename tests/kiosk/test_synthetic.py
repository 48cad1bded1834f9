"""The synthetic camera and microphone, and the two meters."""

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.engine.health import PictureHealth
from kiosk.engine.sound import SecondOfSound, rms_of, tone_of
from kiosk.engine.synthetic import (
    TONE_HZ,
    FacePainter,
    SyntheticMicrophone,
    counter_bits,
    decode_counter,
    encode_counter,
    openness,
    strip_height,
)


def test_the_strip_is_as_it_is_written_down() -> None:
    bits = counter_bits(0xBEEF)
    assert bits[:4] == (1, 0, 1, 0)
    assert "".join(map(str, bits[4:20])) == f"{0xBEEF:016b}"
    assert "".join(map(str, bits[20:])) == f"{0xB ^ 0xE ^ 0xE ^ 0xF:04b}"


@given(st.integers(0, 0xFFFF), st.sampled_from([(320, 180), (640, 360), (424, 240), (1280, 720)]))
def test_a_counter_is_read_back(counter: int, size: tuple[int, int]) -> None:
    luma = np.full((size[1], size[0]), 90, np.uint8)
    encode_counter(luma, counter)
    assert decode_counter(luma) == counter
    assert (luma[strip_height(size[0]) :] == 90).all()


def test_a_picture_without_a_strip_has_no_counter() -> None:
    assert decode_counter(np.full((180, 320), 200, np.uint8)) is None
    assert decode_counter(np.zeros((2, 320), np.uint8)) is None


@pytest.mark.parametrize("size", [(320, 180), (640, 360), (160, 90)])
def test_the_counter_survives_vp8_at_a_low_rate(size: tuple[int, int]) -> None:
    painter = FacePainter(*size)
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.bit_rate = 150_000
    encoder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    decoder = av.CodecContext.create("libvpx", "r")
    read = []
    for count in range(65530, 65545):
        frame = painter.frame(count, count / 10)
        frame.pts = count
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                read.append(decode_counter(decoded.reformat(format="gray").to_ndarray()))
    assert read == [count & 0xFFFF for count in range(65530, 65545)]


def test_the_picture_says_that_it_is_synthetic() -> None:
    luma = FacePainter(640, 360).frame(1, 0.5).reformat(format="gray").to_ndarray()
    label = luma[270:355]
    assert (label > 200).mean() > 0.03  # letters
    assert (label < 60).mean() > 0.5  # on a dark band


def test_mouth_and_tone_move() -> None:
    values = [openness(at / 25) for at in range(200)]
    assert min(values) < 0.05
    assert max(values) > 0.9


async def test_the_microphone_is_a_tone() -> None:
    microphone, second = SyntheticMicrophone(), SecondOfSound()
    for _ in range(30):
        second.hear(await microphone.recv())
    rms, peak, tone = second.levels()
    assert abs(tone - TONE_HZ) < 5
    assert 0 < rms < peak <= 1


def test_silence_has_no_tone_and_full_scale_is_one() -> None:
    assert tone_of(np.zeros(8000, np.int16)) == 0
    assert rms_of(np.zeros(0, np.int16)) == 0
    assert rms_of(np.full(100, -32768, np.int16)) == 1.0


def test_health_tells_dark_covered_and_frozen_from_a_living_picture() -> None:
    noise = np.random.default_rng(1)
    picture = np.tile(np.arange(320, dtype=np.uint8) // 2 + 60, (180, 1))

    def living() -> np.ndarray:
        return picture + noise.integers(0, 12, picture.shape, dtype=np.uint8)

    health = PictureHealth()
    assert all(health.look(living()) == () for _ in range(30))
    assert health.look(np.full((180, 320), 128, np.uint8)) == ("COVERED",)
    assert health.look(np.full((180, 320), 5, np.uint8)) == ("COVERED", "DARK")
    frozen = living()
    assert [health.look(frozen) for _ in range(20)][-1] == ("FROZEN",)
    assert health.look(living()) == ()
