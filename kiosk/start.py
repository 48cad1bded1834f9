"""`Start`: what this start found on the terminal's own disk, and what it can begin with.

Guarantees: a damaged configuration, or a damaged state folder, leads to a screen that says so and
to no connection that nobody could vouch for; `is_mended` says when another start would do better.
Leaves to others: the configuration's own fallback (`kiosk.setup`), the screen.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.config import KioskConfig, read_config
from kiosk.identity import Identity, IdentityError
from kiosk.setup import set_up
from kiosk.upkeep import Fault
from settings import ConfigError


@dataclass(frozen=True, slots=True)
class Start:
    """One start of this terminal."""

    config_file: Path
    state: Path
    config: KioskConfig
    identity: Identity
    faults: tuple[tuple[Fault, str], ...] = ()
    callable: bool = True
    """Whether it is known which relay to call, and as whom."""

    @property
    def is_mended(self) -> bool:
        """Whether what was damaged at this start is right now."""
        faults = {fault for fault, _ in self.faults}
        try:
            if Fault.CONFIG in faults:
                read_config(self.config_file)
            if Fault.STATE in faults:
                Identity(self.state)
        except (ConfigError, IdentityError):
            return False
        return bool(faults)


def find_start(config_file: Path, state: Path) -> Start:
    """What there is to start with.

    Raises:
        ConfigError: there is no configuration file.
        IdentityError: the state folder cannot be used, and not for being damaged.
    """
    faults: list[tuple[Fault, str]] = []
    try:
        identity = Identity(state)
    except IdentityError as error:
        if not state.is_dir():
            raise
        faults.append((Fault.STATE, str(error)))
        # Nobody is called with it: it only fills the place of the one that cannot be read.
        identity = Identity(Path(tempfile.mkdtemp(prefix="parloir-kiosk-")))
    setup = set_up(config_file, state)
    if setup.fault:
        faults.append((Fault.CONFIG, setup.fault))
    broken = any(fault is Fault.STATE for fault, _ in faults)
    return Start(
        config_file, state, setup.config, identity, tuple(faults), setup.callable and not broken
    )
