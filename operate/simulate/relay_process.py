"""`RelayProcess`: the relay that ships, as a process that can be killed and started again.

Guarantees: it serves a facility with that many terminals and nothing else, in a folder of its own,
on a free port of loopback; nothing of it is left after `kill`. Leaves to others: who calls it.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.client import Line
from kiosk.identity import ENROLMENT_FILE, KEY_FILE, Identity, public_key_of
from operate import configuration
from operate.errors import OperateError
from relay.config import RelayConfig
from relay.core.model import Facility, FacilityId, HousingUnit, HousingUnitId, Terminal, TerminalId
from relay.store.database import DATABASE_FILE, Store
from relay.store.facilities import Facilities
from relay.store.sqlite import Database
from relay.store.terminal_keys import TerminalKey, TerminalKeys
from visit_protocol.enrolment import NO_KEY
from visit_protocol.vocabulary import VisitType

_UNIT: Final = HousingUnitId("u-1")
_START_S: Final = 30.0


@dataclass
class RelayProcess:
    """One facility's relay."""

    folder: Path
    kiosks: int
    lines: tuple[Line, ...] = ()
    """What each kiosk needs to call it."""
    _port: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    def furnish(self) -> None:
        """Make the facility and its terminals, once, before the first start."""
        self._port = _free_port()
        keys = {f"T-{n:04}": secrets.token_hex(32) for n in range(self.kiosks)}
        now = datetime.now(UTC)

        def write(db: Database) -> None:
            places = Facilities(db)
            places.put_facility(Facility(FacilityId("f-crowd"), "Crowd", "UTC"))
            places.put_housing_unit(HousingUnit(_UNIT, "Unit"))
            for name, key in keys.items():
                terminal = TerminalId(name)
                places.put_terminal(Terminal(terminal, name, _UNIT, frozenset({VisitType.FAMILY})))
                TerminalKeys(db).add(TerminalKey(terminal, public_key_of(key), now, "simulate"))

        with Store.open(self.folder / DATABASE_FILE) as store:
            store.write_now(write)
        values = {
            "data_dir": str(self.folder),
            "http.port": self._port,
            "media.ordinary_workers": 1,
            "media.protected_workers": 1,
        }
        text = configuration.to_toml(RelayConfig, values, "A relay with a crowd at its door.")
        (self.folder / "relay.toml").write_text(text, "utf-8")
        url = f"ws://127.0.0.1:{self._port}/api/v1/terminal"
        self.lines = tuple(
            Line(url, _identity(self.folder / "kiosks" / name, name, key), "parloir-simulate")
            for name, key in keys.items()
        )

    async def start(self) -> None:
        """Start it; it listens when this returns.

        Raises:
            OperateError: it does not.
        """
        with (self.folder / "relay.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "relay", "--config", str(self.folder / "relay.toml"),
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        async with asyncio.timeout(_START_S):
            while not _listens(self._port):
                if self._process.returncode is not None:
                    raise OperateError("the relay did not start: " + self._last_words())
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End it as a power failure would."""
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    @property
    def pid(self) -> int:
        """The process id of the control process."""
        if self._process is None:
            raise OperateError("the relay was not started")
        return self._process.pid

    def _last_words(self) -> str:
        lines = (self.folder / "relay.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _identity(folder: Path, terminal: str, key: str) -> Identity:
    """An enrolled kiosk that knows its relay; a crowd need not outlive a power cut."""
    folder.mkdir(mode=0o700, parents=True)
    for name, text in (
        (KEY_FILE, key),
        (ENROLMENT_FILE, json.dumps({"terminal": terminal, "relay_key": NO_KEY})),
    ):
        (folder / name).touch(0o600)
        (folder / name).write_text(text, "ascii")
    return Identity(folder)
