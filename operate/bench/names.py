"""Names of the systems that are measured, as typed and as printed."""

from typing import Final

OURS: Final = "ours"
"""The worker as it ships."""
JANUS: Final = "janus"
NAIVE: Final = "naive"
PYTHON: Final = "python"
"""The worker with its Python packet loop."""
RIVALS: Final = (JANUS, NAIVE, PYTHON)
