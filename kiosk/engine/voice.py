"""`Voice`: reads a screen aloud through the handset's speaker.

Guarantees: one utterance at a time, and a new one ends the old; a recorded prompt is played where
one is named, otherwise ``espeak-ng`` gets the text on its standard input, so that no name stands in
a command line or a log; silence at once when told so.
Leaves to others: what is said, and when nobody may be talked over (`kiosk.speech`).
"""

import asyncio
import contextlib
import io
import logging
import shutil
from collections.abc import Callable, Iterator
from typing import Final

import av

log = logging.getLogger(__name__)

PROGRAM: Final = "espeak-ng"
WORDS_A_MINUTE: Final = 145
LEAD_S: Final = 0.1
"""How far ahead of what is heard: less than the speaker's queue, enough for a busy machine."""
LONGEST_S: Final = 10.0
"""For the synthesis, which takes a fraction of a second."""

Play = Callable[[av.AudioFrame], None]


def has_voice() -> bool:
    """Whether this machine can speak."""
    return shutil.which(PROGRAM) is not None


class Voice:
    """Speaks through ``play``, which takes 48 kHz stereo."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._speaking: asyncio.Task[None] | None = None

    def say(self, text: str, language: str, prompt: str = "") -> None:
        """Say ``text``, or play the file ``prompt``, instead of whatever is being said."""
        self.hush()
        self._speaking = asyncio.create_task(self._say(text, language, prompt))

    def hush(self) -> None:
        """Say nothing more."""
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None

    async def _say(self, text: str, language: str, prompt: str) -> None:
        try:
            source = prompt or io.BytesIO(await synthesised(text, language))
            frames = await asyncio.to_thread(lambda: list(_frames(source)))
        except (OSError, TimeoutError, av.FFmpegError) as error:
            log.error("cannot speak %s (%s)", language, type(error).__name__)
            return
        loop = asyncio.get_running_loop()
        due = loop.time()
        for frame in frames:
            self._play(frame)
            due += frame.samples / frame.sample_rate
            await asyncio.sleep(max(0.0, due - loop.time() - LEAD_S))


async def synthesised(text: str, language: str) -> bytes:
    """The sound of ``text`` as a WAV file.

    Raises:
        OSError: there is no such program, or it has no such language.
        TimeoutError: it takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("--stdin", "--stdout", "-v", language, "-s", str(WORDS_A_MINUTE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            sound, _ = await process.communicate(text.encode())
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode or not sound:
        raise OSError(f"{PROGRAM} ended with {process.returncode}")
    return sound


def _frames(source: str | io.BytesIO) -> Iterator[av.AudioFrame]:
    """The sound in ``source`` as the speaker takes it, in frames of 20 ms."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=48_000, frame_size=960)
    with av.open(source, mode="r") as file:
        for frame in file.decode(audio=0):
            yield from resampler.resample(frame)
    yield from resampler.resample(None)
