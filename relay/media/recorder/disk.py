"""A few threads that write fragments to disks, so that the reading loop never waits for one.

Guarantees: a file's jobs run one at a time and in order; a disk that hangs holds one thread and
its own files; every job ends with the fragment on the disk (fdatasync) or with an error. Leaves
to others: how long a job may take. Results are plain attributes, which the reading loop looks at.
"""

import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from relay.media.recorder.sink import RecordingSink

THREADS: Final = 4


class DiskFile:
    """One file as the reading loop sees it; at most one job at a time."""

    def __init__(self, pool: "DiskPool", make_sink: Callable[[], RecordingSink]) -> None:
        """The sink is made on a thread of the pool, with the first job."""
        self._pool = pool
        self._make_sink = make_sink
        self._sink: RecordingSink | None = None
        self._fragment = b""
        self._header: bytes | None = None
        self._last = False
        self._abandoned = False
        self.busy = False
        """A job is under way; whatever it has reached shows when this is False again."""
        self.size = 0
        self.error: OSError | None = None
        """The file has failed and was released."""

    def write(self, fragment: bytes, header: bytes | None = None, *, last: bool = False) -> None:
        """Start a job: append, amend a new header, sync; after the last one release the file."""
        self._fragment, self._header, self._last = fragment, header, last
        self.busy = True
        self._pool.put(self)

    def abandon(self) -> None:
        """Release the file as it is, after the job under way if there is one."""
        self._abandoned = True
        if not self.busy:
            self.write(b"")

    def perform(self) -> None:
        """Do the job; on a thread of the pool."""
        try:
            if self._sink is None and not self._abandoned:
                self._sink = self._make_sink()
            if self._sink is not None:
                self._append(self._sink)
        except OSError as error:
            if self._sink is not None:
                self.size = self._sink.size
                # What failed is told already.
                with contextlib.suppress(OSError):
                    self._sink.close()
            self.error = error
        self._fragment = b""
        self.busy = False

    def _append(self, sink: RecordingSink) -> None:
        if self._header is not None and not self._last:
            sink.amend(0, self._header)  # before the picture that it states
        sink.append(self._fragment)
        if self._header is not None and self._last:
            sink.amend(0, self._header)  # after the index that it names
        sink.sync()
        self.size = sink.size
        if self._last or self._abandoned:
            sink.close()


class DiskPool:
    """The threads. They are daemons: a disk that hangs for ever does not keep the process."""

    def __init__(self, threads: int = THREADS) -> None:
        self._jobs: SimpleQueue[DiskFile | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"disk-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, file: DiskFile) -> None:
        """Have the file's job done by the next free thread."""
        self._jobs.put(file)

    def close(self) -> None:
        """Let the threads end when all jobs are done."""
        for _ in self._threads:
            self._jobs.put(None)

    def _run(self) -> None:
        while (file := self._jobs.get()) is not None:
            file.perform()
