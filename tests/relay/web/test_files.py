"""What the pages' files are answered with."""

import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from relay.web.files import Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web" / "pages").mkdir(parents=True)
    (tmp_path / "web" / "pages" / "visit.js").write_text("export {};", "utf-8")
    (tmp_path / "web" / "visitor.ftl").write_text("join = Войти", "utf-8")
    (tmp_path / "secret").write_text("not for you", "utf-8")
    return tmp_path / "web"


@pytest.fixture
def browser(folder: Path) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/static/{path:path}", Files(folder).answer)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay")


async def test_a_file_has_its_kind_and_its_bytes(browser: httpx.AsyncClient) -> None:
    script = await browser.get("/static/pages/visit.js")
    assert (script.status_code, script.text) == (200, "export {};")
    assert script.headers["content-type"].partition(";")[0].endswith("/javascript")
    words = await browser.get("/static/visitor.ftl")
    assert words.headers["content-type"] == "text/plain; charset=utf-8"
    assert words.text == "join = Войти"
    head = await browser.head("/static/visitor.ftl")
    assert (head.status_code, head.content) == (200, b"")


async def test_who_has_it_already_is_told_so_until_it_changes(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    first = await browser.get("/static/pages/visit.js")
    known = {"If-None-Match": first.headers["etag"]}
    again = await browser.get("/static/pages/visit.js", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    file = folder / "pages" / "visit.js"
    file.write_text("export 1;", "utf-8")
    os.utime(file, ns=(1, 1))
    changed = await browser.get("/static/pages/visit.js", headers=known)
    assert (changed.status_code, changed.text) == (200, "export 1;")


@pytest.mark.parametrize(
    "path", ["../secret", "%2e%2e/secret", "pages/../../secret", "/etc/passwd", "", "pages"]
)
async def test_nothing_else_is_given(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"/static/{path}")
    assert answer.status_code == 404
    assert "not for you" not in answer.text


async def test_a_file_that_is_gone_is_not_found(browser: httpx.AsyncClient, folder: Path) -> None:
    (folder / "visitor.ftl").unlink()
    assert (await browser.get("/static/visitor.ftl")).status_code == 404
