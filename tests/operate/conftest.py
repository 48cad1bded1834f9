"""The command line over a real example facility, and a relay of few words on a real socket."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from operate.__main__ import run
from operate.example import create
from tests.relay.hashing import cheap_hashes


@pytest.fixture(scope="session", autouse=True)
def hashes() -> Iterator[None]:
    """Secrets of tests withstand nobody."""
    with cheap_hashes():
        yield


@dataclass(frozen=True)
class Printed:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def parloir(capsys: pytest.CaptureFixture[str]) -> Callable[..., Printed]:
    """Run a command; whatever it does, a failure is one line and never a traceback."""

    def call(*arguments: str | Path) -> Printed:
        capsys.readouterr()
        status = run([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        if status == 0:
            assert err == ""
        else:
            assert len(err.splitlines()) == 1
            assert err.startswith("parloir: ")
        return Printed(status, out, err)

    return call


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "data"
    create(folder)
    return folder


@pytest.fixture
def data(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, named by the environment."""
    folder = tmp_path / "data"
    shutil.copytree(example, folder)
    monkeypatch.setenv("PARLOIR_DATA", str(folder))
    return folder


@dataclass
class FakeRelay:
    """Answers what a test put into ``answers``; remembers who asked for what."""

    folder: Path
    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/api/v1/")
        operator = request.headers.get("x-parloir-operator", "")
        self.asked.append((request.method, path, operator))
        if path == "/livez":
            return PlainTextResponse("ok")
        missing = JSONResponse({"code": "NOT_FOUND", "message": "Not Found"}, 404)
        return self.answers.get(path, missing)


@pytest.fixture
def fake_relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRelay]:
    """A running relay, as far as a socket can tell."""
    folder = tmp_path / "running"
    (folder / "run").mkdir(parents=True)
    (folder / "relay.toml").touch()
    monkeypatch.setenv("PARLOIR_DATA", str(folder))
    fake = FakeRelay(folder)
    fake.answers["me"] = JSONResponse(
        {"now": "2026-03-02T07:00:00Z", "facility": {"id": "f-1", "timezone": "Asia/Yekaterinburg"}}
    )
    application = Starlette(
        routes=[Route("/{path:path}", fake.answer, methods=["GET", "POST", "DELETE"])]
    )
    server = uvicorn.Server(
        uvicorn.Config(
            application, uds=str(folder / "run" / "relay.sock"), log_config=None, lifespan="off"
        )
    )
    started = threading.Event()
    startup = server.startup

    async def tell_startup(sockets: list[Any] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = tell_startup  # type: ignore[method-assign]  # uvicorn has no hook for it
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(10)
    yield fake
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
