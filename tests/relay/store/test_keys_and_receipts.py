"""Keys as files, receipts as rows, orders on the shelf."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.store.database import Store
from relay.store.errors import KeyFileError, RowRefusedError
from relay.store.key_files import KeyFolder, SealedKey, SecretTooShortError, WrongSecretError
from relay.store.order_shelf import OrderShelf
from relay.store.receipts import Receipts
from relay.store.trust import TrustMetadata
from suspension.receipt import OrderName, Receipt, ReceiptTime, Stage, Via
from suspension.trust import Trust
from tests.relay.store.samples import NOW
from tests.suspension.people import make_delegations, make_root, make_trust, receipt_signer

SECRET = "correct horse battery"


def test_a_key_opens_with_its_secret_and_with_no_other(tmp_path: Path) -> None:
    folder, private = KeyFolder.of(tmp_path), Ed25519PrivateKey.generate()
    path = folder.put(SealedKey.seal(private, "a.smirnova", SECRET, ("smirnova",)))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    kept = folder.find("a.smirnova")
    assert kept is not None
    assert kept.open(SECRET).private_bytes_raw() == private.private_bytes_raw()
    assert private.private_bytes_raw().hex() not in path.read_text()
    for wrong in ("", "x" * 20, SECRET + " ", SECRET * 100):
        with pytest.raises(WrongSecretError):
            kept.open(wrong)
    for field, value in (("accounts", ["other"]), ("public", "0" * 64), ("sealed", "AAAA")):
        with pytest.raises(WrongSecretError):
            SealedKey.model_validate(kept.model_dump() | {field: value}).open(SECRET)


@pytest.mark.parametrize("secret", ["", "x" * 14, "x" * 257])
def test_a_secret_that_is_too_short_seals_nothing(secret: str) -> None:
    with pytest.raises(SecretTooShortError):
        SealedKey.seal(Ed25519PrivateKey.generate(), "a", secret)


def test_the_key_before_stays_until_the_new_one_is_believed(tmp_path: Path) -> None:
    folder = KeyFolder.of(tmp_path)
    first, second = (SealedKey.seal(Ed25519PrivateKey.generate(), "a", SECRET) for _ in range(2))
    path = folder.put(first)
    folder.put(second)
    assert folder.people() == (second,)
    before = path.with_name(f"{path.name}.before")
    assert SealedKey.model_validate_json(before.read_bytes()) == first


def test_files_that_are_no_keys_are_refused_in_one_line(tmp_path: Path) -> None:
    folder = KeyFolder.of(tmp_path)
    path = folder.put(SealedKey.seal(Ed25519PrivateKey.generate(), "a", SECRET))
    path.with_name("b.key.json").write_bytes(path.read_bytes())
    with pytest.raises(KeyFileError, match="is the key of a"):
        folder.find("b")
    costly = json.loads(path.read_text())
    costly["kdf"]["memory_kib"] = 2**40
    path.write_text(json.dumps(costly))
    with pytest.raises(KeyFileError, match="is no key"):
        folder.find("a")
    assert folder.find("../a") is None
    with pytest.raises(KeyFileError, match="no person's id"):
        SealedKey.seal(Ed25519PrivateKey.generate(), "../a", SECRET)


def test_the_receipt_key_is_one_facilitys(tmp_path: Path) -> None:
    folder, private = KeyFolder.of(tmp_path), Ed25519PrivateKey.generate()
    assert folder.receipt_key("f-1") is None
    path = folder.put_receipt_key(private, "f-1")
    assert path.stat().st_mode & 0o777 == 0o600
    found = folder.receipt_key("f-1")
    assert found is not None
    assert found.private_bytes_raw() == private.private_bytes_raw()
    with pytest.raises(KeyFileError, match="another facility"):
        folder.receipt_key("f-2")
    path.write_text("{}")
    with pytest.raises(KeyFileError, match="no receipt key"):
        folder.receipt_key("f-1")


def _receipt(seq: int, prev: str | None, stage: Stage) -> Receipt:
    return Receipt(
        facility="f-1",
        seq=seq,
        prev=prev,
        order=OrderName("o-1", 1, "a" * 64),
        stage=stage,
        via=Via.LOCAL,
        t=ReceiptTime(NOW, NOW, NOW, "boot", 1),
        manifest_version=1,
    )


def test_a_stage_has_one_receipt_and_none_is_changed(store: Store) -> None:
    assert store.read_now(lambda db: Receipts(db).tip()) == (0, None)
    first = _receipt(1, None, Stage.RECEIVED)
    envelope = first.signed(receipt_signer())
    store.write_now(lambda db: Receipts(db).add(first, "b" * 64, envelope, NOW))
    assert store.read_now(lambda db: Receipts(db).tip()) == (1, "b" * 64)
    assert store.read_now(lambda db: Receipts(db).has("a" * 64, Stage.RECEIVED))
    assert not store.read_now(lambda db: Receipts(db).has("a" * 64, Stage.ENFORCED))
    [row] = store.read_now(lambda db: Receipts(db).of("a" * 64))
    assert (row.content, row.stage) == (envelope, Stage.RECEIVED)
    again = _receipt(2, "b" * 64, Stage.RECEIVED)
    with pytest.raises(RowRefusedError):
        store.write_now(lambda db: Receipts(db).add(again, "c" * 64, envelope, NOW))
    with pytest.raises(RowRefusedError, match="append-only"):
        store.write_now(lambda db: db.execute("DELETE FROM receipt"))


def test_every_version_of_the_trust_is_kept(store: Store) -> None:
    first = make_trust()
    roots, delegations = [make_root(), make_root(2)], make_delegations(2)
    later = first.updated(roots, delegations)
    for trust in (first, later, later):
        store.write_now(lambda db, one=trust: TrustMetadata(db).put(one, NOW))
    assert store.read_now(lambda db: TrustMetadata(db).roots()) == later.roots
    assert store.read_now(lambda db: TrustMetadata(db).roots(1)) == first.roots
    assert store.read_now(lambda db: TrustMetadata(db).delegations()) == later.targets
    old = store.read_now(lambda db: TrustMetadata(db).delegations(1))
    assert old is not None
    assert Trust.load(first.roots, old) == first


def test_only_whole_orders_stand_on_the_shelf(tmp_path: Path) -> None:
    shelf = OrderShelf.of(tmp_path)
    assert shelf.digests() == frozenset()
    shelf.put({"a" * 64: b"one"})
    (shelf.path / f".{'b' * 64}.17").write_bytes(b"half")
    (shelf.path / "notes.txt").touch()
    shelf.put({"a" * 64: b"another", "c" * 64: b"two"})
    assert shelf.digests() == {"a" * 64, "c" * 64}
    assert shelf.read("a" * 64) == b"one"
