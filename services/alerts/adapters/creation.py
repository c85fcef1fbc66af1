"""Checks what someone asks for before a subscription is made of it: the API and the command line alike."""

import socket
from collections.abc import Collection, Iterable, Mapping

from yarl import URL

from services.alerts.adapters.subscriptions import New
from services.alerts.core import manner as manners
from services.alerts.core import signature, sink
from services.alerts.core.manner import AT_ONCE, Manner
from services.alerts.core.ownership import Ownership
from services.alerts.core.signature import Scheme
from services.alerts.core.sink import Kind
from shared.filter import Fault, Filter, FilterError, parse
from shared.network import Network, refused

LONGEST_NAME = 200


class Refused(ValueError):
    """What was asked for cannot be had; `faults` has every reason with its place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.place}: {fault.message}" for fault in self.faults))


def checked(
    *,
    name: str,
    wanted: object,
    url: str,
    headers: Mapping[str, str],
    secret: str | None,
    include_backfill: bool,
    ownership: Ownership = "none",
    scheme: Scheme = "v1",
    manner: Manner = AT_ONCE,
    kind: Kind = "webhook",
    can_mail: bool = False,
    topics: Collection[str] | None,
    allowed: Collection[Network],
) -> New:
    """The subscription, ready to be made. `topics`: those there are, None where any will do; `can_mail`: a mail server is set.
    Looks the host up. Raises Refused."""
    faults, understood = _filter(wanted, topics)
    if len(name) > LONGEST_NAME or any(ord(char) < 32 for char in name):
        faults.append(Fault("name", f"must be one line of at most {LONGEST_NAME} characters"))
    faults += _sink_faults(kind, url, allowed, can_mail)
    if kind != "webhook" and (ownership != "none" or secret is not None or scheme != "v1"):
        faults.append(Fault("sink.kind", f"messages to {kind} are not signed, and {kind} answers no question"))
    for header, message in sink.header_faults(headers):
        faults.append(Fault(f"sink.headers.{header}" if header else "sink.headers", message))
    faults += [Fault(f"manner.{place}", message) for place, message in manners.faults(manner)]
    if secret is not None:
        try:
            signature.signer(secret)
        except ValueError as error:
            faults.append(Fault("sink.secret", str(error)))
    if faults or understood is None:
        raise Refused(faults)
    return New(
        name=name or (url if kind == "email" else URL(url).host or url),
        filter=understood,
        url=url,
        headers=dict(headers),
        secret=secret,
        include_backfill=include_backfill,
        ownership=ownership,
        scheme=scheme,
        manner=manner,
        kind=kind,
    )


def _filter(wanted: object, topics: Collection[str] | None) -> tuple[list[Fault], Filter | None]:
    try:
        return [], parse(wanted, topics=topics)
    except FilterError as error:
        return list(error.faults), None


def _sink_faults(kind: Kind, url: str, allowed: Collection[Network], can_mail: bool) -> list[Fault]:
    """Why nothing can be sent there."""
    if kind != "email":
        return [Fault("sink.url", message) for message in sink.url_faults(url) or _address_faults(url, allowed)]
    found = [Fault("sink.url", message) for message in sink.mailbox_faults(url)]
    if not can_mail:
        found.append(Fault("sink.kind", "there is no mail server; set RASID_SMTP_URL and RASID_SMTP_FROM"))
    return found


def _address_faults(url: str, allowed: Collection[Network]) -> list[str]:
    """Which of the host's addresses are refused. A host that no one knows now may be known later: the guard stands at every
    connection too."""
    try:
        host, port = (URL(url).raw_host or "").rstrip("."), URL(url).port  # a last dot changes nothing but what libraries think
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    except ValueError as error:  # of yarl, and of names that cannot be encoded
        return [f"is not a URL: {error}"]
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    return [
        f"leads to {address}, which is refused: {reason}; RASID_DELIVERY_ALLOW_NETWORKS allows networks"
        for address in addresses
        if (reason := refused(address, allowed))
    ]
