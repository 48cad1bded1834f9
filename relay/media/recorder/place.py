"""Where a party's recording lies: ``<folder>/<inmate|visitor>-<segment>.<webm|mkv>``."""

from pathlib import Path

from visit_protocol.vocabulary import Party, VideoCodec


def path_of(folder: str, party: Party, segment: int, codec: VideoCodec) -> Path:
    """The file's path."""
    suffix = "webm" if codec is VideoCodec.VP8 else "mkv"
    return Path(folder) / f"{party.value.lower()}-{segment}.{suffix}"
