"""Pictures of keyframes: VP8 with OpenCV, H.264 with PyAV.

A lossy WebP file *is* a VP8 keyframe in a RIFF frame (RFC 9649 §2.5), so OpenCV's WebP reader, made
for hostile files, decodes what a participant sent. H.264, which few calls use, has no such reader:
FFmpeg decodes it. Nothing depends on earlier frames.

Guarantees: what cannot be decoded, or says that it is larger than `MAX_PIXELS`, is None. Leaves to
others: that a fault in a decoder harms nobody (this runs in a process of its own).
"""

from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from relay.media.packets.vp8 import keyframe_size
from relay.media.pictures.health import LUMA_SIZE, Luma
from visit_protocol.vocabulary import VideoCodec

MAX_PIXELS: Final = 1920 * 1088
PICTURE_SIZE: Final = (320, 180)
MAX_JPEG_BYTES: Final = 32 * 1024
_QUALITIES: Final = (60, 30, 10)

Picture = NDArray[np.uint8]
"""Height × width × blue, green, red."""


def decode(keyframe: bytes, codec: VideoCodec = VideoCodec.VP8) -> Picture | None:
    """The picture."""
    return _vp8(keyframe) if codec is VideoCodec.VP8 else _h264(keyframe)


def _vp8(keyframe: bytes) -> Picture | None:
    size = keyframe_size(keyframe)
    if size is None or size[0] * size[1] > MAX_PIXELS:
        return None
    padding = b"\0" * (len(keyframe) & 1)
    chunk = b"VP8 " + len(keyframe).to_bytes(4, "little") + keyframe + padding
    file = b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk
    try:
        found = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if found is None or found.shape[:2] != (size[1], size[0]):
        return None
    return found.astype(np.uint8, copy=False)


def _h264(units: bytes) -> Picture | None:
    """Of NAL units with their lengths, parameter sets among them, as Matroska keeps them."""
    stream, at = b"", 0
    while at + 4 <= len(units):
        end = at + 4 + int.from_bytes(units[at : at + 4], "big")
        stream += b"\0\0\0\1" + units[at + 4 : end]
        at = end
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MAX_PIXELS)}
    try:
        frames = [*decoder.decode(av.Packet(stream)), *decoder.decode(None)]
    except (av.FFmpegError, ValueError):
        return None
    if not frames or not isinstance(frames[0], av.VideoFrame):
        return None
    return frames[0].to_ndarray(format="bgr24").astype(np.uint8, copy=False)


def luma_of(picture: Picture) -> Luma:
    """Its brightness in few cells."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)  # first: a third is left to be averaged
    return cv2.resize(grey, LUMA_SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def thumbnail(picture: Picture) -> bytes | None:
    """A JPEG that fits into `PICTURE_SIZE`, its shape kept; None when it would be too long."""
    height, width = picture.shape[:2]
    scale = min(PICTURE_SIZE[0] / width, PICTURE_SIZE[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, size, interpolation=how)
    for quality in _QUALITIES:
        done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and len(jpeg) <= MAX_JPEG_BYTES:
            return jpeg.tobytes()
    return None
