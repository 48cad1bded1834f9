"""A store that holds the places and people of the example facility, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operate.example.people import FACILITY, HOUSING_UNITS, INMATES, TERMINALS, VISITORS
from relay.store.database import DATABASE_FILE, Store
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.sqlite import Database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / DATABASE_FILE) as store:
        store.write_now(_furnish)
        yield store


def _furnish(db: Database) -> None:
    places, people = Facilities(db), People(db)
    places.put_facility(FACILITY)
    for unit in HOUSING_UNITS:
        places.put_housing_unit(unit)
    for terminal in TERMINALS:
        places.put_terminal(terminal)
    for inmate in INMATES:
        people.put_inmate(inmate)
    for visitor in VISITORS:
        people.put_visitor(visitor)
