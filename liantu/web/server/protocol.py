"""HTTP as uvicorn speaks it, with a limit on how long the head of a request may take to come."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 10.0  # seconds


class Timed(H11Protocol):
    """A connection that is closed if no whole head of a request comes in time.

    The clock runs from the beginning, and from the first byte after an answer; between two
    requests uvicorn's own limit on idle connections holds.
    """

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin a connection."""
        super().connection_made(transport)
        self._clock = self.loop.call_later(HEAD, self._late)

    def data_received(self, data: bytes) -> None:
        """Take what came; stop the clock while a request is being served."""
        super().data_received(data)
        served = self.cycle is not None and not self.cycle.response_complete
        if served:
            self._stop()
        elif self._clock is None:
            self._clock = self.loop.call_later(HEAD, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        self._clock = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
