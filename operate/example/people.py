"""Who and what there is in the example facility: data, no code that acts.

The people, their names and their papers are invented.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from relay.core.model import (
    Allowance,
    Contact,
    ContactId,
    Credential,
    Facility,
    FacilityId,
    HousingUnit,
    HousingUnitId,
    Inmate,
    InmateId,
    NonAssociation,
    SessionTemplate,
    TemplateId,
    Terminal,
    TerminalId,
    Visitor,
    VisitorId,
)
from visit_protocol.vocabulary import PROTECTED_TYPES, Relationship, VisitType

FACILITY: Final = Facility(
    FacilityId("ik-66"), "Исправительная колония № 66 (пример)", "Asia/Yekaterinburg"
)

_FIRST: Final = HousingUnitId("unit-1")
_SECOND: Final = HousingUnitId("unit-2")
HOUSING_UNITS: Final = (HousingUnit(_FIRST, "Отряд № 1"), HousingUnit(_SECOND, "Отряд № 2"))

_FAMILY: Final = frozenset({VisitType.FAMILY, VisitType.OFFICIAL})
TERMINALS: Final = (
    Terminal(TerminalId("T-01"), "Кабина 1", _FIRST, _FAMILY),
    # Nobody overhears this one, so it alone carries protected visits.
    Terminal(TerminalId("T-02"), "Кабина 2 (адвокат)", _FIRST, PROTECTED_TYPES),
    Terminal(TerminalId("T-03"), "Кабина 3", _SECOND, _FAMILY),
    Terminal(TerminalId("T-04"), "Кабина 4", _SECOND, _FAMILY),
)

UNLIMITED_REGIME: Final = "settlement"
"""As in a settlement colony, where the number of visits is not limited."""
ALLOWANCES: Final = (
    Allowance("general", 8, timedelta(days=30)),
    Allowance("strict", 4, timedelta(days=30)),
    Allowance("remand", 2, timedelta(days=30)),
    Allowance(UNLIMITED_REGIME, 100_000, timedelta(days=1)),
)


def _inmate(
    number: int, name: str, born: str, unit: HousingUnitId, regime: str, language: str = "ru"
) -> Inmate:
    return Inmate(
        id=InmateId(f"i-{number:02}"),
        name=name,
        birth_date=date.fromisoformat(born),
        housing_unit=unit,
        language=language,
        regime=regime,
        on_remand=regime == "remand",
    )


INMATES: Final = (
    _inmate(1, "Соколов Андрей Викторович", "1984-03-17", _FIRST, UNLIMITED_REGIME),
    _inmate(2, "Мельников Игорь Павлович", "1979-11-02", _FIRST, UNLIMITED_REGIME),
    _inmate(3, "Хабибуллин Рустам Ильдарович", "1991-06-25", _FIRST, UNLIMITED_REGIME, "tt"),
    _inmate(4, "Орлов Денис Сергеевич", "1988-01-09", _FIRST, "general"),
    _inmate(5, "Зайцев Николай Фёдорович", "1957-08-30", _FIRST, "general"),
    _inmate(6, "Рахимов Фарход Бахтиёрович", "1995-04-12", _FIRST, "strict", "uz"),
    _inmate(7, "Кузнецов Павел Олегович", "1982-12-05", _SECOND, UNLIMITED_REGIME),
    _inmate(8, "Громов Артём Юрьевич", "2001-02-19", _SECOND, UNLIMITED_REGIME),
    _inmate(9, "Лебедев Максим Андреевич", "1993-10-21", _SECOND, "remand"),
    _inmate(10, "Окафор Дэниел", "1990-07-14", _SECOND, UNLIMITED_REGIME, "en"),
    _inmate(11, "Щербаков Виталий Геннадьевич", "1966-05-03", _SECOND, "strict"),
    _inmate(12, "Новиков Илья Романович", "2003-09-28", _SECOND, "general"),
)

ON_REMAND: Final = InmateId("i-09")
PERMITTED_VISITOR: Final = VisitorId("v-12")
"""The one whom the investigator's permit names."""

NON_ASSOCIATIONS: Final = (NonAssociation(InmateId("i-06"), InmateId("i-11")),)


def _visitor(
    number: int, name: str, born: str, language: str = "ru", credential: str = ""
) -> Visitor:
    papers: tuple[Credential, ...] = ()
    if credential:
        until = datetime(2045, 1, 1, tzinfo=UTC)
        papers = (Credential(VisitType.LEGAL, credential, "administrator", until),)
    return Visitor(VisitorId(f"v-{number:02}"), name, date.fromisoformat(born), language, papers)


VISITORS: Final = (
    _visitor(1, "Соколова Марина Игоревна", "1986-09-11"),
    _visitor(2, "Соколов Виктор Петрович", "1955-02-24"),
    _visitor(3, "Мельникова Ольга Дмитриевна", "1981-04-06"),
    _visitor(4, "Хабибуллина Алсу Маратовна", "1993-12-18", "tt"),
    _visitor(5, "Орлова Екатерина Андреевна", "1990-03-29"),
    _visitor(6, "Орлов Кирилл Денисович", "2016-07-08"),
    _visitor(7, "Зайцева Тамара Ивановна", "1959-10-13"),
    _visitor(8, "Рахимова Дилноза Акмаловна", "1997-01-31", "uz"),
    _visitor(9, "Кузнецова Светлана Олеговна", "1985-06-02"),
    _visitor(10, "Громова Анна Юрьевна", "1999-11-23"),
    _visitor(11, "Громов Юрий Васильевич", "1972-05-15"),
    _visitor(12, "Лебедева Ксения Олеговна", "1994-08-07"),
    _visitor(13, "Лебедев Андрей Николаевич", "1964-01-20"),
    _visitor(14, "Окафор Грейс", "1992-02-10", "en"),
    _visitor(15, "Щербакова Нина Сергеевна", "1968-12-27"),
    _visitor(16, "Новикова Лариса Петровна", "1975-04-19"),
    _visitor(17, "Новиков Степан Романович", "2006-03-03"),
    _visitor(18, "Белов Константин Игоревич", "1987-07-26"),
    _visitor(19, "Воронцова Елена Аркадьевна", "1978-10-01", credential="66/1482"),
    _visitor(20, "Гусев Михаил Леонидович", "1970-05-22", credential="66/0937"),
)

_SPOUSE, _PARENT = Relationship.SPOUSE, Relationship.PARENT
_CHILD, _SIBLING = Relationship.CHILD, Relationship.SIBLING
_FRIEND, _COUNSEL = Relationship.FRIEND, Relationship.COUNSEL

_PAIRS: Final = (
    (1, 1, _SPOUSE),
    (1, 2, _PARENT),
    (2, 3, _SPOUSE),
    (2, 18, _FRIEND),
    (3, 4, _SPOUSE),
    (4, 5, _SPOUSE),
    (4, 6, _CHILD),
    (5, 7, _SPOUSE),
    (6, 8, _SPOUSE),
    (7, 9, _SIBLING),
    (8, 10, _SIBLING),
    (8, 11, _PARENT),
    (9, 12, _SPOUSE),
    (9, 13, _PARENT),
    (10, 14, _SPOUSE),
    (11, 15, _SPOUSE),
    (12, 16, _PARENT),
    (12, 17, _SIBLING),
    *((inmate, 19, _COUNSEL) for inmate in range(1, 7)),
    *((inmate, 20, _COUNSEL) for inmate in range(5, 13)),
)


def _contacts() -> Iterator[Contact]:
    for number, (inmate, visitor, relationship) in enumerate(_PAIRS, start=1):
        yield Contact(
            ContactId(f"c-{number:02}"),
            InmateId(f"i-{inmate:02}"),
            VisitorId(f"v-{visitor:02}"),
            relationship,
        )


CONTACTS: Final = tuple(_contacts())

UPCOMING: Final = (
    (VisitType.FAMILY, InmateId("i-04"), (VisitorId("v-05"), VisitorId("v-06"))),
    (VisitType.FAMILY, InmateId("i-05"), (VisitorId("v-07"),)),
    (VisitType.LEGAL, InmateId("i-06"), (VisitorId("v-19"),)),
    (VisitType.FAMILY, InmateId("i-06"), (VisitorId("v-08"),)),
    (VisitType.FAMILY, ON_REMAND, (PERMITTED_VISITOR,)),
    (VisitType.LEGAL, ON_REMAND, (VisitorId("v-20"),)),
    (VisitType.FAMILY, InmateId("i-11"), (VisitorId("v-15"),)),
    (VisitType.FAMILY, InmateId("i-12"), (VisitorId("v-16"), VisitorId("v-17"))),
)
"""Visits of the next days, the first two of them on the first day with a fitting slot."""

WEEKDAYS: Final = TemplateId("weekdays")


def timetable(today: date) -> tuple[SessionTemplate, ...]:
    """The weekly timetable, valid from the local day ``today``."""
    quarter = timedelta(minutes=15)
    monday = today - timedelta(days=today.weekday())

    def template(
        ident: str,
        name: str,
        days: str,
        at: time,
        slots: int,
        capacity: int,
        kinds: frozenset[VisitType],
    ) -> SessionTemplate:
        return SessionTemplate(
            id=TemplateId(ident),
            name=name,
            rrule=f"FREQ=WEEKLY;BYDAY={days}",
            first_day=monday,
            starts_at=at,
            slot=quarter,
            slots_per_day=slots,
            capacity=capacity,
            visit_types=kinds,
            valid_from=monday,
        )

    workdays = "MO,TU,WE,TH,FR"
    return (
        template(WEEKDAYS, "Будни: родные и близкие", workdays, time(9, 30), 12, 3, _FAMILY),
        template("weekend", "Выходные: родные и близкие", "SA,SU", time(10), 20, 3, _FAMILY),
        template("counsel", "Защитники", workdays, time(14), 12, 1, PROTECTED_TYPES),
    )
