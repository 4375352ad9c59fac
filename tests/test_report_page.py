"""The page in headless Chromium: no error, no overlap at 1400 and 390 pixels, tables sort, the browser filters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

import report_study
from caugym.report.write import write_report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: package chromium)")

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip

OVERLAPS = """() => {
  const found = [];
  const texts = "h1, h2, h3, p, li, th, td, pre, figcaption, label, button, summary, text";
  const shown = [...document.querySelectorAll(texts)].filter((node) => node.checkVisibility());
  const leaves = shown.filter((node) => !node.querySelector("h1, h2, h3, p, li, th, td, pre, button, label")
    && !node.closest("nav, .skip, .list"));
  const boxes = leaves.map((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    let [left, right, top, bottom] = [box.left, box.right, box.top, box.bottom];
    for (let parent = node; parent; parent = parent.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(parent).overflowX)) {
        const room = parent.getBoundingClientRect();
        left = Math.max(left, room.left); right = Math.min(right, room.right);
        top = Math.max(top, room.top); bottom = Math.min(bottom, room.bottom);
      }
    }
    const sticky = getComputedStyle(node).position === "sticky";
    return { node, left, right, top, bottom, sticky };
  }).filter((box) => box.right - box.left > 1 && box.bottom - box.top > 1 && box.node.textContent.trim());
  boxes.sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom - 2; j++) {
      const a = boxes[i], b = boxes[j];
      if (a.sticky || b.sticky || a.node.contains(b.node) || b.node.contains(a.node)) continue;
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const names = [a, b].map((box) => box.node.textContent.slice(0, 60));
      if (width > 2 && height > 3) found.push(names.join(" | "));
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = report_study.make(tmp_path_factory.mktemp("study"))
    return write_report([folder], folder, plots=False).as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture(params=[(1400, "light"), (390, "dark")], ids=lambda value: f"{value[0]}-{value[1]}")
def page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """The page at a width; at the end nothing may have been logged, thrown or asked of a network."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda asked: problems.extend([asked.url] if asked.url.startswith("http") else []))
    opened.goto(address)
    yield opened
    assert problems == []
    context.close()


def test_nothing_overlaps_or_leaves_the_screen(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    assert page.evaluate(OVERLAPS) == []
    page.locator("#problem-list button").nth(5).click()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.evaluate(OVERLAPS) == []


def test_overlaps_are_found(page: Any) -> None:
    page.evaluate("document.querySelector('h2').style.marginTop = '-60px'")
    page.evaluate("document.querySelectorAll('.lead')[1].style.marginTop = '-40px'")
    assert page.evaluate(OVERLAPS) != []


def test_a_click_on_a_heading_sorts(page: Any) -> None:
    table = page.locator("#table-leaderboard table")
    heading = table.locator("thead th", has_text="published-base, published judge")
    column = heading.evaluate("node => node.cellIndex")

    def values() -> list[float]:
        cells = table.locator("tbody tr").evaluate_all(f"rows => rows.map(row => row.cells[{column}].textContent)")
        return [float(cell.split()[0]) for cell in cells if cell != "–"]

    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert values() == sorted(values(), reverse=True) and len(values()) >= 10
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert values() == sorted(values())


def test_filters_and_a_problem(page: Any) -> None:
    buttons = page.locator("#problem-list button")
    everything = buttons.count()
    page.select_option("#filter-set", "caugym-base")
    page.select_option("#filter-task", "ATE")
    page.select_option("#filter-model", "cold-start")
    page.select_option("#filter-verdict", "correct")
    found = buttons.count()
    assert 0 < found < everything
    assert page.locator("#problem-count").text_content() == f"{found} of {everything} problems"
    buttons.nth(found - 1).click()
    problem = page.locator("#problem")
    assert page.evaluate("document.activeElement.textContent") == problem.locator("h3").text_content()
    assert "ATE" in str(problem.locator("h3").text_content())
    graph = problem.locator("svg.graph")
    assert graph.locator(".treatment").count() == 1 and graph.locator(".outcome").count() == 1
    assert "has a direct effect on" in graph.get_attribute("aria-label")
    assert problem.locator(".steps li").count() >= 2 and problem.locator("article").count() == 3
    page.select_option("#filter-verdict", "wrong_value")
    page.select_option("#filter-task", "")
    buttons.first.click()
    assert problem.locator("mark").count() >= 1
    page.fill("#filter-words", "no such words anywhere")
    assert buttons.count() == 0 and "No problem fits" in str(problem.text_content())


def test_what_a_model_wrote_is_shown_as_text(page: Any) -> None:
    shown = set()
    page.select_option("#filter-model", "base")
    buttons = page.locator("#problem-list button")
    for place in range(6):
        buttons.nth(place).click()
        shown.add(page.locator("#problem article pre").first.text_content())
    assert report_study.HOSTILE in shown
    assert any(text.startswith("<b>long</b> 0.5") and len(text) > 4000 for text in shown)
    assert page.title().startswith("CauGym study") and page.locator("#problem img, #problem pre b").count() == 0
