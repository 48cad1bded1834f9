"""The bridge: between the kiosk and the board in the booth that senses it and holds its power.

Guarantees: camera and microphone have power only while somebody who may keeps asking for it;
whatever falls silent, the board takes the power away by itself.
Leaves to others: who may (the relay), and what the person in the booth sees (`kiosk`).
"""
