"""The page behind the door: with a name and a password it works as without, and other sites get nothing out of it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error

from rag import accounts
from tests.browser import driving
from tests.browser.driving import Reader
from tests.conftest import ARTICLES

pytestmark = pytest.mark.browser

NAME, PASSWORD = "anna", "correct horse battery"
EVIL = "evil.example"
NOTE = "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective))"


@pytest.fixture(scope="module")
def address(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "harbour.txt").write_text(ARTICLES["harbour.txt"], "utf-8")
    file = tmp_path_factory.mktemp("office") / "accounts"
    accounts.write(file, NAME, PASSWORD)
    arguments = ["-m", "rag", "chat", str(folder), "--model", "hashing", "--accounts", str(file)]
    with driving.chat(checkout, arguments) as address:
        yield address


class Known(Reader):
    """A reader whose browser has the password, and who notes what the page was not allowed to do."""

    def __init__(self, chromium: Browser, address: str) -> None:
        known = {"username": NAME, "password": PASSWORD, "origin": address}
        context = chromium.new_context(http_credentials=known, accept_downloads=True, reduced_motion="reduce")
        context.add_init_script(NOTE)
        self._look(context, address, [], [])
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda note: self.complaints.append(note.text) if note.type == "error" else None)
        self.visit(address)

    def refused(self) -> list[str]:
        return self.page.evaluate("refused")


@pytest.fixture
def reader(chromium: Browser, address: str) -> Iterator[Known]:
    known = Known(chromium, address)
    known.ready()
    yield known
    known.context.close()


def test_the_page_asks_opens_adds_and_exports_within_the_rules_it_is_given(reader, tmp_path):
    page = reader.page
    reader.ask("What did the council vote to dredge?")
    page.locator(".fs-passage .fs-cite").first.click()
    page.locator(".fs-source mark").first.wait_for()
    page.set_input_files("#fs-files", {"name": "new.txt", "mimeType": "text/plain", "buffer": b"New\n\nA new text."})
    page.locator("#fs-notice", has_text="new.txt").wait_for()
    page.locator("#fs-take").click()
    with page.expect_download() as download:
        page.locator("[data-export=html]").click()
    assert Path(download.value.path()).stat().st_size > 100
    page.keyboard.press("Escape")
    reader.reload()
    reader.answered()

    assert reader.refused() == []
    assert reader.complaints == []
    assert driving.outside(reader.requests, reader.address) == []


def test_whatever_came_into_the_page_could_neither_run_nor_send_anything_away(reader):
    reader.page.evaluate(
        """async () => {
            const add = (html) => document.body.insertAdjacentHTML('beforeend', html);
            add('<img src=x onerror="window.caught=1"><img src="http://evil.example/i.png"><iframe src="/"></iframe>');
            const script = document.createElement('script');
            script.textContent = 'window.caught=1';
            document.body.append(script);
            await fetch('http://evil.example/').catch(() => {});
            await new Promise((then) => setTimeout(then, 300));
        }"""
    )
    assert reader.page.evaluate("window.caught") is None
    assert {"img-src", "connect-src", "frame-src", "script-src-elem", "script-src-attr"} <= set(reader.refused())


def test_without_the_password_there_is_nothing_to_be_seen(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
        page.goto(address)
    context.close()


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator[tuple[BrowserContext, str]]:
    """A browser for which evil.example is this computer, and the address of a page there."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>evil</p>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    flags = [*driving.FLAGS, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=driving.find_chromium(), args=flags)
    yield (
        browser.new_context(http_credentials={"username": NAME, "password": PASSWORD}),
        f"http://{EVIL}:{server.server_port}/",
    )
    browser.close()
    server.shutdown()
    server.server_close()


def test_a_page_of_another_site_gets_nothing_from_the_chat_even_with_the_readers_password(elsewhere, address):
    context, evil = elsewhere
    told = []
    context.on("response", lambda one: told.append(one.status) if one.url.startswith(address) else None)
    page = context.new_page()
    page.goto(evil)
    got = page.evaluate(
        """async (chat) => {
            const tried = [];
            const text = (told) => told.text();
            for (const wish of [
                fetch(`${chat}/config`).then(text),
                fetch(`${chat}/config`, {mode: 'no-cors'}).then(text),
                fetch(`${chat}/config`, {credentials: 'include', mode: 'no-cors'}).then(text),
                fetch(`${chat}/gradio_api/upload`, {method: 'POST', mode: 'no-cors', body: new FormData()}).then(text),
                fetch(`${chat}/gradio_api/component_server/`, {method: 'POST', mode: 'no-cors', body: '{}'}).then(text),
                fetch(`${chat}/gradio_api/queue/join`, {
                    method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'},
                }).then(text),
            ]) tried.push(await wish.catch(() => 'failed'));
            for (const kind of ['img', 'script', 'iframe']) {
                const one = document.createElement(kind);
                one.src = `${chat}/desk/main.js`;
                tried.push(await new Promise((then) => {
                    one.onload = () => then(kind === 'iframe' ? '' : 'loaded');
                    one.onerror = () => then('failed');
                    document.body.append(one);
                }));
            }
            return tried;
        }""",
        address,
    )
    assert set(got) <= {"failed", ""}
    assert told
    assert set(told) == {403}


def test_a_name_that_was_made_to_point_here_reaches_nothing(elsewhere, address):
    context, _ = elsewhere
    page = context.new_page()
    told = page.goto(address.replace("127.0.0.1", EVIL))
    assert (told.status, page.inner_text("body")) == (403, "The chat is not to be reached by this name.")
    with pytest.raises(Error):
        page.evaluate("fetch('/config').then((told) => told.json())")
