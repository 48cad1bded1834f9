"""The fuzzed parsers over their corpus and over a few thousand mutations of it, always the same."""

import random

import pytest

from tests.fuzz.targets import CORPUS, TARGETS

MUTATIONS = 1000


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A piece of the data with some of its bytes changed, doubled or left out."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(found) + 1)
        match dice.randrange(4):
            case 0:
                found[at : at + 1] = dice.randbytes(1)
            case 1:
                found[at:at] = found[dice.randrange(len(found) + 1) :][:32]
            case 2:
                del found[at : at + dice.randint(1, 8)]
            case _:
                found[at : at + 1] = bytes((dice.choice((0, 1, 0x7F, 0x80, 0xFF)),))
    return bytes(found)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_whatever_comes_the_parsers_keep_their_claims(name: str) -> None:
    target, dice = TARGETS[name], random.Random(name)
    seeds = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    assert seeds
    for seed in seeds:
        target(seed)
    for _ in range(MUTATIONS):
        target(mutated(dice.choice(seeds), dice))
