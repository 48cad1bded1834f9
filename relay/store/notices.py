"""Who answered which version of the notice, in which language, when; never changed afterwards."""

from dataclasses import dataclass
from datetime import datetime

from relay.core.model import VisitId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database
from visit_protocol.vocabulary import Party


@dataclass(frozen=True, slots=True)
class NoticeAnswer:
    """One party's answer to the notice of one visit."""

    visit: VisitId
    party: Party
    person: str
    """The inmate's or the visitor's id."""
    version: str
    language: str
    accepted: bool
    at: datetime


class Notices:
    """The append-only answers to notices."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, answer: NoticeAnswer) -> None:
        """Keep one more answer; earlier ones stay beside it."""
        self._db.execute(
            "INSERT INTO notice_answer (visit, party, person, version, language, accepted, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                answer.visit,
                answer.party,
                answer.person,
                answer.version,
                answer.language,
                answer.accepted,
                write_instant(answer.at),
            ],
        )

    def of(self, visit: VisitId) -> tuple[NoticeAnswer, ...]:
        """The visit's answers, the earliest first."""
        rows = self._db.query("SELECT * FROM notice_answer WHERE visit = ? ORDER BY id", [visit])
        return tuple(
            NoticeAnswer(
                visit=VisitId(row["visit"]),
                party=Party(row["party"]),
                person=row["person"],
                version=row["version"],
                language=row["language"],
                accepted=bool(row["accepted"]),
                at=read_instant(row["at"]),
            )
            for row in rows
        )

    def accepted(self, visit: VisitId, party: Party, person: str, version: str) -> bool:
        """Whether this person's latest answer accepts this version, for this visit."""
        answers = [
            answer for answer in self.of(visit) if (answer.party, answer.person) == (party, person)
        ]
        return bool(answers) and answers[-1].accepted and answers[-1].version == version
