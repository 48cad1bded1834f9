"""Claims about speaker mode, with a loudspeaker, a room and a microphone that are computed."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.config import read_config
from kiosk.engine.echo import EchoCanceller
from kiosk.engine.settings import Settings, parse_settings
from settings import ConfigError

RATE, PIECE = 48_000, 960
SECONDS = 6

Samples = NDArray[np.float64]


def talking(seed: int) -> Samples:
    """Something like a voice: noise in the band of speech, in syllables with pauses."""
    chance = np.random.default_rng(seed)
    length = SECONDS * RATE
    noise = np.convolve(chance.standard_normal(length), np.hanning(40) / 20, "same")
    syllables = np.repeat(chance.random(length // 9600) > 0.4, 9600)
    return noise * syllables * 6000


def room(played: Samples, delay_ms: int) -> Samples:
    """What the microphone hears of the loudspeaker: three ways through the room."""
    path = np.zeros(delay_ms * 48 + 2000)
    for later, share in ((0, 0.5), (540, 0.25), (1440, 0.12)):
        path[delay_ms * 48 + later] = share
    return np.convolve(played, path)[: played.size]


def frame(samples: Samples, number: int) -> av.AudioFrame:
    made = av.AudioFrame.from_ndarray(
        samples.clip(-32768, 32767).astype(np.int16).reshape(1, -1), "s16", "mono"
    )
    made.sample_rate = RATE
    made.pts, made.time_base = number * PIECE, Fraction(1, RATE)
    return made


def cleaned(played: Samples, heard: Samples) -> Samples:
    canceller, out = EchoCanceller(), []
    for number in range(played.size // PIECE):
        here = slice(number * PIECE, (number + 1) * PIECE)
        canceller.played(frame(played[here], number))
        out += [piece.to_ndarray()[0] for piece in canceller.clean(frame(heard[here], number))]
    return np.concatenate(out).astype(np.float64)


def loud(samples: Samples) -> float:
    """In decibels, of the last half."""
    half = samples[samples.size // 2 :]
    return float(20 * np.log10(np.sqrt(np.mean(half**2)) + 1e-9))


@pytest.mark.parametrize("delay_ms", [20, 150])
def test_the_visitor_does_not_hear_himself(delay_ms: int) -> None:
    played = talking(1)
    echo = room(played, delay_ms)
    assert loud(echo) - loud(cleaned(played, echo)) > 30


def test_the_inmate_is_heard_while_nobody_else_speaks() -> None:
    spoken = talking(2)
    out = cleaned(np.zeros(spoken.size), spoken)
    assert out.size >= spoken.size - 2 * PIECE
    assert abs(loud(spoken) - loud(out)) < 12  # noise suppression takes some of what is noise here


def test_speaker_mode_and_a_hook_for_a_handset_exclude_each_other(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    text = '[relay]\nurl = "ws://127.0.0.1:1/"\n[speaker]\nmode = "loudspeaker"\n'
    file.write_text(text)
    assert read_config(file).speaker.mode == "loudspeaker"
    file.write_text(text + '[bridge]\nsocket = "kiosk.sock"\n')
    with pytest.raises(ConfigError, match=r"bridge\.handset: must be false"):
        read_config(file)
    file.write_text(text + '[bridge]\nsocket = "kiosk.sock"\nhandset = false\n')
    assert not read_config(file).bridge.handset


def test_the_engine_is_told_of_speaker_mode_on_its_command_line() -> None:
    settings = Settings(loudspeaker=True)
    line = ["--control-fd=3", "--frames-fd=4", *settings.arguments()]
    assert parse_settings(line)[0] == settings
