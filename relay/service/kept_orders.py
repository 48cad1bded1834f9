"""What the store holds of orders and trust, verified again as it was when it came.

Guarantees: bytes that are not what was accepted raise, so that nothing runs on half a book.
Leaves to others: keeping them (`relay.store`), what is done with them (`enforcement`).
"""

from relay.store.errors import TamperedStoreError
from relay.store.orders import OrderRow, Orders
from relay.store.sqlite import Database
from relay.store.trust import TrustMetadata
from suspension import InvalidTrustError, SuspensionError
from suspension.envelope import parse_envelope
from suspension.trust import Trust
from suspension.trusted import unsigned


def kept_trust(db: Database) -> Trust | None:
    """The root and the delegations that were believed last; None before the first.

    Raises:
        TamperedStoreError: they are not what was believed.
    """
    metadata = TrustMetadata(db)
    roots, delegations = metadata.roots(), metadata.delegations()
    if not roots or delegations is None:
        return None
    try:
        return Trust.load(roots, delegations)
    except InvalidTrustError as error:
        raise TamperedStoreError(f"the kept root of trust {error}") from error


def kept_orders(db: Database) -> tuple[OrderRow, ...]:
    """Every order, its signatures verified again as they were when it came.

    Raises:
        TamperedStoreError: one is not what was accepted.
    """
    metadata = TrustMetadata(db)
    believed: dict[tuple[int, int], Trust] = {}
    rows = Orders(db).all()
    for row in rows:
        versions = (row.root_version, row.delegations_version)
        try:
            if versions not in believed:
                delegations = metadata.delegations(row.delegations_version) or b""
                believed[versions] = Trust.load(metadata.roots(row.root_version), delegations)
            order = row.order
            signers = believed[versions].signers(parse_envelope(row.content))
            refused = unsigned(order, signers)
        except SuspensionError as error:
            raise TamperedStoreError(f"order {row.id}, revision {row.rev}: {error}") from error
        if refused is not None or order.sha256 != row.sha256:
            raise TamperedStoreError(
                f"order {row.id}, revision {row.rev}: is not what was accepted"
            )
    return rows
