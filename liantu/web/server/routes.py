"""What the page can ask the server, address by address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from liantu import vocabulary
from liantu.graph import schema
from liantu.graph.build import ENDS
from liantu.loaders.sources import DRAFT
from liantu.vocabulary import Lang
from liantu.web.document import document, policy
from liantu.web.server.guard import refused
from liantu.web.server.jobs import FullError, Job, Jobs
from liantu.web.server.process import Answer, Worker
from liantu.web.server.shelf import Shelf
from liantu.web.server.uploads import RefusedError, Upload, Uploads
from liantu.web.server.work import formats, noted

BEAT = 10.0  # seconds between signs of life of a stream
FOR_ANALYSES = ("columns", "limit", "lang", "region")  # in an address, beside the options
WORDS = ("column", "outcome", "count", "severity", "kind", "relation", "why", "why_not", "edit")
JOBS = ("analysis", "whatif", "report", "export", "store", "template")
_PAGE = policy(served=True) + "; frame-ancestors 'none'"


@dataclass
class Server:
    """One session: the networks, the long work, the dropped files, the language it began in."""

    folder: Path
    lang: Lang
    shelf: Shelf = field(init=False)
    jobs: Jobs = field(init=False)
    uploads: Uploads = field(init=False)
    common: Worker = field(default_factory=Worker)  # for what needs no network

    def __post_init__(self) -> None:
        """Make the folders of the session."""
        for name in ("networks", "jobs", "uploads"):
            (self.folder / name).mkdir(mode=0o700)
        self.shelf = Shelf(self.folder / "networks")
        self.jobs = Jobs(self.folder / "jobs")
        self.uploads = Uploads(self.folder / "uploads")

    def app(self) -> Starlette:
        """Return the application; it ends every process when it ends."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            try:
                yield
            finally:
                await self.close()

        def route(path: str, does: Callable[..., Any], method: str = "GET") -> Route:
            return Route(path, does, methods=[method])

        return Starlette(
            routes=[
                route("/", self.page),
                route("/api/analyses", self.analyses),
                route("/api/words", self.words),
                route("/api/networks", self.networks),
                route("/api/feed", self.feed),
                route("/api/rungs", self.rungs),
                route("/api/scenario", self.scenario, "POST"),
                route("/api/uploads", self.upload, "POST"),
                route("/api/uploads/{key}", self.uploaded),
                route("/api/uploads/{key}/files/{name}", self.file, "PUT"),
                route("/api/uploads/{key}/read", self.read, "POST"),
                route("/api/uploads/{key}/draft", self.draft),
                route("/api/uploads/{key}/extract", self.extract, "POST"),
                route("/api/uploads/{key}/accept", self.accept, "POST"),
                route("/api/uploads/{key}/candidates", self.candidates),
                route("/api/jobs", self.begin, "POST"),
                route("/api/jobs/{key}", self.job),
                route("/api/jobs/{key}", self.cancel, "DELETE"),
                route("/api/jobs/{key}/events", self.events),
                route("/api/jobs/{key}/file", self.download),
                route("/api/{network}", self.drop, "DELETE"),
                route("/api/{network}/open", self.again, "POST"),
                route("/api/{network}/whatif", self.whatif, "POST"),
                route("/api/{network}/{name}", self.analysis),
            ],
            exception_handlers={HTTPException: _http, Exception: _failed},
            lifespan=lifespan,
        )

    async def close(self) -> None:
        """End every process."""
        await self.jobs.close()
        await self.shelf.close()
        await self.common.end()

    # -- the page and what holds for all -------------------------------------------------------

    async def page(self, _: Request) -> Response:
        """Give the page, which asks for its data."""
        text = await asyncio.to_thread(document, None, lang=self.lang, served=True)
        return HTMLResponse(text, headers={"content-security-policy": _PAGE})

    async def analyses(self, _: Request) -> Response:
        """Give every analysis with its parameters, and the formats of reports."""
        return _answer(await self.common.ask({"do": "analyses"}))

    async def words(self, _: Request) -> Response:
        """Give words of columns and figures, formats of reports, and ends of several kinds."""
        found = {
            f"{group}.{key}": [term.en, term.zh]
            for group in WORDS
            for key, term in vocabulary.terms(group).items()
        }
        kinds = {
            name: [f"{end}_kind" for end in ENDS if len(schema.tables()[name].ends(end)) > 1]
            for name in schema.relations()
        }
        return JSONResponse({"words": found, "reports": list(formats()), "kinds": kinds})

    async def networks(self, _: Request) -> Response:
        """Give the networks that are open, the one used last first, and those that had to go."""
        held, resting = (
            [each.said() for each in reversed(some.values())]
            for some in (self.shelf.held, self.shelf.resting)
        )
        return JSONResponse({"networks": held, "dropped": resting})

    async def drop(self, request: Request) -> Response:
        """Let go of a network."""
        there = await self.shelf.drop(request.path_params["network"])
        return JSONResponse({}) if there else refused(404, "serve_gone")

    async def again(self, request: Request) -> Response:
        """Take up a network again that had to make room."""
        found = await self.shelf.again(request.path_params["network"])
        return refused(404, "serve_gone") if found is None else JSONResponse(found.said())

    # -- questions -----------------------------------------------------------------------------

    async def feed(self, request: Request) -> Response:
        """Give the data of the page: of the network asked for, else of the one used last."""
        given = dict(request.query_params)
        key = given.pop("network", "") or next(reversed(self.shelf.held), "")
        return _answer(await self.shelf.ask(key, "feed", **given))

    async def rungs(self, request: Request) -> Response:
        """Give the rungs of one more day: what the page shows of it until more is asked for."""
        given = request.query_params
        key, day = given.get("network", ""), given.get("as_of", "")
        return _answer(await self.shelf.ask(key, "rungs", as_of=day))

    async def analysis(self, request: Request) -> Response:
        """Give the result of an analysis; its options stand in the address."""
        given = dict(request.query_params)
        beside = {name: given.pop(name) for name in FOR_ANALYSES if name in given}
        key, name = request.path_params["network"], request.path_params["name"]
        asked = {"lang": self.lang, **beside, "name": name, "options": given}
        return _answer(await self.shelf.ask(key, "analysis", **asked))

    async def whatif(self, request: Request) -> Response:
        """Give what a plan changes in coverage."""
        asked = {"lang": self.lang, **await _sent(request), "whole": False}
        return _answer(await self.shelf.ask(request.path_params["network"], "whatif", **asked))

    async def scenario(self, request: Request) -> Response:
        """Give a plan as the file that `liantu whatif` takes."""
        asked = {"lang": self.lang, **await _sent(request)}
        answer = await self.common.ask({**asked, "do": "scenario"})
        if answer.status != 200:
            return _answer(answer)
        headers = {"content-disposition": 'attachment; filename="scenario.toml"'}
        return Response(answer.json["text"], media_type="application/toml", headers=headers)

    # -- long work -----------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """Begin a job: an analysis, a whole what-if, a report, a file."""
        asked = {"lang": self.lang, **await _sent(request)}
        do = str(asked.pop("do", ""))
        if do not in JOBS:
            return refused(404, "serve_gone")
        for name in ("store", "folder", "source", "title", "draft", "drafts"):  # ours to say
            asked.pop(name, None)
        held = self.shelf.find(str(asked.pop("network", "")))
        if held is None and do != "template":
            return refused(404, "serve_gone")
        task = {"do": do, **asked} if held is None else held.task(do, **asked)
        if do == "whatif":
            task["whole"] = True
        return self._begun(task)

    def _begun(self, task: Mapping[str, Any], then: Any = None) -> Response:
        try:
            job = self.jobs.begin(task, then)
        except FullError:
            return refused(429, "serve_full")
        return JSONResponse(job.said(), 202)

    async def job(self, request: Request) -> Response:
        """Give how a job stands, and what it has found."""
        job = self.jobs.known.get(request.path_params["key"])
        return refused(404, "serve_gone") if job is None else JSONResponse(job.said())

    async def cancel(self, request: Request) -> Response:
        """End a job."""
        job = await self.jobs.cancel(request.path_params["key"])
        return refused(404, "serve_gone") if job is None else JSONResponse(job.said(whole=False))

    async def events(self, request: Request) -> Response:
        """Tell how a job goes on, as server-sent events, until it has ended."""
        job = self.jobs.known.get(request.path_params["key"])
        if job is None:
            return refused(404, "serve_gone")
        return StreamingResponse(_told(job), media_type="text/event-stream")

    async def download(self, request: Request) -> Response:
        """Give the file that a job has written."""
        path = self.jobs.file(request.path_params["key"])
        return refused(404, "serve_gone") if path is None else _file(path, path.name)

    # -- dropped files -------------------------------------------------------------------------

    async def upload(self, _: Request) -> Response:
        """Begin a drop."""
        return JSONResponse(self.uploads.begin().said(), 201)

    async def uploaded(self, request: Request) -> Response:
        """Give what was dropped and what reading it found."""
        upload = self._upload(request)
        return refused(404, "serve_gone") if upload is None else JSONResponse(upload.said())

    def _upload(self, request: Request) -> Upload | None:
        return self.uploads.known.get(request.path_params["key"])

    async def file(self, request: Request) -> Response:
        """Take in a file: the body is its content."""
        upload = self._upload(request)
        if upload is None:
            return refused(404, "serve_gone")
        try:
            await self.uploads.take(upload, request.path_params["name"], request.stream())
        except RefusedError as error:
            return refused(422, error.code, **error.params)
        return JSONResponse(upload.said(), 201)

    async def read(self, request: Request) -> Response:
        """Read what was dropped, with what was ticked; a network that comes of it is opened."""
        upload, asked = self._upload(request), await _sent(request)
        if upload is None or not upload.files:
            return refused(404, "serve_gone")
        lang = asked.get("lang", self.lang)
        task = {"do": "read", "source": str(upload.source), "title": upload.title, "lang": lang}
        if isinstance(picks := asked.get("picks"), Mapping) and upload.found:
            rows = (upload.found.get("unclear") or {}).get("zh" if lang == "zh" else "en")
            task |= {"picks": picks, "rows": rows, "draft": str(upload.draft)}
        store = self.shelf.place()
        task["store"] = str(store)

        async def then(answer: Answer) -> Any:
            found = upload.found = answer.json
            if found["opened"]:
                if upload.network:
                    await self.shelf.drop(upload.network)
                held = await self.shelf.take(store, found["about"], upload.title)
                upload.network = held.key
            return upload.said()

        return self._begun(task, then)

    async def draft(self, request: Request) -> Response:
        """Give what was ticked, as the workbook that is read along with the tables."""
        upload = self._upload(request)
        if upload is None or not upload.draft.is_file():
            return refused(404, "serve_gone")
        return _file(upload.draft, DRAFT)

    # -- published texts -----------------------------------------------------------------------

    async def extract(self, request: Request) -> Response:
        """Find in the texts of a drop what may become rows, for a person to decide on."""
        upload, asked = self._upload(request), await _sent(request)
        if upload is None or not upload.files:
            return refused(404, "serve_gone")
        task = {"do": "extract", "title": upload.title, "lang": asked.get("lang", self.lang)}
        task["paths"] = [str(upload.folder / name) for name in upload.files]
        task["kept"] = str(upload.candidates.with_suffix(".json"))
        if (held := self.shelf.find(str(asked.get("network", "")))) is not None:
            task["names"] = str(held.store)
        return self._begun(task)

    async def accept(self, request: Request) -> Response:
        """Write what was decided as a workbook; open the network of it, if that is asked for."""
        upload, asked = self._upload(request), await _sent(request)
        if upload is None or not upload.candidates.with_suffix(".json").is_file():
            return refused(404, "serve_gone")
        task = {"do": "accept", "title": upload.title, "lang": asked.get("lang", self.lang)}
        task |= {"decided": asked.get("decided"), "book": str(upload.candidates)}
        task["kept"] = str(upload.candidates.with_suffix(".json"))
        store = self.shelf.place()
        if asked.get("open"):
            task["store"] = str(store)

        async def then(answer: Answer) -> Any:
            found = answer.json
            if found["opened"]:
                if upload.network:
                    await self.shelf.drop(upload.network)
                upload.network = (await self.shelf.take(store, found["about"], upload.title)).key
            return {"network": upload.network, **found}

        return self._begun(task, then)

    async def candidates(self, request: Request) -> Response:
        """Give what was decided, as the workbook that `liantu extract --accept` reads."""
        upload = self._upload(request)
        if upload is None or not upload.candidates.is_file():
            return refused(404, "serve_gone")
        return _file(upload.candidates, "candidates.xlsx")


async def _told(job: Job) -> AsyncIterator[str]:
    async for said in job.news(BEAT):
        yield ": \n\n" if said is None else f"data: {json.dumps(said)}\n\n"


async def _sent(request: Request) -> dict[str, Any]:
    """Return the JSON that a request brings.

    Raises
    ------
    HTTPException
        If it is none.
    """
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise HTTPException(400)
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    if not isinstance(found, dict):
        raise HTTPException(400)
    return found


def _answer(answer: Answer | None) -> Response:
    """Return what a worker answered as it is."""
    if answer is None:
        return refused(404, "serve_gone")
    if answer.status == 504:
        return refused(504, "serve_long")
    if not answer.body:
        return refused(500, "serve_ended")
    return Response(answer.body, answer.status, media_type="application/json")


def _file(path: Path, name: str) -> Response:
    """Return a file to be kept, never to be shown: what is in it is not ours."""
    kind = "application/octet-stream"
    return FileResponse(path, filename=name, media_type=kind, content_disposition_type="attachment")


_CODES = {400: "serve_bad_json", 404: "serve_gone", 408: "serve_late", 413: "serve_too_large"}


async def _http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    params = {"limit": "…"} if status == 413 else {}
    return refused(status, _CODES.get(status, "serve_refused"), **params)


async def _failed(_: Request, error: Exception) -> Response:
    if isinstance(error, ClientDisconnect):
        return Response(status_code=400)
    noted(error)
    return refused(500, "serve_failed", value=type(error).__name__)
