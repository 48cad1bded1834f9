"""The relay's pure part: facts, timetable, policy and the life of a visit; no I/O, no clock."""
