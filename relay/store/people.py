"""Inmates and their PINs, visitors and their credentials, and the contacts between them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from relay.core.model import (
    Contact,
    ContactId,
    Credential,
    Custody,
    HousingUnitId,
    Inmate,
    InmateId,
    Visitor,
    VisitorId,
)
from relay.store.columns import read_instant_or_none, write_instant_or_none, write_json_list
from relay.store.sqlite import Database
from visit_protocol.vocabulary import Relationship, VisitType


class People:
    """Who is held here, who visits, and who may meet whom."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def inmate(self, inmate: InmateId) -> Inmate | None:
        """The inmate of that id, or None."""
        for row in self._db.query("SELECT * FROM inmate WHERE id = ?", [inmate]):
            return _inmate(row)
        return None

    def inmates(self) -> tuple[Inmate, ...]:
        """All inmates, by id; also those moved or released."""
        return tuple(_inmate(row) for row in self._db.query("SELECT * FROM inmate ORDER BY id"))

    def put_inmate(self, inmate: Inmate) -> None:
        """Add an inmate or change them; the PIN stays."""
        self._db.table("inmate").upsert(
            {
                "id": inmate.id,
                "name": inmate.name,
                "birth_date": inmate.birth_date.isoformat(),
                "housing_unit": inmate.housing_unit,
                "language": inmate.language,
                "regime": inmate.regime,
                "custody": inmate.custody,
                "on_remand": inmate.on_remand,
            },
            pk="id",
        )

    def pin_hash(self, inmate: InmateId) -> str | None:
        """The argon2id hash of the inmate's PIN, or None when none was set."""
        rows = self._db.query("SELECT pin_hash FROM inmate_pin WHERE inmate = ?", [inmate])
        return next((str(row["pin_hash"]) for row in rows), None)

    def set_pin_hash(self, inmate: InmateId, pin_hash: str) -> None:
        """Accept only the PIN of this hash from now on."""
        self._db.table("inmate_pin").upsert({"inmate": inmate, "pin_hash": pin_hash}, pk="inmate")

    def visitor(self, visitor: VisitorId) -> Visitor | None:
        """The visitor of that id with their credentials, or None."""
        found = self._visitors("WHERE id = ?", [visitor])
        return found[0] if found else None

    def visitors(self) -> tuple[Visitor, ...]:
        """All visitors with their credentials, by id."""
        return self._visitors("ORDER BY id", [])

    def put_visitor(self, visitor: Visitor) -> None:
        """Add a visitor or change them; their credentials become exactly these."""
        self._db.table("visitor").upsert(
            {
                "id": visitor.id,
                "name": visitor.name,
                "birth_date": visitor.birth_date.isoformat(),
                "language": visitor.language,
            },
            pk="id",
        )
        self._db.execute("DELETE FROM credential WHERE visitor = ?", [visitor.id])
        for credential in visitor.credentials:
            self._db.table("credential").insert(
                {
                    "visitor": visitor.id,
                    "visit_type": credential.visit_type,
                    "number": credential.number,
                    "verified_by": credential.verified_by,
                    "valid_until": write_instant_or_none(credential.valid_until),
                }
            )

    def contact(self, contact: ContactId) -> Contact | None:
        """The contact of that id, or None."""
        return self._first_contact("WHERE id = ?", [contact])

    def contact_between(self, inmate: InmateId, visitor: VisitorId) -> Contact | None:
        """The pair's contact, approved or not, or None."""
        return self._first_contact("WHERE inmate = ? AND visitor = ?", [inmate, visitor])

    def contacts(self, inmate: InmateId | None = None) -> tuple[Contact, ...]:
        """All contacts, or those of one inmate, by id."""
        if inmate is None:
            return self._contacts("ORDER BY id", [])
        return self._contacts("WHERE inmate = ? ORDER BY id", [inmate])

    def put_contact(self, contact: Contact) -> None:
        """Add a contact, or change the one of that id."""
        self._db.table("contact").upsert(
            {
                "id": contact.id,
                "inmate": contact.inmate,
                "visitor": contact.visitor,
                "relationship": contact.relationship,
                "approved": contact.approved,
            },
            pk="id",
        )

    def _first_contact(self, where: str, values: Sequence[str]) -> Contact | None:
        found = self._contacts(where, values)
        return found[0] if found else None

    def _contacts(self, where: str, values: Sequence[str]) -> tuple[Contact, ...]:
        # ``where`` is always a literal of this class; values are bound.
        rows = self._db.query(f"SELECT * FROM contact {where}", values)  # noqa: S608
        return tuple(
            Contact(
                id=ContactId(row["id"]),
                inmate=InmateId(row["inmate"]),
                visitor=VisitorId(row["visitor"]),
                relationship=Relationship(row["relationship"]),
                approved=bool(row["approved"]),
            )
            for row in rows
        )

    def _visitors(self, where: str, values: Sequence[str]) -> tuple[Visitor, ...]:
        # ``where`` is always a literal of this class; values are bound.
        rows = list(self._db.query(f"SELECT * FROM visitor {where}", values))  # noqa: S608
        papers: dict[str, list[Credential]] = {row["id"]: [] for row in rows}
        for row in self._db.query(
            "SELECT * FROM credential WHERE visitor IN (SELECT value FROM json_each(?)) "
            "ORDER BY visit_type, number",
            [write_json_list(papers)],
        ):
            papers[row["visitor"]].append(_credential(row))
        return tuple(
            Visitor(
                id=VisitorId(row["id"]),
                name=row["name"],
                birth_date=date.fromisoformat(row["birth_date"]),
                language=row["language"],
                credentials=tuple(papers[row["id"]]),
            )
            for row in rows
        )


def _inmate(row: dict[str, Any]) -> Inmate:
    return Inmate(
        id=InmateId(row["id"]),
        name=row["name"],
        birth_date=date.fromisoformat(row["birth_date"]),
        housing_unit=HousingUnitId(row["housing_unit"]),
        language=row["language"],
        regime=row["regime"],
        custody=Custody(row["custody"]),
        on_remand=bool(row["on_remand"]),
    )


def _credential(row: dict[str, Any]) -> Credential:
    return Credential(
        visit_type=VisitType(row["visit_type"]),
        number=row["number"],
        verified_by=row["verified_by"],
        valid_until=read_instant_or_none(row["valid_until"]),
    )
