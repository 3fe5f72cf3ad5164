"""The page that follows an order: served on this machine alone, and what a browser makes of it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import httpx
import pytest

from operations.engines import Place
from operations.ordering import Client
from operations.tracking import Page
from tests.operations.deployment import pizza, wait_until


@pytest.fixture
def page(deployed: Place) -> Iterator[Page]:
    with Page(deployed, "3001") as page:
        thread = threading.Thread(target=page.serve)
        thread.start()
        yield page
        page.close()
        thread.join()


@pytest.mark.slow
def test_the_page_is_served_on_this_machine_only_and_tells_the_status(page: Page):
    assert page.url.startswith("http://127.0.0.1:")
    assert httpx.get(f"{page.url}elsewhere").status_code == 404
    shown = httpx.get(page.url)
    assert shown.headers["content-type"].startswith("text/html")
    assert '"order": "3001"' in shown.text and "ws://127.0.0.1:" in shown.text


@pytest.mark.slow
def test_a_browser_follows_the_order_by_polling_and_by_websocket(page: Page, client: Client):
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the authors' Playwright")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
        except sync_api.Error as error:
            pytest.skip(f"no browser to test with: {str(error).splitlines()[0]}")
        tab = browser.new_page()
        wrong: list[str] = []
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(page.url)
        tab.wait_for_function("document.getElementById('socket').textContent === 'on'")
        ordered = pizza("order", "funghi", "--number", "3001", "--address", "Via Roma 1")
        assert ordered.exit_code == 0
        wait_until(lambda: httpx.get(f"{client.url}/deliveries/3001", timeout=60).is_success)
        tab.wait_for_selector("#DUE.there", timeout=60_000)
        httpx.post(f"{client.url}/deliveries/3001/done", timeout=60)
        tab.wait_for_selector("#DELIVERED.there", timeout=60_000)
        tab.wait_for_function("document.getElementById('polling').textContent === 'done'")
        heard = tab.locator("#heard").inner_text()
        browser.close()
    assert "WebSocket" in heard and "polling" in heard
    assert wrong == []
