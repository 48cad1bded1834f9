"""Whether the example facility is in a data folder, and in whose name it is there.

Apart from `operate.example.creation`, for every start asks this, and only the first one creates.
"""

from pathlib import Path
from typing import Final

from operate.example import secret_file
from relay.service.staff import Actor
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.facilities import Facilities

BUILDER: Final = Actor.local("example")
"""Who stands in the journal for what this package does."""


class ExampleExistsError(Exception):
    """The data folder holds a facility already."""


def exists(data_dir: Path) -> bool:
    """Whether `operate.example.create` has finished in this data folder.

    Raises:
        DataFolderLockedError: a relay runs there.
        StoreError: the store there cannot be used.
    """
    file = data_dir / DATABASE_FILE
    if not (file.exists() and secret_file.path_of(data_dir).exists()):
        return False
    # Both files are there before the facility is: a full disk or a kill may have come between.
    with lock(data_dir), Store.open(file) as store:
        return store.read_now(lambda db: Facilities(db).facility()) is not None
