"""Signed notes and checkpoints against the C2SP texts and against OpenSSL."""

import base64
import shutil
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint, verify_checkpoint
from evidence.errors import MalformedError, WrongSignatureError
from evidence.note import VerifierKey, parse_key, parse_note
from tests.evidence.samples import NOON, ORIGIN, SIGNER, STRANGER, entries, note

CHECKPOINT = Checkpoint(ORIGIN, 3, bytes(32), NOON)
DER_OF_ED25519 = bytes.fromhex("302a300506032b6570032100")
"""RFC 8410 §4: what stands before the 32 bytes of a public key in SubjectPublicKeyInfo."""


def test_its_text_is_that_of_the_specification():
    assert CHECKPOINT.text() == (
        "parloir/f-66-01/audit\n"
        "3\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "at 2026-11-24T12:00:00.000000Z\n"
    )


def test_the_example_of_the_note_specification_is_verified():
    # From the documentation of golang.org/x/mod/sumdb/note, whose format C2SP took over.
    key = parse_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # noqa: E501
    )
    assert parse_note(text).signer([key]) == key


def test_openssl_verifies_what_was_signed(tmp_path):
    openssl = shutil.which("openssl")
    assert openssl, "openssl is one of the packages that scripts/test installs"
    signed = sign_checkpoint(CHECKPOINT, SIGNER)
    text, _, line = signed.partition("\n\n")
    encoded = line.rstrip("\n").split(" ")[2]
    (tmp_path / "text").write_bytes(text.encode() + b"\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(encoded)[4:])
    (tmp_path / "key").write_bytes(DER_OF_ED25519 + SIGNER.key.public)
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
    files = ["-inkey", "key", "-in", "text", "-sigfile", "signature"]
    done = subprocess.run([*command, *files], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (tmp_path / "text").write_bytes(text.encode() + b"\n\n")
    assert subprocess.run([*command, *files], cwd=tmp_path, capture_output=True).returncode


def test_a_key_reads_back_from_its_text():
    assert parse_key(str(SIGNER.key)) == SIGNER.key


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+00000000+AQ==", str(SIGNER.key).replace("parloir", "parlour"),
     str(SIGNER.key)[:-2], "a b+00000000+AQ==", "a+0+\u20ac"],
)  # fmt: skip
def test_what_is_no_key_is_refused(text):
    with pytest.raises(MalformedError):
        parse_key(text)


def test_a_checkpoint_reads_back_and_keeps_lines_that_it_does_not_know():
    assert (
        verify_checkpoint(sign_checkpoint(CHECKPOINT, SIGNER), ORIGIN, [SIGNER.key]) == CHECKPOINT
    )
    theirs = Checkpoint("example.com/log", 20852163, bytes(32), None, ("something new",))
    assert parse_checkpoint(theirs.text()) == theirs


def test_only_a_trusted_key_counts_and_others_signatures_are_passed_over():
    signed = note(entries(3))
    with pytest.raises(WrongSignatureError):
        verify_checkpoint(signed, ORIGIN, [STRANGER.key])
    cosigned = signed + note(entries(3), STRANGER).rpartition("\n\n")[2]
    assert parse_note(cosigned).signer([SIGNER.key]) == SIGNER.key
    with pytest.raises(MalformedError, match="another log"):
        verify_checkpoint(signed, "parloir/f-2/audit", [SIGNER.key])


@given(st.integers(0, 300), st.integers(1, 127))
@example(217, 1)  # bits of the last base64 digit that decoding drops
def test_no_byte_of_it_can_be_changed(place, change):
    signed = note(entries(3)).encode()
    place %= len(signed)
    broken = bytearray(signed)
    broken[place] = (broken[place] + change) % 128
    with pytest.raises((MalformedError, WrongSignatureError, UnicodeDecodeError)):
        verify_checkpoint(broken.decode(), ORIGIN, [SIGNER.key])


@given(st.text(max_size=300))
def test_what_is_no_note_is_refused(text):
    with pytest.raises(MalformedError):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    ["o\n3\n", "o\n-3\nAAAA\n", "o\n03\n" + "A" * 43 + "=\n", "\n3\n" + "A" * 43 + "=\n",
     "o\n3\n" + "A" * 42 + "B=\n", "o\n3\n" + "A" * 43 + "=\nat noon\n", "o\n1e3\n\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(MalformedError):
        parse_checkpoint(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_key_has_a_name_that_a_line_can_hold(name):
    with pytest.raises(MalformedError):
        VerifierKey(name, bytes(32))
