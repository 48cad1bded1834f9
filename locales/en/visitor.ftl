# The visitor's page: one link, no app.

visit-page-title = Video visit
visit-connecting = Opening…
visit-unanswered = The facility does not answer yet
visit-unanswered-hint = This page keeps trying by itself, you need not press anything. If it takes long, check the internet connection of your device. Your link stays good.
visit-with = Visit with { $name }
visit-link-is-for = This link is for one visit. You need no app. You can test camera and sound beforehand.
visit-your-time = Your time
visit-facility-time = At the facility: { $time }
visit-starts-in = Starts in { $time }
visit-opens-at = You can join at { $time }. You may keep this page open.
visit-opens-on = You can join on { $day } at { $time }. This link will work then, too.
visit-inmate-waits = You are being waited for

visit-join = I agree, join
visit-join-again = Join
visit-joining = Joining…
visit-no-devices = A visit needs a camera or a microphone

check-title = Test camera and sound
check-hint = Try it beforehand: you will see yourself and hear a sound. The other person does not see this.
check-start = Test
check-again = Test again
check-asking = The browser is asking for permission. Press “Allow”.
check-sound = Test the sound
check-sounding = Can you hear two notes?
check-speak = Say something: the bar should move
check-camera-works = The camera works
check-microphone-works = The microphone works
check-one-is-enough = You can join like this: one of the two is enough.
check-camera-denied = The camera is not allowed. Press the icon left of the page's address, allow the camera and test again.
check-camera-absent = No camera found. Connect one, or open the link on a phone.
check-camera-busy = The camera is in use. Close other programs with video and test again.
check-microphone-denied = The microphone is not allowed. Press the icon left of the page's address, allow the microphone and test again.
check-microphone-absent = No microphone found. Connect a headset, or open the link on a phone.
check-microphone-busy = The microphone is in use. Close other calls and programs and test again.
check-both-denied = The camera and the microphone are not allowed. Press the icon left of the page's address, allow both and test again.
check-both-absent = No camera and no microphone found. Connect them, or open the link on a phone.
check-both-busy = The camera and the microphone are in use. Close other calls and programs and test again.
check-insecure = The browser gives this page no camera or microphone. Open the link exactly as it was sent.

visit-time-left = Time left
visit-self = You
visit-self-off = Your camera is off
visit-waiting = Waiting for the other person
visit-waiting-hint = They are being brought to the terminal. Your place is kept; leave this page open.
visit-connecting-media = Connecting…
visit-paused = The visit is paused, the clock stands still
visit-own-picture-off = Your picture is paused, the connection is weak. You are still heard.
visit-remote-picture-off = The picture is paused, the connection is weak
visit-remote-picture-off-hint = You can hear each other. The picture comes back by itself.
visit-reconnecting = The connection was lost. It comes back by itself, nothing to press.
visit-turn-sound-on = Turn sound on
visit-mute = Mute
visit-unmute = Unmute
visit-camera-off = Camera off
visit-camera-on = Camera on
visit-call-staff = Call staff
visit-staff-called = Staff can see your call.
visit-leave = Leave
visit-leave-question = The visit ends for good in { $seconds } s.
visit-leave-stay = Stay
visit-leave-now = End now
visit-stopping = By an order this visit ends at { $until }
visit-reminder =
    { $minutes ->
        [one] { $minutes } minute left.
       *[other] { $minutes } minutes left.
    }

over-why = Grounds
over-until = Until (your time)
over-decided-by = Decided by
over-what-now = What to do now
over-given-back =
    { $minutes ->
        [one] { $minutes } minute was given back to you.
       *[other] { $minutes } minutes were given back to you.
    }
over-reference = Visit number: { $reference }
over-try-again = Try again
over-reload = Open again

## When the page itself cannot go on

line-BROWSER_UNSUITABLE = This browser cannot do video visits
line-REPLACED = The visit is open in another tab
line-VERSION_UNSUPPORTED = This page is out of date, please open it again
line-MALFORMED = Something went wrong, please open the page again
line-UNAUTHENTICATED = This link does not fit
line-FAILED = Something went wrong, please open the page again
todo-BROWSER_UNSUITABLE = Open the link in Chrome or Firefox on a phone or computer, exactly as it was sent.
todo-REPLACED = Go on there. To come back here, open the page again.

# A visit that was suspended: the notice and the appeal.
displaced-title = A visit was suspended
displaced-visit = Visit { $reference }, { $starts }: suspended until { $until }.
displaced-first = When the suspension has ended, you can book a new time before others.
appeal-file = Appeal
appeal-hint = Somebody who did not make this decision will look at it.
appeal-filed = Your appeal was received. It will be decided by { $due }.
