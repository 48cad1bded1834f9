"""`Manager`: a real systemd that runs one unit, where none runs the machine.

Guarantees: the unit has what the shipped one says of readiness, watchdog and coming back, and a
command of the test's; everything is gone after `stop`.
"""

import asyncio
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

KEPT = (
    *("Type", "NotifyAccess", "WatchdogSec", "WatchdogSignal", "Restart", "RestartSec"),
    *("TimeoutStartSec", "TimeoutStopSec", "LimitCORE"),
)
_START_S = 20.0


class Manager:
    """A user's systemd in a mount namespace of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._units = folder / "units"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, shipped: Path, command: Sequence[str], output: Path) -> None:
        """Run ``command`` as the unit ``shipped`` says; its output is appended to ``output``."""
        self._units.mkdir()
        (self._units / "default.target").write_text(
            f"[Unit]\nDefaultDependencies=no\nRequires={shipped.name}\n"
        )
        (self._units / shipped.name).write_text(_derived(shipped, command, output))
        runtime = self._folder / "runtime"
        runtime.mkdir(mode=0o700)
        # A user's systemd wants to see that a systemd runs the machine.
        script = (
            "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && "
            "exec /lib/systemd/systemd --user --log-target=null --show-status=no"
        )
        self._process = await asyncio.create_subprocess_exec(
            "unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--mount",
            "sh", "-c", script,
            env={
                **os.environ,
                "XDG_RUNTIME_DIR": str(runtime),
                "SYSTEMD_UNIT_PATH": f"{self._units}:",  # then those of Debian
            },
        )  # fmt: skip

    async def stop(self) -> None:
        """End the unit and systemd."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), _START_S)


def _derived(shipped: Path, command: Sequence[str], output: Path) -> str:
    kept = [line for line in shipped.read_text().splitlines() if line.partition("=")[0] in KEPT]
    return "\n".join(
        [
            "[Unit]",
            "DefaultDependencies=no",
            "StartLimitIntervalSec=0",
            "[Service]",
            *kept,
            f"ExecStart={shlex.join(command)}",
            f"StandardOutput=append:{output}",
            f"StandardError=append:{output}.err",
            f"WorkingDirectory={Path.cwd()}",
            "",
        ]
    )
