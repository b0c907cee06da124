"""Downloads against a local server that plays each provider, its errors included.

Every test of this file is also a test of secrecy: whatever was printed, logged at DEBUG level, raised or written by
its end must hold no secret (fixture `secrecy`).
"""

import csv
import json
import logging
import pickle
import sys
import threading
import traceback
import types
from collections import deque
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest

from casualties import cli
from casualties.errors import CasualtiesError, InputError
from casualties.provenance import file_sha256
from casualties.sources.acled import read_acled
from casualties.sources.download import (
    DownloadError,
    Patience,
    Secret,
    download_acled,
    download_hapi,
    download_ucdp,
    source_record,
)
from casualties.sources.download.credentials import find_secret, mask
from casualties.sources.download.transport import Connection, in_header
from casualties.sources.ucdp import read_ucdp_ged

SECRETS = {
    "CASUALTIES_UCDP_TOKEN": "ucdp/tok+en=7f3a",
    "CASUALTIES_ACLED_USERNAME": "some.one+x@example.org",
    "CASUALTIES_ACLED_PASSWORD": "pass wörd/&?1",
    "CASUALTIES_HAPI_APP": "YXBwOmE/Yg+x==",
}
TOKEN, USER, PASSWORD, APP = SECRETS.values()
ISSUED = "issued-token-"
DAY = "2026-11-22"


# --- the server -----------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    method: str
    path: str
    query: dict
    headers: dict
    form: dict


@dataclass
class Reply:
    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    cut: int = 0  # bytes promised by Content-Length and not sent


class Server:
    """A provider: `answer` gives the usual reply, `faults` are given first, one a question (None: the usual one)."""

    def __init__(self, answer):
        self.answer, self.faults, self.asked = answer, deque(), []
        self.always = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length", 0))
                asked = Asked(
                    self.command,
                    parts.path,
                    {name: values[0] for name, values in parse_qs(parts.query).items()},
                    {name.casefold(): value for name, value in self.headers.items()},
                    {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()},
                )
                outer.asked.append(asked)
                fault = outer.faults.popleft() if outer.faults else outer.always
                fault = fault(asked) if callable(fault) else fault
                reply = fault or outer.answer(asked)
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + reply.cut))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.base = f"http://{self.host}"

    def stop(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    @property
    def pages(self):
        """What was asked for beside the token, as page, cursor or offset."""
        reads = [one for one in self.asked if one.method == "GET"]
        return [
            next((one.query[name] for name in ("page", "cursor", "offset") if name in one.query), "") for one in reads
        ]


# --- what the providers have ----------------------------------------------------------------------------------------


def ged(number, **more):
    return {
        "id": number,
        "relid": f"SYR-{number}",
        "type_of_violence": 1,
        "where_prec": 2,
        "adm_1": "Idlib Governorate",
        "date_prec": 1,
        "date_start": f"2019-05-0{number}T00:00:00",
        "date_end": f"2019-05-0{number}T00:00:00",
        "side_a": "Government of Syria",
        "side_b": "HTS",
        "latitude": 35.93,
        "source_headline": 'A, "b"\nc',
        "deaths_a": number,
        "deaths_b": 1,
        "deaths_civilians": 2,
        "deaths_unknown": 0,
        "low": number + 1,
        "best": number + 3,
        "high": number + 4,
        "gwnoa": 652,
        "gwnob": None,
        **more,
    }


def event(number, **more):
    return {
        "event_id_cnty": f"SYR{number}",
        "event_date": f"2019-05-0{number}",
        "year": 2019,
        "time_precision": 1,
        "disorder_type": "Political violence",
        "event_type": "Battles",
        "sub_event_type": "Armed clash",
        "actor1": "Military Forces of Syria",
        "assoc_actor_1": "",
        "inter1": "State forces",
        "actor2": "HTS",
        "assoc_actor_2": "",
        "inter2": "Rebel group",
        "interaction": "State forces-Rebel group",
        "civilian_targeting": "",
        "iso": 760,
        "region": "Middle East",
        "country": "Syria",
        "admin1": "Idleb",
        "admin2": "Idleb",
        "admin3": "",
        "location": "Idleb",
        "latitude": "35.9306",
        "longitude": "36.6339",
        "geo_precision": 1,
        "source": "SOHR",
        "source_scale": "National",
        "notes": 'On 1 May; "x",\ny',
        "fatalities": number,
        "tags": "",
        "timestamp": 1580000000,
        **more,
    }


def month(number, **more):
    return {
        "location_code": "SYR",
        "has_hrp": True,
        "in_gho": True,
        "provider_admin1_name": "Idleb",
        "provider_admin2_name": "Harim",
        "admin1_code": "SY07",
        "admin1_name": "Idleb",
        "admin2_code": "SY0702",
        "admin2_name": "Harim",
        "admin_level": 2,
        "event_type": "political_violence",
        "events": number,
        "fatalities": number * 3,
        "reference_period_start": f"2019-0{number}-01T00:00:00",
        "reference_period_end": f"2019-0{number}-28T23:59:59",
        **more,
    }


def play_ucdp(rows, size=2, first=0):
    def answer(asked):
        if asked.headers.get("x-ucdp-access-token") != TOKEN:
            return Reply({"message": "API token required"}, 401)
        if asked.path != "/api/gedevents/25.1":
            return Reply(b"", 404)
        page = int(asked.query.get("page", first)) - first
        more = (page + 1) * size < len(rows)
        return Reply(
            {
                "TotalCount": len(rows),
                "TotalPages": -(-len(rows) // size),
                "PreviousPageUrl": "",
                # Never followed as it stands: the host is another one.
                "NextPageUrl": f"http://other.invalid/gedevents/25.1?pagesize={size}&page={page + 1 + first}"
                if more
                else "",
                "Result": rows[page * size : (page + 1) * size],
            }
        )

    return answer


class PlayAcled:
    def __init__(self, rows, size=2):
        self.rows, self.size, self.issued, self.valid = rows, size, 0, set()

    def __call__(self, asked):
        if asked.path == "/oauth/token":
            expected = {"username": USER, "password": PASSWORD, "grant_type": "password", "client_id": "acled"}
            if asked.method != "POST" or asked.form != expected:
                return Reply({"error": "invalid_grant", "given": asked.form}, 400)
            self.issued += 1
            self.valid = {f"{ISSUED}{self.issued}"}
            return Reply({"token_type": "Bearer", "expires_in": 86400, "access_token": f"{ISSUED}{self.issued}"})
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return Reply({"message": "Unauthorized"}, 401)
        place = int(asked.query["cursor"].removeprefix("c"))
        data = self.rows[place : place + self.size]
        following = f"c{place + self.size}" if place + self.size < len(self.rows) else None
        return Reply({"status": 200, "success": True, "count": None, "data": data, "next_cursor": following})


def play_hapi(rows, size=2):
    def answer(asked):
        if asked.query.get("app_identifier") != APP:
            return Reply({"error": f"not {asked.query.get('app_identifier')}"}, 403)
        place = int(asked.query["offset"])
        return Reply({"data": rows[place : place + size]})

    return answer


# --- what the tests share -------------------------------------------------------------------------------------------


@pytest.fixture
def serve(monkeypatch):
    """Start servers; the accounts stand in the environment."""
    servers = []
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def start(answer):
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def waited():
    return []


@pytest.fixture
def patience(waited):
    """Note the waits instead of waiting."""
    return Patience(delays=(1, 2, 4), timeout=(5, 5), pause=waited.append)


@dataclass
class Case:
    """One provider, its server with five rows on three pages, and how to call it."""

    name: str
    server: Server
    out: object
    patience: Patience
    words: tuple

    def get(self, **more):
        more = {"accessed": DAY, "base": self.server.base, "patience": self.patience, **more}
        if self.name == "ucdp":
            return download_ucdp(more.pop("version", "25.1"), self.out, **more)
        if self.name == "acled":
            return download_acled(self.out, **{"country": "Syria", **more})
        return download_hapi(more.pop("location", "SYR"), self.out, **more)

    def rows(self):
        with open(self.out, encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    @property
    def parts(self):
        return self.out.with_name(f"{self.out.name}.parts")


@pytest.fixture
def case(request, serve, tmp_path, patience):
    plays = {
        "ucdp": (lambda: play_ucdp([ged(n) for n in range(1, 6)]), ("--version", "25.1")),
        "acled": (lambda: PlayAcled([event(n) for n in range(1, 6)]), ("--country", "Syria")),
        "hapi": (lambda: play_hapi([month(n) for n in range(1, 6)]), ("--location", "SYR")),
    }
    play, words = plays[request.param]
    folder = tmp_path / "work"
    folder.mkdir()
    return Case(request.param, serve(play()), folder / "list.csv", patience, words)


def only(*names):
    return pytest.mark.parametrize("case", names, indirect=True)


every = only("ucdp", "acled", "hapi")


@pytest.fixture
def raised():
    """Texts of the errors that a test has met."""
    return []


@pytest.fixture
def failed(raised):
    """Call something that must fail with one of our errors, and keep all that the error tells anybody."""

    def call(run, kind=DownloadError):
        with pytest.raises(CasualtiesError) as info:
            run()
        error = info.value
        assert isinstance(error, kind), repr(error)
        raised.append("".join(traceback.format_exception(error)))
        while error is not None:
            raised.append(f"{error!s} {error!r} {vars(error)!r} {error.args!r}")
            error = error.__cause__ or error.__context__
        return str(info.value)

    return call


@pytest.fixture(autouse=True)
def secrecy(capfd, caplog, tmp_path, raised):
    """Whatever is printed, logged, raised or written by the end of a test holds no secret."""
    caplog.set_level(logging.DEBUG)
    yield
    told = [*capfd.readouterr(), caplog.text, *raised]
    told += [repr((record.msg, record.args)) for record in caplog.get_records("call")]
    for path in tmp_path.rglob("*"):
        told.append(path.name)
        if path.is_file():
            told.append(path.read_text(encoding="utf-8"))
    forms = {
        form
        for text in (*SECRETS.values(), ISSUED)
        for form in (text, quote(text), quote(text, safe=""), quote_plus(text))
    }
    assert [(form, text) for form in forms for text in told if form in text] == []


def unfinished(case):
    """After a failure there is neither the table nor its record."""
    return not case.out.exists() and not case.out.with_suffix(".source.json").exists()


# --- the tests ------------------------------------------------------------------------------------------------------


class TestWhole:
    @every
    def test_all_pages_make_one_table(self, case):
        done = case.get()
        rows = case.rows()
        assert (done.rows, len(rows)) == (5, 5)
        assert [path.name for path in sorted(case.out.parent.iterdir())] == ["list.csv", "list.source.json"]
        record = json.loads(done.record_file.read_text(encoding="utf-8"))
        assert (record["rows"], record["accessed"], record["file"]) == (5, DAY, "list.csv")
        assert record["sha256"] == file_sha256(case.out)
        assert record["url"].startswith(case.server.base)
        assert record["redistributable"] is (case.name == "ucdp")
        assert DAY in record["attribution"]
        assert source_record(case.out) == done.record
        assert case.patience.pause.__self__ == []  # nothing was waited for

    @every
    def test_the_same_answers_give_the_same_bytes(self, case):
        first = case.get()
        before = (case.out.read_bytes(), first.record_file.read_bytes())
        case.out.unlink()
        case.get()
        assert (case.out.read_bytes(), first.record_file.read_bytes()) == before

    @pytest.mark.parametrize("first", [0, 1])
    def test_page_numbers_are_the_provider_s_own(self, serve, tmp_path, patience, first):
        server = serve(play_ucdp([ged(n) for n in range(1, 6)], first=first))
        download_ucdp("25.1", tmp_path / "a.csv", accessed=DAY, base=server.base, patience=patience)
        assert server.pages == ["", str(first + 1), str(first + 2)]

    @only("ucdp")
    def test_ucdp_feeds_its_reader(self, case):
        done = case.get(country="652", start="2019-05-01", end="2019-05-31")
        asked = case.server.asked[0]
        assert asked.query == {"pagesize": "1000", "Country": "652", "StartDate": "2019-05-01", "EndDate": "2019-05-31"}
        assert asked.headers["user-agent"].startswith("casualties")
        events = read_ucdp_ged(case.out, source_record(case.out))
        assert (len(events.accepted), len(events.rejected)) == (5, 0)
        assert int(events.accepted["best"].sum()) == sum(n + 3 for n in range(1, 6))
        assert events.record.version == done.record.version == "25.1"
        assert case.rows()[0]["source_headline"] == 'A, "b"\nc'

    @only("acled")
    def test_acled_feeds_its_reader(self, case):
        case.get(start="2019-05-01", end="2019-05-31")
        query = case.server.asked[1].query
        assert query == {
            "_format": "json",
            "limit": "5000",
            "cursor": "0",
            "country": "Syria",
            "event_date": "2019-05-01|2019-05-31",
            "event_date_where": "BETWEEN",
        }
        events = read_acled(case.out, record=source_record(case.out))
        assert (len(events.accepted), len(events.rejected)) == (5, 0)
        assert int(events.accepted["best"].sum()) == 15
        assert not events.record.redistributable
        assert case.rows()[4] == {name: str(value) for name, value in event(5).items()}  # the user's copy is whole

    @only("hapi")
    def test_hapi_is_paged_until_nothing_comes(self, case):
        case.get()
        assert case.server.pages == ["0", "2", "4", "5"]
        assert [row["fatalities"] for row in case.rows()] == ["3", "6", "9", "12", "15"]
        assert {row["has_hrp"] for row in case.rows()} == {"true"}

    def test_numbers_stay_as_they_are_written(self, serve, tmp_path, patience):
        text = json.dumps({"data": [month(1, events="@")]}).replace('"@"', "36.10")
        server = serve(play_hapi([]))
        server.faults.append(Reply(text.encode()))
        download_hapi("SYR", tmp_path / "a.csv", accessed=DAY, base=server.base, patience=patience)
        assert ",36.10," in (tmp_path / "a.csv").read_text(encoding="utf-8")

    def test_a_column_more_is_kept_and_signs_that_no_file_can_hold_are_replaced(self, serve, tmp_path, patience):
        rows = [ged(1), ged(2), ged(3, lists=[1, "ب"], broken="\ud800"), ged(4)]
        server = serve(play_ucdp(rows))
        download_ucdp("25.1", tmp_path / "a.csv", accessed=DAY, base=server.base, patience=patience)
        with open(tmp_path / "a.csv", encoding="utf-8", newline="") as stream:
            read = list(csv.DictReader(stream))
        assert [row["lists"] for row in read] == ["", "", '["1", "ب"]', ""]
        assert read[2]["broken"] == "?"
        assert list(read[0])[:-2] == list(ged(1))


class TestRefusedAccounts:
    @only("ucdp", "hapi")
    @pytest.mark.parametrize("status", [401, 403])
    def test_a_secret_that_is_not_accepted(self, case, failed, status):
        case.server.always = Reply({"echo": [TOKEN, APP]}, status)
        name = {"ucdp": "CASUALTIES_UCDP_TOKEN", "hapi": "CASUALTIES_HAPI_APP"}[case.name]
        message = failed(case.get)
        assert f"{case.server.host} does not accept the" in message
        assert f"(status {status}); check {name}" in message
        assert len(case.server.asked) == 1
        assert unfinished(case)

    @only("acled")
    def test_a_token_that_has_run_out_is_renewed(self, case):
        case.server.faults.extend([None, None, lambda asked: case.server.answer.valid.clear()])
        case.get()
        assert len(case.rows()) == 5
        assert case.server.answer.issued == 2
        assert case.server.pages == ["0", "c2", "c2", "c4"]

    @only("acled")
    def test_a_new_token_that_is_not_accepted_either(self, case, failed):
        case.server.always = lambda asked: Reply({"given": asked.headers}, 401) if asked.method == "GET" else None
        assert "does not accept a token that it has just given (status 401)" in failed(case.get)
        assert len(case.server.asked) == 4
        assert unfinished(case)

    @only("acled")
    def test_an_account_that_is_not_known(self, case, failed):
        message = failed(lambda: case.get(password=Secret("something else", "CASUALTIES_ACLED_PASSWORD")))
        assert message.endswith(
            "does not accept the account (status 400); check CASUALTIES_ACLED_USERNAME and CASUALTIES_ACLED_PASSWORD"
        )
        assert case.server.pages == []

    @only("acled")
    @pytest.mark.parametrize(
        "reply",
        [
            Reply({"message": "valid token, no data"}, 403),
            Reply({"status": 403, "success": False, "message": "valid token, no data"}),
            Reply({"status": 200, "success": True, "data": [], "next_cursor": None}),
        ],
    )
    def test_a_valid_token_without_rights(self, case, failed, reply):
        case.server.faults.extend([None, reply])
        assert "an account may log in and still lack access rights" in failed(case.get)
        assert unfinished(case)


class TestBusy:
    @every
    @pytest.mark.parametrize("status", [429, 503])
    def test_the_provider_says_how_long_to_wait(self, case, waited, status):
        case.server.faults.extend([Reply(status=status, headers={"Retry-After": "7"})] * 2)
        case.get()
        assert waited == [7, 7]
        assert len(case.rows()) == 5

    @every
    def test_waits_grow_where_it_does_not(self, case, waited):
        wrong = Reply(status=429, headers={"Retry-After": "soon"})
        case.server.faults.extend([Reply(status=500), wrong, Reply(status=502, headers={"Retry-After": "7"})])
        case.get()
        assert waited == [1, 2, 4]

    @every
    def test_longer_than_we_wait(self, case, waited, failed):
        case.server.always = Reply(status=429, headers={"Retry-After": "3600"})
        assert "asks to wait 3,600 seconds; call again after that" in failed(case.get)
        assert waited == []
        assert unfinished(case)

    @every
    def test_for_ever(self, case, waited, failed):
        case.server.always = Reply({"echo": [TOKEN, APP, PASSWORD]}, 503)
        assert f"{case.server.host} answers with status 503 (4 attempts)" in failed(case.get)
        assert waited == [1, 2, 4]
        assert unfinished(case)

    @every
    def test_nobody_there(self, case, waited, failed):
        case.server.stop()
        assert "cannot be reached (4 attempts)" in failed(case.get)
        assert waited == [1, 2, 4]
        case.server.stop = lambda: None


class TestBrokenAnswers:
    @every
    def test_a_body_that_breaks_off_is_asked_for_again(self, case, waited):
        case.server.faults.append(Reply(b'{"data": [', cut=500))
        case.get()
        assert waited == [1]
        assert len(case.rows()) == 5

    @every
    def test_and_in_the_end_given_up(self, case, failed):
        case.server.always = Reply(b'{"data": []}', cut=1)
        assert "breaks off in the middle of its answer (4 attempts)" in failed(case.get)
        assert unfinished(case)

    @every
    @pytest.mark.parametrize("body", [b"<html>soon</html>", b"[1]", b"\xff", b"", b'{"a":' * 100_000])
    def test_no_json(self, case, failed, body):
        case.server.always = Reply(body, headers={"Content-Type": "text/html; charset=utf-8"})
        message = failed(case.get)
        assert f"something that is no JSON object (text/html, {len(body):,} bytes)" in message
        assert unfinished(case)

    @every
    def test_another_envelope(self, case, failed):
        reply = {"data": "none", "Results": [], "access_token": f"{ISSUED}x"}
        case.server.always = Reply(reply)
        message = failed(case.get)
        assert "answers in another form" in message
        assert ("there is no 'Result' (but 'Results')" if case.name == "ucdp" else "'data' is no list") in message
        assert unfinished(case)

    @only("ucdp")
    def test_a_status_that_means_nothing_here(self, case, failed):
        case.server.always = Reply(status=418)
        assert "answers with status 418" in failed(case.get)
        case.server.always = Reply(status=400)
        assert "does not accept the query (status 400)" in failed(case.get)

    @every
    def test_a_renamed_column(self, case, failed):
        column, new = {
            "ucdp": ("best", "best_est"),
            "acled": ("fatalities", "fatality"),
            "hapi": ("events", "event_n"),
        }[case.name]
        make = {"ucdp": ged, "acled": event, "hapi": month}[case.name]
        row = {new if name == column else name: value for name, value in make(1).items()}
        body = {"Result": [row], "data": [row], "TotalCount": 1, "NextPageUrl": "", "next_cursor": None}
        case.server.always = lambda asked: Reply(body) if asked.method == "GET" else None
        assert f"page 1 has no column {column!r}; nearest there: {new!r}" in failed(case.get)
        assert unfinished(case)


class TestPagesThatDoNotAddUp:
    @every
    def test_a_page_that_comes_twice(self, case, failed):
        first = case.server.answer

        def again(asked):
            same = {"page": "0", "offset": "0", "cursor": "0"}
            return first(replace(asked, query={**asked.query, **{n: same[n] for n in same if n in asked.query}}))

        if case.name == "ucdp":

            def repeat(asked):
                reply = again(asked)
                reply.body["NextPageUrl"] = f"?page={int(asked.query.get('page', 0)) + 1}"
                return reply
        elif case.name == "acled":

            def repeat(asked):
                reply = again(asked)
                if asked.method == "GET":
                    reply.body["next_cursor"] = f"next-{asked.query['cursor']}"
                return reply
        else:
            repeat = again
        case.server.always = repeat
        message = failed(case.get)
        what = {"ucdp": "id '1'", "acled": "event_id_cnty 'SYR1'", "hapi": "a row (its 1th)"}[case.name]
        assert f"gives {what} a second time, on page 2: a page is repeated or has moved" in message
        assert unfinished(case)

    @only("acled")
    def test_a_cursor_that_leads_back(self, case, failed):
        def loop(asked):
            if asked.method == "POST" or asked.query["cursor"] != "c4":
                return None
            return Reply({"data": [event(5)], "next_cursor": "c2"})

        case.server.always = loop
        assert "leads from page 3 back to one that was had before: its pages have no end" in failed(case.get)
        assert case.server.pages == ["0", "c2", "c4"]
        assert unfinished(case)

    @only("acled")
    def test_an_empty_page_with_a_live_cursor(self, case, failed):
        case.server.faults.extend([None, None, Reply({"data": [], "next_cursor": "c9"})])
        assert "gives an empty page 2 and says that more follow" in failed(case.get)
        assert unfinished(case)

    @only("acled")
    def test_no_cursor_at_all(self, case, failed):
        case.server.faults.extend([None, Reply({"data": [event(1)], "cursor": "c9"})])
        assert "there is no 'next_cursor' (but 'cursor')" in failed(case.get)

    @only("ucdp")
    def test_a_total_that_does_not_come_out(self, case, failed):
        def more(asked):
            reply = play_ucdp([ged(n) for n in range(1, 6)])(asked)
            reply.body["TotalCount"] = 6
            return reply

        case.server.always = more
        message = failed(case.get)
        assert "says that there are 6 rows and gives 5; start anew with --restart" in message
        assert unfinished(case)
        case.server.always = None
        assert "says that there are 6 rows and gives 5" in failed(case.get)
        assert len(case.get(restart=True).record.sha256) == 64

    @only("ucdp")
    def test_a_total_that_changes_on_the_way(self, case, failed):
        case.server.faults.extend([None, lambda asked: play_ucdp([ged(n) for n in range(1, 7)])(asked)])
        assert "speaks of 6 rows on page 2 and of 5 before: the list has changed on the way" in failed(case.get)
        assert unfinished(case)

    @only("ucdp")
    def test_a_version_that_is_not_there(self, case, failed):
        assert "has no version 25.9.1 of GED; see UCDP's list of versions" in failed(lambda: case.get(version="25.9.1"))
        case.server.always = Reply({"TotalCount": 0, "TotalPages": 0, "NextPageUrl": "", "Result": []})
        assert "gives no row; no event of version 25.1 is as asked, or there is no such version" in failed(case.get)
        assert unfinished(case)

    @only("hapi")
    def test_a_country_without_rows(self, case, failed):
        case.server.always = Reply({"data": []})
        assert "gives no row; HAPI has no conflict events of 'XYZ'" in failed(lambda: case.get(location="XYZ"))


class TestBreaks:
    @every
    def test_the_next_call_goes_on(self, case, failed):
        ask = {"ucdp": ["", "1", "2"], "acled": ["0", "c2", "c4"], "hapi": ["0", "2", "4", "5"]}[case.name]
        usual = case.server.answer
        case.server.answer = lambda asked: Reply(status=500) if ask[2] in asked.query.values() else usual(asked)
        failed(case.get)
        assert unfinished(case)
        assert sorted(path.name for path in case.parts.iterdir()) == [
            "page-000001.json",
            "page-000002.json",
            "state.json",
        ]
        case.server.asked.clear()
        case.server.answer = usual
        told = []
        done = case.get(accessed="2026-11-23", progress=lambda rows, total: told.append((rows, total)))
        assert case.server.pages == ask[2:]
        assert done.rows == len(case.rows()) == 5
        assert told[-1] == (5, 5 if case.name == "ucdp" else None)
        assert done.record.notes[-1] == f"taken in parts, from {DAY} to 2026-11-23"
        assert not case.parts.exists()

    @every
    def test_a_stop_by_the_keyboard_keeps_the_pages(self, case):
        def stop(rows, total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            case.get(progress=stop)
        assert unfinished(case)
        case.server.asked.clear()
        assert case.get().rows == 5
        assert case.server.pages[0] in ("1", "c2", "2")

    @only("ucdp")
    def test_pages_of_another_query_are_not_joined(self, case, failed):
        case.server.faults.extend([None, Reply(status=418)])
        failed(case.get)
        message = failed(lambda: case.get(country="652"), InputError)
        assert message.startswith(
            "list.csv.parts: pages of another query are kept here (other: Country); ask as before"
        )
        assert len(case.server.asked) == 2
        assert case.get(country="652", restart=True).record.scope == "Country 652"

    @only("ucdp")
    @pytest.mark.parametrize("name", ["state.json", "page-000001.json"])
    def test_kept_pages_that_were_changed(self, case, failed, name):
        case.server.faults.extend([None, Reply(status=418)])
        failed(case.get)
        (case.parts / name).write_text("[]")
        message = failed(case.get, InputError)
        assert message.startswith(f"list.csv.parts/{name}: ")
        assert "start anew with --restart" in message
        assert unfinished(case)
        (case.parts / "state.json").unlink()  # a break before the first note: nothing is there yet
        assert case.get().rows == 5

    @only("ucdp")
    def test_the_table_cannot_be_put_in_its_place(self, case, failed, monkeypatch):
        from casualties.sources.download import pages

        def full(*names):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(pages.os, "replace", full)
            message = failed(case.get, InputError)
        assert message.startswith("list.csv: the file cannot be written (No space left on device)")
        assert not case.out.exists()
        case.server.asked.clear()
        case.get()


class TestWhereItGoes:
    @only("ucdp")
    def test_nothing_is_overwritten(self, case, failed):
        case.out.write_text("mine")
        assert failed(case.get, InputError).startswith("list.csv: the file is there already and is not overwritten")
        assert case.out.read_text() == "mine"
        case.out = case.out.with_suffix(".xlsx")
        assert "the table is written as CSV" in failed(case.get, InputError)
        case.out = case.out.parent / "none" / "list.csv"
        assert "there is no such folder" in failed(case.get, InputError)
        assert case.server.asked == []

    @only("ucdp")
    def test_a_table_that_was_changed_has_no_record(self, case, failed):
        case.get()
        case.out.write_text("id\n")
        assert "the table is not the one that was downloaded" in failed(lambda: source_record(case.out), InputError)
        case.out.with_suffix(".source.json").write_text("{}")
        assert "the source record cannot be read" in failed(lambda: source_record(case.out), InputError)


class TestArguments:
    @only("ucdp")
    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"version": "../x"}, "this is no version of UCDP GED"),
            ({"country": "Syria"}, "Gleditsch and Ward's numbers"),
            ({"start": "5 May"}, "this is not a day"),
            ({"start": "2019-05-02", "end": "2019-05-01"}, "the last day is before the first"),
            ({"accessed": "today"}, "this is not a day"),
        ],
    )
    def test_ucdp(self, case, failed, more, message):
        assert message in failed(lambda: case.get(**more), InputError)
        assert case.server.asked == []

    @only("acled")
    @pytest.mark.parametrize(
        ("more", "message"),
        [({"start": "2019-05-01"}, "one day alone bounds nothing here"), ({"country": ""}, "nothing is asked for")],
    )
    def test_acled(self, case, failed, more, message):
        assert message in failed(lambda: case.get(**more), InputError)
        assert case.server.asked == []

    @only("hapi")
    def test_hapi(self, case, failed):
        assert "ISO code of three letters" in failed(lambda: case.get(location="Syria"), InputError)


class TestAddress:
    @pytest.mark.parametrize(
        "base",
        [
            *("http://example.org", "ftp://127.0.0.1", "example.org", "", "https://", "http://127.0.0.1.example.org"),
            *(
                f"https://{quote_plus(USER)}:x@example.org",
                "https://example.org/?a=1",
                "https://example.org:x",
                "https://[",
            ),
        ],
    )
    def test_only_a_safe_one(self, failed, base):
        assert failed(lambda: Connection(base), InputError).startswith(
            "column 'base': this is no address to send a secret to; give https://HOST"
        )

    @pytest.mark.parametrize("base", ["https://example.org/x/", "http://localhost:1", "http://[::1]:8000"])
    def test_a_safe_one(self, base):
        assert Connection(base).base == base.rstrip("/")

    @every
    def test_another_host_is_not_told_the_secret(self, case, serve, failed):
        other = serve(lambda asked: Reply({"data": []}))
        leak = f"{other.base}/x?app_identifier={quote_plus(APP)}"
        case.server.always = Reply(status=302, headers={"Location": leak})
        assert "sends us on to 127.0.0.1, which is not followed" in failed(case.get)
        assert other.asked == []

    @only("ucdp", "hapi")
    def test_another_path_of_the_same_host_is_followed(self, case, failed):
        case.server.faults.append(
            lambda asked: Reply(status=307, headers={"Location": f"{asked.path}?app_identifier=another"})
        )
        assert case.get().rows == 5
        case.out.unlink()
        case.server.always = Reply(status=302, headers={"Location": "/round"})
        assert "sends us on in circles" in failed(case.get)
        case.server.always = Reply(status=302)
        assert "sends us on in circles" in failed(case.get)


class TestSecrets:
    def test_a_secret_shows_nowhere(self):
        secret = Secret(TOKEN, "CASUALTIES_UCDP_TOKEN")
        assert {str(secret), f"{secret}", repr(secret)} == {"***", "Secret(***)"}
        assert secret.reveal() == TOKEN
        with pytest.raises(TypeError, match="not copied"):
            pickle.dumps(secret)

    @pytest.mark.parametrize("text", ["", " ", "a\nb", "a\x00"])
    def test_what_is_no_secret(self, failed, text):
        assert "column 'X': the value is empty or holds a line break" in failed(lambda: Secret(text, "X"), InputError)

    def test_masking(self):
        short, long = Secret("ab", "S"), Secret("ab/cd", "L")
        assert mask("ab ab%2Fcd ab/cd", [short, long]) == "*** *** ***"

    def test_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("CASUALTIES_UCDP_TOKEN", f" {TOKEN}\n")
        assert find_secret("CASUALTIES_UCDP_TOKEN").reveal() == TOKEN

    @pytest.fixture
    def keyring(self, monkeypatch):
        class KeyringError(Exception):
            pass

        store = {("casualties", "CASUALTIES_UCDP_TOKEN"): TOKEN}
        module = types.ModuleType("keyring")
        module.errors = types.SimpleNamespace(KeyringError=KeyringError)
        module.get_password = lambda service, name: store.get((service, name))
        monkeypatch.setitem(sys.modules, "keyring", module)
        monkeypatch.delenv("CASUALTIES_UCDP_TOKEN", raising=False)
        return module

    def test_from_the_keyring(self, keyring, monkeypatch):
        assert find_secret("CASUALTIES_UCDP_TOKEN").reveal() == TOKEN
        monkeypatch.setenv("CASUALTIES_UCDP_TOKEN", "of the environment")
        assert find_secret("CASUALTIES_UCDP_TOKEN").reveal() == "of the environment"

    def test_a_locked_keyring(self, keyring, failed):
        def locked(service, name):
            raise keyring.errors.KeyringError(f"cannot give {TOKEN}")

        keyring.get_password = locked
        message = failed(lambda: find_secret("CASUALTIES_UCDP_TOKEN"), InputError)
        assert "the keyring cannot be read (KeyringError); unlock it" in message

    @pytest.mark.parametrize("there", [True, False])
    def test_nowhere(self, keyring, failed, monkeypatch, there):
        if not there:
            monkeypatch.setitem(sys.modules, "keyring", None)
        assert failed(lambda: find_secret("CASUALTIES_HAPI_APP"), InputError) == (
            "column 'CASUALTIES_HAPI_APP': the account's secret is not set; set the environment variable "
            "CASUALTIES_HAPI_APP, or install keyring and call: keyring set casualties CASUALTIES_HAPI_APP"
        )

    def test_a_secret_that_no_header_can_carry(self, serve, failed, patience):
        server = serve(lambda asked: Reply({}))
        with Connection(server.base, patience=patience) as line:
            failed(lambda: line.ask("/", {}, in_header("x", Secret("日本", "X"))))

    @only("hapi")
    def test_the_log_of_urllib3_is_masked_and_left_as_it_was(self, case, caplog):
        case.get()
        lines = [record.getMessage() for record in caplog.records if record.name == "urllib3.connectionpool"]
        assert any("app_identifier=*** HTTP" in line for line in lines)
        assert not any(
            type(found).__name__ == "_Mask"
            for name in logging.Logger.manager.loggerDict
            for found in logging.getLogger(name).filters
        )


class TestCommand:
    """The command line of each provider; errors are one line, exit code 1 (2: an argument)."""

    @pytest.fixture
    def run(self, case, capfd, monkeypatch, raised, waited):
        from casualties.sources.download import transport

        monkeypatch.setattr(transport, "Patience", lambda: replace(case.patience))

        def call(*more):
            words = ["download", case.name, *case.words, "--out", str(case.out), "--base", case.server.base, *more]
            code = cli.main(words)
            out, err = capfd.readouterr()
            raised.extend([out, err])
            return code, out, err

        return call

    @every
    def test_good(self, run, case):
        code, out, err = run("--accessed", DAY)
        assert (code, err) == (0, "")
        first, second = out.splitlines()
        assert "list.csv: 5 rows, " in first
        assert "list.source.json: where they come from; cite: " in second
        assert source_record(case.out).accessed == DAY

    @every
    def test_today_is_the_day_of_access(self, run, case):
        assert run()[0] == 0
        assert len(source_record(case.out).accessed) == 10

    @every
    @pytest.mark.parametrize(
        "fault",
        [
            *(Reply({"echo": [*SECRETS.values()]}, status) for status in (400, 401, 403, 404, 418, 429, 500, 503)),
            *(Reply(b"no", cut=9), Reply(b"<html>"), Reply({"Result": [{"a": 1}], "data": [{"a": 1}]})),
            Reply(status=302, headers={"Location": f"http://user:{quote_plus(TOKEN)}@other.invalid/{quote_plus(APP)}"}),
            lambda asked: Reply({"echo": [asked.headers, asked.query, asked.form]}, 500),
        ],
    )
    def test_bad(self, run, case, fault):
        case.server.always = fault
        code, out, err = run()
        assert (code, out) == (1, "")
        assert err.startswith("casualties: 127.0.0.1:")
        assert err.count("\n") == 1
        assert unfinished(case)

    @every
    def test_an_argument(self, run):
        code, out, err = run("--accessed", "today")
        assert (code, out) == (2, "")
        assert "this is not a day" in err

    @every
    def test_a_stop(self, run, case, monkeypatch):
        from casualties.sources.download import pages

        def stop(*given):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(pages, "_only_once", stop)
            assert run() == (130, "", "casualties: stopped; the same command goes on with the pages already had\n")
        assert run()[0] == 0

    def test_no_word_takes_a_secret(self, capfd):
        for name in ("ucdp", "acled", "hapi"):
            with pytest.raises(SystemExit):
                cli.main(["download", name, "--help"])
        words = capfd.readouterr().out
        for word in ("--token", "--password", "--username", "--user", "--app", "--secret"):
            assert f"{word} " not in words
