"""Who may ask the chat, what there is to ask for, and what its page may load."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chat.guard import guarded
from tests.asgi import Asked, ask, run

JSON = {"content-type": "application/json"}
SEEN = ["/", "/config", "/theme.css", "/desk/main.js", "/assets/Index-C1.js", "/static/fonts/A/B.woff2"]
CALLS = ["/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/call/v2/retrieve"]
SHUT = [
    "/gradio_api/upload",
    "/gradio_api/upload?upload_id=x",
    "/gradio_api/upload_progress?upload_id=x",
    "/gradio_api/file=/etc/passwd",
    "/file=/etc/passwd",
    "/file/index/passages.db",
    "/gradio_api/file=index/passages.db",
    "/gradio_api/file/embeddings/model/model.safetensors",
    "/gradio_api/proxy=https://example.hf.space/",
    "/gradio_api/stream/x/1/2/playlist.m3u8",
    "/gradio_api/deep_link?session_hash=x",
    "/gradio_api/runs",
    "/gradio_api/run-history/buckets",
    "/gradio_api/run/ask",
    "/gradio_api/api/ask",
    "/gradio_api/startup-events",
    "/gradio_api/heartbeat/x",
    "/gradio_api/app_id",
    "/gradio_api/user",
    "/gradio_api/token",
    "/gradio_api/openapi.json",
    "/gradio_api/mcp/sse",
    "/gradio_api/dev/reload",
    "/gradio_api/vibe-code/",
    "/gradio_api/process_recording",
    "/gradio_api/queue/status",
    "/gradio_api/custom_component/1/client/component/index.js",
    "/gradio_api/call/other",
    "/monitoring",
    "/monitoring/summary",
    "/login",
    "/logout",
    "/login_check",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/svelte/x.js",
    "/pwa_icon",
    "/manifest.json",
]
WAYS_UP = [
    "/..",
    "/../etc/passwd",
    "/desk/../page.py",
    "/desk/..%2fpage.py",
    "/desk/%2e%2e/page.py",
    "/desk/%2e%2e%2fpage.py",
    "/desk/..\\page.py",
    "/desk/..%5cpage.py",
    "/desk/%252e%252e/page.py",
    "/desk//etc/passwd",
    "//etc/passwd",
    "/desk/main.js%00.css",
    "/desk/.",
    "/desk/.hidden",
    "/static/../../index",
    "/assets/%2e%2e/%2e%2e/x",
    "/desk/",
    "/desk",
    "http://127.0.0.1:7860/desk/main.js",
    "*",
]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def page(asked):
    return guarded(asked, ["127.0.0.1", "localhost", "::1", "Notes.example.org"], None)


@pytest.mark.parametrize("path", SEEN)
def test_what_the_page_needs_is_served(page, path):
    assert ask(page, path).text.endswith("<b>served</b>")


@pytest.mark.parametrize("path", [*CALLS, "/gradio_api/component_server/", "/gradio_api/cancel", "/gradio_api/reset"])
def test_what_the_page_and_programs_call_is_served(page, path):
    assert ask(page, path, method="POST", headers=JSON, body=[b'{"data": []}']).status == 200
    assert ask(page, path).status == 404


@pytest.mark.parametrize("path", [*SHUT, *WAYS_UP])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_all_else_of_gradio_is_shut_before_gradio_sees_it(page, asked, path, method):
    assert ask(page, path, method=method, headers=JSON).status == 404
    assert asked.scopes == []


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get"])
def test_no_other_method_is_served(page, asked, method):
    assert ask(page, "/", method=method).status == 404
    assert asked.scopes == []


@given(
    st.lists(st.sampled_from([*"/.%\\ :;~@", "..", "%2f", "%2e", "%00", "desk", "assets", "a", "main.js"])).map("".join)
)
def test_whatever_is_let_through_names_a_file_plainly(path):
    asked = Asked()
    ask(guarded(asked, ["127.0.0.1"], None), f"/{path}")
    for scope in asked.scopes:
        assert scope["path"].encode() == scope["raw_path"]
        assert re.fullmatch(r"/|(/\w[\w.-]*)+", scope["path"])


def test_gradio_gets_no_query_and_no_header_that_anybody_may_send_but_those_it_needs(page, asked):
    sent = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-gradio-server": "http://evil.example",
        "authorization": "Basic YTpi",
        "cookie": "a=b",
        "accept": "*/*",
    }
    ask(page, "/gradio_api/info?all_endpoints=true", headers=sent)
    ask(page, "/?deep_link=abc&view=api", headers=sent)
    ask(page, "/gradio_api/queue/data?session_hash=abc")

    assert [scope["query_string"] for scope in asked.scopes] == [b"", b"", b"session_hash=abc"]
    assert {name for name, _ in asked.scopes[0]["headers"]} == {b"host", b"accept"}


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize(
    "data",
    [
        [{"path": "http://example.org/x", "meta": {"_type": "gradio.FileData"}}],
        [["a", [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]]],
        [{}],
    ],
)
def test_a_call_that_hands_over_an_object_is_refused(page, asked, path, data):
    for body in (json.dumps({"data": data}), json.dumps({"data": data}).replace("F", "\\u0046")):
        told = ask(page, path, method="POST", headers=JSON, body=[body.encode()])
        assert (told.status, told.text) == (400, "Only text, numbers and lists of text are read.")
    assert asked.scopes == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"[" * 100_000])
def test_a_call_that_is_no_object_of_json_is_refused(page, body):
    assert ask(page, CALLS[0], method="POST", headers=JSON, body=[body]).status == 400


def test_a_call_reaches_gradio_as_it_was_sent(page, asked):
    body = '{"data": ["Brücke", 5, null, ["a"]], "fn_index": 0}'.encode()
    assert ask(page, CALLS[0], method="POST", headers=JSON, body=[body[:10], body[10:]]).status == 200
    assert asked.bodies == [body]


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_a_body_that_another_page_could_send_unasked_is_refused(page, kind):
    assert ask(page, CALLS[0], method="POST", headers={"content-type": kind}, body=[b"{}"]).status == 415


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:7860"},
        {"host": "localhost:7860", "origin": "http://localhost:7860"},
        {"host": "[::1]:7860", "origin": "http://[::1]:7860"},
        {"host": "notes.example.org", "origin": "https://notes.example.org"},
        {"host": "NOTES.example.org"},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:7860"},
        {"sec-fetch-site": "none", "sec-fetch-dest": "document"},
    ],
)
def test_the_page_itself_and_programs_may_ask(page, headers):
    assert ask(page, CALLS[0], method="POST", headers={**JSON, **headers}, body=[b"{}"]).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:8000",
        "http://127.0.0.1:7860.evil.example",
        "ftp://127.0.0.1:7860",
    ],
)
def test_a_page_of_another_origin_may_not(page, asked, origin):
    for method in ("GET", "POST", "OPTIONS"):
        told = ask(page, "/", method=method, headers={"origin": origin})
        assert told.status == 403
        assert "access-control-allow-origin" not in told.headers
    assert asked.scopes == []


def test_a_page_that_came_unencrypted_may_not_ask_the_one_that_is_encrypted(page):
    headers = {"host": "notes.example.org", "origin": "http://notes.example.org"}
    assert ask(page, headers=headers, scheme="https").status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_may_lead_here_but_load_nothing_from_here(page, site):
    assert ask(page, headers={"sec-fetch-site": site, "sec-fetch-dest": "document"}).status == 200
    for kind in ("image", "script", "iframe", "empty"):
        assert ask(page, headers={"sec-fetch-site": site, "sec-fetch-dest": kind}).status == 403
    form = {"sec-fetch-site": site, "sec-fetch-dest": "document", **JSON}
    assert ask(page, CALLS[0], method="POST", headers=form, body=[b"{}"]).status == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example/127.0.0.1",
        "127.0.0.1:x",
        "0.0.0.0:7860",
        "localhost.:7860",
        "[::1",
        "",
    ],
)
def test_another_name_for_this_machine_is_refused(page, asked, host):
    assert ask(page, headers={"host": host}).status == 403
    assert asked.scopes == []


@pytest.mark.parametrize("path", ["/", "/desk/main.js", "/nowhere", "/gradio_api/info"])
def test_every_response_says_what_a_browser_may_do_with_it(page, path):
    told = ask(page, path).headers

    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-resource-policy"] == told["cross-origin-opener-policy"] == "same-origin"
    assert told["permissions-policy"].startswith("camera=()")
    assert (told.get("cache-control") == "no-store") == (path in ("/", "/gradio_api/info"))


def test_the_page_may_load_from_its_own_address_only_and_run_none_but_its_own_scripts(page):
    policy = ask(page).headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    own = b64encode(hashlib.sha256(b"here()").digest()).decode()

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'self' 'unsafe-eval' 'sha256-{own}'"
    assert rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in policy
    assert "sha256" not in ask(page, "/config").headers["content-security-policy"]


def test_what_is_no_http_does_not_reach_the_page(page, asked):
    run(page({"type": "websocket", "path": "/", "headers": []}, None, None))
    assert asked.scopes == []


def test_a_request_that_is_refused_while_it_is_sent_ends_the_connection(page):
    for long in ({"content-length": "1000001"}, {"transfer-encoding": "chunked"}):
        assert ask(page, "/nowhere", method="POST", headers={**JSON, **long}).headers["connection"] == "close"
    assert "connection" not in ask(page, "/nowhere", method="POST", headers={"content-length": "2"}).headers
