"""The chat without a mouse, without sight and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUESTION = "Was sagte Anna Berg zum Kanal?"
LONG = "".join(f"Im Jahr {1900 + i} fuhr ein Schiff durch den alten Graben und hielt am Ufer.\n\n" for i in range(30))
ARTICLES = {
    "kanal.md": "# Der Kanal\n\nAnna Berg war am Kanal. „Der Kanal wird im Mai tiefer gebaggert“, sagte Anna Berg.\n\n"
    f"## Was kostet der Kanal?\n\n{LONG}Der Kanal kostet vier Millionen Euro. Karl Kai sagte: „Der Kanal kostet zu "
    "viel.“\n",
    "ein/sehr/langer/ordnername/noch-ein-kanal-mit-einem-sehr-langen-dateinamen-ohne-jede-luecke.txt": "Kanal 2\n\n"
    "„Der Kanal wird im Mai tiefer gebaggert“, sagte Anna Berg.\n",
    "lock.txt": "The lock\n\nThe lock keeper waited for the barge on Tuesday.\n",
}
WINDOWS = ("fs-articles", "fs-conversations", "fs-export", "fs-help")
WORLDS = [
    pytest.param({}, id="wide-light"),
    pytest.param({"dark": True, "locale": "de-DE"}, id="wide-dark-german"),
    pytest.param({"size": driving.NARROW, "locale": "de-DE"}, id="narrow-light-german"),
]

# What is wider than the window, or than the part of the page that holds it and does not scroll on purpose.
SPILLING = """() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const spilt = [...document.querySelectorAll("#fs, #fs *")].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === "visible"
            && (box.right > innerWidth + 1 || box.left < -1) && !element.closest(".fs-skip, .fs-unseen");
    });
    return [wide, spilt.map((element) => element.outerHTML.slice(0, 120))];
}"""

# What can be pressed and is smaller than 24 by 24 pixels. WCAG 2.2, 2.5.8, lets pass what has a circle of 24 pixels
# round it that meets no other target, and what has another way: the ticks have the buttons for next and previous hit.
SMALL = """() => {
    const within = document.querySelector("dialog[open]") ?? document.querySelector("#fs");
    const targets = [...within.querySelectorAll("button:not(.fs-tick), a, input, select, textarea, summary")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".fs-skip"));
    const boxes = targets.map((element) => element.getBoundingClientRect());
    const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
    const crowded = (one) => boxes.some((other, i) => {
        if (i === one) return false;
        const [x, y] = middle(boxes[one]);
        const dx = Math.max(other.left - x, 0, x - other.right), dy = Math.max(other.top - y, 0, y - other.bottom);
        return Math.hypot(dx, dy) < 12;
    });
    return targets.filter((element, i) => (boxes[i].width < 24 || boxes[i].height < 24) && boxes[i].width > 1
        && !(element.type === "file" || element.labels?.length) && crowded(i))
        .map((element) => element.outerHTML.slice(0, 120));
}"""

# Where the focus is and whether it can be seen there.
FOCUS = """() => {
    const element = document.activeElement;
    const look = getComputedStyle(element);
    const label = element.closest("label") ?? element;
    const ringed = [element, label, element.closest(".fs-box") ?? element].some((one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    });
    const box = label.getBoundingClientRect();
    return {
        lost: element === document.body || !element.closest("#fs"),
        seen: ringed && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        what: element.outerHTML.slice(0, 120),
    };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canal")
    for name, text in ARTICLES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / "kaputt.txt").write_bytes(b"\0")
    return folder


@pytest.fixture(scope="module")
def address(checkout: Path, folder: Path) -> Iterator[str]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        yield address


def states(reader: Reader) -> Iterator[str]:
    """Take the page through what it can show, and stop at each."""
    page = reader.page
    page.locator("#fs-examples button").first.wait_for()
    yield "start"
    reader.ask(QUESTION)
    page.locator(".fs-next").wait_for()
    page.evaluate("document.querySelectorAll('#fs details').forEach((one) => (one.open = true))")
    page.locator("[data-up='']").click()
    page.locator(".fs-reason input").wait_for()
    yield "answer"
    page.locator("[data-do=edit]").click()
    yield "editing"
    page.keyboard.press("Escape")
    page.locator(".fs-cite").first.click()
    page.wait_for_selector("#fs[data-reading=yes]")
    yield "source"
    if page.locator(".fs-back").is_visible():
        page.locator(".fs-back").click()
        page.wait_for_selector("#fs:not([data-reading=yes])")
    for window in WINDOWS:
        page.locator(f"[data-open={window}]").last.click()
        page.wait_for_selector(f"#{window}[open]")
        if window == "fs-articles":
            page.locator("#fs-list input").first.check()
        yield window
        page.keyboard.press("Escape")
    page.fill("#fs-question", "x " * 1500)
    page.press("#fs-question", "Enter")
    page.locator(".fs-error").wait_for()
    yield "refused"


@pytest.mark.parametrize("wishes", WORLDS)
def test_nothing_keeps_anybody_out_of_any_state_of_the_page(visit, wishes):
    reader = visit(**wishes)
    axe = Axe()
    wrong = []
    for state in states(reader):
        found = axe.run(reader.page, context="#fs-page", options={"resultTypes": ["violations"]}).response["violations"]
        wrong += [
            f"{state}: {one['id']} ({one['impact']}): {node['html'][:150]} {node['failureSummary'][:300]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
        wide, spilling = reader.page.evaluate(SPILLING)
        if wide > 0 or spilling:
            wrong.append(f"{state}: {wide} pixels too wide: {spilling}")
        wrong += [f"{state}: too small: {one}" for one in reader.page.evaluate(SMALL)]
    assert wrong == [], "\n".join(wrong)


def reach(reader: Reader, selector: str, key: str = "Tab") -> None:
    """Press a key until the focus is on such an element; wherever it comes by, it can be seen."""
    for _ in range(80):
        press(reader, key)
        if reader.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{key} does not lead to {selector}")


def press(reader: Reader, key: str) -> None:
    """Press a key; the focus is not lost and can be seen after it."""
    reader.page.keyboard.press(key)
    reader.settle()
    focus = reader.page.evaluate(FOCUS)
    assert not focus["lost"], f"{key} loses the focus: {focus['what']}"
    assert focus["seen"], f"after {key} the focus cannot be seen: {focus['what']}"


def focused(reader: Reader, selector: str) -> None:
    """Wait until the focus is on such an element, and see it there."""
    reader.page.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)
    assert reader.page.evaluate(FOCUS)["seen"], f"the focus on {selector} cannot be seen"


def test_the_keyboard_alone_asks_opens_steps_copies_and_goes_back(visit):
    reader = visit()
    page = reader.page
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    focused(reader, "#fs-question")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    reader.answered()
    focused(reader, "#fs-question")

    reach(reader, ".fs-quote .fs-cite", "Shift+Tab")
    first = page.evaluate("document.activeElement.dataset.place")
    press(reader, "Enter")
    focused(reader, ".fs-source h2")
    reader.shows(first)
    for key, other in (("Alt+ArrowDown", True), ("Alt+ArrowUp", False)):
        page.keyboard.press(key)
        page.wait_for_function(
            "([p, other]) => (document.querySelector('.fs-source').dataset.place !== p) === other", arg=[first, other]
        )
        focused(reader, ".fs-source h2")
    reach(reader, "a.fs-number")
    press(reader, "Enter")
    assert "at=" in page.evaluate("navigator.clipboard.readText()")

    page.go_back()
    page.wait_for_function("!location.hash.includes('at=')")
    while page.evaluate("document.querySelector('#fs').dataset.reading"):
        place = page.evaluate("document.querySelector('.fs-source').dataset.place")
        page.go_back()
        page.wait_for_function(
            "place => !document.querySelector('#fs').dataset.reading"
            " || document.querySelector('.fs-source').dataset.place !== place",
            arg=place,
        )
    focused(reader, ".fs-quote .fs-cite")

    reach(reader, ".fs-copy summary")
    press(reader, "Enter")
    reach(reader, "[data-copy=plain]")
    press(reader, "Enter")
    focused(reader, ".fs-copy summary")
    assert "Der Kanal wird im Mai tiefer gebaggert" in page.evaluate("navigator.clipboard.readText()")


def test_the_keyboard_alone_limits_exports_and_changes_the_language_and_every_window_gives_the_focus_back(visit):
    reader = visit()
    page = reader.page
    page.keyboard.press("Alt+a")
    page.wait_for_selector("#fs-articles[open]")
    reach(reader, "#fs-list input[type=checkbox]")
    press(reader, "Space")
    press(reader, "Escape")
    focused(reader, "#fs-question")
    assert page.inner_text("#fs-filter span").startswith("Only in: ")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    reader.answered()
    assert page.locator(".fs-only").count() == 1
    reach(reader, "#fs-filter button", "Shift+Tab")
    press(reader, "Enter")
    assert page.locator("#fs-filter").is_hidden()

    reach(reader, "#fs-take")
    press(reader, "Enter")
    reach(reader, "[data-export=markdown]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".md")
    press(reader, "Escape")
    focused(reader, "#fs-take")

    reach(reader, ".fs-quote .fs-cite", "Shift+Tab")
    page.keyboard.press("?")
    page.wait_for_selector("#fs-help[open]")
    assert page.locator("#fs-help tr").count() == 11
    press(reader, "Escape")
    focused(reader, ".fs-quote .fs-cite")
    page.keyboard.press("Alt+l")
    page.wait_for_selector("html[lang=de]")
    page.locator(".fs-answer", has_text="Wo das steht").wait_for()
    focused(reader, "#fs-stream")
    page.keyboard.press("Alt+c")
    page.wait_for_selector("#fs-conversations[open]")
    reach(reader, "#fs-kept .fs-link")
    press(reader, "Enter")
    page.wait_for_selector("#fs-conversations:not([open])", state="attached")
    page.keyboard.press("Alt+n")
    focused(reader, "#fs-question")
    assert page.locator("#fs-turns > li").count() == 0
    reach(reader, "#fs-examples button", "Shift+Tab")
    press(reader, "Enter")
    reader.answered()
    focused(reader, "#fs-stream")
    page.keyboard.press("Alt+c")
    page.locator("#fs-kept .fs-plain").nth(1).wait_for()
    reach(reader, "#fs-kept .fs-plain")
    press(reader, "Enter")
    page.wait_for_function("document.querySelectorAll('#fs-kept .fs-plain').length === 1")
    focused(reader, "#fs-conversations .fs-title button")


def test_on_a_phone_the_citation_opens_the_source_and_escape_gives_the_focus_back_to_it(visit):
    reader = visit(size=driving.NARROW)
    reader.ask(QUESTION)
    reach(reader, ".fs-quote .fs-cite", "Shift+Tab")
    press(reader, "Enter")
    focused(reader, ".fs-source h2")
    assert reader.in_view("#fs-panel mark")
    press(reader, "Escape")
    focused(reader, ".fs-quote .fs-cite")
    assert reader.in_view(".fs-quote .fs-cite")


def test_an_answer_a_notice_and_a_source_are_announced(visit):
    reader = visit()
    page = reader.page
    live = page.locator("#fs-live[aria-live=polite]")
    page.evaluate("""() => {
        window.heard = [];
        new MutationObserver(() => heard.push(document.querySelector("#fs-live").textContent))
            .observe(document.querySelector("#fs-live"), { childList: true, characterData: true, subtree: true });
    }""")
    reader.ask(QUESTION)
    page.wait_for_function("heard.some((text) => text.startsWith('Answered. This ') && text.includes('gebaggert'))")
    page.locator(".fs-cite").last.scroll_into_view_if_needed()
    page.locator(".fs-quote .fs-cite").first.click()
    page.wait_for_function("heard.at(-1) === document.querySelector('.fs-source h2').textContent")
    assert live.get_attribute("role") == "status"


MOVING = """() => [...document.querySelectorAll("#fs, #fs *")].filter((element) => {
    const { scrollBehavior, transitionDuration, animationDuration, animationName } = getComputedStyle(element);
    return scrollBehavior === "smooth" || parseFloat(transitionDuration) > 0.01
        || (animationName !== "none" && parseFloat(animationDuration) > 0.01);
}).length"""


def test_nothing_moves_for_those_who_ask_for_less_motion(visit):
    still, moving = visit(), visit(motion=True)
    for reader in (still, moving):
        reader.ask(QUESTION)
    assert still.page.evaluate(MOVING) == 0
    assert moving.page.evaluate(MOVING) > 0


def test_questions_that_are_suggested_anew_leave_the_focus_among_them(visit):
    reader = visit()
    page = reader.page
    focused(reader, "#fs-question")
    page.locator("#fs-examples button").first.wait_for()
    page.locator("#fs-examples button").last.focus()
    page.evaluate("""() => {
        const before = document.querySelector("#fs-examples li");
        document.dispatchEvent(new Event("fs-articles"));
        return new Promise((then) => {
            const watch = () => (before.isConnected ? requestAnimationFrame(watch) : then());
            watch();
        });
    }""")
    focused(reader, "#fs-examples li:last-child button")
