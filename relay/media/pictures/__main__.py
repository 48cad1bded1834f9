"""``python -m relay.media.pictures``: makes small pictures of what an ordinary worker records.

The codecs are loaded when the first keyframe or order comes: a facility that starts has better
uses for its processor.
"""

import argparse
import logging
import resource
import select
import signal
import socket
import sys

EXIT_CANNOT_START = 71
MAX_MEMORY = 2 << 30
"""Address space: what a picture that was made to fill the memory meets."""


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="relay.media.pictures", description="parloir pictures")
    parser.add_argument("--feed-fd", type=int, required=True)
    parser.add_argument("--control-fd", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # it ends when its worker ends
    try:
        feed = socket.socket(fileno=arguments.feed_fd)
        channel = socket.socket(fileno=arguments.control_fd)
    except OSError as error:
        logging.getLogger(__name__).error("cannot start: %s", error)
        return EXIT_CANNOT_START
    with feed, channel:
        readable, _, _ = select.select([feed, channel], [], [])
        if channel in readable and not channel.recv(1, socket.MSG_PEEK):
            return 0  # the worker has ended: loading codecs now would only hold up its end
        return _look(feed, channel)


def _look(feed: socket.socket, channel: socket.socket) -> int:
    """Load the codecs, bounded in what they may take, and use them."""
    import av.logging  # noqa: PLC0415
    import cv2  # noqa: PLC0415

    from relay.media.pictures.program import PicturesProgram  # noqa: PLC0415

    cv2.setNumThreads(1)
    av.logging.set_level(av.logging.PANIC)  # what participants send is not for the log
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a picture must not reach a disk even so
    return PicturesProgram(feed, channel).run()


if __name__ == "__main__":
    sys.exit(main())
