"""The staff's REST and live socket for the pages, answering from lists that a test sets."""

import asyncio
import base64
import contextlib
from collections.abc import Mapping
from typing import Any

import cv2
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from tests.web.fake_media import MediaEnd, face
from tests.web.fake_orders import FakeOrders, instant, notice, numbers, order
from tests.web.fake_terminals import FakeTerminals

Json = dict[str, Any]

PEOPLE = {
    "guard": "guard",
    "administrator": "administrator",
    "approver": "approver",
    "oversight": "oversight",
    "auditor": "auditor",
}
PASSWORD = "correct horse battery staple"
CSRF = "csrf-token-of-the-session"


def staff_visit(number: int, inmate: str, visitor: str, **more: Any) -> Json:
    """A StaffVisit of the contract."""
    return {
        "id": f"visit-{number}",
        "reference": f"V-{number}",
        "visit_type": "FAMILY",
        "protected": False,
        "recorded": True,
        "status": "APPROVED",
        "state": "SCHEDULED",
        "outcome": None,
        "starts": instant(30),
        "ends": instant(45),
        "minutes_given_back": 0,
        "inmate": {"id": f"inmate-{number}", "name": inmate, "housing_unit": "unit-1"},
        "visitors": [{"id": f"visitor-{number}", "name": visitor}],
        "terminal": {"id": "T-01", "label": "Кабина 1"},
        "inmate_present": False,
        "visitor_present": False,
        "refusals": [],
        **more,
    }


def board(**more: Any) -> dict[str, Any]:
    """A BoardView of the contract: a terminal's board with nothing wrong."""
    return {
        "required": True,
        "loss": None,
        "firmware": "1.0.0",
        "handset_lifted": True,
        "door_open": False,
        "case_open": False,
        "temperature_c": 24.0,
        "camera_power": False,
        "microphone_power": False,
        "faults": [],
        "off_confirmed": not more.get("camera_power", False),
        "off_unconfirmed": False,
        **more,
    }


class FakeStaff:
    """What the staff's pages ask for."""

    def __init__(self) -> None:
        self.role: str | None = None
        self.visits: list[Json] = []
        self.alerts: list[Json] = []
        self.journal: list[Json] = []
        self.checkpoint: Json = {"size": 3, "key": "k", "verification": None}
        self.terminals: list[Json] = []
        self.directory: Json = {}
        self.booth_requests: list[Json] = [
            {
                "id": "rq-1",
                "kind": "COMPLAINT",
                "inmate": "Пётр Зимин",
                "visit": "V-1030",
                "visitor": None,
                "reason": "CUT_SHORT",
                "filed": instant(minutes=-90),
                "due": instant(minutes=14_000),
                "overdue": False,
                "granted": None,
                "answered": None,
                "answered_by": None,
                "answer": "",
            }
        ]
        self.requests: list[tuple[str, str, Json | None]] = []
        self.fail: dict[str, tuple[int, Json]] = {}
        self.delay_s = 0.0
        self.fleet = FakeTerminals()
        self.pushing = True
        self.media = MediaEnd()
        self.pictures: dict[str, float] = {"visit-1041": 0.0}
        """Whose pictures come to the wall, and how many seconds old."""
        self.wall_open = 0
        """How many look at the wall now."""
        self.closing = asyncio.Event()
        self.example()

    def example(self) -> None:
        """A plausible day at the facility."""
        self.visits = [
            staff_visit(
                1041,
                "Соколов Пётр Алексеевич",
                "Соколова Анна",
                state="LIVE",
                status="CALLED",
                starts=instant(-6),
                ends=instant(9),
                inmate_present=True,
                visitor_present=True,
            ),
            staff_visit(
                1042,
                "Гареев Марат Ильясович",
                "Лебедева Ирина Павловна, адвокат",
                visit_type="LEGAL",
                protected=True,
                recorded=False,
                state="LIVE",
                status="CALLED",
                starts=instant(-10),
                ends=instant(35),
                terminal={"id": "T-02", "label": "Кабина 2"},
                inmate_present=True,
                visitor_present=True,
            ),
            staff_visit(
                1043,
                "Орлов Дмитрий Сергеевич",
                "Орлова Мария",
                state="WAITING_VISITOR",
                status="CALLED",
                starts=instant(-2),
                ends=instant(13),
                terminal={"id": "T-03", "label": "Кабина 3"},
                inmate_present=True,
            ),
            staff_visit(
                1044,
                "Ким Виктор Андреевич",
                "Ким Елена",
                terminal={"id": "T-04", "label": "Кабина 4"},
            ),
            staff_visit(
                1045,
                "Назаров Рустам",
                "Назарова Зухра",
                state="ENDED",
                outcome="COMPLETED_NORMALLY",
                starts=instant(-90),
                ends=instant(-75),
            ),
        ]
        self.alerts = [
            {
                "id": "alert-1",
                "kind": "STAFF_CALLED",
                "priority": 1,
                "raised": instant(-1),
                "visit": "visit-1041",
                "terminal": "T-01",
                "detail": {"party": "INMATE"},
            },
            {
                "id": "alert-2",
                "kind": "LINK_SECOND_DEVICE",
                "priority": 2,
                "raised": instant(-4),
                "visit": "visit-1043",
                "detail": {},
            },
        ]
        self.terminals = [
            {
                "id": f"T-0{n}",
                "label": f"Кабина {n}",
                "housing_unit": "unit-1",
                "in_service": n != 4,
                "connected": n != 3,
                "engine": True,
                "camera": "OK",
                "microphone": "OK",
                "findings": [],
                "board": None if n == 4 else board(camera_power=n == 1, microphone_power=n == 1),
            }
            for n in range(1, 5)
        ]
        self.directory = {
            "facility": {"id": "facility-7", "name": "ИК-7", "timezone": "Asia/Yekaterinburg"},
            "housing_units": [
                {"id": "unit-1", "name": "Отряд 1"},
                {"id": "unit-2", "name": "Отряд 2"},
            ],
            "terminals": [
                {
                    "id": f"T-0{n}",
                    "label": f"Кабина {n}",
                    "housing_unit": "unit-1",
                    "visit_types": ["FAMILY"],
                    "in_service": True,
                }
                for n in range(1, 5)
            ],
            "inmates": [
                {"id": f"inmate-{n}", "name": name, "housing_unit": "unit-1"}
                for n, name in enumerate(
                    ("Соколов Пётр Алексеевич", "Орлов Дмитрий Сергеевич", "Ким Виктор Андреевич"),
                    1041,
                )
            ],
            "visitors": [
                {"id": "visitor-1041", "name": "Соколова Анна"},
                {"id": "visitor-1042", "name": "Лебедева Ирина Павловна"},
            ],
            "contacts": [
                {
                    "id": "contact-1",
                    "inmate": "inmate-1041",
                    "visitor": "visitor-1041",
                    "relationship": "SPOUSE",
                },
            ],
        }
        self.desk = FakeOrders(
            [
                {
                    "id": visit["id"],
                    "reference": visit["reference"],
                    "starts": visit["starts"],
                    "state": visit["state"],
                    "inmate": visit["inmate"]["name"],
                    "terminal": visit["terminal"]["label"],
                    "visit_type": visit["visit_type"],
                }
                for visit in (self.visits[0], self.visits[2], self.visits[3])
            ]
        )
        self.desk.alternatives = [
            {
                **numbers(1, inmates=1, children=0, kept=7),
                "narrowing": "INMATE",
                "scope": {"inmate": ["inmate-1041"]},
                "scope_labels": {"inmate": ["Соколов Пётр Алексеевич"]},
                "protected": [],
                "expires": instant(480),
                "order_class": "NARROW",
                "people_needed": 1,
            },
            {
                **numbers(2, inmates=2, children=0, kept=6),
                "narrowing": "SHORTER",
                "scope": {"facility": ["facility-7"], "terminal": ["T-01"]},
                "scope_labels": {"facility": ["ИК-7"], "terminal": ["Кабина 1"]},
                "protected": [],
                "expires": instant(60),
                "order_class": "NARROW",
                "people_needed": 1,
            },
        ]
        self.desk.orders = [
            order(
                "order-7",
                {"facility": ["ИК-7"], "housing_unit": ["Отряд 2"]},
                order_class="WIDE",
                approvals=["petrova"],
                why_not_narrower="Болеют в пяти камерах из шести.",
                notices=2,
                notices_delivered=1,
            ),
            order(
                "order-6",
                {"inmate": ["Ким Виктор Андреевич"]},
                rev=2,
                state="LIFTED",
                desk_state="LIFTED",
                reason_code="INVESTIGATION",
                legal_basis="Постановление № 9",
                public_text={"ru": "Проверка.", "en": "Inquiry."},
                lifted_at=instant(-1000),
                lifted_by="ivanova",
                visits_cut=[
                    {
                        "visit": "visit-1030",
                        "reference": "V-1030",
                        "committed_ms_to_last_packet": 41,
                    }
                ],
            ),
        ]
        self.desk.notices["order-7"] = [
            notice(1, "INMATE", "Орлов Дмитрий Сергеевич", delivered=instant(-30), via="KIOSK"),
            notice(2, "VISITOR", "Орлова Анна Петровна"),
        ]
        self.journal = [
            {
                "seq": n,
                "at": instant(-n * 7),
                "actor": "ivanova",
                "action": action,
                "subject": subject,
                "detail": {},
            }
            for n, (action, subject) in enumerate(
                (
                    ("order.lifted", "order-6"),
                    ("order.issued", "order-7"),
                    ("staff.login", "ivanova"),
                ),
                1,
            )
        ]
        self.checkpoint["verification"] = {
            "at": instant(),
            "sound": True,
            "size": 3,
            "covered": 3,
            "covered_at": instant(),
            "findings": [],
        }

    # ── routes ─────────────────────────────────────────────────────────────────────────────
    def add_routes(self, app: FastAPI) -> None:
        """The contract's addresses under /api/v1."""
        app.add_api_websocket_route("/api/v1/live", self._live)
        app.add_api_websocket_route("/api/v1/wall", self._wall)
        app.add_api_route(
            "/api/v1/{path:path}",
            self._rest,
            methods=["GET", "POST", "PUT", "DELETE"],
            include_in_schema=False,
        )

    async def _rest(self, request: Request, path: str) -> Response:
        raw = await request.body()
        body = await request.json() if raw else None
        self.requests.append((request.method, path, body))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if path in self.fail:
            status, problem = self.fail[path]
            return JSONResponse(problem, status)
        if path == "session" and request.method == "POST":
            return self._log_in(body or {})
        if self.role is None:
            return JSONResponse({"code": "NOT_LOGGED_IN", "message": "log in"}, 401)
        if request.method != "GET" and request.headers.get("X-CSRF-Token") != CSRF:
            return JSONResponse({"code": "CSRF", "message": "token"}, 403)
        if request.method == "POST" and path.endswith("/monitors"):
            sdp = await self.media.answer_too((body or {})["sdp"])
            return JSONResponse({"id": f"mo-{len(self.requests)}", "sdp": sdp}, 201)
        if path == "audit":
            return JSONResponse(self._audit_page(request.query_params))
        told = self.fleet.answer(request.method, path.split("/"), body or {})
        if told is not None:
            if isinstance(told[1], bytes):
                return Response(told[1], media_type="image/png")
            return Response(status_code=204) if told[1] is None else JSONResponse(told[1], told[0])
        answer = self.desk.answer(request.method, path.split("/"), body or {}, self.role)
        if answer is not None:
            status, found = answer
            return Response(status_code=204) if found is None else JSONResponse(found, status)
        return self._answer(request.method, path, body or {})

    def _audit_page(self, query: Mapping[str, str]) -> Json:
        before, limit = int(query.get("before", 2**53)), int(query["limit"])
        found = [
            row
            for row in self.journal
            if row["seq"] < before
            and row["action"].startswith(query.get("action", ""))
            and row["actor"] == query.get("actor", row["actor"])
        ]
        found.sort(key=lambda row: -row["seq"])
        rows, more = found[:limit], len(found) > limit
        return {"size": len(self.journal), "rows": rows, "more": more}

    def _log_in(self, body: Json) -> Response:
        if body.get("user") not in PEOPLE or body.get("password") != PASSWORD:
            return JSONResponse({"code": "LOGIN_FAILED", "message": "no"}, 401)
        self.role = PEOPLE[body["user"]]
        return JSONResponse(self._me())

    def _me(self) -> Json:
        return {
            "user": self.role,
            "role": self.role,
            "csrf": CSRF,
            "now": instant(),
            "facility": {
                "id": "facility-7",
                "name": "ИК-7, Екатеринбург",
                "timezone": "Asia/Yekaterinburg",
            },
        }

    def _answer(self, method: str, path: str, body: Json) -> Response:
        match (method, *path.split("/")):
            case ("GET", "requests"):
                return JSONResponse({"now": instant(), "requests": self.booth_requests})
            case ("POST", "requests", request, "answer"):
                [found] = [one for one in self.booth_requests if one["id"] == request]
                found |= {"answered": instant(), "answered_by": "admin", **(body or {})}
                return JSONResponse(found)
            case ("GET", "orders", "explain", visit):
                return JSONResponse(self._explained(visit))
            case ("DELETE", "session"):
                self.role = None
                return Response(status_code=204)
            case ("DELETE", "visits", _, "monitors", _):
                return Response(status_code=204)
            case ("GET", "me"):
                return JSONResponse(self._me())
            case ("GET", "visits"):
                return JSONResponse({"now": instant(), "visits": self.visits})
            case ("POST", "visits", _, "warn"):
                return JSONResponse({})
            case ("POST", "visits", visit, "terminate"):
                found = next(v for v in self.visits if v["id"] == visit)
                found.update(state="ENDED", outcome="TERMINATED_BY_STAFF")
                return JSONResponse(found)
            case ("POST", "visits", _, "link"):
                return JSONResponse({"link": "http://localhost/visit#new-token-0123456789"})
            case ("POST", "alerts", alert, "acknowledge"):
                self.alerts = [a for a in self.alerts if a["id"] != alert]
                return JSONResponse({})
            case ("GET", "terminals"):
                return JSONResponse(self.terminals)
            case ("GET", "directory"):
                return JSONResponse(self.directory)
            case ("GET", "audit", "checkpoint"):
                return JSONResponse(self.checkpoint)
        return JSONResponse({"code": "NOT_FOUND", "message": path}, 404)

    def _explained(self, visit: str) -> Json:
        """Why that visit cannot happen: the first order, if the visit is refused."""
        found = next(one for one in self.visits if one["id"] == visit)
        standing = self.desk.orders[:1] if found["refusals"] else []
        names = ("id", "reason_code", "legal_basis", "public_text", "withheld", "scope_labels")
        names += ("not_before", "expires", "issuer", "approvals", "why_not_narrower", "review_due")
        return {
            "visit": found,
            "possible": not found["refusals"] and found["state"] != "ENDED",
            "over": found["state"] == "ENDED",
            "refusals": found["refusals"],
            "orders": [{name: one[name] for name in names} for one in standing],
            "rebooked_as": None,
            "as_of": instant(),
        }

    async def _live(self, browser: WebSocket) -> None:
        await browser.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while not self.closing.is_set():
                if self.pushing:
                    await browser.send_json(
                        {
                            "type": "live",
                            "now": instant(),
                            "visits": self.visits,
                            "alerts": self.alerts,
                            "terminals": self.terminals,
                        }
                    )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.closing.wait(), 0.25)
            await browser.close(1012)

    async def _wall(self, browser: WebSocket) -> None:
        await browser.accept()
        self.wall_open += 1
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while not self.closing.is_set():
                if self.pushing:
                    await browser.send_json(
                        {"type": "pictures", "now": instant(), "pictures": self._pictures()}
                    )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.closing.wait(), 0.25)
            await browser.close(1012)
        self.wall_open -= 1

    def _pictures(self) -> list[Json]:
        return [
            {"visit": visit, "party": party, "taken": instant(-age_s / 60), "jpeg": JPEG}
            for visit, age_s in self.pictures.items()
            for party in ("INMATE", "VISITOR")
        ]


JPEG = base64.b64encode(cv2.imencode(".jpg", face()[:, :, ::-1])[1].tobytes()).decode()
