"""Claims about reading screens aloud: when, when not, and that there is a voice."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import pytest

from kiosk.engine.voice import Voice, has_voice, synthesised
from kiosk.situation import Aid, Screen, Sheet, Situation
from kiosk.speech import SILENCE, Narrator, Utterance
from tests.kiosk.gallery import RESTING, VISITING, WRONG

SPOKEN = replace(RESTING, aids=frozenset({Aid.SPEECH}))


def told(narrator: Narrator, screen: Screen, situation: Situation, *, touched: bool = False):
    return narrator.after(screen, situation, lambda: "words", touched=touched)


def test_nothing_is_said_to_somebody_who_has_not_asked_for_it() -> None:
    assert told(Narrator(), Screen.IDLE, RESTING, touched=True) is None


def test_every_screen_is_read_once_and_a_touch_ends_it() -> None:
    narrator = Narrator()
    assert told(narrator, Screen.IDLE, SPOKEN) == Utterance("words", "ru", "idle")
    assert told(narrator, Screen.IDLE, SPOKEN) is None
    assert told(narrator, Screen.IDLE, SPOKEN, touched=True) == SILENCE
    assert told(narrator, Screen.IDENTIFY, SPOKEN) == Utterance("words", "ru", "identify")
    sheet = replace(SPOKEN, sheet=Sheet.STAFF)
    assert told(narrator, Screen.IDENTIFY, sheet) == Utterance("words", "ru", "staff")


def test_another_language_or_another_reason_is_read_again() -> None:
    narrator = Narrator()
    told(narrator, Screen.IDENTIFY, SPOKEN)
    english = replace(SPOKEN, language="en")
    assert told(narrator, Screen.IDENTIFY, english) == Utterance("words", "en", "identify")
    refused = replace(english, refusals=(WRONG,))
    assert told(narrator, Screen.IDENTIFY, refused) == Utterance("words", "en", "identify")


@pytest.mark.parametrize("sheet", [None, Sheet.WARNING, Sheet.STAFF])
def test_nobody_is_talked_over(sheet: Sheet | None) -> None:
    narrator = Narrator()
    visiting = replace(VISITING, aids=frozenset({Aid.SPEECH}))
    told(narrator, Screen.WAITING, visiting)
    live = replace(visiting, sheet=sheet)
    assert told(narrator, Screen.CALL, live) == SILENCE
    assert told(narrator, Screen.CALL, live, touched=True) is None


def test_switching_it_off_is_silence_at_once() -> None:
    narrator = Narrator()
    told(narrator, Screen.IDLE, SPOKEN)
    assert told(narrator, Screen.IDLE, RESTING, touched=True) == SILENCE


def test_a_recorded_prompt_wins_where_there_is_one(tmp_path: Path) -> None:
    assert Utterance("words", "ru", "idle").prompt(tmp_path) == ""
    (tmp_path / "ru").mkdir()
    (tmp_path / "ru" / "idle.opus").touch()
    assert Utterance("words", "ru", "idle").prompt(tmp_path) == str(tmp_path / "ru" / "idle.opus")


@pytest.mark.parametrize(("language", "text"), [("ru", "Позвать сотрудника"), ("en", "Call staff")])
async def test_the_voice_speaks_every_language_of_the_screens(language: str, text: str) -> None:
    frames: list[av.AudioFrame] = []
    voice = Voice(frames.append)
    await voice._say(text, language, "")
    assert {(frame.sample_rate, frame.layout.name) for frame in frames} == {(48_000, "stereo")}
    assert sum(frame.samples for frame in frames) > 48_000 / 4
    assert max(abs(frame.to_ndarray()).max() for frame in frames) > 1000


SPEAKS_AND_CALLS = """
import asyncio, sys, threading
import av, numpy as np
from kiosk.engine.speaker import Speaker
from kiosk.engine.voice import Voice
from visit_protocol.vocabulary import DeviceState

speaker = Speaker("none")
speaker.state = DeviceState.OK
playing = threading.Thread(target=speaker._play, args=("null",), daemon=True)
playing.start()

async def main():
    voice = Voice(speaker.play)
    voice.say("first", "en")
    await asyncio.sleep(0.2)
    voice.say("two", "en")
    await voice._speaking
    for number in range(5):
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1920), np.int16), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = 48_000, number * 960
        speaker.play(frame)
        await asyncio.sleep(0.02)

asyncio.run(main())
speaker._queue.put(None)
playing.join(5)
sys.stdout.write(speaker.state)
"""


def test_the_voice_and_a_call_follow_each_other_on_one_speaker(tmp_path: Path) -> None:
    # In a process of its own: ALSA reads its configuration once, and this machine has no card.
    alsa = tmp_path / "asound.conf"
    alsa.write_text("pcm.!default { type null }\npcm.null { type null }\n")
    run = subprocess.run(
        [sys.executable, "-c", SPEAKS_AND_CALLS],
        env={**os.environ, "ALSA_CONFIG_PATH": str(alsa)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == "OK", run.stderr


async def test_a_language_without_a_voice_is_an_error_and_not_silence() -> None:
    with pytest.raises(OSError, match="espeak-ng"):
        await synthesised("words", "zz")


def test_a_machine_without_the_program_has_no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_voice() == (shutil.which("espeak-ng") is not None)
    monkeypatch.setenv("PATH", "")
    assert not has_voice()
