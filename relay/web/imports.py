"""CSV files over REST: people, contacts, visits."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from relay.service.importing import MAX_BYTES, Kind, RowsRejected, import_csv
from relay.service.staff import Actor
from relay.web.access import ADMINISTRATOR, Service, allow
from relay.web.errors import ApiError

router = APIRouter(tags=["import"])


class ImportedRows(BaseModel):
    """How many rows are in."""

    imported: int


@router.post(
    "/import/{kind}",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def import_rows(
    kind: Kind,
    request: Request,
    desks: Service,
    asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))],
) -> ImportedRows:
    """Import a whole CSV file or, when any row has a fault, nothing of it."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise ApiError(
                413, "TOO_LARGE", f"The file is larger than {MAX_BYTES} bytes; split it."
            )
    result = await import_csv(
        desks.store,
        kind,
        bytes(content),
        now=desks.clock.now(),
        orders=desks.visits.orders,
        clock=desks.clock.interval(),
        badge_hash=desks.badges.fingerprint,
        by=asker,
    )
    if isinstance(result, RowsRejected):
        rejected = [
            {"line": row.line, "field": row.field, "code": row.code, "message": row.message}
            for row in result.rejected
        ]
        raise ApiError(
            422,
            "ROWS_REJECTED",
            f"{len(rejected)} faults; nothing was imported.",
            rejected=rejected,
        )
    await desks.visits.refresh()
    await desks.booths.refresh()
    await desks.visits.review()
    return ImportedRows(imported=result.count)
