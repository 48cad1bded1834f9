"""Messages between an ordinary media worker and its pictures process.

One JSON object per line over a UNIX socket pair; keyframes themselves come over another
(`relay.media.pictures.keyframe`). The worker passes `ShowPictures` on to the process, and what the
process says on to the control process. When the worker's end closes, the process exits.
"""

from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from visit_protocol.worker import PictureJudged, PictureTaken, ShowPictures

FromPictures = Annotated[PictureTaken | PictureJudged, Field(discriminator="type")]

to_pictures: Final[TypeAdapter[ShowPictures]] = TypeAdapter(ShowPictures)
from_pictures: Final[TypeAdapter[FromPictures]] = TypeAdapter(FromPictures)
