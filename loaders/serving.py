"""The table `[serve]` of a configuration: how a release is served. The server turns it into its settings."""

from typing import Annotated

from pydantic import Field

from loaders.sources import Model

Count = Annotated[int, Field(ge=1)]
Size = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]


class Serving(Model):
    """Every key has the name that the server has for it; sizes that it holds in bytes are given in MiB."""

    host: str = Field("127.0.0.1", description="Where to listen; `0.0.0.0`: everywhere.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="0 takes any free port.")
    contact: str = Field("", description="The e-mail that OAI-PMH names as the administrator's.")
    engine: str = Field("", description="The SPARQL endpoint that is asked in place of the own store.")
    engine_user: str = Field("", description="Its user; the password is in `ODIS_ENGINE_PASSWORD`.")

    workers: Count = Field(2, description="Quick queries that are answered at the same time.")
    slow_slots: Count = Field(2, description="Slow queries that run beside these.")
    fast_cpu: Seconds = Field(0.3, description="CPU seconds after which a query counts as slow.")
    deadline: Seconds = Field(30.0, description="The longest a query may run, in seconds.")
    row_cap: Count | None = Field(
        None, description="The longest answer in rows; a longer one is refused or broken off."
    )
    memory_mib: Count = Field(1024, description="What one query may allocate on top of the store.")
    in_memory_limit_mib: Size = Field(
        2048, description="The release is held in memory when it fits into this; 0 stays on disk."
    )
    queue: Count = Field(200, description="Requests that wait for a worker; beyond it 503 at once.")
    client_queue: Count = Field(50, description="The same of one client; beyond it 429 at once.")
    queue_wait: Seconds = Field(10.0, description="The longest a request waits for a worker, in seconds.")
    client_slow: Count = Field(2, description="Slow queries that one client may have running.")
    rate: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Requests a second that each client may make in the long run; 0: any number."
    )
    burst: Count = Field(40, description="Requests a client may make at once before `rate` applies.")

    query_bytes: Count = Field(262_144, description="The longest query text.")
    query_depth: Count = Field(200, description="How deep the brackets of a query may nest.")
    query_chain: Count = Field(1000, description="How many operators of one kind a query may have.")
    merge_limit: Count = Field(
        500_000, description="Triples that are merged for a query that names several default graphs."
    )
    service_hosts: tuple[str, ...] = Field((), strict=False, description="Hosts that `SERVICE` may ask.")

    cache_mib: Size = Field(128, description="What the cache of answers may hold; 0 turns it off.")
    cache_entry_mib: Count = Field(16, description="The largest answer that it keeps.")
    max_age: Size = Field(0, description="Seconds for which others may reuse an answer unasked.")
    compress_from: Size = Field(1024, description="Answers with fewer bytes are sent as they are.")

    checks: Count = Field(2, description="Documents that are checked at the same time.")
    check_mib: Count = Field(20, description="The largest document that is checked.")
    check_memory_mib: Count = Field(2048, description="What the check of one document may allocate.")
    check_seconds: Seconds = Field(60.0, description="The longest the check of one document may take.")
    fetch_seconds: Seconds = Field(20.0, description="The longest that fetching a document may take.")

    log_requests: bool = Field(True, description="Whether each request is a line on standard error.")
    log_queries: bool = Field(False, description="Whether such a line has the text of the query.")
    follow_every: Seconds = Field(0.5, description="Seconds between looks for a newer release.")
    shutdown_grace: Annotated[float, Field(ge=0)] = Field(
        10.0, description="Seconds that answers may go on after the order to stop."
    )
