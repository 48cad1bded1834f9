"""What the screens tell the engine on its command line.

Guarantees: `Settings.arguments` and `parse_settings` are each other's inverse. No pydantic: the
values were checked in `kiosk.config`, and the engine must start quickly.
Leaves to others: what the values mean (`kiosk.engine.devices`).
"""

import argparse
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """One engine's settings."""

    camera: str = "auto"
    width: int = 640
    height: int = 360
    fps: int = 25
    microphone: str = "auto"
    speaker: str = "auto"
    loudspeaker: bool = False
    """The microphone hears the speaker: its echo is cancelled."""
    protected: bool = False
    """Started for a protected visit: nothing in this process looks at a picture."""

    def arguments(self) -> list[str]:
        """The command line that says this."""
        line = [
            f"--camera={self.camera}",
            f"--size={self.width}x{self.height}",
            f"--fps={self.fps}",
            f"--microphone={self.microphone}",
            f"--speaker={self.speaker}",
        ]
        flags = {"--loudspeaker": self.loudspeaker, "--protected": self.protected}
        return [*line, *(flag for flag, wanted in flags.items() if wanted)]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What the engine inherits."""

    control: int
    frames: int


def parse_settings(arguments: list[str]) -> tuple[Settings, Descriptors]:
    """What the command line says.

    Raises:
        SystemExit: it says something else.
    """
    parser = argparse.ArgumentParser(prog="python -m kiosk.engine", description=__doc__)
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--frames-fd", type=int, required=True)
    parser.add_argument("--camera", default="auto")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--microphone", default="auto")
    parser.add_argument("--speaker", default="auto")
    parser.add_argument("--loudspeaker", action="store_true")
    parser.add_argument("--protected", action="store_true")
    given = parser.parse_args(arguments)
    width, _, height = given.size.partition("x")
    settings = Settings(
        camera=given.camera,
        width=int(width),
        height=int(height),
        fps=given.fps,
        microphone=given.microphone,
        speaker=given.speaker,
        loudspeaker=given.loudspeaker,
        protected=given.protected,
    )
    return settings, Descriptors(given.control_fd, given.frames_fd)
