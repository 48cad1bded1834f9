"""The relay's configuration: one TOML file, read once, refused whole when anything in it is off.

Guarantees: an unknown key, a wrong value or an unreadable file gives a `ConfigError` whose text
is one line naming the file, the key and the mend. The reference in ``config/`` is generated from
these models. Leaves to others: opening ports and folders.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AnyHttpUrl, Field, IPvAnyAddress, StringConstraints

from settings import ConfigError, Section, read_model

TurnUrl = Annotated[
    str,
    StringConstraints(
        max_length=256,
        pattern=r"^turns?:[A-Za-z0-9.\[\]:-]+(\?transport=(udp|tcp))?$",
    ),
]
Port = Annotated[int, Field(ge=0, le=65535)]


class HttpConfig(Section):
    """Where browsers and kiosks reach the relay."""

    host: str = Field(
        "127.0.0.1", title="Host", description="Address that HTTP and WebSocket listen on."
    )
    port: int = Field(8080, ge=1, le=65535, title="Port", description="TCP port.")
    public_url: AnyHttpUrl | None = Field(
        None,
        title="Public URL",
        description="What visitors' links begin with, e.g. the edge proxy's https address. "
        "Empty: http://localhost and the port.",
    )
    tls_certificate: Path | None = Field(
        None, title="TLS certificate", description="PEM chain; with it the relay speaks HTTPS."
    )
    tls_key: Path | None = Field(None, title="TLS key", description="PEM key of the certificate.")


class MediaConfig(Section):
    """Media workers: their number, their UDP ports, their patience."""

    bind: tuple[IPvAnyAddress, ...] | None = Field(
        None,
        title="Bind",
        description="Addresses whose UDP ports carry media, one socket each. "
        "Empty: every address of this machine, loopback included.",
    )
    port: Port = Field(
        0,
        title="Port",
        description="First worker's UDP port, the next worker takes the next one; 0 takes free "
        "ones. Set it where a firewall stands in between.",
    )
    public_addresses: tuple[IPvAnyAddress, ...] = Field(
        (),
        title="Public addresses",
        description="Addresses that reach those ports from outside (port forwarding), offered to "
        "clients beside the bound ones.",
    )
    ordinary_workers: int | None = Field(
        None,
        ge=1,
        le=64,
        title="Ordinary workers",
        description="Processes for recorded visits. Empty: as many as the machine has cores beside "
        "the protected workers, at least one.",
    )
    protected_workers: int = Field(
        1,
        ge=1,
        le=64,
        title="Protected workers",
        description="Processes for visits that are never recorded; started without a recorder.",
    )
    media_timeout_s: float = Field(
        5.0,
        ge=1,
        le=5,
        title="Media timeout (s)",
        description="Silence after which a party counts as lost.",
    )
    cut_confirm_ms: int = Field(
        100,
        ge=20,
        le=200,
        title="Cut confirmation (ms)",
        description="A worker that has not confirmed a cut by then is killed.",
    )

    def ordinary_count(self, cores: int) -> int:
        """How many ordinary workers a machine of so many cores gets."""
        return self.ordinary_workers or min(64, max(1, cores - self.protected_workers))


class TurnConfig(Section):
    """A TURN server outside, for visitors whose network does not let them reach media ports."""

    urls: tuple[TurnUrl, ...] = Field(
        (),
        max_length=8,
        title="URLs",
        description="Where it listens, e.g. turn:edge.example:3478 and "
        "turns:edge.example:443?transport=tcp. Empty: there is none.",
    )
    secret_file: Path | None = Field(
        None,
        title="Secret file",
        description="File with the secret shared with it (coturn: static-auth-secret), mode 0600; "
        "relative to this file.",
    )


class RecordingConfig(Section):
    """Where recordings go and when there is no room for another."""

    min_free_mib: int = Field(
        128,
        ge=0,
        title="Least free space (MiB)",
        description="Below it no new recorded visit starts; those under way go on.",
    )


class LogConfig(Section):
    """What the relay says of itself on standard error."""

    level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = Field(
        "INFO", title="Level", description="DEBUG, INFO, WARNING or ERROR."
    )


class RelayConfig(Section):
    """The whole file. The data folder is the folder that the file lies in, unless named."""

    data_dir: Path | None = Field(
        None,
        title="Data folder",
        description="Database, recordings and the local socket. Empty: the file's own folder.",
    )
    http: HttpConfig = HttpConfig()
    media: MediaConfig = MediaConfig()
    turn: TurnConfig = TurnConfig()
    recording: RecordingConfig = RecordingConfig()
    log: LogConfig = LogConfig()

    @property
    def base_url(self) -> str:
        """What links begin with; no slash at its end."""
        if self.http.public_url is not None:
            return str(self.http.public_url).rstrip("/")
        scheme = "https" if self.http.tls_certificate else "http"
        return f"{scheme}://localhost:{self.http.port}"


def load(path: Path) -> RelayConfig:
    """The configuration in ``path``, its ``data_dir`` filled in and absolute.

    Raises:
        ConfigError: unreadable, not TOML, or a key or value that is not in the reference.
    """
    config = read_model(path, RelayConfig)
    http = config.http
    if (http.tls_certificate is None) != (http.tls_key is None):
        raise ConfigError(f"{path}: http.tls_certificate and http.tls_key go together; set both")
    if bool(config.turn.urls) != (config.turn.secret_file is not None):
        raise ConfigError(f"{path}: turn.urls and turn.secret_file go together; set both")
    if config.turn.secret_file is not None:
        file = (path.parent / config.turn.secret_file).resolve()
        turn = config.turn.model_copy(update={"secret_file": file})
        config = config.model_copy(update={"turn": turn})
    folder = (path.parent / (config.data_dir or Path())).resolve()
    return config.model_copy(update={"data_dir": folder})
