"""WebSocket endpoints: `terminal` for kiosks, `visitor` for browsers, over one `connection`."""
