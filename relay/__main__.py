"""``parloir-relay --config FILE``: serve one facility until told to stop.

Guarantees: what keeps the relay from starting is one line on standard error and exit status 2;
SIGTERM and SIGINT end it in order: no new connections, recordings finished, store closed. The
workers start before the web framework is loaded. Leaves to others: serving (`relay.server`).
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from systemd_watchdog.systemd_watchdog import WatchDog

from relay.clock import SystemClock
from relay.config import RelayConfig, load
from relay.service.addresses import MediaPortError, require_media_port
from relay.service.desks import Desks, NoFacilityError, build, facility_of
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.errors import StoreError
from settings import ConfigError

if TYPE_CHECKING:
    from relay.server import Servers

log = logging.getLogger("relay")

_BEAT_S = 1.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of ``parloir-relay``."""
    parser = argparse.ArgumentParser(prog="parloir-relay", description="The facility's relay.")
    parser.add_argument("--config", type=Path, required=True, help="the relay's TOML file")
    parser.add_argument(
        "--listen-fd",
        type=int,
        help="inherited listening socket, in place of http.host and port",
    )
    options = parser.parse_args(arguments)
    try:
        config = load(options.config)
        logging.basicConfig(
            level=config.log.level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        if config.log.level != "DEBUG":  # it speaks of every connection, twice
            logging.getLogger("uvicorn").setLevel(logging.WARNING)
        _serve(config, options.listen_fd)
    except (
        ConfigError,
        StoreError,
        NoFacilityError,
        MediaPortError,
        OSError,
    ) as error:
        sys.exit(_say(error))


def _say(error: Exception) -> int:
    text = str(error)
    if isinstance(error, OSError) and error.filename is None and error.strerror:
        text = error.strerror
    sys.stderr.write(f"parloir-relay: {text}\n")
    return 2


def _serve(config: RelayConfig, listen_fd: int | None) -> None:
    data_dir = config.data_dir
    if data_dir is None:
        raise ConfigError("no data folder")
    _require_certificate(config)
    with (
        lock(data_dir),
        _tcp(config, listen_fd) as tcp,
        _local(data_dir) as local,
        Store.open(data_dir / DATABASE_FILE) as store,
    ):
        desks = build(config, store, SystemClock(), facility_of(store))
        for worker in desks.calls.workers:
            require_media_port(worker.plan.bind, worker.plan.port)
        asyncio.run(_run(config, desks, tcp, local))


def _require_certificate(config: RelayConfig) -> None:
    """Returns when HTTPS is not asked for, or its certificate and key fit.

    Raises:
        ConfigError: they do not.
    """
    http = config.http
    if http.tls_certificate is None or http.tls_key is None:
        return
    for file in (http.tls_certificate, http.tls_key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(http.tls_certificate, http.tls_key)
    except ssl.SSLError as error:
        raise ConfigError(
            f"http.tls_certificate {http.tls_certificate} and http.tls_key {http.tls_key} "
            f"cannot be used together ({error.reason or 'not PEM'})"
        ) from error


@contextlib.contextmanager
def _tcp(config: RelayConfig, listen_fd: int | None) -> Iterator[socket.socket]:
    """The listening TCP socket; taken before anything else starts, so a busy port says so.

    An inherited one lets clients wait in its queue while the relay starts, or starts again.
    """
    if listen_fd is not None:
        with socket.socket(fileno=listen_fd) as inherited:
            yield inherited
        return
    http = config.http
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((http.host, http.port))
        except OSError as error:
            raise ConfigError(
                f"port {http.port} on {http.host} cannot be used ({error.strerror}); "
                "stop what uses it or set http.port"
            ) from error
        yield listener


@contextlib.contextmanager
def _local(data_dir: Path) -> Iterator[socket.socket]:
    """The operator's own socket; whoever can open the file is the operator."""
    path = data_dir / "run" / "relay.sock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


async def _run(config: RelayConfig, desks: Desks, tcp: socket.socket, local: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    systemd = WatchDog()
    await desks.start()
    work = asyncio.create_task(desks.run(), name="work")
    # In a thread: the workers start meanwhile.
    servers = (await asyncio.to_thread(_load_servers))(config, desks, tcp, local)
    serving = asyncio.create_task(servers.run())
    gc.freeze()
    log.info("serving %s", desks.base_url)
    systemd.ready()
    beating = asyncio.create_task(_beat(systemd))
    await asyncio.wait(
        {asyncio.create_task(stop.wait()), work, serving}, return_when=asyncio.FIRST_COMPLETED
    )
    desks.feed.close()
    servers.stop()
    await serving
    await desks.drain()
    work.cancel()
    beating.cancel()
    results = await asyncio.gather(work, return_exceptions=True)
    if isinstance(results[0], BaseException) and not isinstance(results[0], asyncio.CancelledError):
        raise results[0]


def _load_servers() -> "type[Servers]":
    """`relay.server.Servers`; FastAPI takes half a second of processor time to load."""
    from relay.server import Servers  # noqa: PLC0415 -- see above

    return Servers


async def _beat(systemd: WatchDog) -> None:
    """Show systemd, if it started us, that the event loop turns."""
    while systemd.is_enabled:
        systemd.notify()
        await asyncio.sleep(_BEAT_S)


if __name__ == "__main__":
    main()
