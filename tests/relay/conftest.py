"""The example facility is made once; every test gets its own copy."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.relay.facility import Running, make_example, running
from tests.relay.hashing import cheap_hashes


@pytest.fixture(scope="session", autouse=True)
def hashes() -> Iterator[None]:
    """Secrets of tests withstand nobody."""
    with cheap_hashes():
        yield


@pytest.fixture(scope="session")
def example_at_now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy from."""
    return make_example(tmp_path_factory.mktemp("example") / "data")


@pytest.fixture
async def relay(example_at_now: Path, tmp_path: Path) -> AsyncIterator[Running]:
    """A relay that serves the example facility inside this process."""
    async with running(example_at_now, tmp_path / "data") as relay:
        yield relay
