"""`Program` with real processes: restarts, giving up, and leaving nothing behind."""

import asyncio
import ctypes
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operate.facility.program import GaveUpError, Program, ProgramPlan, adopt_orphans

PR_SET_CHILD_SUBREAPER = 36


class Terminal:
    """Keeps what would have been printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def plan_of(folder: Path, source: str) -> ProgramPlan:
    command = (sys.executable, "-c", textwrap.dedent(source))
    return ProgramPlan("sample", command, folder / "sample.log")


async def until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come true within 10 s")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def parent_of_orphans() -> Iterator[None]:
    adopt_orphans()
    yield
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


async def test_a_killed_program_is_back_at_once(tmp_path: Path, terminal: Terminal) -> None:
    starts: list[int] = []
    program = Program(
        plan_of(tmp_path, "import time; time.sleep(60)"),
        on_start=lambda: starts.append(1),
        say=terminal.say,
    )
    keeper = asyncio.create_task(program.supervise())
    await until(lambda: program.pid is not None)
    first = program.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(starts) == 2)
    assert program.pid != first
    assert terminal.lines == ["sample died of SIGKILL; starting it again"]
    assert await program.stop(5.0)
    await keeper
    assert program.pid is None


async def test_a_program_that_keeps_dying_is_given_up_with_one_line(
    tmp_path: Path, terminal: Terminal
) -> None:
    program = Program(plan_of(tmp_path, "exit(3)"), on_start=lambda: None, say=terminal.say)
    with pytest.raises(GaveUpError, match=r"sample died 5 times in 30 s, last of exit status 3"):
        await program.supervise()


async def test_a_wrong_configuration_is_not_tried_again(tmp_path: Path, terminal: Terminal) -> None:
    source = "import sys; print('relay.toml: unknown key prot', file=sys.stderr); sys.exit(2)"
    program = Program(plan_of(tmp_path, source), on_start=lambda: None, say=terminal.say)
    with pytest.raises(GaveUpError, match=r"sample cannot start: relay\.toml: unknown key prot"):
        await program.supervise()


async def test_a_program_that_ignores_sigterm_is_killed_and_said_so(
    tmp_path: Path, terminal: Terminal
) -> None:
    source = f"""
        import pathlib, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path({str(tmp_path / "deaf")!r}).touch()
        time.sleep(60)
    """
    program = Program(plan_of(tmp_path, source), on_start=lambda: None, say=terminal.say)
    keeper = asyncio.create_task(program.supervise())
    await until((tmp_path / "deaf").exists)
    assert not await program.stop(0.1)
    await keeper
    assert terminal.lines == ["sample did not stop in time and was killed"]


PARENT_OF_A_STRAY = """
    import pathlib, subprocess, sys, time
    stray = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    pathlib.Path({note!r}).write_text(str(stray.pid))
    time.sleep(60)
"""


@pytest.mark.usefixtures("parent_of_orphans")
async def test_what_a_killed_program_left_behind_is_ended_before_the_next_start(
    tmp_path: Path, terminal: Terminal
) -> None:
    note = tmp_path / "stray"
    program = Program(
        plan_of(tmp_path, PARENT_OF_A_STRAY.format(note=str(note))),
        on_start=lambda: None,
        say=terminal.say,
    )
    keeper = asyncio.create_task(program.supervise())
    await until(lambda: note.exists() and note.read_text())
    stray = int(note.read_text())
    first = program.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: program.pid not in (None, first))
    assert not alive(stray)
    assert "sample left processes behind; they were killed" in terminal.lines
    await program.stop(5.0)
    await keeper
    assert not alive(int(note.read_text()))


async def test_no_program_outlives_a_supervisor_killed_with_9(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    source = f"""
        import asyncio, pathlib, sys
        from operate.facility.program import Program, ProgramPlan

        async def main():
            plan = ProgramPlan(
                "sample",
                (sys.executable, "-c", "import time; time.sleep(60)"),
                pathlib.Path({str(tmp_path / "log")!r}),
            )
            def noted():
                pathlib.Path({str(note)!r}).write_text(str(program.pid))
            program = Program(plan, on_start=noted, say=print)
            await program.supervise()

        asyncio.run(main())
    """
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(source))
    await until(lambda: note.exists() and note.read_text())
    pid = int(note.read_text())
    assert alive(pid)
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not alive(pid))
