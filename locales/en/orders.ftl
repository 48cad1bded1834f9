# Suspension orders: the list, a new order, approval, appeals.

administrator-title = Administrator
orders-title = Suspension orders
order-new = New order
order-protected = Reaches protected visits too: { $types }
order-issued = { $who }, { $when }
order-until = until { $when }
order-left = { $time } left
order-lifted = lifted: { $who }, { $when }
order-cut =
    { $count ->
        [one] { $count } visit cut: { $visits }
       *[other] { $count } visits cut: { $visits }
    }
order-lift = Lift
order-lift-comment = Comment on lifting
order-lift-confirm = Lift the order

order-title = New suspension order

scope-kind = Scope, narrowest first
scope-find = Search
scope-value = Who or what exactly
scope-none-found = Nothing found.
scope-inmate = Inmate
scope-visitor = Visitor
scope-contact = Contact
scope-terminal = Terminal
scope-housing_unit = Housing unit
scope-facility = Facility
scope-region = Region
scope-operator = Operator
scope-visit_type = Visit type
relationship-SPOUSE = spouse
relationship-PARENT = parent
relationship-CHILD = child
relationship-SIBLING = sibling
relationship-RELATIVE = relative
relationship-FRIEND = friend
relationship-COUNSEL = counsel
relationship-CONSUL = consul
relationship-OMBUDSMAN = ombudsman
relationship-PHYSICIAN = physician
relationship-CLERGY = clergy
relationship-INVESTIGATOR = investigator

order-expires = Exact time by the facility's clock ({ $zone })
order-expires-presets = Usual terms
order-expires-limit = For this order no longer than { $limit }. There is no order without an end.

protected-hint = As a rule they go on. Tick only what the law plainly allows; the term is then 72 hours at most.
protected-warning-LEGAL = The person will be without counsel. Such an order is almost always appealed.
protected-warning-CONSULAR = Consular access is protected by an international treaty.
protected-warning-OMBUDSMAN = Access to the ombudsman may not be limited without a court decision.
protected-warning-MEDICAL = The person may be without a doctor. Make sure that care is given another way.
protected-warning-CLERGY = A meeting with clergy may be the last one.

order-reason = Grounds
order-basis = Legal basis: number, date, article

impact-working = Counting…
impact-inmates = inmates
impact-visitors = visitors
impact-terminals = terminals
impact-as-of = As of { $time }
impact-listed = Which visits
impact-none = The order touches no booked visit.
impact-stays-on = What stays on
impact-nothing-kept = Nothing: all protected visits are ticked.

problem-scope = Choose whom the order reaches.
problem-expires = Say until when.
problem-expires-past = That time has passed.
problem-expires-long = The term is longer than allowed.
problem-reason = Choose the grounds.
problem-basis = Give the legal basis.
problem-words = Write the words for people in both languages.
problem-refused = The server did not accept this field. Check it.

## The list

orders-counts = Orders by state
orders-drafts = Drafts
orders-expiring = Ending soon
orders-active = In force
orders-pending = Not yet in force
orders-ended = Lifted and expired
orders-none-drafts = No draft waits for anybody.
orders-none-expiring = No order ends soon.
orders-none-active = No order is in force beside those above. Visits go on.
orders-none-pending = No order is about to begin.
orders-none-ended = No order has ended yet.
orders-more = Show { $count } more
order-state-ACTIVE = In force
order-state-PENDING = Not yet in force
order-state-LIFTED = Lifted
order-state-EXPIRED = Expired
order-state-expiring = Ends soon
order-class = Class
order-class-NARROW = narrow order
order-class-WIDE = wide order
order-class-PROTECTED = order on protected visits
order-class-EMERGENCY = emergency order
order-from = from { $when }
order-approved-by = approved: { $people }
order-renews = renews { $order }
order-renewed-by = renewed by { $order }
order-review-due = Review due
order-review-overdue = The review is overdue: it was due { $when }
order-reviewed = Reviewed: { $person }, { $when }.
order-lift-asked = Lifting signed by { $people }; the order stands until a second person signs it too
order-notices = Notices: { $delivered } of { $count } delivered
order-renew = Renew
order-review = Review
order-proof = Receipts
draft-waits-counting = Not counted yet
draft-waits-approval = Waits for a second person
draft-waits-oversight = Waits for a second person, one of the two with oversight
draft-waits-signature = Waits for its author's signature
draft-waits-too-late = Its term has passed: withdraw it
draft-visits =
    { $count ->
        [one] { $count } visit
       *[other] { $count } visits
    }
draft-by = { $person }, { $when }
draft-continue = Continue
draft-declined = Declined: { $person }, { $when }.
draft-withdraw = Withdraw
draft-look = Look and decide
draft-withdrawn = The draft is withdrawn. Nothing was suspended.

## A new order, step by step

order-kind = What kind of order
order-kind-ordinary = Suspension order
order-kind-ordinary-hint = For named people or places, with a term and a reason. As narrow as will do.
order-kind-emergency = Emergency: the whole facility, 60 minutes at most
order-kind-emergency-hint = One person signs it, it ends by itself, and somebody else reviews it within a day. Protected visits go on.
order-emergency-whom = Every unprotected visit at { $facility }.
order-whom = Whom it reaches
order-chosen = Chosen:
order-step-expires = Until when
order-step-protected = Protected visits
order-step-reason = Grounds
order-words = What people are told
order-abandon = Back without an order
flow-title-emergency = New emergency order
flow-leave-draft = Leave it as a draft
flow-steps = Steps of the order
flow-step-scope = Scope
flow-step-impact = Impact
flow-step-words = Reason and words
flow-step-sign = Signature
flow-step-enforce = Enforcement
flow-step-done = done
flow-heading-scope = Step 1 of 5. Whom does it reach, and until when?
flow-heading-impact = Step 2 of 5. What will it do, and would less do?
flow-heading-words = Step 3 of 5. Why, and what do people read?
flow-heading-sign = Step 4 of 5. Approval and signature
flow-heading-enforce = Step 5 of 5. Is it enforced?
flow-next-scope = Next: what it will do
flow-next-impact = Next: reason and words
flow-next-words = Next: approval and signature
flow-back = Back
flow-finish = To the orders
flow-counted =
    { $count ->
        [one] Counted: { $count } visit.
       *[other] Counted: { $count } visits.
    }

impact-first = The numbers have not been counted.
impact-visits = visits cancelled
impact-visits_24h = of them in 24 h
impact-visits_7d = of them in 7 days
impact-live = live now
impact-children = children
impact-hurt = Who is hurt most
impact-hurt-children =
    { $count ->
        [one] { $count } child will not see their family
       *[other] { $count } children will not see their family
    }
impact-hurt-minimum =
    { $count ->
        [one] { $count } inmate is left without any visit for 14 days: { $names }
       *[other] { $count } inmates are left without any visit for 14 days: { $names }
    }
impact-hurt-live =
    { $count ->
        [one] { $count } live call will be cut
       *[other] { $count } live calls will be cut
    }
impact-kept =
    { $count ->
        [one] { $count } visit in this time goes on
       *[other] { $count } visits in this time go on
    }
impact-protected-kept = { $types } go on; in this scope: { $count }
impact-confirm = Confirm the number
impact-needs-one = One person signs this order.
impact-needs-two = This order needs a second person, who approves exactly these numbers.
impact-needs-oversight = This order needs two people, one of them with oversight, for exactly these numbers.
order-why-not-narrower = Why does nothing narrower do?
order-why = Why nothing narrower
order-confirm-count = Type the number of visits that you cancel
narrower-title = Narrower orders that answer the same incident
narrower-none = No narrower order answers it. If the incident concerned other visits than the live ones, name them below.
narrower-order = Order
narrower-visits = Visits lost
narrower-use = Use this
narrower-this = chosen
narrowing-CONTACT = Only the pair concerned
narrowing-INMATE = Only the inmate concerned
narrowing-VISITOR = Only the visitor concerned
narrowing-TERMINAL = Only the booth concerned
narrowing-HOUSING_UNIT = Only the housing unit concerned
narrowing-VISIT_TYPE = Only this type of visit
narrowing-SHORTER = The same, but shorter
incident-title = Which visits did the incident concern?
incident-live = those that are live
incident-hint = Narrower orders are looked for that still stop each of these.
incident-count = Look for narrower orders

order-ends = Ends
order-change-term = Change scope or term
order-withheld = Reason withheld
order-withheld-no = No: people are told the reason
order-withheld-hint = People read only a neutral sentence. The order, the auditors and a court keep the reason and this ground.
withheld-RISK_TO_PERSON = Somebody could be harmed
withheld-RISK_TO_INVESTIGATION = An inquiry could be harmed
withheld-RISK_TO_SECURITY = The facility's security could be harmed
order-neutral-text = The visit is suspended for a time. The reason is not told for security. You can appeal against the decision.
order-text-ru = Words for people, in Russian
order-text-en = Words for people, in English
order-preview = What they will see
preview-inmate = The terminal's screen
preview-visitor = The visitor's phone
preview-no-words = (your words appear here)

sign-what = What you sign
sign-one = Your signature
sign-two = Approval and signature
sign-numbers = Impact
sign-numbers-words = { $visits } visits, { $inmates } inmates, { $visitors } visitors, { $live } live now
sign-digest = Exactly this, by its fingerprint:
secret = Secret of your own signing key
secret-hint = It opens your key for this one signature and is not kept anywhere. It is not your log-in password. An example facility asks for none.
order-sign = Sign and suspend
order-signing = Signing…
approval-drafter = Drafted: { $person }
approval-given = Approved: { $person }
approval-waits = A second person has to approve it
approval-waits-oversight = A second person has to approve it; one of the two must have oversight
approval-handed-over = It is handed over: approvers see it on their page. You may leave it and come back. Any change of the order or its numbers voids the approval.
approval-complete = Nothing is missing but your signature.

stage-sent = Sent
stage-received = Received by the facility
stage-enforced = Enforced
stage-lifted = Lifted
stage-expired = Expired
stage-waiting = no receipt yet
stage-receipt = receipt no. { $seq }, signed by { $facility }
stage-cut = { $cut } of { $reached } live calls cut
stage-cut-visit = { $visit }: last packet after { $milliseconds } ms
power-confirmed = Camera and microphone confirmed off: { $confirmed } of { $terminals }
power-state-AWAITED = waiting for confirmation
power-state-NOT_CONFIRMED = not confirmed
power-state-NOT_FITTED = no board fitted
stage-late = The facility has given no receipt yet. Until it does, the order is not proved to be enforced. Look at the live calls.

## What is done with an order

act-lift = Lift the order
act-renew = Renew the order
act-review = Review the order
act-notices = Notices to those concerned
act-proof = Receipts of this order
act-lift-hint = Visits in their time open again at once.
act-lift-hint-two = It took two people, so it takes two to lift it: the order stands until the second has signed too.
act-renew-hint = A renewal is a new order that begins where this one ends. It is counted, approved and signed like any other.
act-review-hint = Say what you found: is the order still needed, and is it still as narrow as can be?
order-lift-done = The order is lifted. Visits are possible again.
order-lift-waits = Your signature is kept. The order stands until a second person signs the lifting.
order-review-note = What you found
order-review-confirm = Record the review
order-review-done = The review is recorded.
order-renew-confirm = Make the draft
notices-none = Nobody's visit was taken, so nobody has to be told.
notice-told = I have told them
notice-open = not told yet
notice-via-KIOSK = at the terminal
notice-via-LINK = on the visit's page
notice-via-STAFF = by staff
notice-visit = visit { $reference }, { $starts }
notice-told-done = Recorded: { $who } was told.
untold-title = To be told by phone
untold-count = notices: { $count }
untold-none = Everybody whose visit an order took has been told.
recipient-INMATE = inmate
recipient-VISITOR = visitor
recipient-COUNSEL = counsel or other protected visitor

## Approval

approval-title = Decide on: { $scope }
approval-leave = Back
approval-drafted = Drafted
approval-so-far = Approved so far
approval-agree = Your decision
approval-bound =
    { $visits ->
        [one] You agree to exactly this: { $visits } visit, inmates: { $inmates }. If anything changes, your approval is void.
       *[other] You agree to exactly this: { $visits } visits, inmates: { $inmates }. If anything changes, your approval is void.
    }
approval-approve = Approve with my signature
approval-decline = Decline
decline-reason = Why you do not agree. The draft's author reads it.
decline-confirm = Decline and return it
decline-done = Declined. The draft went back to its author; nothing was suspended.
problem-decline = Say why you do not agree.
approval-not-now = Decide later
approval-done = Approved. The author can sign now.
approval-changed = The numbers have changed while you were looking. Look again before you approve.
approval-not-yours = You cannot approve this draft: you drafted it, or you have approved it already.

## Why can this visit not happen?

explain-ask = Why?
explain-title = Can visit { $reference } happen?
explain-possible = It can happen.
explain-impossible = It cannot happen now.
explain-over = It is over.
explain-order = Suspension order { $order }
explain-issuer = Signed by
explain-rebooked = Moved to visit { $visit }

## Appeals

appeals-title = Appeals
appeals-open = open: { $count }
appeals-none = Nobody has appealed.
appeal-against = Against { $order }
appeal-filed = filed { $when }
appeal-left = { $time } left to decide
appeal-overdue = Overdue since { $when }
appeal-decided = Decided: { $who }, { $when }.
appeal-decide = Decide
appeal-decide-title = Appeal against { $order }
appeal-outcome = Decision
appeal-outcome-UPHELD = The order stands
appeal-outcome-LIFTED = The order is lifted
appeal-outcome-NARROWED = A narrower order takes its place
appeal-replacement = Id of the narrower order
appeal-grounds = Grounds, which the person will read
appeal-done = The appeal is decided.

## The session

again-title = Your session has ended
again-hint = Nothing is lost. Log in again as { $user } and go on.

## Faults

problem-count = Type the number of visits that stands above.
problem-why = Say why nothing narrower does.
problem-unknown = Somebody or something in it is not known here.
problem-look-above = Something is missing: look at the marked fields.
problem-note = Say what you found.
problem-outcome = Choose the decision.
problem-grounds = Give the grounds.
error-KEY_UNKNOWN = There is no signing key of yours here. Ask who looks after the keys.
error-KEY_SECRET_WRONG = The secret does not open your key.
error-KEY_LOCKED = Too many wrong secrets: your key is locked for a while.
error-SECRET_REQUIRED = Type the secret of your own key.
error-NO_TRUST = The facility has no root of trust yet: no order can be signed.
error-NOT_A_SIGNER = You may not sign orders of this class.
error-NOT_AN_APPROVER = Orders are approved by people with the role of approver or oversight.
error-NOT_THE_DRAFTER = Only the person who drafted it may do that.
error-SAME_PERSON = The same person cannot do that: somebody else has to.
error-APPROVED_ALREADY = You have approved it already.
error-APPROVAL_MISSING = A second person has to approve first.
error-OVERSIGHT_MISSING = Somebody with oversight has to approve first.
error-UNDER_SIGNED = Too few people have signed.
error-WHY_NOT_NARROWER_MISSING = Say why nothing narrower does.
error-EXPIRES_PAST = Its term has passed already.
error-EMERGENCY_NOT_RENEWED = An emergency order is never prolonged: it ends by itself.
error-NOT_POSSIBLE_NOW = In its present state that is not possible. The list may be out of date.
error-UNKNOWN_IDS = Somebody or something in the order is not known here.
error-DECIDED_ALREADY = The appeal was decided already.
error-REPLACEMENT_MISSING = Name the narrower order that takes its place.
error-NOT_NARROWER = The order you named is not narrower.
error-CSRF = Your session began anew. Try again.

## What came in and is not right

refused-title = Orders that were refused here: { $count }
refused-via-link = over the link
refused-via-usb = on a stick
refused-via-local = here
refused-receipt = receipt { $number }
numbers-missing = Orders may be missing. They were withheld, are on their way, or are for another facility; nothing is suspended or lifted by this. Ask who issued them:
numbers-missing-one = { $issuer }: number { $first }
numbers-missing-several = { $issuer }: numbers { $first } to { $last }
refused-ENVELOPE_INVALID = It is not a signed order, or it was damaged.
refused-PAYLOAD_TYPE_UNKNOWN = It is a signed paper of another kind.
refused-ORDER_VERSION_UNKNOWN = It is written for a newer version of this program.
refused-ORDER_CRITICAL_UNKNOWN = It has a critical field that this version does not understand.
refused-INVALID_ORDER = It breaks a rule of orders.
refused-ROOT_EXPIRED = The root of trust has run out.
refused-ROOT_UNKNOWN = It was signed under a newer root of trust.
refused-SIGNATURE_INVALID = It was changed after somebody signed it.
refused-UNDER_SIGNED = Too few people signed it.
refused-OVERSIGHT_MISSING = Nobody of the oversight signed it.
refused-WRONG_FACILITY = It is for another facility.
refused-ROLLED_BACK = A newer revision of it is known.
refused-EXPIRED = It had ended before it came.

order-grace = Calls that run
order-grace-minutes =
    { $minutes ->
        [0] stop at once
        [one] have { $minutes } minute
       *[other] have { $minutes } minutes
    }
