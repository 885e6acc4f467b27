"""``python -m benchmarks.chat``: how long a reader waits in the chat, measured in a real Chromium.

Owns what is timed and how. A time ends when the browser has painted what was asked for.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.questions import load, write_newsroom
from rag import paths
from tests.browser import driving

# How many answered questions are timed over each collection, and how many while it is being indexed.
_ASKED, _MEANWHILE = 30, 5
_LIMIT_MS = 600_000
_TYPING_MS = 500  # nobody asks again at once; meanwhile the page fetches the questions that go on
# From the key or click on until a frame has been painted in which what was asked for is there.
_CLOCK = """() => {
    for (const kind of ["keydown", "click"]) {
        document.addEventListener(kind, (event) => (window.pressed ??= event.timeStamp), true);
    }
    window.until = async (there) => {
        window.pressed = null;
        const frame = () => new Promise((then) => requestAnimationFrame(then));
        while (window.pressed === null || !there()) {
            await frame();
        }
        await frame();
        await new Promise((then) => setTimeout(then));
        return performance.now() - window.pressed;
    };
}"""
_EVIDENCE = """() => {{
    const answer = document.querySelectorAll("#fs-turns > li")[{turn}]?.querySelector(".fs-answer");
    const first = answer?.querySelector(".fs-cite")?.dataset.place;
    const source = document.querySelector(".fs-source");
    const marked = source && source.dataset.place === first && source.querySelector("mark");
    return answer && (answer.matches(".fs-nothing") || marked);
}}"""
_SCROLL = """async () => {
    const list = document.querySelector("#fs-articles");
    const frames = [];
    let last = await new Promise((then) => requestAnimationFrame(then));
    for (let at = 0; at < list.scrollHeight - list.clientHeight; at += 400) {
        list.scrollTop = at;
        const now = await new Promise((then) => requestAnimationFrame(then));
        frames.push(now - last);
        last = now;
    }
    return frames;
}"""


def spread(name: str, values: Sequence[float], target: str = "") -> str:
    """Return a row of a table: how many, the median, the 95th percentile and the largest, in milliseconds."""
    middle, high = np.percentile(values, [50, 95])
    return f"| {name} | {len(values)} | {middle:,.0f} | {high:,.0f} | {max(values):,.0f} | {target} |"


def visit(chromium: Browser, address: str) -> Page:
    """Open the chat as a reader does, with clocks in it."""
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    page.set_default_timeout(_LIMIT_MS)
    page.goto(address)
    page.wait_for_selector("#fs-question")
    page.evaluate(_CLOCK)
    return page


def timed(page: Page, act: Callable[[], object], there: str) -> float:
    """Return the milliseconds from the key or click of ``act`` until the page shows what ``there`` looks for."""
    page.evaluate(f"() => {{ window.spent = until({there}); }}")
    act()
    return float(page.evaluate("spent"))


def ask(page: Page, question: str) -> tuple[float, float, bool]:
    """Ask; return milliseconds from Enter to the first evidence, those of the search itself, and whether it answers.

    The first evidence is the answer and beside it the source, its quote marked.
    """
    turn = page.locator("#fs-turns > li").count()
    page.wait_for_timeout(_TYPING_MS)
    page.fill("#fs-question", question)
    with page.expect_response(lambda reply: _calls(reply.request.post_data or "", "ask")) as told:
        spent = timed(page, lambda: page.press("#fs-question", "Enter"), _EVIDENCE.format(turn=turn))
    reply = json.loads(told.value.json())
    return spent, 1000 * reply["seconds"], bool(json.loads(reply["answer"])["statements"])


def _calls(sent: str, name: str) -> bool:
    return f'"fn_name":"{name}"' in sent.replace(" ", "")


def evidence(page: Page, questions: Sequence[str]) -> list[tuple[float, float]]:
    """Time questions one after the other in one conversation until enough have been answered."""
    page.uncheck("#fs-follow-ups")
    times: list[tuple[float, float]] = []
    for question in questions:
        spent, search, answered = ask(page, question)
        if answered:
            times.append((spent, search))
        if len(times) == _ASKED:
            break
    return times


def longest(page: Page, article: str) -> list[float]:
    """Time opening an article from the list, from the click to its text."""
    times = []
    there = f"() => document.querySelector('.fs-source')?.dataset.place.includes({json.dumps(article)})"
    for _ in range(10):
        page.click('.fs-tools [data-open="fs-articles"]')
        page.fill("#fs-find", article)
        times.append(timed(page, page.locator("#fs-list .fs-link").first.click, there))
        page.click('[data-do="new"]')
        page.wait_for_selector(".fs-source", state="detached")
    return times


def articles(page: Page) -> list[str]:
    """Time the window of articles: opening it, scrolling through it, searching it."""
    opened = []
    for _ in range(5):
        open_it = page.locator('.fs-tools [data-open="fs-articles"]').click
        opened.append(timed(page, open_it, "() => document.querySelector('#fs-articles').open"))
        page.fill("#fs-find", "")
        page.click("#fs-articles .fs-title button")
    page.click('.fs-tools [data-open="fs-articles"]')
    page.wait_for_timeout(500)
    frames = page.evaluate(_SCROLL)
    page.focus("#fs-find")
    keys = [
        timed(page, partial(page.keyboard.press, key), "() => true")
        for key in ["w", "a", "h", "l", *["Backspace"] * 4] * 3
    ]
    page.click("#fs-articles .fs-title button")
    scrolled = [spread("articles window: a frame while scrolling", frames, "none over 50")] if frames else []
    return [
        spread("articles window: open", opened),
        *scrolled,
        spread("articles window: a key in its search", keys),
    ]


def report(page: Page, questions: Sequence[str], article: str) -> None:
    """Time what a reader does over one collection and print it."""
    times = evidence(page, questions)
    print("| milliseconds | n | p50 | p95 | max | target |\n|---|---|---|---|---|---|")
    print(spread("Enter to first evidence", [spent for spent, _ in times]))
    print(spread("of it the search itself", [search for _, search in times]))
    print(spread("of it all else", [spent - search for spent, search in times], "150"))
    print(spread("longest article, from click to text", longest(page, article), "200"))
    print("\n".join(articles(page)), flush=True)


def first_minute(chromium: Browser, checkout: Path, folder: Path, questions: Sequence[str], article: str) -> None:
    """Time the chat over a folder that is not indexed yet, from its start on; then all else."""
    started = time.perf_counter()
    with driving.chat(checkout, ["-m", "rag", "chat", "--quiet", str(folder)]) as address:
        printed = time.perf_counter() - started
        page = visit(chromium, address)
        seen = time.perf_counter() - started
        ask(page, questions[0])
        answered = time.perf_counter() - started
        meanwhile = [ask(page, question) for question in questions[1 : _MEANWHILE + 1]]
        told = page.inner_text("#fs-status")
        page.wait_for_selector("#fs[data-state=ready]")
        done = time.perf_counter() - started
        page.click('[data-do="new"]')
        print("\nFrom the command on, with nothing indexed, in seconds:\n\n| | |\n|---|---|")
        print(f"| address printed | {printed:.1f} |\n| page visible | {seen:.1f} |\n| first answer | {answered:.1f} |")
        print(f"| all indexed | {done:.1f} |\n\nAnswers meanwhile (after them: “{told}”):\n")
        print("| milliseconds | n | p50 | p95 | max | target |\n|---|---|---|---|---|---|")
        print(spread("Enter to first evidence", [spent for spent, _, _ in meanwhile]))
        print(spread("of it the search itself", [search for _, search, _ in meanwhile]))
        print("\nThen, with all indexed:\n")
        report(page, questions, article)


def main(
    *,
    dev: Annotated[
        Path | None, typer.Option(help="Folder of the evaluation data. Without it: the five articles only.")
    ] = None,
) -> None:
    """Print the times as Markdown."""
    executable = driving.find_chromium()
    if executable is None:
        raise SystemExit(driving.NEEDED)
    asked = [one for one in load("dev") if one.kind == "answerable"]
    about_seeds = [one.question.question for one in asked if one.corpus == "seeds"]
    about_news = [one.question.question for one in asked if one.corpus == "wikinews"]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        checkout = driving.copy_checkout(Path(scratch))
        chromium = playwright.chromium.launch(executable_path=executable, args=driving.FLAGS)
        print(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.processor() or platform.machine()}, "
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Chromium {chromium.version}"
        )
        print("\n## The five articles\n", flush=True)
        with driving.chat(checkout, ["-m", "rag", "chat", "--quiet", "seeds"]) as address:
            page = visit(chromium, address)
            page.wait_for_selector("#fs[data-state=ready]")
            report(page, about_seeds, _longest(paths.sample_corpus()))
        if dev is not None:
            folder = Path(scratch) / "newsroom"
            write_newsroom(dev, folder)
            print(f"\n## {len(list(folder.rglob('*.txt')))} articles", flush=True)
            first_minute(chromium, checkout, folder, [*about_news, *about_seeds], _longest(folder))
            print(f"\nLoad at the end {os.getloadavg()[0]:.1f}")
        chromium.close()


def _longest(folder: Path) -> str:
    path = max(folder.rglob("*.txt"), key=lambda file: file.stat().st_size)
    return path.relative_to(folder).as_posix()


if __name__ == "__main__":
    typer.run(main)
