"""The files of the pages, as small answers from memory.

A page is some fifty modules, and each is asked for whenever a page is opened: so a file is read
once, and again only when it has changed on the disk; whoever has it already is told so (``ETag``,
RFC 9110 §8.8.3). Guarantees: nothing outside the folder is ever given. Leaves to others: the
headers that every answer carries (`relay.web.pages`).
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was when ``stamp`` (time of change in ns, size) was true of it."""

    stamp: tuple[int, int]
    content: bytes
    headers: dict[str, str]


class Files:
    """The files of ``folder`` that were there at the start, for one route ``…/{path:path}``."""

    def __init__(self, folder: Path) -> None:
        self._paths = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file()
        }
        self._read: dict[str, _Read] = {}

    async def answer(self, request: Request) -> Response:
        """The file that the route's ``path`` names, or 404."""
        name = request.path_params["path"]
        try:
            found = self._file(name, self._paths[name])
        except (KeyError, FileNotFoundError):
            return PlainTextResponse("Not Found", 404)
        if request.headers.get("if-none-match") == found.headers["ETag"]:
            return Response(status_code=304, headers=found.headers)
        return Response(found.content, headers=found.headers)

    def _file(self, name: str, path: Path) -> _Read:
        status = path.stat()
        stamp = status.st_mtime_ns, status.st_size
        kept = self._read.get(name)
        if kept is None or kept.stamp != stamp:
            content = path.read_bytes()
            kind = mimetypes.guess_type(name)[0] or "text/plain"
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            kept = _Read(stamp, content, {"Content-Type": kind, "ETag": tag})
            self._read[name] = kept
        return kept
