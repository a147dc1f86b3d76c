"""OpenTelemetry traces: one span for each request, named by its interaction, without a word of what it was about.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/; needs the extra `traces`.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from adapter.problems import Kind, Problem

if TYPE_CHECKING:
    from adapter.web.call import Call

# How long a server that stops goes on trying to send spans: a collector that is away must not hold it up.
LAST_SECONDS = 2


class Traces:
    """Sends spans to a collector (OTLP over HTTP) in the background; what it cannot send is dropped and logged."""

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError:
            raise Problem(Kind.FAULT, "traces need the extra `traces` of this package", "IOP_TRACES") from None
        self._provider = TracerProvider(resource=Resource.create({"service.name": "iop-fhir-adapter"}))
        self._exporter = OTLPSpanExporter(endpoint=endpoint)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("adapter.web")
        self._propagator = TraceContextTextMapPropagator()

    def ended(self, program: str, door: str, call: Call, status: int, seconds: float) -> None:
        """The span of a request that has been answered, in the trace that its sender says it is part of."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        sent = {name: value for name in ("traceparent", "tracestate") if (value := call.hint(name.encode()))}
        now = time.time_ns()
        attributes: dict[str, str | int] = {
            "http.request.method": call.method if call.interaction else "_OTHER",
            "http.response.status_code": status,
            "iop.program": program,
            "iop.door": door,
            "fhir.interaction": call.interaction,
            "fhir.type": call.type,
        }
        span = self._tracer.start_span(
            f"{call.interaction or 'request'} {call.type}".strip(),
            context=self._propagator.extract(sent) if sent else None,
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=now - int(seconds * 1e9),
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    def close(self) -> None:
        """Send what waits; what a collector has not taken after some seconds is dropped. No thread is left."""
        giving_up = threading.Timer(LAST_SECONDS, self._exporter.shutdown)
        giving_up.start()
        self._provider.shutdown()
        giving_up.cancel()
        giving_up.join()
