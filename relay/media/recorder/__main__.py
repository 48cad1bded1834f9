"""``python -m relay.media.recorder``: the process that records what an ordinary worker forwards."""

import argparse
import logging
import resource
import socket
import sys

from relay.media.pictures.feed import KeyframeFeed
from relay.media.recorder.intake import make_reader
from relay.media.recorder.program import RecorderProgram
from relay.media.ring import RingCorruptError

EXIT_CANNOT_START = 71


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="relay.media.recorder", description="parloir recorder")
    parser.add_argument("--ring-fd", type=int, required=True)
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--pictures-fd", type=int, help="where keyframes go beside the files")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # A file for each party of each call; the soft limit is for programs that use select(2).
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        reader = make_reader(arguments.ring_fd)
        channel = socket.socket(fileno=arguments.control_fd)
        feed = None
        if arguments.pictures_fd is not None:
            feed = KeyframeFeed(socket.socket(fileno=arguments.pictures_fd))
    except (OSError, RingCorruptError) as error:
        logging.getLogger(__name__).error("cannot start: %s", error)
        return EXIT_CANNOT_START
    with channel:
        return RecorderProgram(reader, channel, feed).run()


if __name__ == "__main__":
    sys.exit(main())
