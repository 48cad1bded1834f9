"""The booth's terminal: screens for the inmate, a media engine, a line to the relay.

Reading order: `kiosk.situation` and `kiosk.call` (what is shown when), `kiosk.client` (the
relay), `kiosk.engine` (camera, sound, the peer), `kiosk.ui` (the screens), `kiosk.app` (all
of it joined up).
"""
