"""The one error of the packet formats."""


class MalformedPacketError(ValueError):
    """The peer sent bytes that are not the format they claim to be; drop the packet."""
