"""How a program of parloir reads its configuration and its secret files.

Every program has a closed model of its own (`relay.config`, `kiosk.config`,
`firmware_bridge.config`); what is wrong with a file is said in the same words by all of them.
"""

from settings.file import ConfigError, Section, read_model, read_private

__all__ = ["ConfigError", "Section", "read_model", "read_private"]
