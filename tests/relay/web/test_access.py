"""Claims about who may ask what; the matrix is read from the API's own description."""

import httpx
import pytest

from tests.relay.facility import Running
from visit_protocol.vocabulary import StaffRole

G, A, P, D = StaffRole.GUARD, StaffRole.ADMINISTRATOR, StaffRole.APPROVER, StaffRole.AUDITOR
O = StaffRole.OVERSIGHT  # noqa: E741  a letter like the others
EVERYBODY = {G, A, P, O, D}

MATRIX: dict[tuple[str, str], set[StaffRole]] = {
    ("GET", "/api/v1/me"): EVERYBODY,
    ("DELETE", "/api/v1/session"): EVERYBODY,
    ("GET", "/api/v1/visits"): EVERYBODY,
    ("GET", "/api/v1/visits/{visit}"): EVERYBODY,
    ("POST", "/api/v1/visits"): {A},
    ("POST", "/api/v1/visits/{visit}/terminate"): {G, A},
    ("POST", "/api/v1/visits/{visit}/warn"): {G, A},
    ("POST", "/api/v1/visits/{visit}/interrupt"): {G, A},
    ("POST", "/api/v1/visits/{visit}/resume"): {G, A},
    ("POST", "/api/v1/visits/{visit}/cancel"): {A},
    ("POST", "/api/v1/visits/{visit}/link"): {A},
    ("POST", "/api/v1/visits/{visit}/monitors"): {G},
    ("DELETE", "/api/v1/visits/{visit}/monitors/{monitor}"): {G},
    ("GET", "/api/v1/orders"): {A, P, O, D},
    ("GET", "/api/v1/orders/{order}"): {A, P, O, D},
    ("POST", "/api/v1/orders"): {A},
    ("POST", "/api/v1/orders/impact"): {A},
    ("POST", "/api/v1/orders/{order}/lift"): {A, P, O},
    ("POST", "/api/v1/orders/{order}/renew"): {A},
    ("POST", "/api/v1/orders/{order}/review"): {A, P, O},
    ("GET", "/api/v1/orders/notices"): {A, P, O, D},
    ("GET", "/api/v1/orders/{order}/notices"): {A, P, O, D},
    ("POST", "/api/v1/orders/notices/{notice}/delivered"): {A},
    ("GET", "/api/v1/orders/explain/{visit}"): {A, P, O, D},
    ("GET", "/api/v1/orders/drafts"): {A, P, O, D},
    ("POST", "/api/v1/orders/drafts"): {A},
    ("GET", "/api/v1/orders/drafts/{order}"): {A, P, O, D},
    ("PUT", "/api/v1/orders/drafts/{order}"): {A},
    ("POST", "/api/v1/orders/drafts/{order}/impact"): {A, P, O},
    ("POST", "/api/v1/orders/drafts/{order}/approve"): {P, O},
    ("POST", "/api/v1/orders/drafts/{order}/decline"): {P, O},
    ("POST", "/api/v1/orders/drafts/{order}/sign"): {A},
    ("POST", "/api/v1/orders/drafts/{order}/withdraw"): {A},
    ("GET", "/api/v1/appeals"): {A, P, O, D},
    ("GET", "/api/v1/requests"): {A, D},
    ("POST", "/api/v1/requests/{request}/answer"): {A},
    ("GET", "/api/v1/reports/transparency"): {A, P, O, D},
    ("GET", "/api/v1/reports/replay"): {A, P, O, D},
    ("POST", "/api/v1/appeals/{appeal}/decide"): {P, O},
    ("GET", "/api/v1/directory"): {A, P, O, D},
    ("POST", "/api/v1/orders/envelopes"): {A, P, O},
    ("GET", "/api/v1/receipts"): {A, P, O, D},
    ("GET", "/api/v1/trust"): {A, P, O, D},
    ("POST", "/api/v1/trust"): set(),
    ("GET", "/api/v1/terminals"): EVERYBODY,
    ("POST", "/api/v1/terminals/{terminal}/unlock"): {G, A},
    ("POST", "/api/v1/terminals/{terminal}/enrol"): {A},
    ("GET", "/api/v1/terminals/details"): {A},
    ("POST", "/api/v1/terminals/{terminal}/restart"): {A},
    ("POST", "/api/v1/terminals/{terminal}/self-test"): {A},
    ("POST", "/api/v1/terminals/{terminal}/screenshot"): {A},
    ("POST", "/api/v1/terminals/{terminal}/maintenance"): {A},
    ("POST", "/api/v1/terminals/{terminal}/repair"): {A},
    ("POST", "/api/v1/terminals/{terminal}/revoke"): {A},
    ("PUT", "/api/v1/inmates/{inmate}/badge"): {A},
    ("DELETE", "/api/v1/inmates/{inmate}/badge"): {A},
    ("GET", "/api/v1/slots"): {A},
    ("POST", "/api/v1/import/{kind}"): {A},
    ("GET", "/api/v1/alerts"): {G, A},
    ("POST", "/api/v1/alerts/{alert}/acknowledge"): {G, A},
    ("GET", "/api/v1/recordings"): {A, D},
    ("GET", "/api/v1/recordings/{visit}/{party}/{segment}"): set(),
    ("GET", "/api/v1/journal"): {A, D},
    ("GET", "/api/v1/audit"): {A, D},
    ("GET", "/api/v1/audit/checkpoint"): {A, D},
    ("GET", "/api/v1/audit/proof/{seq}"): {A, D},
    ("GET", "/api/v1/audit/key"): {A, D},
    ("POST", "/api/v1/audit/exports"): set(),
}
_FILLED = {"{party}": "INMATE", "{segment}": "1", "{kind}": "people", "{visit}": "visit-none",
           "{order}": "ord-none", "{terminal}": "T-99", "{alert}": "al-none",
           "{monitor}": "mo-none", "{seq}": "1", "{appeal}": "ap-none", "{request}": "rq-none",
           "{notice}": "0"}  # fmt: skip


def filled(path: str) -> str:
    for hole, value in _FILLED.items():
        path = path.replace(hole, value)
    return path


async def described(relay: Running) -> set[tuple[str, str]]:
    async with httpx.AsyncClient() as client:
        openapi = (await client.get(f"http://127.0.0.1:{relay.port}/api/v1/openapi.json")).json()
    return {
        (method.upper(), path)
        for path, methods in openapi["paths"].items()
        for method in methods
        if path.startswith("/api/v1/")
    }


async def test_the_matrix_names_every_route_of_the_api(relay: Running) -> None:
    assert await described(relay) == {*MATRIX, ("POST", "/api/v1/session")}


@pytest.mark.parametrize("role", list(StaffRole))
async def test_each_role_may_do_exactly_what_the_matrix_says(
    relay: Running, role: StaffRole
) -> None:
    client = await relay.staff(role)
    for (method, path), roles in MATRIX.items():
        if method == "DELETE":
            continue
        answer = await client.request(method, filled(path).removeprefix("/api/v1/"))
        forbidden = answer.status_code == 403
        assert forbidden == (role not in roles), f"{method} {path}: {answer.status_code}"


async def test_nobody_is_let_in_without_logging_in(relay: Running) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{relay.port}") as client:
        for method, path in MATRIX:
            answer = await client.request(method, filled(path), json={})
            assert answer.status_code == 401, f"{method} {path}"


async def test_an_unsafe_request_needs_the_sessions_csrf_token(relay: Running) -> None:
    client = await relay.staff(A)
    for token in ("", "x" * 43):
        client.headers["X-CSRF-Token"] = token
        answer = await client.post("orders", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "CSRF")


async def test_the_operators_header_is_not_believed_on_the_network(relay: Running) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{relay.port}") as client:
        answer = await client.get("/api/v1/orders", headers={"X-Parloir-Operator": "root"})
        assert answer.status_code == 401


async def test_logging_out_ends_the_session(relay: Running) -> None:
    client = await relay.staff(G)
    assert (await client.delete("session")).status_code == 204
    assert (await client.get("me")).status_code == 401


async def test_a_wrong_password_says_no_more_than_that(relay: Running) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{relay.port}/api/v1/") as client:
        for user in ("guard", "nobody"):
            answer = await client.post("session", json={"user": user, "password": "x" * 20})
            assert (answer.status_code, answer.json()["code"]) == (401, "LOGIN_FAILED")


async def test_no_api_offers_a_protected_visit_for_watching_or_recording(relay: Running) -> None:
    await relay.meet(relay.legal)
    for role in StaffRole:
        client = await relay.staff(role)
        for path in ("watch", "monitor", "thumbnail", "recordings"):
            answer = await client.get(f"visits/{relay.legal.id}/{path}")
            assert answer.status_code == 404
    listed = (await relay.local.get("recordings")).json()["recordings"]
    assert relay.legal.id not in [one["visit"] for one in listed]
    answer = await relay.local.get(f"recordings/{relay.legal.id}/INMATE/1")
    assert answer.status_code == 404
