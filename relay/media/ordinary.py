"""``python -m relay.media.ordinary``: carries calls, records them and lets them be watched."""

import sys

from relay.media.arguments import parse_arguments
from relay.media.pictures.feed import keyframe_sockets
from relay.media.pictures.process import PicturesProcess
from relay.media.recorder.process import RecorderProcess
from relay.media.watched import Watching
from relay.media.worker import run_worker
from visit_protocol.worker import to_ordinary_worker


def main() -> int:
    """The exit status."""
    arguments = parse_arguments("relay.media.ordinary", sys.argv[1:])
    keyframes_out, keyframes_in = keyframe_sockets()
    return run_worker(
        arguments,
        to_ordinary_worker,
        make_recorder=lambda send: RecorderProcess(send, pictures=keyframes_out),
        make_watching=lambda send: Watching(send, PicturesProcess(send, keyframes_in)),
    )


if __name__ == "__main__":
    sys.exit(main())
