"""Claims about who a kiosk is, and which relay it speaks with."""

import asyncio
import ipaddress
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from kiosk.client import Line, LineLost, RelayClient
from kiosk.handshake import CodeShown, Handshake
from kiosk.identity import Identity, IdentityError
from relay.service.tls_key import tls_key_of
from tests.kiosk.fake_relay import KEY, FakeRelay
from tests.kiosk.test_client import Ear
from visit_protocol.enrolment import ALPHABET, NO_KEY, code_of, commitment, normal_code
from visit_protocol.signalling import (
    Enrolled,
    EnrolmentHello,
    EnrolmentNonce,
    Refusal,
    Refused,
    TerminalHello,
    Welcome,
)
from visit_protocol.vocabulary import RejectionCode

NONCE = "0f" * 32
hex32 = st.binary(min_size=32, max_size=32).map(bytes.hex)


def test_a_new_kiosk_makes_a_key_of_its_own_that_nobody_else_reads(tmp_path: Path) -> None:
    identity = Identity(tmp_path / "state")
    assert identity.terminal is None
    assert (tmp_path / "state" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert Identity(tmp_path / "state").public_key == identity.public_key
    assert Identity(tmp_path / "other").public_key != identity.public_key


@pytest.mark.parametrize(
    ("name", "text"),
    [("key", b"short"), ("enrolment.json", b"{"), ("enrolment.json", b'{"terminal": 1}')],
)
def test_a_damaged_state_is_one_line_with_its_mend(tmp_path: Path, name: str, text: bytes) -> None:
    Identity.put(tmp_path, KEY, "T-01")
    (tmp_path / name).write_bytes(text)
    with pytest.raises(IdentityError, match="enrol this terminal again") as error:
        Identity(tmp_path)
    assert str(tmp_path / name) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Identity.put(tmp_path, KEY, "T-01")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(IdentityError, match="chmod 600"):
        Identity(tmp_path)


def test_a_revoked_kiosk_has_a_new_key_and_keeps_to_its_relay(tmp_path: Path) -> None:
    Identity.put(tmp_path, KEY, "T-01")
    identity = Identity(tmp_path)
    identity.pin("ab" * 32)
    gone = Refused(refusals=(Refusal(code=RejectionCode.TERMINAL_NOT_ENROLLED),))
    assert Handshake(identity, "test", "ab" * 32).answer(gone) is None
    again = Identity(tmp_path)
    assert (again.terminal, again.relay_key) == (None, "ab" * 32)
    assert again.private_key != KEY


@given(hex32, hex32, hex32, hex32, hex32)
def test_another_key_or_nonce_gives_another_code(
    relay_key: str, public_key: str, ours: str, theirs: str, other: str
) -> None:
    parts = [relay_key, public_key, ours, theirs]
    code = code_of(*parts)
    assert len(code) == 9
    assert set(code) <= {*ALPHABET, "-"}
    for place, part in enumerate(parts):
        if part != other:
            assert code_of(*parts[:place], other, *parts[place + 1 :]) != code


@pytest.mark.parametrize("typed", ["k7qm-2x9d", " K7QM 2X9D", "K7QM2X9D"])
def test_a_code_is_taken_however_it_is_typed(typed: str) -> None:
    assert normal_code(typed) == "K7QM-2X9D"


@pytest.mark.parametrize("typed", ["", "K7QM-2X9", "K7QM-2X9O", "K7QM-2X9DD"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert normal_code(typed) == ""


def test_both_ends_of_a_handshake_know_the_same_code(tmp_path: Path) -> None:
    identity = Identity(tmp_path)
    handshake = Handshake(identity, "test", NO_KEY)
    hello = handshake.hello()
    assert isinstance(hello, EnrolmentHello)
    shown = handshake.answer(EnrolmentNonce(nonce=NONCE, expires_in_s=600))
    opened = handshake.opening()
    assert commitment(hello.public_key, opened.nonce) == hello.commitment  # type: ignore[attr-defined]
    assert shown == CodeShown(
        code_of(NO_KEY, identity.public_key, opened.nonce, NONCE),  # type: ignore[attr-defined]
        600,
    )
    handshake.answer(Enrolled(terminal="T-07"))
    again = Handshake(Identity(tmp_path), "test", NO_KEY).hello()
    assert isinstance(again, TerminalHello)
    assert again.terminal == "T-07"


# ── the relay's key ────────────────────────────────────────────────────────────────────────
def certificate(folder: Path, name: str, key: EllipticCurvePrivateKey) -> Path:
    """A certificate for 127.0.0.1 over ``key``, with the key beside it."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.with_suffix(".key").write_bytes(pem)
    return file


def trusting(folder: Path, files: Iterable[Path]) -> Path:
    """An authority file that trusts all of them: only the pin tells them apart."""
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(b"".join(file.read_bytes() for file in files))
    return ca_file


async def heard_from(
    shown: Path, ca_file: Path, identity: Identity, ear: Ear, kind: type
) -> list[object]:
    """What a client hears of a relay that shows this certificate; what the relay heard."""
    relay = FakeRelay()
    met: list[object] = []

    async def meet(line: ServerConnection) -> None:
        met.append(line)
        await relay._serve(line)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, shown.with_suffix(".key"))
    server = await serve(meet, "127.0.0.1", 0, ssl=context)
    port = next(iter(server.sockets)).getsockname()[1]
    relay.relay_key = tls_key_of(shown)
    client = RelayClient(Line(f"wss://127.0.0.1:{port}/", identity, "test", ca_file), ear.listen)
    client.start()
    await ear.hears(kind)
    await asyncio.to_thread(client.stop)
    server.close(code=4503)
    await server.wait_closed()
    return met


async def test_a_relay_with_another_key_is_never_spoken_with(tmp_path: Path) -> None:
    ours, new = new_key(SECP256R1()), new_key(SECP256R1())
    first, second = certificate(tmp_path, "first", ours), certificate(tmp_path, "second", new)
    renewed = certificate(tmp_path, "renewed", ours)
    ca_file = trusting(tmp_path, (first, second, renewed))
    Identity.put(tmp_path / "state", KEY, "T-01")
    identity = Identity(tmp_path / "state")
    await heard_from(first, ca_file, identity, Ear(), Welcome)
    assert Identity(tmp_path / "state").relay_key == tls_key_of(first)
    # A new certificate over the same key is the same relay.
    await heard_from(renewed, ca_file, identity, Ear(), Welcome)
    ear = Ear()
    assert await heard_from(second, ca_file, identity, ear, LineLost) == []
    assert ear.heard[:2] == [
        Refused(refusals=(Refusal(code=RejectionCode.RELAY_KEY_CHANGED),)),
        LineLost("RELAY_KEY_CHANGED"),
    ]
    assert identity.relay_key == tls_key_of(first)


async def test_a_kiosk_with_a_pin_never_speaks_without_tls(tmp_path: Path) -> None:
    Identity.put(tmp_path / "state", KEY, "T-01")
    identity = Identity(tmp_path / "state")
    identity.pin("ab" * 32)
    relay = await FakeRelay().start()
    ear = Ear()
    client = RelayClient(Line(relay.url, identity, "test"), ear.listen)
    client.start()
    await ear.hears(LineLost)
    await asyncio.to_thread(client.stop)
    await relay.stop()
    assert relay.heard == []
    assert ear.heard[0] == Refused(refusals=(Refusal(code=RejectionCode.RELAY_KEY_CHANGED),))
