# Staff pages: log in, guard, administrator, oversight.

loading = Loading…
try-again = Try again
choose = Choose…
cancel = Cancel
close = Close
minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }

staff-facility-time = Facility's time
staff-log-out = Log out
role-guard = guard
role-administrator = administrator
role-approver = approver
role-oversight = oversight
role-auditor = auditor

## Log in

login-title = Staff log-in
login-for = Video visits of the facility
login-user = User name
login-password = Password
login-submit = Log in
login-working = Logging in…
login-again = Your session has ended. Log in again.
login-empty = Type your user name and password.
login-locked-until = Locked until { $time }: too many wrong attempts.

## Errors

error-title = That did not work.
error-LOGIN_FAILED = The user name or password was not right.
error-LOGIN_LOCKED = Locked for a while: too many wrong attempts.
error-NETWORK = The server does not answer. Check the connection and try again.
error-FORBIDDEN = Your role may not do this.
error-NOT_FOUND = It is no longer there: the list may be out of date.
error-IMPACT_CHANGED = While you were filling this in, the number of visits changed. Look at the new numbers and type the count again.
error-INVALID_ORDER = The order is not valid. Look at the marked fields.
error-LOGIN_REQUIRED = Your session has ended. Log in again.
error-INVALID_REQUEST = The server did not understand. Reload the page and try again.
error-NOTICE_DELIVERED = They have been told already.
error-NOT_POSSIBLE = That is no longer possible: the visit has ended or changed.
error-NO_SUCH_VISIT = There is no such visit: the list may be out of date.
error-NO_SUCH_ORDER = There is no such order: the list may be out of date.
error-VISIT_PROTECTED = A protected visit is never watched.
error-NOT_LIVE = The call is no longer live.
error-TOO_MANY_MONITORS = Too much is being watched at a time: close something else first.
error-TIMED_OUT = The server did not answer in time. Try again.
error-WORKER_LOST = Sound and picture failed. Try again in a moment.
error-SERVER = The server failed. Try again; if it happens again, tell the technicians.
error-UNKNOWN = Error code: { $code }.

## How fresh the list is

live-connecting = Connecting…
live-fresh = Up to date
live-stale = Out of date: { $seconds } s
live-lost = Connection lost: { $seconds } s, reconnecting

## Alerts

alerts-title = Alerts: { $count }
alerts-none = No alerts.
alert-rank = P{ $rank }
terminal-unlock = Unlock
alert-acknowledge = Acknowledge
alert-party-INMATE = inmate's side
alert-party-VISITOR = visitor's side
alert-part-door = door
alert-part-case = case
alert-LINK_SECOND_DEVICE = A visitor's link was opened on a second device
alert-ORDER_REVIEW_OPENED = One person suspended the facility in an emergency: somebody else must review it
alert-ORDER_REVIEW_DUE = A suspension order is due for review
alert-APPEAL_FILED = An appeal against a suspension order waits for a decision
alert-APPEAL_OVERDUE = An appeal against a suspension order is overdue
alert-PIN_LOCKED = A wrong PIN was typed five times
alert-STAFF_CALLED = Staff are being called
staff-reason-UNWELL = Somebody feels unwell
staff-reason-TECHNICAL = Something does not work
staff-reason-QUESTION = There is a question
alert-RECORDING_FAILED = A recording stopped
alert-SELF_TEST_FAILED = A terminal failed its self-test
alert-TERMINAL_LOST = A terminal does not answer
alert-WORKER_LOST = Sound and picture failed
alert-DISK_LOW = The disk is getting full
alert-PICTURE_DARK = A picture is dark
alert-PICTURE_COVERED = A camera is covered
alert-PICTURE_FROZEN = A picture does not move
alert-PANIC = Panic button in a booth
alert-TAMPER = The door or the case of a terminal is open
alert-POWER_NOT_CUT = Camera or microphone has power and must not
alert-POWER_NOT_CONFIRMED = A visit has ended and nobody confirms that camera and microphone are off: go and look
alert-POWER_NOT_GIVEN = Camera or microphone gets no power
alert-BOARD_LOST = A terminal's board does not answer
alert-TOO_HOT = A terminal is too hot
alert-BADGE_OF_ANOTHER = Somebody else’s badge was shown during a visit
alert-AUDIT_BROKEN = The audit log is broken or not signed: tell the administrator
alert-ORDER_EQUIVOCATED = Two versions of one suspension order
alert-ORDER_REFUSED = A suspension order was refused
alert-ORDER_NUMBER_MISSING = An order may be missing: its issuer's numbers have a gap
alert-STORE_OLDER = The database is older than the orders beside it
alert-CLOCK_DOUBTFUL = The machine's clock is in doubt
alert-TRUST_EXPIRES = The root of trust of orders runs out soon

## Terminals

terminals-title = Terminals
terminals-none = No terminals.
terminal-ready = ready
terminal-out-of-service = out of service
terminal-not-connected = not connected
terminal-engine = sound and picture not running
finding-NO_SPEECH = screens cannot be read aloud
finding-TEXTS_BROKEN = a language file has an error
terminal-camera = camera not working
terminal-microphone = microphone not working
terminal-board-none = no board fitted
terminal-board-away = board does not answer
terminal-power-on = camera and microphone have power
terminal-power-off-confirmed = power off, confirmed
terminal-power-off = power off, not confirmed yet
terminal-power-unconfirmed = power off was not confirmed
terminal-power-not-cut = power stays on
terminal-power-not-given = no power
terminal-case-open = case open
terminal-door-open = door open
terminal-too-hot = too hot
board-firmware = board, firmware { $version }
board-temperature = { $celsius } °C
board-handset-lifted = handset lifted
board-handset-down = handset down
board-loss-NO_PORT = no board is plugged in
board-loss-WRONG_DEVICE = another device is plugged in
board-loss-WRONG_VERSION = the board speaks another version
board-loss-SILENT = the board is silent
board-loss-RESTARTED = the board has begun anew
board-loss-UNPLUGGED = the board was unplugged
board-loss-NO_BRIDGE = the bridge is not running

## Visits

guard-title = Guard
visits-title = Visits today
visits-upcoming = Upcoming visits
visits-running = Live now: { $count }
visits-find = Find a visit
visits-none = No visits.
visits-none-found = Nothing found.
visits-time = Time
visits-left = Left
visits-state = State
visits-terminal = Terminal
visits-inmate = Inmate
visits-visitor = Visitor
visits-mark = Recording
visits-action = Action
visits-recorded = recorded
visits-not-recorded = not recorded
visits-protected = No picture, no sound
staff-state-SCHEDULED = Booked
staff-state-OPEN = Open
staff-state-WAITING_INMATE = Waiting for the inmate
staff-state-WAITING_VISITOR = Waiting for the visitor
staff-state-LIVE = Live
staff-state-PAUSED = Paused
staff-state-RECONNECTING = Connection lost
staff-state-ENDED = Ended

## The wall and watching

wall-title = Live calls
wall-none = No live calls.
wall-waiting = No picture yet
wall-stale = Out of date: { $seconds } s
wall-lost = No pictures are coming; reconnecting. Nothing here is up to date.
party-INMATE = Inmate
party-VISITOR = Visitor
watch-listen = Listen
watch-listening = Listening
watch-lost = The picture is lost.
watch-ended = The call has ended.
watch-journal = Watching and listening are entered in the journal.

## End a call

terminate = End call
warn = Warn
warn-title = Warn in visit { $reference }
warn-hint = Both parties see these words. The call goes on, and the journal keeps an entry.
warn-done = Both parties have been warned.
terminate-title = End visit { $reference }
terminate-reason = Reason
terminate-reason-missing = Choose a reason.
terminate-hint = You will have five seconds to cancel. Both sides will read that a member of staff ended the visit, and why; when one of them asked for it, no reason is told.
terminate-confirm = End the call
terminate-in-five = The call ends in five seconds.
terminate-keep = Do not end it
terminate-done = The call was ended.

## Keys

keys-title = Keys
keys-button = Keys
keys-select = select a visit
keys-tile = select a live call
keys-watch = watch the selected call
keys-listen = listen to the watched call, or no longer
keys-next-alert = next alert
keys-acknowledge = acknowledge the selected alert
keys-warn = warn both parties
keys-terminate = end the selected call
keys-find = find
keys-help = this help
keys-escape = close, leave a field

## New link

link-new = New link
link-title = New link: visit { $reference }
link-warning = The old link stops working at once. The new one has to be given to the visitor.
link-make = Make a new link
link-once = The link is shown once. Give it to this visitor only.
link-copy = Copy
link-copied = Copied

## Oversight

oversight-title = Oversight
oversight-read-only = This page is only for reading.
journal-title = Journal
journal-none = There are no such entries.
journal-seq = No.
journal-at = When
journal-actor = Who
journal-action = What was done
journal-subject = To what
journal-detail = Details

# What the journal's actions are called; the key is the action with - for its point.
journal-alert-acknowledged = Alert acknowledged
journal-alert-raised = Alert raised
journal-audit-exported = Audit log exported
journal-audit-key_made = Key of the audit log made
journal-badge-given = Badge given to an inmate
journal-badge-taken = Badge taken from an inmate
journal-facility-founded = Facility set up
journal-import-contacts = Contacts imported
journal-import-people = People imported
journal-import-visits = Visits imported
journal-inmate-identified = PIN accepted
journal-link-bound = Link opened on a device
journal-link-issued = Link issued
journal-monitor-closed = Guard stopped watching
journal-monitor-opened = Guard began to watch
journal-order-enforced = Order enforced
journal-order-drafted = Order drafted
journal-order-changed = Draft order changed
journal-order-shown = Impact of an order shown
journal-order-approved = Order approved
journal-order-declined = Draft order declined
journal-order-signed = Order signed
journal-order-withdrawn = Draft order withdrawn
journal-order-expired = Order expired
journal-order-renewed = Order renewed by another
journal-order-reviewed = Order reviewed
journal-order-reminded = Reminder to review an order
journal-order-lift_asked = Lifting of an order asked for
journal-appeal-filed = Appeal against an order filed
journal-appeal-decided = Appeal decided
journal-notice-delivered = Notice of a suspension delivered
journal-order-number_missing = A number of an order's issuer is missing
journal-order-issued = Order issued
journal-order-refused = Order refused
journal-trust-updated = Root of trust updated
journal-key-secret_wrong = Wrong secret of a key
journal-order-lifted = Order lifted
journal-pin-failed = Wrong PIN
journal-pin-locked = PIN locked
journal-pin-unlocked = PIN unlocked
journal-power-off = Camera and microphone confirmed off
journal-power-not_confirmed = Camera and microphone not confirmed off
journal-recording-exported = Recording exported
journal-recording-listed = Recordings listed
journal-records-viewed = Records looked at
journal-report-made = Transparency report made
journal-staff-added = Staff account added
journal-staff-locked = Log-in locked
journal-staff-logged_in = Logged in
journal-staff-logged_out = Logged out
journal-staff-login_failed = Log-in failed
journal-terminal-commanded = Terminal told to do something
journal-terminal-maintenance = Terminal maintenance
journal-terminal-enrolled = Terminal enrolled
journal-terminal-revoked = Terminal revoked
journal-terminal-code_wrong = Wrong enrolment code
journal-terminal-credential_set = Terminal given its credential
journal-visit-booked = Visit booked
journal-visit-ended = Visit ended
journal-visit-interrupted = Call frozen
journal-visit-live = Call began
journal-visit-reopened = Visit open again
journal-visit-warned = Warning in a visit
journal-visit-resumed = Call let go on
journal-wall-closed = Wall of pictures closed
journal-wall-opened = Wall of pictures opened

audit-checking = The log is being verified.
audit-sound = The log is sound up to entry { $covered }: checkpoint of { $signed }, verified { $at }.
audit-unsigned = Nothing wrong was found (verified { $at }), but the log is not signed: tell the administrator.
audit-broken = The log is broken. Verified { $at }.
audit-filter-kind = Show
audit-filter-actor = Who
audit-filter-actor-hint = As in the column “Who”, in full: for example staff:guard.
audit-filter-show = Show
audit-newer = Newer
audit-older = Older
audit-kind-all = Everything
audit-kind-order = Orders
audit-kind-visit = Visits
audit-kind-monitor = Watching
audit-kind-recording = Recordings
audit-kind-staff = Staff and log-ins
audit-kind-pin = PINs
audit-kind-link = Links
audit-kind-import = Imported lists
audit-kind-alert = Alerts
audit-kind-audit = The log itself

# What can be wrong with the log (docs/evidence.md); $range is a number or two with a dash.
finding-ENTRY_EDITED = Changed since it was entered: { $range }.
finding-ENTRY_MOVED = In another's place: { $range }.
finding-ENTRY_MISSING = Deleted: { $range }.
finding-ENTRY_INSERTED = Put in from outside: { $range }.
finding-ENTRY_OUT_OF_ORDER = After a later entry: { $range }.
finding-ENTRY_UNREADABLE = Not readable: { $range }.
finding-LEAF_ALTERED = The entry is as signed, its recorded hash was altered: { $range }.
finding-LOG_TRUNCATED = The end of the log was cut off: { $range }.
finding-LOG_REWRITTEN = Not what was signed: { $range }, between checkpoints { $other } and { $checkpoint }.
finding-LOG_FORKED = Two different logs are signed: checkpoints { $other } and { $checkpoint } ({ $range }).
finding-CHECKPOINT_MISSING = Checkpoint { $checkpoint } was deleted.
finding-CHECKPOINT_OUT_OF_ORDER = Checkpoint { $checkpoint } covers less than one before it: an older state was put back.
finding-CHECKPOINT_UNREADABLE = Checkpoint { $checkpoint } is none of this log.
finding-CHECKPOINT_UNSIGNED = Checkpoint { $checkpoint } is signed by a strange key, or wrongly.
finding-TREE_ALTERED = The hashes over which the log is signed were altered.
finding-KEY_REPLACED = The log's key was gone; a new one was made.
finding-KEY_UNUSABLE = The log's key cannot be read: the log is not signed.

requests-title = Requests from the booths
requests-none = There are no requests.
request-COMPLAINT = Complaint about a visit
request-CALL_PERMIT = Application for a call permit
request-due = Answer by { $when }
request-overdue = The answer was due { $when }
request-granted = Granted
request-refused = Refused
request-answer = Answer
request-words = The answer, which the person will read
request-about-visit = Visit { $reference }: { $reason }
request-for-visitor = Permit for a call with { $visitor }
request-done = The answer is kept.
journal-request-filed = Request from a booth filed
journal-request-answered = Request from a booth answered
## The terminals' page

terminals-nav = Administrator's pages
terminals-waiting = { $count ->
    [one] { $count } kiosk shows a code and waits to be enrolled.
   *[other] { $count } kiosks show a code and wait to be enrolled.
  }
terminal-not-enrolled = not enrolled
terminal-in-maintenance = under maintenance
terminal-occupied = in a visit
terminal-fault-CONFIG = settings damaged
terminal-fault-CACHE = memory damaged
terminal-fault-STATE = key damaged
seen-now = connected
seen-never = not since the server started
fact-seen = Line
fact-camera = Camera
fact-microphone = Microphone
fact-speaker = Speaker
fact-version = Version
fact-up = Running for
fact-clock = Clock
fact-disk = Disk
fact-self-test = Self-test
fact-finding = Finding
fact-network = Network
fact-key = Key
fact-configuration = Configuration
device-state-OK = works
device-state-SYNTHETIC = synthetic source
device-state-ABSENT = none
device-state-FAILED = does not work
up-minutes = { $minutes } min
up-hours = { $hours } h
up-days = { $days } days
clock-words = { NUMBER($seconds, maximumFractionDigits: 1) } s apart
disk-words = { NUMBER($mib) } MiB free
network-words = loss { $loss } %, delay { $rtt } ms, { $sent } kbit/s sent and { $received } received
self-test-none = not yet
self-test-failed = self-test failed
self-test-passed = passed { $at } ({ $cause })
self-test-found = failed { $at } ({ $cause }): { $parts }
self-test-cause-BOOT = at the start
self-test-cause-NIGHTLY = nightly
self-test-cause-ASKED = asked for
self-test-part-engine = sound and picture
self-test-part-camera = camera
self-test-part-microphone = microphone
self-test-part-speaker = speaker
self-test-part-disk = disk
self-test-part-clock = clock
self-test-part-bridge = the booth's board
terminal-deed-enrol = Enrol
terminal-deed-revoke = Revoke
terminal-deed-restart = Restart
terminal-deed-self-test = Self-test
terminal-deed-screenshot = Picture of the screen
terminal-deed-maintenance-on = Into maintenance
terminal-deed-maintenance-off = Back into service
terminal-deed-forget-cache = Clear its memory
terminal-deed-use-last-config = Earlier settings
terminal-ask-enrol = Enrol a kiosk: { $label }
terminal-ask-revoke = Revoke the kiosk: { $label }
terminal-ask-restart = Restart: { $label }
terminal-ask-maintenance-on = Into maintenance: { $label }
terminal-ask-maintenance-off = Back into service: { $label }
terminal-note-enrol = Type the code on the kiosk's screen. The kiosk has to stand in this booth and be switched on.
terminal-note-revoke = The kiosk is let in no more until it is enrolled again. Do this when it was stolen or replaced.
terminal-note-restart = The kiosk is back within seconds.
terminal-note-maintenance-on = There are no visits in this booth until it is put back into service.
terminal-note-maintenance-off = Visits can take place in this booth again.
terminal-restart-occupied = Somebody is in a visit there: it is interrupted. Say why that is needed.
terminal-code = Code on the screen
terminal-code-missing = Type the code.
terminal-reason = Reason
terminal-reason-missing = Give a reason.
terminal-working = Working…
terminal-done-enrol = { $label }: the kiosk is enrolled.
terminal-done-revoke = { $label }: the kiosk is revoked.
terminal-done-restart = { $label }: restarting.
terminal-done-self-test = { $label }: the self-test has begun; its result appears here.
terminal-done-maintenance-on = { $label }: under maintenance.
terminal-done-maintenance-off = { $label }: in service again.
terminal-done-forget-cache = { $label }: its memory is cleared.
terminal-done-use-last-config = { $label }: works with its earlier settings.
terminal-picture-title = Idle screen: { $label }
terminal-picture-alt = A picture of this terminal's idle screen
terminal-picture-note = The picture is kept nowhere. The journal says who asked for it.
error-NOT_IDLE = Not now: somebody is at the terminal, or it shows another screen.
error-IN_VISIT = Not now: somebody is in a visit there.
error-NOT_CONNECTED = The terminal is not connected.
error-NO_ANSWER = The terminal does not answer.
error-UNDER_WAY = A self-test is under way.
error-NOT_BROKEN = There is nothing to repair: the terminal's settings are right.
error-DISK_FAILED = The terminal's disk does not allow it.
error-CODE_WRONG = No kiosk shows this code now. Look at its screen again.
error-ENROLLED_ALREADY = The terminal has a kiosk, or this kiosk is enrolled. Revoke the earlier one first.
error-NOT_ENROLLED = The terminal has no kiosk.
error-LOCKED = Too many wrong codes. Wait a quarter of an hour.
error-NO_SUCH_TERMINAL = There is no such terminal.
