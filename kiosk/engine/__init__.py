"""The media process: camera, microphone, speaker and the peer, apart from the screens.

Started as ``python -m kiosk.engine``; it knows no Qt and dies with its parent. A stalled screen
costs the call nothing, a crashed engine is started again by the screens.
"""
