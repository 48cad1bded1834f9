"""RTP, RTCP and VP8: what is well-formed is understood, anything else is one typed error."""

import struct

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtpPacket,
    unpack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import (
    MAX_NACKED,
    KeyframeRequest,
    LossReport,
    ReportBlock,
    SenderReport,
    parse_rtcp,
    write_bandwidth_limit,
    write_keyframe_request,
    write_loss_report,
    write_receiver_report,
    write_sender_report,
)
from relay.media.packets.rtp import (
    parse_rtp,
    sequence_delta,
    timestamp_delta,
    write_rtp_header,
    write_timed_header,
)
from relay.media.packets.vp8 import keyframe_size, parse_vp8

uint16 = st.integers(0, 0xFFFF)
uint32 = st.integers(0, 0xFFFFFFFF)


# ── RTP ────────────────────────────────────────────────────────────────────────────────────
@given(st.binary(max_size=200))
def test_no_bytes_make_the_rtp_parser_raise_anything_else(data: bytes) -> None:
    try:
        header = parse_rtp(data, len(data))
    except MalformedPacketError:
        return
    assert 12 <= header.payload_start <= header.payload_end <= len(data)


@given(
    st.integers(0, 127), st.booleans(), uint16, uint32, uint32, st.binary(max_size=50),
    st.integers(0, 15), st.integers(0, 4), st.integers(0, 30),
)  # fmt: skip
def test_a_packet_with_sources_extension_and_padding_is_read(
    payload_type, marker, sequence, timestamp, ssrc, payload, sources, words, padding
) -> None:
    first = 0x80 | sources | (0x10 if words else 0) | (0x20 if padding else 0)
    data = struct.pack("!BBHII", first, payload_type | marker << 7, sequence, timestamp, ssrc)
    data += b"\0\0\0\1" * sources
    if words:
        data += struct.pack("!HH", 0xBEDE, words) + b"\0\0\0\0" * words
    data += payload + (b"\0" * (padding - 1) + bytes((padding,)) if padding else b"")
    header = parse_rtp(data, len(data))
    assert header[:5] == (payload_type, marker, sequence, timestamp, ssrc)
    assert data[header.payload_start : header.payload_end] == payload


def test_a_header_written_before_the_payload_is_what_aiortc_reads() -> None:
    data = bytearray(b"\xff" * 12 + b"payload")
    assert write_rtp_header(data, False, 0x80 | 97, 65535, 1 << 31, 7) == 12
    packet = RtpPacket.parse(bytes(data))
    assert (packet.payload_type, packet.marker, packet.sequence_number) == (97, 1, 65535)
    assert (packet.timestamp, packet.ssrc, packet.payload) == (1 << 31, 7, b"payload")


def test_a_header_with_its_time_is_what_aiortc_reads() -> None:
    data = bytearray(b"\xff" * 20 + b"payload")
    assert write_timed_header(data, False, 97, 3, 5, 7, 4, 65_500_000_000) == 20
    names = HeaderExtensionsMap()
    send_time = RTCRtpHeaderExtensionParameters(
        id=4, uri="http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    )
    names.configure(RTCRtpParameters(headerExtensions=[send_time]))
    packet = RtpPacket.parse(bytes(data), names)
    assert (packet.payload_type, packet.marker, packet.sequence_number) == (97, 0, 3)
    assert packet.extensions.abs_send_time == int(1.5 * (1 << 18))
    assert packet.payload == b"payload"


@given(uint16, st.integers(-32768, 32767))
def test_sequence_numbers_differ_modulo_their_size(start: int, ahead: int) -> None:
    assert sequence_delta((start + ahead) & 0xFFFF, start) == ahead


@given(uint32, st.integers(-(1 << 31), (1 << 31) - 1))
def test_timestamps_differ_modulo_their_size(start: int, ahead: int) -> None:
    assert timestamp_delta((start + ahead) & 0xFFFFFFFF, start) == ahead


# ── RTCP ───────────────────────────────────────────────────────────────────────────────────
@given(st.binary(max_size=300))
def test_no_bytes_make_the_rtcp_parser_raise_anything_else(data: bytes) -> None:
    try:
        parse_rtcp(data)
    except MalformedPacketError:
        return


@given(st.integers(0, 31), st.integers(195, 210), st.integers(0, 6), st.binary(max_size=24))
def test_no_rtcp_header_over_any_body_makes_it_raise_anything_else(
    count, kind, words, body
) -> None:
    try:
        parse_rtcp(struct.pack("!BBH", 0x80 | count, kind, words) + body)
    except MalformedPacketError:
        return


def test_reports_come_back_as_they_were_written() -> None:
    compound = write_sender_report(5, b"name", ntp=1 << 63, rtp=9, packets=1, octets=2)
    assert parse_rtcp(compound) == [SenderReport(5, 1 << 63, 9)]


def test_requests_come_back_as_they_were_written() -> None:
    compound = write_receiver_report(1, b"name", [])
    compound += write_keyframe_request(1, 2) + write_loss_report(1, 3, [65535, 4])
    assert parse_rtcp(compound) == [KeyframeRequest(2), LossReport(3, (65535, 4))]


def test_a_full_intra_request_names_its_streams_in_its_entries() -> None:
    body = struct.pack("!IIIBxxxIBxxx", 1, 0, 21, 7, 22, 8)
    data = struct.pack("!BBH", 0x84, 206, len(body) // 4) + body
    assert parse_rtcp(data) == [KeyframeRequest(21), KeyframeRequest(22)]


def test_a_loss_report_cannot_name_more_than_the_limit() -> None:
    body = struct.pack("!II", 1, 2) + struct.pack("!HH", 0, 0xFFFF) * 1000
    data = struct.pack("!BBH", 0x81, 205, len(body) // 4) + body
    (report,) = parse_rtcp(data)
    assert isinstance(report, LossReport)
    assert len(report.sequences) == MAX_NACKED


@pytest.mark.parametrize("cname", [b"", b"a", b"abcd", b"0123456789abcdef"])
def test_aiortc_understands_our_receiver_report_with_a_bandwidth_limit(cname: bytes) -> None:
    block = ReportBlock(2, 128, 5, 70000, 3, 4, 6)
    compound = write_receiver_report(1, cname, [block])
    compound += write_bandwidth_limit(1, [2, 3], 2_500_000)
    report, _description, limit = RtcpPacket.parse(compound)
    assert isinstance(report, RtcpRrPacket)
    (found,) = report.reports
    assert (found.ssrc, found.fraction_lost, found.packets_lost) == (2, 128, 5)
    assert (found.highest_sequence, found.jitter, found.lsr, found.dlsr) == (70000, 3, 4, 6)
    assert isinstance(limit, RtcpPsfbPacket)
    bitrate, ssrcs = unpack_remb_fci(limit.fci)
    assert ssrcs == [2, 3]
    assert 2_490_000 < bitrate <= 2_500_000


# ── VP8 ────────────────────────────────────────────────────────────────────────────────────
@given(st.binary(max_size=20))
def test_no_bytes_make_the_vp8_parser_raise_anything_else(data: bytes) -> None:
    try:
        payload = parse_vp8(data, 0, len(data))
    except MalformedPacketError:
        return
    assert 0 < payload.start < len(data)
    assert payload.begins_frame or not payload.keyframe


@given(
    st.integers(0, 1), st.integers(0, 7),
    st.none() | st.integers(0, 0x7FFF), st.none() | st.integers(0, 255),
    st.none() | st.tuples(st.integers(0, 3), st.integers(0, 1)), st.none() | st.integers(0, 31),
)  # fmt: skip
def test_every_descriptor_that_aiortc_writes_is_read(
    start, partition, picture, tl0, tid, key
) -> None:
    descriptor = VpxPayloadDescriptor(start, partition, picture, tl0, tid, key)
    head = bytes(descriptor)
    payload = parse_vp8(head + b"\x10", 0, len(head) + 1)
    assert payload == (len(head), start == 1 and partition == 0, start == 1 and partition == 0)


def test_a_keyframe_states_its_size() -> None:
    frame = b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 320 | 1 << 14, 180)
    assert keyframe_size(frame) == (320, 180)
    assert keyframe_size(b"\x11" + frame[1:]) is None
    assert keyframe_size(frame[:9]) is None
