"""A report as a person opens it: in a real browser, in both languages, on a phone, in the dark."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

import sampan as sp
from sampan.data import read

ROWS = 400
LANGUAGES = {"en": "en", "zh-Hant": "zh"}


KINDS = ("table", "pictures")


def _table() -> sp.Report:
    """Of a short run over part of the packaged census."""
    whole = pd.read_csv(sp.datasets.path("census"))
    seen, unseen = whole[:ROWS], whole[ROWS : 2 * ROWS]
    model = sp.fit(seen, steps=30, seed=0)
    return sp.judge(model.sample(ROWS, seed=1), seen=seen, unseen=unseen)


def _pictures() -> sp.Report:
    """Of digits with their labels and two columns beside, some of them copies."""
    whole = read(sp.datasets.path("digits")).columns
    label = np.array(whole["label"].to_pylist(), dtype=int)
    columns = {
        **{name: column.to_pylist() for name, column in whole.items()},
        "age": (20 + 5 * label + np.random.default_rng(0).normal(0, 3, len(label)).round()).tolist(),
        "odd": np.where(label % 2, "yes", "no").tolist(),
    }
    seen, unseen, made = (
        {name: cells[a:b] for name, cells in columns.items()} for a, b in ((0, 200), (200, 400), (150, 350))
    )
    return sp.judge(made, seen=seen, unseen=unseen, steps=20)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """The page of each kind of record in each language; of pictures with the real ones beside."""
    folder = tmp_path_factory.mktemp("pages")
    out = {}
    for kind, report in zip(KINDS, (_table(), _pictures()), strict=True):
        for language in LANGUAGES:
            out[kind, language] = folder / f"{kind}-{language}.html"
            page = report.to_html(language, show_real=kind == "pictures")
            out[kind, language].write_text(page, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Headless Chromium, which keeps a log of what it fetches and of what goes wrong."""
    options = Options()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
    for word in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "no-first-run",
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver") or "chromedriver"))
    yield driver
    driver.quit()


def _fetched(browser: webdriver.Chrome) -> list[str]:
    """The addresses that were asked for since the last call."""
    told = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [one["params"]["request"]["url"] for one in told if one["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_nothing_but_itself(
    browser: webdriver.Chrome, pages: dict[tuple[str, str], Path], kind: str, language: str
) -> None:
    _fetched(browser)
    browser.get(pages[kind, language].as_uri())
    asked = [url for url in _fetched(browser) if not url.startswith("data:")]
    assert asked == [pages[kind, language].as_uri()]
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert not browser.find_elements(By.TAG_NAME, "script")
    assert browser.execute_script("return document.documentElement.lang").startswith(LANGUAGES[language])
    assert browser.title and len(browser.find_elements(By.TAG_NAME, "h1")) == 1
    shown = browser.find_element(By.TAG_NAME, "body").text
    assert ("生成資料" in shown) == (language == "zh-Hant") and len(shown) > 1_000


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_the_screen(
    browser: webdriver.Chrome, pages: dict[tuple[str, str], Path], kind: str, language: str, width: int
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(pages[kind, language].as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    small = browser.execute_script(
        "return [...document.querySelectorAll('p, td, th, li')]"
        ".filter(e => e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 11).length"
    )
    assert small == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_there_to_be_looked_at(
    browser: webdriver.Chrome, pages: dict[tuple[str, str], Path], language: str
) -> None:
    browser.get(pages["pictures", language].as_uri())
    whole = browser.execute_script(
        "return [...document.images].filter(i => i.complete && i.naturalWidth > 0 && i.width > 8).length"
    )
    grids = browser.execute_script(
        "return [...document.querySelectorAll('.cells')].map(g => g.getAttribute('aria-label').length)"
    )
    assert whole == len(browser.find_elements(By.TAG_NAME, "img")) > 100
    assert len(grids) == 2 and all(grids)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_read_by_day_and_by_night(
    browser: webdriver.Chrome, pages: dict[tuple[str, str], Path], kind: str, scheme: str
) -> None:
    """Letters stand out from the ground at least as much as WCAG 2.2 asks for (1.4.3: 4.5 to 1)."""
    chosen = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", chosen)
    browser.get(pages[kind, "en"].as_uri())
    ground, letters = browser.execute_script(
        "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
    )
    light = [_luminance(colour) for colour in (ground, letters)]
    assert (light[0] > 0.5) == (scheme == "light")
    assert (max(light) + 0.05) / (min(light) + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """The relative luminance of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
