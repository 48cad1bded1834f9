"""The screens: Qt Widgets, drawn by the raster engine, without a GPU.

Each screen is a function of a `kiosk.situation.Situation`; what is touched comes back as one event
of `kiosk.call_events`.
"""
