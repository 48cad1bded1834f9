"""Recordings as files of a folder, and what the control process hears of them.

Guarantees: the files are ``<folder>/<inmate|visitor>-<segment>.webm``; each one's beginning and
end are told. Leaves to others: where folders are and who may read them.
"""

import time
from collections.abc import Callable
from pathlib import Path

from relay.media.recorder.recording import Failure, Recording
from relay.media.recorder.sink import FileSink
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import RecordingClosed, RecordingOpened


class DiskRecorder:
    """Implements `relay.media.tap.Recorder`; ``send`` may be called from any thread."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._recordings: list[Recording] = []

    def open(self, *, call: str, party: Party, folder: str, segment: int) -> Recording:
        """A recording of that party's stretch of the visit; the file comes with its media."""
        path = Path(folder) / f"{party.value.lower()}-{segment}.webm"
        report = _Report(self._send, call, party, segment, path)
        recording = Recording(lambda: FileSink(path), report)
        self._recordings = [past for past in self._recordings if not past.wait(0)]
        self._recordings.append(recording)
        return recording

    def wait_finished(self, timeout_s: float) -> bool:
        """Blocks until every closed recording has finished; whether they all have in time."""
        deadline = time.monotonic() + timeout_s
        return all(
            recording.wait(max(0.0, deadline - time.monotonic())) for recording in self._recordings
        )


class _Report:
    """Tells the control process of one recording."""

    def __init__(
        self, send: Callable[[Message], None], call: str, party: Party, segment: int, path: Path
    ) -> None:
        self._send = send
        self._call = call
        self._party = party
        self._segment = segment
        self._path = str(path)

    def opened(self) -> None:
        """The first fragment is on the disk."""
        self._send(
            RecordingOpened(
                call=self._call, party=self._party, segment=self._segment, path=self._path
            )
        )

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        """Nothing more will be written."""
        self._send(
            RecordingClosed(
                call=self._call,
                party=self._party,
                segment=self._segment,
                path=self._path,
                size=size,
                duration_s=round(duration_s, 3),
                failure=failure.value if failure is not None else None,
            )
        )
