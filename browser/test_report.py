"""A report as a person opens it: in a real browser, in both languages, on a phone, in the dark."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

import sampan as sp

ROWS = 400
LANGUAGES = {"en": "en", "zh-Hant": "zh"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of a short run over part of the packaged census, in each language."""
    whole = pd.read_csv(sp.datasets.path("census"))
    seen, unseen = whole[:ROWS], whole[ROWS : 2 * ROWS]
    model = sp.fit(seen, steps=30, seed=0)
    report = sp.judge(model.sample(ROWS, seed=1), seen=seen, unseen=unseen)
    folder = tmp_path_factory.mktemp("pages")
    out = {}
    for language in LANGUAGES:
        out[language] = folder / f"{language}.html"
        out[language].write_text(report.to_html(language), encoding="utf-8")
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
def test_a_page_needs_nothing_but_itself(
    browser: webdriver.Chrome, pages: dict[str, Path], language: str
) -> None:
    _fetched(browser)
    browser.get(pages[language].as_uri())
    asked = [url for url in _fetched(browser) if not url.startswith("data:")]
    assert asked == [pages[language].as_uri()]
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert not browser.find_elements(By.TAG_NAME, "script")
    assert browser.execute_script("return document.documentElement.lang").startswith(LANGUAGES[language])
    assert browser.title and len(browser.find_elements(By.TAG_NAME, "h1")) == 1
    shown = browser.find_element(By.TAG_NAME, "body").text
    assert ("生成資料" in shown) == (language == "zh-Hant") and len(shown) > 1_000


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_fits_the_screen(
    browser: webdriver.Chrome, pages: dict[str, Path], language: str, width: int
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(pages[language].as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    small = browser.execute_script(
        "return [...document.querySelectorAll('p, td, th, li')]"
        ".filter(e => e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 11).length"
    )
    assert small == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_read_by_day_and_by_night(
    browser: webdriver.Chrome, pages: dict[str, Path], scheme: str
) -> None:
    """Letters stand out from the ground at least as much as WCAG 2.2 asks for (1.4.3: 4.5 to 1)."""
    chosen = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", chosen)
    browser.get(pages["en"].as_uri())
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
