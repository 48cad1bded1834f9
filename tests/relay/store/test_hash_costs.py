"""What guessing a stolen secret costs; of a process of its own, for the tests hash cheaply."""

import subprocess
import sys

SHOW = """
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from relay.service.secret_hash import hash_secret_now
from relay.store.key_files import SealedKey
print(hash_secret_now("482913"))
kdf = SealedKey.seal(Ed25519PrivateKey.generate(), "a", "correct horse battery").kdf
print(kdf.name, kdf.passes, kdf.memory_kib)
"""


def test_passwords_and_pins_cost_what_owasp_asks_and_keys_three_times_that() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert shown[1] == "argon2id 2 65536"
