"""``/livez``, ``/readyz`` and ``/metrics``: how the relay is, for machines."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from relay.service.desks import Desks
from relay.web.access import Service
from visit_protocol.vocabulary import CallState

router = APIRouter(include_in_schema=False)


class RelayCollector(Collector):
    """The relay's figures, read when asked; no label names a person or a visit."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    def collect(self) -> Iterable[Metric]:
        """The families, in the order in which a person would ask."""
        visits = GaugeMetricFamily("parloir_visits", "Open visits by call state", labels=["state"])
        states = [run.machine.state for run in self._desks.visits.open_now()]
        for state in CallState:
            visits.add_metric([state], states.count(state))
        yield visits
        terminals = GaugeMetricFamily("parloir_terminals_connected", "Terminals that are connected")
        terminals.add_metric([], sum(b.state.connected for b in self._desks.booths.all()))
        yield terminals
        ready = GaugeMetricFamily(
            "parloir_media_worker_ready", "1 while a worker takes calls", labels=["worker"]
        )
        calls = GaugeMetricFamily(
            "parloir_media_calls", "Calls a worker carries", labels=["worker"]
        )
        packets = CounterMetricFamily(
            "parloir_media_packets", "Packets by what became of them", labels=["worker", "fate"]
        )
        sent = CounterMetricFamily("parloir_media_bytes", "Bytes forwarded", labels=["worker"])
        for worker in self._desks.calls.workers:
            name = worker.plan.name
            ready.add_metric([name], worker.ready)
            if (seen := worker.counters) is not None:
                calls.add_metric([name], seen.calls)
                packets.add_metric([name, "received"], seen.packets_in)
                packets.add_metric([name, "forwarded"], seen.packets_forwarded)
                packets.add_metric([name, "dropped"], seen.packets_dropped)
                sent.add_metric([name], seen.bytes_forwarded)
        yield from (ready, calls, packets, sent)


def install(app: FastAPI, desks: Desks) -> None:
    """Serve the three endpoints."""
    registry = CollectorRegistry()
    registry.register(RelayCollector(desks))

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.include_router(router)


@router.get("/livez")
async def livez() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(desks: Service) -> JSONResponse:
    """Visits can be carried: every worker takes calls."""
    waiting = [worker.plan.name for worker in desks.calls.workers if not worker.ready]
    if waiting:
        return JSONResponse({"ready": False, "waiting_for": waiting}, 503)
    return JSONResponse({"ready": True})
