"""What an auditor is shown of the log, and that it proves itself."""

import base64

from evidence.checkpoint import verify_checkpoint
from evidence.entry import parse_entry
from evidence.note import parse_key
from evidence.tree import leaf_hash, verify_inclusion
from tests.relay.facility import Running
from visit_protocol.vocabulary import StaffRole


async def test_an_auditor_pages_through_the_log_and_filters_it(relay: Running) -> None:
    auditor = await relay.staff(StaffRole.AUDITOR)
    first = (await auditor.get("audit", params={"limit": 3})).json()
    assert [row["seq"] for row in first["rows"]] == [first["size"] - n for n in range(3)]
    actions = [row["action"] for row in first["rows"][:2]]
    assert actions == ["records.viewed", "staff.logged_in"]
    assert first["more"]
    below = first["rows"][-1]["seq"]
    second = (await auditor.get("audit", params={"before": below, "limit": 1000})).json()
    assert [row["seq"] for row in second["rows"]] == list(range(below - 1, 0, -1))
    assert not second["more"]
    founded = (await auditor.get("audit", params={"action": "facility."})).json()["rows"]
    assert [row["action"] for row in founded] == ["facility.founded"]
    mine = (await auditor.get("audit", params={"actor": "staff:auditor"})).json()["rows"]
    assert {row["action"] for row in mine} == {"staff.logged_in", "records.viewed"}


async def test_an_entry_is_proved_to_be_in_the_signed_log(relay: Running) -> None:
    auditor = await relay.staff(StaffRole.AUDITOR)
    signed = await relay.desks.checkpoints.sign()
    assert signed is not None
    key = parse_key((await auditor.get("audit/key")).json()["key"])
    shown = (await auditor.get("audit/checkpoint")).json()
    assert (shown["note"], shown["key"]) == (signed.note, str(key))
    for seq in (1, 2, signed.size):
        proof = (await auditor.get(f"audit/proof/{seq}")).json()
        checkpoint = verify_checkpoint(proof["checkpoint"], shown["origin"], [key])
        path = [base64.b64decode(step) for step in proof["path"]]
        leaf = leaf_hash(proof["entry"].encode())
        verify_inclusion(leaf, proof["leaf_index"], proof["tree_size"], path, checkpoint.root)
        assert parse_entry(proof["entry"].encode()).seq == seq


async def test_what_is_not_there_or_not_signed_yet_is_said(relay: Running) -> None:
    await relay.desks.checkpoints.sign()
    auditor = await relay.staff(StaffRole.AUDITOR)
    page = (await auditor.get("audit", params={"limit": 1})).json()
    answer = await auditor.get(f"audit/proof/{page['size']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_SIGNED_YET")
    answer = await auditor.get(f"audit/proof/{page['size'] + 1}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NO_SUCH_ENTRY")
    assert (await auditor.get("audit/proof/0")).status_code == 422
    assert (await auditor.get("audit/proof/99999999999999999999")).status_code == 422


async def test_the_page_says_up_to_where_the_log_is_sound(relay: Running) -> None:
    auditor = await relay.staff(StaffRole.AUDITOR)
    assert (await auditor.get("audit/checkpoint")).json()["verification"] is None
    await relay.desks.checkpoints.sign()
    await relay.desks.checkpoints.verify()
    shown = (await auditor.get("audit/checkpoint")).json()["verification"]
    assert shown["sound"]
    assert shown["findings"] == []
    assert shown["covered"] == shown["size"]
    assert shown["covered_at"] is not None


async def test_watching_freezing_listing_and_guessing_are_all_in_the_log(relay: Running) -> None:
    await relay.meet(relay.family)
    guard, administrator = [
        await relay.staff(one) for one in (StaffRole.GUARD, StaffRole.ADMINISTRATOR)
    ]
    await guard.post(f"visits/{relay.family.id}/interrupt")
    await guard.post(f"visits/{relay.family.id}/resume")
    await administrator.get("recordings")
    for _ in range(6):
        await guard.post("session", json={"user": "guard", "password": "x" * 20})
    rows = (await relay.local.get("audit", params={"limit": 1000})).json()["rows"]
    actions = {row["action"] for row in rows}
    assert actions >= {
        "visit.interrupted", "visit.resumed", "recording.listed", "staff.login_failed",
        "staff.locked", "terminal.enrolled", "facility.founded", "audit.key_made",
    }  # fmt: skip
    told = str(rows)
    assert "x" * 20 not in told
    for secret in relay.secrets.staff:
        assert secret.password not in told
