# The notice before a visit. The kiosk and the visitor's page show the same words.
# When their meaning changes, notice-version changes: acceptance is stored with it.

notice-version = 2026-11

notice-title = Before you start
notice-recorded =
    This visit is recorded. A member of staff may see and hear it.
    The recording is kept at the facility.
notice-not-recorded =
    This visit is not recorded. Nobody watches it or listens to it.
notice-refuse-hint =
    If you do not agree, the visit will not take place now. It does not count against your allowance.
notice-accept = I agree, start
notice-refuse = I do not agree
notice-refused-title = All right, the visit will not start
notice-refused =
    You did not agree, and that is your right. This visit does not count against your allowance.
    If you change your mind, you can come back until its time is over.
notice-reconsider = Back to the visit

badge-recorded = Recorded
badge-recorded-long = This visit is recorded and staff may see it
badge-not-recorded = Not recorded
badge-not-recorded-long = This visit is not recorded
badge-protected = Not recorded. Not watched.
