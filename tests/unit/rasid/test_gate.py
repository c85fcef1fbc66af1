"""Who may call, decided from the request alone."""

import pytest

from rasid.web.gate import Caller, is_loopback, refusal

HOST = {"host": "127.0.0.1:8080"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "app.localhost", "LOCALHOST."])
def test_a_name_of_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "example.org", "10.0.0.1", "localhost.example.org", "0.0.0.0", "2130706433"])
def test_any_other_name_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("caller", "token", "status"),
    [
        pytest.param(Caller("GET", "/articles", HOST), "", None, id="this machine"),
        pytest.param(Caller("GET", "/articles", {"host": "rebound.example"}), "", 403, id="a rebound name"),
        pytest.param(Caller("GET", "/articles", {}), "", 403, id="no host"),
        pytest.param(Caller("GET", "/healthz", {"host": "probe"}), "", None, id="health is open"),
        pytest.param(Caller("GET", "/articles", {**HOST, "x-forwarded-for": "1.2.3.4"}), "", 403, id="through a proxy"),
        pytest.param(Caller("GET", "/articles", {"host": "news.example"}), "s3cret", 401, id="no token"),
        pytest.param(Caller("GET", "/articles", {"authorization": "Bearer s3cret"}), "s3cret", None, id="bearer"),
        pytest.param(Caller("GET", "/articles", {"authorization": "bearer s3cret"}), "s3cret", None, id="scheme in lower case"),
        pytest.param(Caller("GET", "/articles", {"authorization": "Basic s3cret"}), "s3cret", 401, id="another scheme"),
        pytest.param(Caller("GET", "/articles", {"authorization": "s3cret"}), "s3cret", 401, id="no scheme"),
        pytest.param(Caller("GET", "/articles", {"authorization": "Bearer wrong"}), "s3cret", 401, id="wrong bearer"),
        pytest.param(Caller("GET", "/feeds.atom", {}, token="s3cret"), "s3cret", None, id="token in the URL"),
        pytest.param(Caller("GET", "/stream", {}, cookie="s3cret"), "s3cret", None, id="the page's cookie"),
        pytest.param(Caller("POST", "/sources", {**HOST, "origin": "https://evil.example"}), "", 403, id="another site posts"),
        pytest.param(Caller("POST", "/sources", {**HOST, "origin": "http://127.0.0.1:8080"}), "", None, id="our page posts"),
        pytest.param(Caller("POST", "/sources", {**HOST, "sec-fetch-site": "cross-site"}), "", 403, id="the browser says so"),
    ],
)
def test_the_gate(caller: Caller, token: str, status: int | None) -> None:
    refused = refusal(caller, token)
    assert (refused.status if refused else None) == status


def test_the_public_host_is_let_in_without_a_token_only_if_set() -> None:
    caller = Caller("GET", "/articles", {"host": "news.example"})
    assert refusal(caller, "", "news.example") is None
