"""Rules about who may meet whom: lists, types, papers, bans, minors, allowance, permits."""

from collections.abc import Iterator

from relay.core.case import MISSING, Case, Ground
from relay.core.model import CallPermit, Custody, Visitor, VisitorId
from visit_protocol.vocabulary import RejectionCode, RestrictionKind


def people_known(case: Case) -> Iterator[Ground]:
    """Everybody in the visit is somebody the facts speak of."""
    if case.facts.inmate is None or case.facts.inmate.id != case.visit.inmate:
        yield MISSING
    known = {visitor.id for visitor in case.visitors}
    if not case.visit.visitors or not known.issuperset(case.visit.visitors):
        yield MISSING


def custody(case: Case) -> Iterator[Ground]:
    """The inmate is still here."""
    match case.facts.inmate and case.facts.inmate.custody:
        case Custody.MOVED:
            yield Ground(RejectionCode.INMATE_MOVED)
        case Custody.RELEASED:
            yield Ground(RejectionCode.INMATE_RELEASED)


def on_list(case: Case) -> Iterator[Ground]:
    """Every visitor has an approved contact with the inmate."""
    if case.facts.contacts is None:
        yield MISSING
        return
    listed = {one.visitor for one in case.facts.contacts if one.approved and case.is_of_visit(one)}
    if not listed.issuperset(case.visit.visitors):
        yield Ground(RejectionCode.VISITOR_NOT_ON_LIST)


def type_fits_people(case: Case) -> Iterator[Ground]:
    """Counsel is never FAMILY, and nobody but counsel sits in a LEGAL visit.

    A protected visit is neither recorded nor watched, so every visitor in it must be there by
    the relationship that makes it so; a wife beside the advocate would be a hole in the wall.
    """
    if case.facts.contacts is None:
        yield MISSING
        return
    booked = case.visit.visit_type
    required = [
        (one.visitor, one.relationship.required_type)
        for one in case.facts.contacts
        if one.approved and case.is_of_visit(one)
    ]
    bound_to_another = any(wanted not in (None, booked) for _, wanted in required)
    entitled = {visitor for visitor, wanted in required if wanted is booked}
    if bound_to_another or (booked.protected and not entitled.issuperset(case.visit.visitors)):
        yield Ground(RejectionCode.VISIT_TYPE_MISMATCH)


def credentials(case: Case) -> Iterator[Ground]:
    """In a protected visit every visitor has shown a paper that is still valid."""
    if not case.visit.visit_type.protected:
        return
    if case.facts.visitors is None:
        yield MISSING
        return
    for visitor in case.visitors:
        if not _is_verified(visitor, case):
            yield Ground(RejectionCode.CREDENTIAL_NOT_VERIFIED)


def _is_verified(visitor: Visitor, case: Case) -> bool:
    _, needed_at = case.span
    return any(
        paper.visit_type is case.visit.visit_type
        and paper.verified_by != ""
        and (paper.valid_until is None or needed_at < paper.valid_until)
        for paper in visitor.credentials
    )


def bans(case: Case) -> Iterator[Ground]:
    """Nobody here is banned; a ban of a visitor or of a pair counts as the visitor's."""
    if case.facts.restrictions is None:
        yield MISSING
    for one in case.restrictions_of(RestrictionKind.BAN):
        of_inmate = one.visitor is None
        code = RejectionCode.INMATE_BANNED if of_inmate else RejectionCode.VISITOR_BANNED
        yield Ground(code, until=one.expires)


def minors_kept_apart(case: Case) -> Iterator[Ground]:
    """No minor meets somebody who must not meet minors."""
    if case.facts.restrictions is None or case.facts.visitors is None:
        yield MISSING
        return
    if any(case.is_minor(one) for one in case.visitors):
        for restriction in case.restrictions_of(RestrictionKind.CHILD):
            yield Ground(RejectionCode.RESTRICTED, until=restriction.expires)


def adult_present(case: Case) -> Iterator[Ground]:
    """A minor comes with an adult visitor in the same visit."""
    if case.facts.visitors is None:
        yield MISSING
    elif case.visitors and all(case.is_minor(one) for one in case.visitors):
        yield Ground(RejectionCode.NO_ADULT)


def allowance(case: Case) -> Iterator[Ground]:
    """The regime's allowance has an unprotected visit left; protected ones need none."""
    if case.visit.visit_type.protected:
        return
    if case.facts.allowance is None or case.facts.allowance_used is None:
        yield MISSING
    elif case.facts.allowance_used >= case.facts.allowance.visits:
        yield Ground(RejectionCode.NO_ALLOWANCE)


def permits(case: Case) -> Iterator[Ground]:
    """On remand every visitor of an unprotected visit has a permit that is not used up."""
    inmate = case.facts.inmate
    if case.visit.visit_type.protected or (inmate is not None and not inmate.on_remand):
        return
    if inmate is None or case.facts.permits is None:
        yield MISSING
        return
    for visitor in case.visit.visitors:
        valid = _valid_permits(visitor, case.facts.permits, case)
        if not valid:
            yield Ground(RejectionCode.NO_PERMIT)
        elif all(permit.used_by not in (None, case.visit.id) for permit in valid):
            yield Ground(RejectionCode.PERMIT_USED)


def _valid_permits(
    visitor: VisitorId, known: tuple[CallPermit, ...], case: Case
) -> list[CallPermit]:
    begins, ends = case.span
    return [
        permit
        for permit in known
        if permit.inmate == case.visit.inmate
        and permit.visitor == visitor
        and permit.valid_from <= begins
        and ends <= permit.valid_until
    ]
