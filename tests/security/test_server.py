"""A running chat, and what somebody could try who reaches it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from rag import accounts
from rag.settings import LIMITS
from tests.conftest import ARTICLES

ROOT = Path(__file__).parents[2]
NAME, PASSWORD = "anna", "correct horse battery"
BASIC = {"Authorization": f"Basic {b64encode(f'{NAME}:{PASSWORD}'.encode()).decode()}"}
JSON = {"Content-Type": "application/json"}
FUNCTIONS = "/gradio_api/component_server/"
# All that would open Gradio wide, were it not said otherwise.
OPEN = {
    "GRADIO_ALLOWED_PATHS": "/",
    "GRADIO_SHARE": "true",
    "GRADIO_MCP_SERVER": "true",
    "GRADIO_NUM_WORKERS": "1",
    "GRADIO_PROFILING": "1",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_RUN_HISTORY": "true",
    "GRADIO_LOCAL_DEV_MODE": "1",
    "UVICORN_HOST": "0.0.0.0",
}


@dataclass(frozen=True)
class Running:
    """A chat with one account, reached by ``client``; what it writes for a while lies in ``temporary``."""

    address: str
    process: subprocess.Popen[str]
    client: httpx.Client
    corpus: Path
    temporary: Path

    def memory(self) -> int:
        """Its resident memory in bytes."""
        told = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return 1024 * int(re.search(r"VmRSS:\s+(\d+)", told).group(1))

    def call(self, name: str, wish: dict, **more) -> httpx.Response:
        """Call a function of the page as the page does."""
        sent = {"data": wish, "component_id": self.page(), "fn_name": name, "session_hash": "abc", **more}
        return self.client.post(FUNCTIONS, json=sent)

    def page(self) -> int:
        """The number of the page's component."""
        [number] = [one["id"] for one in self.client.get("/config").json()["components"] if one["type"] == "html"]
        return number


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    corpus, temporary = tmp_path_factory.mktemp("corpus"), tmp_path_factory.mktemp("temporary")
    (corpus / "harbour.txt").write_text(ARTICLES["harbour.txt"], "utf-8")
    file = tmp_path_factory.mktemp("office") / "accounts"
    accounts.write(file, NAME, PASSWORD)
    command = [sys.executable, "-m", "rag", "chat", str(corpus), "--model", "hashing", "--accounts", str(file)]
    surroundings = {**os.environ, **OPEN, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=corpus.parent, env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline()).group()
            with httpx.Client(base_url=address, headers=BASIC, timeout=30, trust_env=False) as client:
                yield Running(address, process, client, corpus, temporary)
        finally:
            process.kill()


@pytest.fixture
def outsider(chat: Running) -> Iterator[httpx.Client]:
    """Somebody without an account."""
    with httpx.Client(base_url=chat.address, trust_env=False) as client:
        yield client


def ready(chat: Running) -> str:
    """Wait until the index is there and return the key of the corpus."""
    [corpus] = json.loads(chat.call("start", {"corpus": ""}).json())["corpora"]
    end = time.monotonic() + 60
    while not json.loads(chat.call("state", {"corpus": corpus["key"]}).json()).get("answering"):
        assert time.monotonic() < end
        time.sleep(0.1)
    return corpus["key"]


def raw(chat: Running, *pieces: bytes) -> bytes:
    """Send bytes as they are and return the first of what comes back."""
    port = int(chat.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except ConnectionError:
                break
        try:
            return connection.recv(65_536)
        except ConnectionError:
            return b""


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/hosts",
        "/file=/etc/hosts",
        "/gradio_api/file/etc/hosts",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/deep_link?session_hash=abc",
        "/monitoring/summary",
        "/gradio_api/profiling/traces",
        "/gradio_api/run-history/buckets",
        "/gradio_api/mcp/",
        "/docs",
        "/openapi.json",
        "/static/..%2f..%2fpackage.json",
        "/desk/..%2fpage.py",
        "/desk/%2e%2e/page.py",
        "/assets/..%5c..%5cx",
    ],
)
def test_no_file_and_no_inner_route_is_to_be_had(chat, outsider, path):
    for method in ("GET", "POST"):
        assert outsider.request(method, path).status_code == 401
        assert chat.client.request(method, path, headers=JSON).status_code == 404


@pytest.mark.parametrize("path", ["/../../etc/hosts", "//etc/hosts", "/desk/../page.py", "\\..\\x", "/desk/\x00", "*"])
def test_a_path_that_no_browser_would_send_is_refused(chat, path):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {BASIC['Authorization']}\r\n\r\n"
    assert raw(chat, head.encode()).split()[1] in (b"404", b"400")


def test_the_database_the_model_and_the_articles_themselves_are_not_to_be_had(chat):
    inside = [
        chat.corpus / "harbour.txt",
        ROOT / "embeddings" / "model" / "model.safetensors",
        ROOT / "rag" / "page.py",
    ]
    for file in inside:
        for way in ("/gradio_api/file={}", "/file={}", "/static/{}", "/assets/{}", "/desk/{}", "/gradio_api/file/{}"):
            assert chat.client.get(way.format(file)).status_code == 404


@pytest.mark.parametrize("meta", [{"_type": "gradio.FileData"}, {}, None])
def test_a_call_that_names_a_file_or_an_address_gets_neither(chat, meta):
    corpus = ready(chat)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        there = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        for path in (there, "/etc/hosts", str(chat.corpus / "harbour.txt")):
            file = {"path": path, "url": there, "meta": meta, "orig_name": "x"}
            sent = {"data": [file], "fn_index": 0, "session_hash": "abc", "event_data": None}
            assert chat.client.post("/gradio_api/queue/join", json=sent).status_code == 400
            assert chat.client.post("/gradio_api/call/ask", json={"data": [file]}).status_code == 400
            assert chat.client.post("/gradio_api/call/v2/ask", json={"question": file}).status_code == 400
            told = chat.call("ask", {"corpus": corpus, "question": file})
            assert json.loads(told.json()) == {
                "error": "The page and the program do not fit together; reload the page."
            }
        with pytest.raises(TimeoutError):
            canary.accept()


def test_of_the_page_only_its_own_functions_can_be_called(chat):
    for name in (
        "__class__",
        "__init__",
        "get_config",
        "postprocess",
        "preprocess",
        "move_resource_to_block_cache",
        "",
    ):
        assert chat.call(name, {}).status_code == 404
    for number in (0, -1, 10**9):
        told = chat.call("state", {}, component_id=number)
        assert told.status_code in (404, 500)
        assert "Traceback" not in told.text
        assert str(ROOT) not in told.text


def heard(client: httpx.Client, path: str) -> str:
    """What comes over a stream of events until it ends, however it does."""
    told = ""
    with contextlib.suppress(httpx.RemoteProtocolError), client.stream("GET", path) as stream:
        for piece in stream.iter_text():
            told += piece
    return told


def test_nobody_hears_what_another_asked(chat, outsider):
    ready(chat)
    data = ["harbour", 5, None, None, None, None, None, None]
    sent = {"data": data, "fn_index": 0, "event_data": None, "session_hash": "a" * 12}
    event = chat.client.post("/gradio_api/queue/join", json=sent).json()["event_id"]

    assert "dredge" not in heard(chat.client, f"/gradio_api/queue/data?session_hash={'b' * 12}")
    assert "dredge" not in heard(chat.client, f"/gradio_api/call/retrieve/{'0' * 32}")
    assert outsider.get(f"/gradio_api/queue/data?session_hash={'a' * 12}").status_code == 401
    assert outsider.get(f"/gradio_api/call/retrieve/{event}").status_code == 401
    assert "dredge" in heard(chat.client, f"/gradio_api/queue/data?session_hash={'a' * 12}")


def test_a_program_with_an_account_can_ask_and_one_without_cannot(chat):
    ready(chat)
    client = Client(chat.address, headers=BASIC, verbose=False, analytics_enabled=False)
    told = client.predict(question="harbour", k=1, api_name="/retrieve")
    client.close()
    assert told[0]["citation"]["article_id"] == "harbour.txt"
    with pytest.raises(Exception, match="credentials were not provided"):
        Client(chat.address, verbose=False, analytics_enabled=False)


def test_thirty_wrong_passwords_are_throttled_and_who_is_in_stays_in(chat):
    assert chat.client.get("/").status_code == 200
    # As a proxy on this computer would say where they come from.
    guesser = {"X-Forwarded-For": "10.9.8.7"}
    with httpx.Client(base_url=chat.address, trust_env=False, headers=guesser) as client:
        told = [client.get("/", auth=(NAME, f"guess {n}")).status_code for n in range(30)]
        assert told == [401] * LIMITS.wrong_of_an_address + [429] * (30 - LIMITS.wrong_of_an_address)
        assert client.get("/", auth=(NAME, PASSWORD)).status_code == 200  # who is in already is let through
        assert client.get("/", auth=("ben", PASSWORD)).status_code == 429
    assert chat.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "0.0.0.0"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty"},
    ],
)
def test_another_site_and_another_name_are_refused_even_with_the_password(chat, headers):
    for path in ("/", "/gradio_api/upload", FUNCTIONS):
        assert chat.client.post(path, headers=headers, content=b"{}").status_code == 403
        assert chat.client.get(path, headers=headers).status_code == 403


def test_what_a_header_says_of_another_host_is_believed_by_nobody(chat):
    lies = {"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "http://evil.example"}
    for path in ("/gradio_api/info", "/config", "/"):
        assert "evil.example" not in chat.client.get(path, headers=lies).text


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads how much memory another process has")
def test_a_question_of_20_mb_is_refused_early_and_costs_no_memory(chat):
    question = b'{"data": ["' + b"x" * 20_000_000 + b'"]}'
    before = chat.memory()
    for path in ("/gradio_api/queue/join", "/gradio_api/call/ask"):
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {BASIC['Authorization']}\r\n"
        head += "Content-Type: application/json\r\n"
        for _ in range(5):
            assert raw(chat, f"{head}Content-Length: {len(question)}\r\n\r\n".encode()).startswith(b"HTTP/1.1 413")
            chunk = f"{len(question):x}\r\n".encode() + question
            told = raw(chat, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), chunk)
            assert told.startswith(b"HTTP/1.1 413") or told == b""  # cut off while it was still being sent
    assert chat.memory() - before < 10_000_000
    assert chat.client.get("/config").status_code == 200


def test_more_than_a_file_for_the_page_is_refused(chat):
    head = f"POST {FUNCTIONS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {BASIC['Authorization']}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {LIMITS.page_body + 1}\r\n\r\n"
    assert raw(chat, head.encode()).startswith(b"HTTP/1.1 413")
    big = b64encode(b"x" * 20_000_001).decode()
    told = chat.call("add", {"corpus": ready(chat), "name": "big.txt", "data": big})
    assert json.loads(told.json())["error"] == "big.txt is larger than 20 MB; divide it."


def test_a_head_that_is_too_large_is_refused(chat):
    told = raw(chat, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 100_000)
    assert told == b"" or told.startswith(b"HTTP/1.1 400")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads who listens where")
def test_it_listens_at_one_address_only_whatever_the_surroundings_say(chat):
    links = [Path(one).readlink() for one in Path(f"/proc/{chat.process.pid}/fd").iterdir() if Path(one).is_symlink()]
    own = {re.search(r"\d+", str(one)).group() for one in links if str(one).startswith("socket:")}
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
    ]
    listening = [row[1] for row in rows if row[3] == "0A" and row[9] in own]
    assert listening == [f"0100007F:{int(chat.address.rpartition(':')[2]):04X}"]


def test_nothing_of_all_this_is_left_in_the_temporary_folder(chat):
    assert [one.relative_to(chat.temporary) for one in chat.temporary.rglob("*") if one.is_file()] == []
