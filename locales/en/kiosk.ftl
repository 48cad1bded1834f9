# The words of the booth's screens. Short and calm.
# Keys own-… replace the common words of reasons.ftl where the person in the booth is spoken to.

language-name = English
date-and-time = { $day } { $month }, { $time }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## Common

call-staff = Call staff
call-staff-asked = Calling staff…
call-staff-confirmed = Staff have been told
call-staff-offline = No connection: call out loud
back = Back
understood = I see
wait = One moment…

language-change = Choose a language
language-title = Language
more = More
aid-large-on = Large letters: switch on
aid-large-off = Large letters: switch off
aid-contrast-on = Black and white: switch on
aid-contrast-off = Black and white: switch off
aid-speech-on = Read aloud: switch on
aid-speech-off = Read aloud: switch off
read-on = Read on · { $page } of { $pages }
read-again = From the start

## Calling staff

staff-title = Why do you call?
staff-text = They come even if you do not choose.
staff-UNWELL = I feel unwell
staff-TECHNICAL = It does not work
staff-QUESTION = I have a question
staff-OTHER = Something else
staff-back = Do not call

## At rest

idle-title = Video visit
idle-next = { $label } · next visit at { $time }
idle-now = { $label } · visiting time until { $time }
idle-none = { $label } · no more visits today
idle-step-1 = Touch “Start”
idle-step-2 = Type your PIN
idle-step-3 = Wait for your visitor
idle-closed = { $reason }
idle-closed-until = { $reason } · until { $until }
start = Start

## Starting and failing

starting-title = The terminal is starting
starting-text = This takes a few seconds.
relay-lost-title = No connection to the server
relay-lost-text = The terminal reconnects by itself. If it takes long, call staff out loud.
out-of-service-title = This terminal is not working now
out-of-service-engine = The camera or the sound does not work. The terminal is trying to switch them on. Please tell staff.
out-of-service-relay = The facility’s server does not know this terminal. Please tell staff.
reconnecting-title = Reconnecting
reconnecting-text = The connection to the server is lost. The visit goes on by itself, and lost time is given back. Please stay here.
interrupted-title = Reconnecting
interrupted-text = The call was interrupted. The visit’s clock has stopped, and lost time is given back. Please stay here.
paused-title = The visit is paused
paused-text = A member of staff has stopped the call. The visit’s clock has stopped. Please stay here.

## PIN

identify-pin-title = Type your PIN
identify-pin = Only you know it. Cover the keys with your hand.
identify-busy = Checking…
identify-attempts =
    { $count ->
        [one] { $count } try left
       *[other] { $count } tries left
    }
identify-locked-until = You can try again from { $until }
pin-erase = Erase
pin-enter = Enter
pin-progress = Digits typed: { $count }
pin-digit = Digit { $digit }

## Notice

notice-for-visit = Visitor: { $visitor }
declined-title = All right, the visit will not start
declined-text = You did not agree, and that is your right. This visit does not count against your allowance. You can ask staff for another one.

## Getting ready

ready-title = All is ready
ready-with = { $visitor }
ready-time = { $starts }–{ $ends }
ready-minutes = { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
rule-alone = Only you in the picture
rule-calm = Speak calmly
rule-phone = Do not film the screen
ready-tone = Test the sound
ready-camera = Sit so that your face is in the oval.
ready-sound = Speak: the bar should move.
ready-not-yet = You can join at { $time }
ready-join = Join the visit
picture-loading = The camera is starting…
health-DARK = It is dark: switch on the light or turn towards it.
health-COVERED = Something covers the camera.
health-FROZEN = The picture is frozen. If it stays so, call staff.
synthetic-note = There is no camera: your visitor will see a drawn face.
camera-off-note = The camera does not work: your visitor will not see you.
picture-own = Your camera
picture-remote = The other person
level-own = Your sound
level-remote = The other person’s sound

## Waiting

waiting-title = Waiting for your visitor
waiting-text = { $visitor } is not here yet. You can wait here until { $ends }.
waiting-joining = Joining…
waiting-leave = Leave

## Call

paused-left = { $minutes } min left
call-minutes = { $minutes } min
call-seconds = { $seconds } s
call-reminder =
    { $minutes ->
        [one] { $minutes } minute left. Time to say goodbye.
       *[other] { $minutes } minutes left
    }
call-stopping = By an order, the visit will end at { $until }.
call-no-picture = Waiting for the picture…
call-remote-paused = The picture is paused, the connection is weak. You can hear each other.
call-own-paused = You are heard but not seen: the connection is weak.
hang-up = End the visit
hang-up-question = End the visit? You cannot come back.
hang-up-no = No, keep talking
hang-up-yes = Yes, end it
hang-up-busy = Ending…

## The end

ended-title = The visit is over
ended-given-back =
    { $minutes ->
        [one] { $minutes } minute was given back to the visit.
       *[other] { $minutes } minutes were given back to the visit.
    }
cannot-title = The visit is not possible now
fact-until = Until { $until }
fact-from = From { $until }
fact-decided = Decided by: { $who }
fact-appeal = You can appeal to the head of the facility, the prosecutor or a court.

own-outcome-INMATE_COMPLETED_EARLY = You ended the visit
own-outcome-INMATE_REFUSED_TO_ATTEND = You declined the visit
own-outcome-INMATE_CANCELLED = You cancelled the visit
own-outcome-INMATE_NOT_BROUGHT = The visit did not take place: you were not brought in time
own-todo-INMATE_COMPLETED_EARLY = If this was by accident, ask staff for a new visit.
own-todo-INMATE_REFUSED_TO_ATTEND = That is your right. You can ask for a new visit at any time.
own-todo-TECHNICAL_FAILURE_VISITOR = Your visitor lost the connection. Ask staff for another time.
own-reason-NO_ALLOWANCE = You have used up your visits for this period
own-reason-INMATE_BANNED = Your visits are stopped at present
own-reason-INMATE_MOVED = You have been moved to another facility
own-reason-INMATE_RELEASED = You have been released
own-reason-SLOT_NOT_OPEN = It is not yet time for your visit
own-reason-VISIT_OVER = The time of your visit has passed
own-todo-VISITOR_NOT_ON_LIST = Ask staff to put the visitor on the list of your contacts.
own-todo-NO_VISIT_NOW = Check the time and the booth in the list of visits, or ask staff.
own-todo-SLOT_NOT_OPEN = Come when it begins: the terminal will let you in then.
own-todo-INMATE_LOCKED = Wait until the time shown, or call staff.
own-todo-TERMINAL_LOCKED = Wait until the time shown, or call staff.
own-todo-TERMINAL_OUT_OF_SERVICE = Tell staff: the visit can move to another booth.
own-todo-NO_CODEC = It is not your fault. Please tell staff: your visitor needs another device.
own-todo-RECORDING_UNAVAILABLE = It is not your fault. Please tell staff.
own-todo-SUSPENDED_BY_ORDER = It does not count against your allowance. If the suspension is lifted earlier, you can join right here. You can appeal to the head of the facility, the prosecutor or a court.
own-todo-OTHER = Ask staff.

# Other visits that an order displaced.
displaced-visit = Your visit of { $starts } is suspended until { $until }. Afterwards you are booked before others.

## The booth's board

bridge-lost-title = This booth cannot be used now
bridge-lost-todo = It comes back by itself. If it takes long, tell staff.
visit-held-title = The visit is on hold
visit-held-todo = The visit’s clock has stopped, and lost time is given back. It goes on by itself. Please stay here.
board-away = The device of this booth with the handset and the panic button does not answer, so camera and microphone have no power.
board-case-open = The case of this terminal is open, so camera and microphone have no power.
panic-asked = Alarm: calling staff…
panic-heard = Staff are coming to you
lift-handset = Lift the handset
handset-down = Lift the handset, or the visit ends
badge-away = Put your badge back, or the visit ends
identify-badge-title = Put your badge on the reader
identify-badge = Then type your PIN. Leave the badge there during the visit.

## Warning and appeal

warned-title = Warning
warned-text = Your visitor sees it too. Go on talking.
warned-what = If it happens again, staff may end the visit.
appeal = Appeal
appeal-title = Appeal
appeal-question = Appeal against this decision?
appeal-text = You need not write anything. Somebody else will answer, not the one who decided. The screen will say by when.
appeal-yes = Yes, appeal
fact-appealed = Appeal received, answer by { $due }

## Enrolment and maintenance

enrolment-title = This terminal is not enrolled yet
enrolment-text = Tell this code to the administrator, who confirms it on the Terminals page.
enrolment-minutes = The code is good for { $minutes } minutes; then there is a new one.
maintenance-title = Under maintenance
maintenance-text = This terminal is being looked after. The visit can take place in another booth: ask staff.
fault-CONFIG = The terminal’s settings are damaged.
fault-CACHE = The terminal’s memory is damaged.
fault-STATE = The folder with the terminal’s key is damaged.
fault-todo = Please tell staff. An administrator can repair it from the Terminals page.
known-slot = { $starts } – { $ends }
known-slots = The next times of this booth, as the server last said:
maintenance-test = Test camera and sound
device-test-title = Device test
device-test-text = Say something: the bar under the picture should move. Then press “Tone” and listen at the handset.
device-test-tone = Tone
device-test-camera = Camera: { $state }
device-test-microphone = Microphone: { $state }
device-test-DARK = The picture is dark.
device-test-COVERED = The camera is covered.
device-test-FROZEN = The picture does not move.
device-OK = works
device-SYNTHETIC = synthetic source
device-ABSENT = not plugged in
device-FAILED = does not work

## My visits

visits-title = Your visits
visits-left = { $left } of { $visits } left in { $days } days
visits-today = Today, { $hours }
visits-later = { $day } { $month }, { $hours }
visits-until = until { $until }
visits-none = No visits are planned yet. Ask staff about a new one.
visits-go = Go to the visit
visits-done = Leave
identify-number-title = Type your number
identify-number = Staff know it. Leave out letters, type the digits.
identify-with-number = My visits
identify-with-pin = PIN only
pin-next = Next

## Requests

requests-title = Requests
complaint = Complaint
permit = Call permit
request-waits = Your request: answer by { $due }
request-answered = Answer: { $answer }
complaint-title = What was wrong?
complaint-text = About your last visit. No writing needed.
permit-title = Whom do you want to call?
filed = Your request was received
filed-text = It is answered by { $due }. You will see the answer here, under “Requests”.
