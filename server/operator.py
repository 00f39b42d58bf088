"""/health, /metrics and /admin: what the one who runs the server asks."""

import hashlib
import hmac
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST

from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.service import Service
from server.workers.query import Failure, Query

READY_WITHIN = 2.0  # seconds a trivial query may take


def health(service: Service) -> APIRouter:
    """Routes that tell whether the process lives, and whether it can answer queries."""
    router = APIRouter(prefix="/health")

    @router.get("/live")
    async def live() -> dict[str, str]:
        """The process runs; restart it when this does not answer."""
        return {"status": "alive"}

    @router.get("/ready")
    async def ready(response: Response) -> dict[str, str]:
        """A query was just answered; send no traffic while this is 503."""
        release = service.current.release.id
        query = Query("ASK {}", "text/csv", deadline=READY_WITHIN, client="health")
        try:
            async with service.current.pool.run(query):
                return {"status": "ready", "release": release}
        except Failure as failure:
            response.status_code = 503
            return {"status": failure.cause, "release": release}

    return router


def metrics(service: Service) -> APIRouter:
    """The route that Prometheus reads."""
    router = APIRouter()

    @router.get("/metrics")
    async def read() -> Response:
        """All metrics, in the text format."""
        return Response(service.observer.metrics(), media_type=CONTENT_TYPE_LATEST)

    return router


def admin(service: Service) -> APIRouter:
    """Routes for the operator alone: the queries under way, and stopping one of them."""

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        token = service.settings.admin_token
        if not token:
            raise Problem(problems.NOT_FOUND, Words("Ingen nyckel är satt.", "No token is set."))
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            detail = Words("Nyckeln saknas eller är fel.", "The token is missing or wrong.")
            raise Problem(problems.UNAUTHORISED, detail, headers={"WWW-Authenticate": "Bearer"})

    router = APIRouter(prefix="/admin", dependencies=[Depends(authorised)])

    @router.get("/queries")
    async def queries() -> dict[str, object]:
        """The queries that run, the longest first."""
        return {"time": time.time(), "queries": _running(service)}

    @router.delete("/queries/{number}")
    async def stop(number: int) -> dict[str, object]:
        """Stop one; its client is told that the operator did."""
        if not service.current.pool.stop(number):
            detail = Words(f"Fråga {number} pågår inte.", f"Query {number} is not running.")
            raise Problem(problems.NOT_FOUND, detail)
        return {"stopped": number}

    return router


def _running(service: Service) -> list[dict[str, object]]:
    return [
        {
            "number": one.number,
            "seconds": round(one.seconds, 3),
            "cpu": round(one.cpu, 3),
            "slow": one.slow,
            "release": one.release,
            "client": service.observer.client(one.query.client),
            "hash": hashlib.sha256(one.query.text.encode()).hexdigest()[:16],
            "text": one.query.text,
        }
        for one in service.current.pool.running()
    ]
