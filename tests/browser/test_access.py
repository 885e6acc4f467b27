"""The chat without a mouse, without sight and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    pytest.param({"size": driving.NARROW, "dark": True}, id="narrow-dark"),
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

# What can be pressed and is smaller than 24 by 24 pixels. WCAG 2.2, 2.5.8, lets pass what stands in a line of text, and
# what has a circle of 24 pixels round it that meets no other target.
SMALL = """() => {
    const targets = [...document.querySelectorAll("#fs :is(button, a, input, select, textarea, summary)")]
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
            f"{state}: {one['id']} ({one['impact']}): {one['help']}: {node['html'][:150]} {node['failureSummary'][:300]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
        wide, spilling = reader.page.evaluate(SPILLING)
        if wide > 0 or spilling:
            wrong.append(f"{state}: {wide} pixels too wide: {spilling}")
        wrong += [f"{state}: too small: {one}" for one in reader.page.evaluate(SMALL)]
    assert wrong == [], "\n".join(wrong)
