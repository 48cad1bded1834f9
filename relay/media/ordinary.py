"""``python -m relay.media.ordinary``: carries calls, records them and lets them be watched."""

import sys

from relay.media.arguments import parse_arguments
from relay.media.recorder.process import RecorderProcess
from relay.media.watched import Watching
from relay.media.worker import run_worker
from visit_protocol.worker import to_ordinary_worker


def main() -> int:
    """The exit status."""
    arguments = parse_arguments("relay.media.ordinary", sys.argv[1:])
    return run_worker(arguments, to_ordinary_worker, RecorderProcess, Watching)


if __name__ == "__main__":
    sys.exit(main())
