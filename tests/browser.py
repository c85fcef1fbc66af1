"""A real Chromium, driven over its own debugging protocol: enough to open a page, ask it things and look at it.

`find()` says where a Chromium is, or None; `RASID_TEST_CHROMIUM` names one in an unusual place.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
PATIENCE = 20.0
"""Seconds a page may take to become what is waited for."""


def find() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("RASID_TEST_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """An open page. `faults` holds what its scripts threw, and what the content security policy or the network refused."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.faults: list[str] = []

    async def listen(self) -> None:
        """Takes what the browser says, until it is closed."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            elif said["method"] == "Runtime.exceptionThrown":
                details = said["params"]["exceptionDetails"]
                self.faults.append(details.get("exception", {}).get("description") or details["text"])
            elif said["method"] == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
                self.faults.append(f"{said['params']['entry']['text']} {said['params']['entry'].get('url', '')}".strip())

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to one call of its protocol."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        said = await asyncio.wait_for(answer, PATIENCE)
        if "error" in said:
            raise AssertionError(f"{method}: {said['error']['message']}")
        result: dict[str, Any] = said["result"]
        return result

    async def goto(self, url: str) -> None:
        """Opens this address."""
        await self.call("Page.navigate", url=url)

    async def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, a promise's once it is kept."""
        said = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise AssertionError(said["exceptionDetails"].get("exception", {}).get("description", "the expression threw"))
        return said["result"].get("value")

    async def until(self, condition: str) -> None:
        """Waits until this JavaScript expression is truthy. Fails after PATIENCE seconds, telling what was there instead."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._ask_or_none(f"Boolean({condition})"):  # noqa: ASYNC110 - the page has no event to wait for
                    await asyncio.sleep(0.05)
        except TimeoutError:
            there = await self.ask("document.body.innerText.slice(0, 600)")
            raise AssertionError(f"never true: {condition}\nfaults: {self.faults}\non the page: {there}") from None

    async def _ask_or_none(self, expression: str) -> Any:
        try:
            return await self.ask(expression)
        except AssertionError:  # between two documents, or before a part is there
            return None

    async def press(self, key: str) -> None:
        """Presses and releases a key ("j", "/", "Tab", "Enter", "Escape")."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        code = {"windowsVirtualKeyCode": codes[key]} if key in codes else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **code, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    async def screenshot(self, file: Path) -> None:
        """Keeps what is to be seen, as a PNG."""
        taken = await self.call("Page.captureScreenshot")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(taken["data"]))

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """Sets the window's size, and what the system is said to prefer."""
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await self.call("Emulation.setEmulatedMedia", features=features)


@contextlib.asynccontextmanager
async def opened(chromium: str, profile: Path) -> AsyncIterator[Page]:
    """A page in a Chromium of its own, with a profile of its own; ended at the end."""
    browser = await asyncio.create_subprocess_exec(
        chromium,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await asyncio.wait_for(_port(profile / "DevToolsActivePort"), PATIENCE)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                [target] = [each for each in await answer.json() if each["type"] == "page"]
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.ensure_future(page.listen())
                for domain in ("Page", "Runtime", "Log"):
                    await page.call(f"{domain}.enable")
                yield page
                listening.cancel()
    finally:
        browser.terminate()
        await browser.wait()


async def _port(file: Path) -> int:
    while True:
        if port := _written(file):
            return port
        await asyncio.sleep(0.05)


def _written(file: Path) -> int | None:
    """The port in the first line of the file a Chromium writes once it listens."""
    lines = file.read_text().splitlines() if file.exists() else []
    return int(lines[0]) if lines else None
