"""Offers and answers, the same for both parties."""

from relay.core.model import VisitId
from relay.service.attendance import Attendance
from relay.service.client import Client
from visit_protocol.signalling import Answer, Offer, OfferRefused
from visit_protocol.vocabulary import Party


async def answer_offer(
    attendance: Attendance, joined: VisitId | None, party: Party, client: Client, offer: Offer
) -> Answer | OfferRefused:
    """The relay's answer to a party's offer, or a stable code why there is none."""
    if joined is None:
        return OfferRefused(id=offer.id, code="NOT_JOINED")
    answer = await attendance.offer(joined, party, client, offer.sdp)
    if isinstance(answer, str):
        return OfferRefused(id=offer.id, code=answer)
    return Answer(id=offer.id, sdp=answer.sdp)
