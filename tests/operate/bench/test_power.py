"""`parloir bench power`: the words by which it finds what it fells."""

import pytest

from operate.bench.powering import _BRIDGE, _ENGINE, _KIOSK, _RELAY, _holds


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python -P -m relay --config relay.toml", _RELAY),
        ("python -P -m kiosk --config kiosk.toml", _KIOSK),
        ("python -m kiosk.engine --control-fd=3", _ENGINE),
        ("python -P -m firmware_bridge run --config bridge.toml", _BRIDGE),
    ],
)
def test_each_part_is_found_by_its_own_words_and_no_other(
    command: str, words: tuple[str, ...]
) -> None:
    found = [each for each in (_RELAY, _KIOSK, _ENGINE, _BRIDGE) if _holds(command.split(), each)]
    assert found == [words]
