"""The desk over HTTP: who is let in, what is taken and refused, and plans that are right."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

import evenhand
from evenhand.errors import InputError
from evenhand.tables import CostTable

pytest.importorskip("starlette", reason="the extra desk is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the extra desk is not installed")

from evenhand.desk.asked import Rule  # noqa: E402
from evenhand.desk.plan import Desk  # noqa: E402
from evenhand.desk.room import Room  # noqa: E402
from evenhand.desk.server import application  # noqa: E402
from evenhand.desk.serving import kept_session, listening  # noqa: E402
from evenhand.desk.solving import Questions, SupersededError  # noqa: E402
from evenhand.desk.tables_on_desk import restored, told  # noqa: E402

TOKEN = "a-token"
CSV = "agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n"
EVEN = {"measure": "max_over_mean", "parameter": 1.2, "p": None}


class Answer:
    """What the server answered."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status_code, self.headers, self.content = response.status, dict(response.getheaders()), response.read()

    @property
    def text(self) -> str:
        """Return the answer as text."""
        return self.content.decode()

    def json(self) -> Any:
        """Return the answer as JSON values."""
        return json.loads(self.content)


class Caller:
    """Somebody who has the address of a room's server, which runs in a thread."""

    def __init__(self, room: Any, application: Callable[..., Any] = application) -> None:
        self.room, self._socket = room, listening(0)
        self.port = self._socket.getsockname()[1]
        app = application(room, TOKEN, self.port)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()

    def call(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request to any path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            # A server that refuses a body closes the connection while it is still being sent.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Get a path behind the token."""
        return self.call("GET", f"/{TOKEN}/{path}", None, headers)

    def post(self, path: str, data: Any, headers: dict[str, str] | None = None) -> Answer:
        """Send bytes, or values as JSON."""
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.call("POST", f"/{TOKEN}/{path}", body, headers)

    def close(self) -> None:
        """Stop the server."""
        self._server.should_exit = True
        self._thread.join(30)
        self._socket.close()


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    one = Caller(Room(None, tmp_path / "kept.json"))
    yield one
    one.close()


def test_nobody_gets_in_without_token_host_and_origin(caller: Caller) -> None:
    assert caller.get("state").status_code == 200
    assert caller.call("GET", "/state").status_code == 404
    assert caller.call("GET", "/another/state").status_code == 404
    assert caller.call("GET", "/").status_code == 404
    for host in ("evil.example", "127.0.0.1", f"evil.example:{caller.port}", f"127.0.0.1:{caller.port + 1}"):
        assert caller.get("state", headers={"host": host}).status_code == 403
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{caller.port}"):
        assert caller.post("solve", EVEN, headers={"origin": origin}).status_code == 403
    assert caller.get("state", headers={"origin": f"http://127.0.0.1:{caller.port}"}).status_code == 200


def test_every_answer_forbids_what_the_page_does_not_need(caller: Caller) -> None:
    for path in ("", "desk.js", "desk.css", "state", "nowhere"):
        headers = caller.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["referrer-policy"] == "no-referrer"
    page = caller.get("").text
    assert "http://" not in page
    assert "https://" not in page


def test_a_plan_is_the_cheapest_of_all_that_are_fair(caller: Caller) -> None:
    """With k tasks for Ann the loads are k and 2 (4 - k): at most 1.2 times the mean leaves k = 3, which costs 5."""
    assert caller.post("table?name=t.csv", CSV.encode()).json()["desk"]["costs"]["agents"] == ["Ann", "Bo"]
    plan = caller.post("solve", EVEN).json()
    assert (plan["cost"], plan["base_cost"], plan["price"]) == (5, 4, 0.25)
    assert (plan["loads"], plan["cheapest"], plan["shares"]) == ([3, 2], [4, 0], [2.5, 2.5])
    assert plan["verified"] is True
    assert plan["rule"] == "no load exceeds 1.2 times the mean load"


def test_wishes_are_kept_and_taken_back(caller: Caller) -> None:
    caller.post("table?name=t.csv", CSV.encode())
    assert caller.post("price", {"kind": "lock", "task": 0, "agent": 1}).json() == {"status": "optimal", "cost": 5}
    assert caller.room.present().wishes == (), "asking for a price grants nothing"
    loose = {**EVEN, "parameter": 2}
    caller.post("solve", loose)
    caller.post("wish", {"kind": "lock", "task": 0, "agent": 1})
    caller.post("wish", {"kind": "forbid", "task": 1, "agent": 0})
    plan = caller.post("solve", loose).json()
    assert (plan["assignment"], plan["cost"]) == ([1, 1, 0, 0], 6)
    assert caller.post("undo", {}).json()["wishes"] == [{"kind": "lock", "task": 0, "agent": 1}]
    assert caller.post("solve", loose).json()["cost"] == 5
    caller.post("redo", {})
    assert caller.post("solve", loose).json()["cost"] == 6
    caller.post("wish", {"kind": "lock", "task": 0, "agent": 0})
    assert caller.post("solve", loose).json()["assignment"] == [0, 1, 0, 0], "a later lock replaces an earlier one"
    for wish, reason in (
        ({"kind": "forbid", "task": 1, "agent": 1}, "task b would be forbidden to every agent"),
        ({"kind": "lock", "task": 1, "agent": 7}, "there is no task 1 or agent 7"),
        ({"kind": "love", "task": 1, "agent": 1}, "wish 'love' is unknown"),
        ({"kind": "lock", "task": "b", "agent": 1}, "task is 'b'; it should be a position"),
        ({"kind": "lock", "task": True, "agent": 1}, "task is True"),
    ):
        answer = caller.post("wish", wish)
        assert reason in answer.json()["error"]


def test_what_is_shared_comes_as_a_second_table(caller: Caller) -> None:
    """Hours of 1 and 3: even loads need three tasks of Ann's and one of Bo's, for 1 x 3 + 2."""
    caller.post("table?name=t.csv", CSV.encode())
    caller.post("table?name=h.csv&role=burdens", b"agent,d,c,b,a\nBo,3,3,3,3\nAnn,1,1,1,1\n")
    plan = caller.post("solve", {"measure": "max_over_mean", "parameter": 1, "p": None}).json()
    assert (plan["loads"], plan["cost"]) == ([3, 3], 5)
    refused = caller.post("table?name=h.csv&role=burdens", b"agent,d,c,b\nBo,3,3,3\nAnn,1,1,1\n")
    assert "3 tasks, but t.csv has 4" in refused.json()["error"]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("t.csv", b"agent,a\nAnn,x\nBo,1\n", "t.csv"),
        ("t.csv", b"", "t.csv"),
        ("t.pdf", b"%PDF-1.4 and so on", "a PDF"),
        ("t.json", b"{", "no JSON, and so no session"),
        ("t.json", b"[]", "no session of a desk"),
        ("t.json", b'{"format": "evenhand desk 1"}', "the session is damaged"),
        ("../../etc/passwd", b"agent,a\nAnn,x\nBo,1\n", "passwd"),
        ("t.csv", b"x" * 51_000_000, "over 50 MB"),
    ],
)
def test_files_of_another_kind_are_refused_in_one_line(caller: Caller, name: str, body: bytes, reason: str) -> None:
    caller.post("table?name=t.csv", CSV.encode())
    answer = caller.post(f"table?{urlencode({'name': name})}", body)
    assert reason in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert "/tmp" not in answer.json()["error"]
    assert caller.post("solve", EVEN).json()["cost"] == 5, "the table of before is still there"


def test_requests_that_make_no_sense_are_refused(caller: Caller) -> None:
    assert "there is no table yet" in caller.post("solve", EVEN).json()["error"]
    caller.post("table?name=t.csv", CSV.encode())
    for rule, reason in (
        ({"measure": "top_share", "parameter": 0.5}, "measure 'top_share' is unknown"),
        ({"measure": "cv", "parameter": -1}, "must be a finite number"),
        ({"measure": "cv"}, "should have a measure and a parameter"),
        ([], "no JSON object"),
    ):
        assert reason in caller.post("solve", rule).json()["error"]
    assert "no JSON" in caller.post("solve", b"[" * 100_000).json()["error"]
    assert caller.post("solve", EVEN).json()["cost"] == 5
    assert caller.get("nowhere").status_code == 404
    assert caller.get("save/plan.exe").status_code == 404


def test_an_impossible_rule_says_what_is_possible(caller: Caller) -> None:
    caller.post("table?name=t.csv", b"agent,a\nAnn,1\nBo,2\n")
    plan = caller.post("solve", EVEN).json()
    assert (plan["status"], plan["cost"], plan["possible"]) == ("infeasible", None, "2")


def test_plan_session_and_report_are_saved(caller: Caller, tmp_path: Path) -> None:
    caller.post("table?name=t.csv", CSV.encode())
    assert "no plan yet" in caller.get("save/plan.csv").json()["error"]
    caller.post("wish", {"kind": "lock", "task": 3, "agent": 1})
    caller.post("solve", EVEN)
    assert caller.get("save/plan.csv").text.splitlines() == ["task,agent", "a,Ann", "b,Ann", "c,Ann", "d,Bo"]
    told_plan = caller.get("save/plan.json").json()
    costs = [[1] * 4, [2] * 4]
    assert evenhand.verify(costs, told_plan, locked={3: 1}).verified
    page = caller.get("save/plan.html").text
    assert "This plan costs 5" in page
    assert "evenhand assign t.csv --locked locked.csv --max-over-mean 1.2" in page
    assert caller.get("save/locked.csv").text.splitlines() == ["task,agent", "d,Bo"]
    caller.post("undo", {})
    caller.post("solve", EVEN)
    assert "evenhand assign t.csv --max-over-mean 1.2" in caller.get("save/plan.html").text
    caller.post("redo", {})
    caller.post("solve", EVEN)
    session = caller.get("save/session.json").content
    with contextlib.closing(Caller(Room(None, tmp_path / "other.json"))) as other:
        state = other.post("session", session).json()
        assert state["desk"]["wishes"] == [{"kind": "lock", "task": 3, "agent": 1}]
        assert other.post("solve", EVEN).json()["assignment"] == [0, 0, 0, 1]


def test_the_session_outlives_the_server(caller: Caller, tmp_path: Path) -> None:
    caller.post("table?name=t.csv", CSV.encode())
    caller.post("wish", {"kind": "lock", "task": 3, "agent": 1})
    caller.post("solve", {**EVEN, "parameter": 1.5})
    kept = restored(json.loads((tmp_path / "kept.json").read_text("utf-8")))
    assert told(kept) == told(caller.room.present())
    assert kept.rule.parameter == 1.5
    assert len(kept.wishes) == 1


def test_forbidden_pairs_and_places_survive_a_session() -> None:
    table = CostTable(
        np.array([[1.0, np.inf], [2.0, 3.0]]), ("x", "y"), ("a", "b"), np.zeros((2, 2)), np.ones((2, 2)), "s.csv"
    )
    desk = Desk(table, None, (1.0, 0.5), (0.0, 2.0), Rule("epsilon", 0.5, 2.0))
    again = restored(json.loads(json.dumps(told(desk))))
    assert again.costs.values.tolist() == table.values.tolist()
    assert told(again) == told(desk)


def test_slider_levels_run_from_the_cheapest_plan_to_equality(caller: Caller) -> None:
    caller.post("table?name=t.csv", CSV.encode())
    slider = caller.post("slider", EVEN).json()["slider"]
    assert (slider[0], slider[-1]) == (2, 1)
    assert all(one >= other for one, other in itertools.pairwise(slider))
    assert caller.post("level", {**EVEN, "parameter": 2}).json()["price"] == 0


def test_a_newer_question_of_the_same_window_ends_the_older_one() -> None:
    """Of the questions that wait for their turn, the newest alone is answered."""
    turn = threading.Lock()
    desk = Desk(CostTable(np.array([[1.0] * 4, [2.0] * 4]), ("Ann", "Bo"), tuple("abcd")))
    window, other = Questions(turn), Questions(turn)
    ended: list[Any] = []

    def ask(questions: Questions) -> None:
        try:
            ended.append((questions, questions.ask(desk).answer.cost))
        except SupersededError:
            ended.append((questions, None))

    with turn:
        threads = []
        for questions in (window, other, window):
            threads.append(threading.Thread(target=ask, args=(questions,)))
            threads[-1].start()
            time.sleep(0.2)
    for thread in threads:
        thread.join(60)
    assert sorted(((one is window, cost) for one, cost in ended), key=str) == [(False, 5.0), (True, 5.0), (True, None)]


def test_a_port_that_is_taken_is_named() -> None:
    with listening(0) as one:
        port = one.getsockname()[1]
        assert one.getsockname()[0] == "127.0.0.1"
        with pytest.raises(InputError, match=f"port {port} cannot be used"):
            listening(port)


def test_sessions_of_different_tables_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    names = {kept_session(tmp_path / "a.csv"), kept_session(tmp_path / "b.csv"), kept_session(None)}
    assert len(names) == 3
    assert all(name.is_relative_to(tmp_path) for name in names)
