"""``python -m kiosk.engine``: the media process. Started by `kiosk.engine.process`, not by hand.

Guarantees: exits when its parent does, whatever it is doing; never writes to standard output.
"""

import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys

from kiosk.engine.settings import parse_settings

PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Let the kernel kill this process when its parent's starting thread ends (prctl(2)).

    End of file on the control socket ends an engine that runs; this ends one that hangs.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(0)


def main() -> None:
    """Run the engine until the screens hang up."""
    settings, descriptors = parse_settings(sys.argv[1:])
    _die_with_parent()
    # The screens decide when the engine ends; a Ctrl-C in the terminal goes to both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("aioice").setLevel(logging.ERROR)
    # Late, so that the two lines above hold before the slow part.
    from kiosk.engine.desk import EngineDesk  # noqa: PLC0415 -- see above

    line = socket.socket(fileno=descriptors.control)

    async def serve() -> None:
        await EngineDesk(settings, line, descriptors.frames).run()

    asyncio.run(serve())
    sys.stderr.flush()
    os._exit(0)  # do not wait for aiortc's decoder threads: the screens are waiting for us


if __name__ == "__main__":
    main()
