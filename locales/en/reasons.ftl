# Words for every code that travels on the wire: short, kind, plain for people under stress.
# Both parties read them, so they never speak to anyone as if to blame.

## States of a call

state-SCHEDULED = The visit is booked
state-OPEN = You can join now
state-WAITING_INMATE = Waiting for the person in the facility
state-WAITING_VISITOR = Waiting for the visitor
state-LIVE = The visit is on
state-PAUSED = The visit is paused
state-RECONNECTING = Connection lost, reconnecting
state-ENDED = The visit has ended

## How a visit ended

outcome-COMPLETED_NORMALLY = The time of the visit is over
outcome-TERMINATED_BY_STAFF = A member of staff ended the visit
outcome-INMATE_COMPLETED_EARLY = The person in the facility ended the visit
outcome-VISITOR_COMPLETED_EARLY = The visitor ended the visit
outcome-INMATE_REFUSED_TO_ATTEND = The person in the facility chose not to come
outcome-INMATE_NOT_BROUGHT = The person was not brought to the terminal
outcome-VISITOR_DID_NOT_ARRIVE = The visitor did not connect
outcome-VISITOR_FAILED_SECURITY_CHECKS = The visitor's check was not passed
outcome-ESTABLISHMENT_CANCELLED = The facility cancelled the visit
outcome-INMATE_CANCELLED = The person in the facility cancelled the visit
outcome-VISITOR_CANCELLED = The visitor cancelled the visit
outcome-BATCH_CANCELLATION = All visits at this time are cancelled
outcome-ADMINISTRATIVE_ERROR = There was a mistake in the booking
outcome-SUSPENDED_BY_ORDER = The visit is suspended
outcome-TECHNICAL_FAILURE_FACILITY = A fault on the facility's side
outcome-TECHNICAL_FAILURE_VISITOR = A fault in the visitor's connection

## Why it cannot be

reason-NO_ALLOWANCE = No visits are left for this period
reason-VISITOR_NOT_ON_LIST = The visitor is not on the list of approved contacts
reason-VISITOR_BANNED = The visitor may not have visits at present
reason-INMATE_BANNED = The person in the facility may not have visits at present
reason-SLOT_UNAVAILABLE = There is no place at this time
reason-NO_ADULT = A child needs an adult beside them
reason-NON_ASSOCIATION = The terminal cannot be used at this time
reason-DOUBLE_BOOKING = There is another visit at this time
reason-INMATE_MOVED = The person was moved to another facility
reason-INMATE_RELEASED = The person has been released
reason-NO_PERMIT = There is no permission from the investigator or court
reason-PERMIT_USED = The permission has already been used
reason-SUSPENDED_BY_ORDER = The visit is suspended
reason-OTHER = The visit is not possible now
reason-CREDENTIAL_NOT_VERIFIED = The visitor's credential has not been checked yet
reason-VISIT_TYPE_MISMATCH = The visit was booked as the wrong type
reason-RESTRICTED = There is a restriction on this visit
reason-FACTS_MISSING = Some facts needed to allow the visit are missing
reason-SLOT_NOT_OPEN = It is not time for the visit yet
reason-VISIT_OVER = The time of this visit has passed
reason-NOTICE_NOT_ACCEPTED = The notice must be accepted first
reason-TERMINAL_OUT_OF_SERVICE = The terminal is not working now
reason-RECORDING_UNAVAILABLE = The visit cannot be recorded, so it cannot start
reason-NO_CODEC = The two devices have no picture format in common
reason-PIN_WRONG = That PIN was not right
reason-BADGE_MISSING = Your badge is needed
reason-BADGE_WRONG = That badge does not belong to this visit
reason-NO_VISIT_NOW = You have no visit at this terminal now
reason-INMATE_LOCKED = Locked for a while: the PIN was wrong too many times
reason-TERMINAL_LOCKED = This terminal is locked for a while: the PIN was wrong too many times
reason-TERMINAL_NOT_ENROLLED = This terminal is not enrolled with this server
reason-RELAY_KEY_CHANGED = The server showed another key than its own: the terminal does not speak with it
reason-LINK_UNKNOWN = This link does not belong to any visit
reason-LINK_USED = This link is already in use on another device
reason-LINK_EXPIRED = This link has expired
reason-LINK_REPLACED = A newer link was given instead of this one

## Grounds of a suspension order

order-reason-SECURITY_INCIDENT = An incident in the facility
order-reason-INVESTIGATION = An inquiry is under way
order-reason-PERSON_SAFETY = A person's safety
order-reason-RULE_VIOLATION = The rules of visits were broken
order-reason-TECHNICAL_WORK = Technical work
order-reason-QUARANTINE = Quarantine
order-reason-COURT_ORDER = A court decision

## Why staff ended a visit

termination-RULES_BROKEN = The rules of the visit were broken
termination-THREAT_OR_ABUSE = Threats or abuse
termination-THIRD_PERSON = Somebody else took part
termination-INDECENCY = Indecent behaviour
termination-SAFETY_OF_PERSON = A person's safety
termination-FACILITY_EMERGENCY = An emergency in the facility
termination-REQUESTED_BY_PARTY = One of the two asked for it

## Types of visit

visit-type-FAMILY = Family visit
visit-type-LEGAL = Meeting with counsel
visit-type-CONSULAR = Meeting with a consul
visit-type-OMBUDSMAN = Meeting with the ombudsman
visit-type-MEDICAL = Meeting with a doctor
visit-type-CLERGY = Meeting with clergy
visit-type-OFFICIAL = Official meeting

## What to do next

todo-COMPLETED_NORMALLY = Thank you. The next visit can be booked through the facility.
todo-TERMINATED_BY_STAFF = If you disagree, you can appeal to the head of the facility or the prosecutor. The facility books a new visit.
todo-INMATE_COMPLETED_EARLY = If it was by accident, ask the facility for a new visit.
todo-VISITOR_COMPLETED_EARLY = If it was by accident, ask the facility for a new visit.
todo-INMATE_REFUSED_TO_ATTEND = This was the person's own choice. A new visit can be asked for at any time.
todo-INMATE_NOT_BROUGHT = It was not your fault and no allowance is used. The facility will offer another time.
todo-VISITOR_DID_NOT_ARRIVE = Ask the facility for another time.
todo-VISITOR_FAILED_SECURITY_CHECKS = Ask the facility what the check needs. The decision can be appealed.
todo-ESTABLISHMENT_CANCELLED = It was not your fault and no allowance is used. The facility will offer another time.
todo-INMATE_CANCELLED = A new visit can be booked through the facility.
todo-VISITOR_CANCELLED = A new visit can be booked through the facility.
todo-BATCH_CANCELLATION = It was not your fault and no allowance is used. The facility will offer another time.
todo-ADMINISTRATIVE_ERROR = It was not your fault and no allowance is used. The facility will correct the booking and offer another time.
todo-SUSPENDED_BY_ORDER = No allowance is used. You can appeal to the head of the facility, the prosecutor or a court. If the suspension is lifted earlier, you can join right here.
todo-TECHNICAL_FAILURE_FACILITY = It was not your fault and no allowance is used. The facility will offer another time.
todo-TECHNICAL_FAILURE_VISITOR = Check the connection and ask the facility for another time.

todo-NO_ALLOWANCE = Ask the facility when the next visit can be booked.
todo-VISITOR_NOT_ON_LIST = Ask the person in the facility to add the visitor to the contact list.
todo-VISITOR_BANNED = You can appeal to the head of the facility, the prosecutor or a court.
todo-INMATE_BANNED = You can appeal to the head of the facility, the prosecutor or a court.
todo-SLOT_UNAVAILABLE = Ask the facility for another time.
todo-NO_ADULT = Join together with the adult named in the booking.
todo-NON_ASSOCIATION = The facility will set another time.
todo-DOUBLE_BOOKING = Ask the facility for another time.
todo-INMATE_MOVED = Ask the facility where the person is now and how to book there.
todo-INMATE_RELEASED = A video visit is no longer needed: the person is free.
todo-NO_PERMIT = Ask the investigator or court for permission and give it to the facility.
todo-PERMIT_USED = Each visit needs a new permission from the investigator or court.
todo-OTHER = Call the facility; they will explain the reason.
todo-CREDENTIAL_NOT_VERIFIED = Show the credential at the facility and it will be checked.
todo-VISIT_TYPE_MISMATCH = Ask the facility to correct the booking. It was not your fault.
todo-RESTRICTED = Ask the facility which restriction applies and until when. It can be appealed.
todo-FACTS_MISSING = Call the facility; they will check the booking. It was not your fault.
todo-SLOT_NOT_OPEN = Nothing needs doing: you can join here when the time comes.
todo-VISIT_OVER = Ask the facility for a new visit.
todo-NOTICE_NOT_ACCEPTED = Read the notice and decide whether you agree.
todo-TERMINAL_OUT_OF_SERVICE = It was not your fault. Staff will find another terminal or another time.
todo-NO_CODEC = It was not your fault and no allowance is used. Open the link in a current Chrome, Firefox, Edge or Safari, or ask the facility for a new link for another device.
todo-RECORDING_UNAVAILABLE = It was not your fault and no allowance is used. Try again in a few minutes.
todo-PIN_WRONG = Try again or call staff.
todo-BADGE_MISSING = Put your badge on the reader, then type your PIN.
todo-BADGE_WRONG = Use your own badge or call staff.
todo-NO_VISIT_NOW = Check the time and the terminal's number, or call staff.
todo-INMATE_LOCKED = Please wait or call staff.
todo-TERMINAL_LOCKED = Please wait or call staff.
todo-TERMINAL_NOT_ENROLLED = Please tell staff.
todo-RELAY_KEY_CHANGED = Please tell staff: somebody may have come in between.
todo-LINK_UNKNOWN = Check that the whole link was copied. If that does not help, ask the facility for a new one.
todo-LINK_USED = Go back to the device and browser you joined from. If that was not you, tell the facility at once: they will replace the link.
todo-LINK_EXPIRED = Ask the facility for a new visit.
todo-LINK_REPLACED = Open the last link you were sent.

# A warning to both parties during the call.
warning-title = Warning by staff:
warning-RULES_BROKEN = keep to the rules of the visit
warning-THREAT_OR_ABUSE = speak without threats or insults
warning-THIRD_PERSON = somebody else is in the picture
warning-INDECENCY = behave decently

# A complaint about a visit, made in the booth by one touch.
complaint-SOUND_OR_PICTURE = Bad sound or picture
complaint-CUT_SHORT = The visit was cut short
complaint-STAFF_CONDUCT = Conduct of staff
complaint-OTHER = Something else
