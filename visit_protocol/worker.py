"""Messages between the relay's control process and one of its media workers.

One JSON object per line over a UNIX socket pair. When the control end closes, the worker cuts
its calls, finishes its recordings and exits. `OpenRecordedCall`, `WatchParty` and `ShowPictures`
exist only in the vocabulary of an ordinary worker: a protected worker's parser does not know the
words. Times named ``_ns`` are CLOCK_MONOTONIC nanoseconds, comparable between processes of one
machine.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from visit_protocol.message import Identifier, Message, Sdp
from visit_protocol.vocabulary import Party, PictureHealth


# ── control → worker ───────────────────────────────────────────────────────────────────────
class OpenCall(Message):
    """Make room for a call whose media leaves no trace."""

    type: Literal["open_call"] = "open_call"
    call: Identifier


class OpenRecordedCall(Message):
    """Make room for a call; its recordings go to ``folder`` as ``<party>-<segment>``.

    ``.webm`` with VP8, ``.mkv`` with H.264.
    """

    type: Literal["open_recorded_call"] = "open_recorded_call"
    call: Identifier
    folder: str
    segment: int
    """Number of this stretch of the visit, from 1; a resumed visit gets the next one."""


class NextSegment(Message):
    """The answer to `SegmentWanted`: the call's recordings go on under that number."""

    type: Literal["next_segment"] = "next_segment"
    call: Identifier
    segment: int


class OfferPeer(Message):
    """A party's SDP offer; replaces that party's peer."""

    type: Literal["offer_peer"] = "offer_peer"
    id: Identifier
    call: Identifier
    party: Party
    sdp: Sdp


class Forward(Message):
    """Start (or, with ``on`` false, hold) forwarding and recording between the parties."""

    type: Literal["forward"] = "forward"
    call: Identifier
    on: bool


class ClosePeer(Message):
    """Take down one party's peer; the call stays."""

    type: Literal["close_peer"] = "close_peer"
    call: Identifier
    party: Party


class WatchParty(Message):
    """A guard's offer to receive what ``party`` publishes; ``monitor`` names the peer in its call.

    Without ``audio`` the peer is never sent a sound, whatever it offers.
    """

    type: Literal["watch_party"] = "watch_party"
    id: Identifier
    call: Identifier
    party: Party
    monitor: Identifier
    audio: bool
    sdp: Sdp


class CloseMonitor(Message):
    """Take a guard's peer down."""

    type: Literal["close_monitor"] = "close_monitor"
    call: Identifier
    monitor: Identifier


class ShowPictures(Message):
    """Somebody looks at the wall: make small pictures of the call for so long, then no more."""

    type: Literal["show_pictures"] = "show_pictures"
    call: Identifier
    seconds: float = Field(gt=0, le=60)


class CutCall(Message):
    """Drop every further packet of the call at once, confirm, then take it down."""

    type: Literal["cut_call"] = "cut_call"
    call: Identifier


ToProtectedWorker = Annotated[
    OpenCall | OfferPeer | Forward | ClosePeer | CutCall, Field(discriminator="type")
]
ToOrdinaryWorker = Annotated[
    OpenCall
    | OpenRecordedCall
    | NextSegment
    | OfferPeer
    | Forward
    | ClosePeer
    | WatchParty
    | CloseMonitor
    | ShowPictures
    | CutCall,
    Field(discriminator="type"),
]


# ── worker → control ───────────────────────────────────────────────────────────────────────
class WorkerReady(Message):
    """The worker has its sockets and takes calls."""

    type: Literal["worker_ready"] = "worker_ready"
    pid: int
    candidates: tuple[str, ...]
    """The addresses it listens on, ``address:port``."""


class PeerAnswer(Message):
    """The SDP answer to `OfferPeer` of that id."""

    type: Literal["peer_answer"] = "peer_answer"
    id: Identifier
    call: Identifier
    party: Party
    sdp: Sdp


class PeerRefused(Message):
    """The offer could not be used; ``code`` is ``BAD_SDP``, ``NO_CODEC`` or ``NO_CALL``."""

    type: Literal["peer_refused"] = "peer_refused"
    id: Identifier
    call: Identifier
    party: Party
    code: Identifier


class MonitorAnswer(Message):
    """The SDP answer to `WatchParty` of that id."""

    type: Literal["monitor_answer"] = "monitor_answer"
    id: Identifier
    call: Identifier
    monitor: Identifier
    sdp: Sdp


class MonitorRefused(Message):
    """Nobody watches; ``code`` is ``BAD_SDP``, ``NO_CODEC``, ``NO_CALL`` or ``TOO_MANY``."""

    type: Literal["monitor_refused"] = "monitor_refused"
    id: Identifier
    call: Identifier
    monitor: Identifier
    code: Identifier


class MonitorEnded(Message):
    """A guard's peer has ended by itself: it left, or has been silent too long."""

    type: Literal["monitor_ended"] = "monitor_ended"
    call: Identifier
    monitor: Identifier


class OfferWanted(Message):
    """That party must offer again: the call's video codec has changed for the other's sake."""

    type: Literal["offer_wanted"] = "offer_wanted"
    call: Identifier
    party: Party


class PictureTaken(Message):
    """A party's picture at ``taken_ns``: a JPEG of at most 320×180, in base 64."""

    type: Literal["picture_taken"] = "picture_taken"
    call: Identifier
    party: Party
    taken_ns: int
    jpeg: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+=*$", max_length=48 * 1024)]


class PictureJudged(Message):
    """What is the matter with a party's picture has changed."""

    type: Literal["picture_judged"] = "picture_judged"
    call: Identifier
    party: Party
    health: PictureHealth


class PeerMedia(Message):
    """A party's transport is up with media arriving, or has been silent too long."""

    type: Literal["peer_media"] = "peer_media"
    call: Identifier
    party: Party
    connected: bool


class CallCut(Message):
    """The flag is set at ``cut_ns``; the last packet left at ``last_packet_ns``, never later."""

    type: Literal["call_cut"] = "call_cut"
    call: Identifier
    cut_ns: int
    last_packet_ns: int | None = None


class RecordingOpened(Message):
    """A party's file has its first fragment on disk."""

    type: Literal["recording_opened"] = "recording_opened"
    call: Identifier
    party: Party
    segment: int
    path: str


class RecordingClosed(Message):
    """A party's file is complete, or stopped for ``failure``.

    ``DISK_FULL``, ``DISK_FAILED``, ``DISK_TOO_SLOW``, ``MUXER_FAILED`` or ``RECORDER_LOST``.
    """

    type: Literal["recording_closed"] = "recording_closed"
    call: Identifier
    party: Party
    segment: int
    path: str
    size: int
    duration_s: float
    failure: Identifier | None = None


class SegmentWanted(Message):
    """The call's recordings have ended and go on when they are given a number.

    The recorder was lost and another stands ready, or the call has changed its video codec; in
    the latter case nothing is forwarded until the number has come.
    """

    type: Literal["segment_wanted"] = "segment_wanted"
    call: Identifier


class WorkerCounters(Message):
    """Totals since the worker started, sent once a second."""

    type: Literal["worker_counters"] = "worker_counters"
    calls: int
    packets_in: int
    packets_forwarded: int
    packets_dropped: int
    bytes_forwarded: int


FromWorker = Annotated[
    WorkerReady
    | PeerAnswer
    | PeerRefused
    | MonitorAnswer
    | MonitorRefused
    | MonitorEnded
    | OfferWanted
    | PictureTaken
    | PictureJudged
    | PeerMedia
    | CallCut
    | RecordingOpened
    | RecordingClosed
    | SegmentWanted
    | WorkerCounters,
    Field(discriminator="type"),
]
FromProtectedWorker = Annotated[
    WorkerReady | PeerAnswer | PeerRefused | OfferWanted | PeerMedia | CallCut | WorkerCounters,
    Field(discriminator="type"),
]

to_ordinary_worker: Final[TypeAdapter[ToOrdinaryWorker]] = TypeAdapter(ToOrdinaryWorker)
to_protected_worker: Final[TypeAdapter[ToProtectedWorker]] = TypeAdapter(ToProtectedWorker)
from_worker: Final[TypeAdapter[FromWorker]] = TypeAdapter(FromWorker)
from_protected_worker: Final[TypeAdapter[FromProtectedWorker]] = TypeAdapter(FromProtectedWorker)
