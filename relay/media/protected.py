"""``python -m relay.media.protected``: a worker for visits that leave no trace.

Guarantees: no recorder and nothing that lets a guard watch is in the process (import-linter proves
that neither can be reached from here, a test looks into the running process), and the words for a
recorded call and for watching are not in its vocabulary: being told one is a fault that ends the
worker.
"""

import sys

from relay.media.arguments import parse_arguments
from relay.media.worker import run_worker
from visit_protocol.worker import to_protected_worker


def main() -> int:
    """The exit status."""
    arguments = parse_arguments("relay.media.protected", sys.argv[1:])
    return run_worker(arguments, to_protected_worker)


if __name__ == "__main__":
    sys.exit(main())
