"""Fetching a page: only from the public internet, only text, of bounded size and in bounded time.

A real server on loopback misbehaves; `Rules.allow` lets just its port be local, and `Rules.resolve`
stands in for the name server.
"""

from __future__ import annotations

import gzip
import logging
import os
import socket
import threading
import zlib
from collections.abc import Iterator

import pytest

from corpus.addresses import is_public, read_address
from corpus.fetching import Page, Rules, UnfetchableError, fetch
from corpus.unpacking import unpacked
from tests.corpus.serving import LOCAL, Web, answer, bomb, certificate, moved, page, web

OK = page()
SAVE = "Open the page in your browser, save it, and use /index add file."


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


def refused(url: str, rules: Rules) -> str:
    with pytest.raises(UnfetchableError) as caught:
        fetch(url, rules)
    return str(caught.value)


def test_a_page_comes_with_its_final_address_and_kind(site: Web) -> None:
    url = site.serve("/ferry", answer(OK, "Text/HTML; Charset=windows-1251"))
    assert fetch(f"{url}?a=1#part", site.rules()) == Page(OK, f"{url}?a=1", "text/html", "windows-1251")


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "text/plain", "text/markdown"])
def test_text_is_fetched(site: Web, kind: str) -> None:
    assert fetch(site.serve("/", answer(OK, kind)), site.rules()).kind == kind


def test_the_request_is_honest_and_gives_nothing_away(site: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.serve("/a", answer(b"", status="302 Found", headers=["Location: /b", "Set-Cookie: who=me"]))
    site.serve("/b", answer(OK))
    assert fetch(site.url("/a"), site.rules()).content == OK
    first, second = site.asked
    assert first.startswith("GET /a HTTP/1.1\r\n")
    for head in (first, second):
        assert f"Host: velm.example.com:{site.port}\r\n" in head
        assert "User-Agent: Footnote" in head
        assert not {"cookie", "referer", "authorization"} & {
            line.partition(":")[0].lower() for line in head.split("\r\n")
        }


def test_letters_of_all_scripts_in_an_address_are_escaped(site: Web) -> None:
    site.serve("/%D0%BF%D0%BE%D1%80%D0%BE%D0%BC", answer(OK))
    assert fetch(site.url("/пором?день=1"), site.rules()).url.endswith("?%D0%B4%D0%B5%D0%BD%D1%8C=1")


# Addresses


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///etc/passwd", "Only addresses that begin with https:// or http://"),
        ("ftp://example.org/a", "Only addresses that begin with https:// or http://"),
        ("gopher://example.org/", "Only addresses that begin with https:// or http://"),
        ("javascript:alert(1)", "Only addresses that begin with https:// or http://"),
        ("data:text/html,hello", "Only addresses that begin with https:// or http://"),
        ("example.org/a", "Only addresses that begin with https:// or http://"),
        ("//example.org/a", "Only addresses that begin with https:// or http://"),
        ("", "Only addresses that begin with https:// or http://"),
        ("https://me@example.org/", "holds a user name or a password"),
        ("https://example.org@127.0.0.1/", "holds a user name or a password"),
        ("https://me:secret@example.org/", "holds a user name or a password"),
        ("https://example.org:22/", "ports 80, 443, 8080, 8443 only, not from 22"),
        ("http://example.org:6379/", "ports 80, 443, 8080, 8443 only, not from 6379"),
        ("http://example.org:0/", "ports 80, 443, 8080, 8443 only, not from 0"),
        ("http://example.org:99999/", "This is not a web address"),
        ("http://example.org:80:80/", "This is not a web address"),
        ("http://[::1/", "This is not a web address"),
        ("http://example.org/a b", "a space, a backslash or an invisible character"),
        ("http://example.org/\r\nHost: other", "a space, a backslash or an invisible character"),
        ("http://example.org\\@127.0.0.1/", "a space, a backslash or an invisible character"),
        ("http://exam\u200bple.org/", "a space, a backslash or an invisible character"),
        ("http://example.org/" + "a" * 2000, "longer than 2000 characters"),
        ("http:///a", "name of the host in this address is malformed"),
        ("http://-example.org/", "name of the host in this address is malformed"),
        ("http://example..org/", "name of the host in this address is malformed"),
        ("http://127%2e0%2e0%2e1/", "name of the host in this address is malformed"),
        ("http://" + "a" * 64 + ".org/", "name of the host in this address is malformed"),
        ("http://" + "a.b" * 90 + ".org/", "name of the host in this address is malformed"),
        ("http://stra\u00dfe.de/", "cannot be written in plain letters"),
        ("http://\u0130\u0323\u2024..org/", "cannot be written in plain letters"),
        ("http://localhost/", "a name inside of a private network"),
        ("http://localhost./", "a name inside of a private network"),
        ("http://LOCALHOST:8080/", "a name inside of a private network"),
        ("http://me.localhost/", "a name inside of a private network"),
        ("http://intranet/", "a name inside of a private network"),
        ("http://printer.local/", "a name inside of a private network"),
        ("http://metadata.google.internal/", "a name inside of a private network"),
        ("http://router.home.arpa/", "a name inside of a private network"),
        ("http://2130706433/", "a number in an unusual spelling"),
        ("http://0x7f000001/", "a number in an unusual spelling"),
        ("http://0X7F.0.0.1/", "a number in an unusual spelling"),
        ("http://017700000001/", "a number in an unusual spelling"),
        ("http://0177.0.0.1/", "a number in an unusual spelling"),
        ("http://127.1/", "a number in an unusual spelling"),
        ("http://127.0.1/", "a number in an unusual spelling"),
        ("http://127.0.0.0x1/", "a number in an unusual spelling"),
        ("http://1.2.3.4.5/", "a number in an unusual spelling"),
        ("http://256.256.256.256/", "a number in an unusual spelling"),
        ("http://0/", "a number in an unusual spelling"),
        ("http://127.0.0.1/", "inside of a private network"),
        ("http://127.0.0.1./", "inside of a private network"),
        ("http://１２７.0.0.1/", "inside of a private network"),
        ("http://127。0。0。1/", "inside of a private network"),
        ("http://①②⑦.⓪.⓪.①/", "inside of a private network"),
        ("http://[::1]/", "inside of a private network"),
        ("http://[::ffff:127.0.0.1]/", "inside of a private network"),
        ("http://[fe80::1%25eth0]/", "not one of the public internet"),
        ("http://[v1.fe]/", "not one of the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "inside of a private network"),
    ],
)
def test_an_address_that_is_not_of_the_public_web_is_refused_before_any_connection(
    url: str, says: str
) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    assert says in refused(url, Rules(resolve=nobody))


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("  <https://example.org/a?b=c#d>  ", "https://example.org/a?b=c"),
        ("HTTP://example.org:80/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://example.org./", "https://example.org/"),
        ("https://šaltinis.lt/ų", "https://xn--altinis-pqb.lt/%C5%B3"),
        ("https://a_b.example.org/%41?x=%2F", "https://a_b.example.org/%41?x=%2F"),
        ("https://[2606:4700::1111]:8443/", "https://[2606:4700::1111]:8443/"),
    ],
)
def test_an_address_has_one_spelling(typed: str, means: str) -> None:
    assert read_address(typed).url == means


PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.254 255.255.255.255 168.63.129.16
:: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 ::ffff:7f00:1
::ffff:169.254.169.254 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.1.1.1 64:ff9b:1::1 64:ff9b:1::8.8.8.8
100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1::1 2002:a00:1::1 2002:808:808::1 3fff::1 3fff:fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00:ec2::254
fdff::1 fe80::1 fe80::1%1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1 2606:4700::1111%1
localhost 127.1 0x7f000001 2130706433 0177.0.0.1 127.0.0.01 1.2.3 1.2.3.4.5 example.org [::1] 8.8.8.8:80
""".split()
NO_ADDRESS = ["", " 127.0.0.1", "8.8.8.8\n", "8.8.8.8 ", "8.8.8.8/32", "１.1.1.1"]
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255
198.20.0.0 223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1
3ffe:ffff::1 ::ffff:8.8.8.8 ::ffff:808:808 64:ff9b::8.8.8.8
""".split()


@pytest.mark.parametrize("address", [*PRIVATE, *NO_ADDRESS])
def test_an_address_inside_of_a_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_every_ipv4_address_in_ipv6_clothes_is_judged_as_itself() -> None:
    for address in (one for one in (*PRIVATE, *PUBLIC) if one.count(".") == 3 and one[-1:].isdigit()):
        plain = address.rpartition(":")[2]
        if ":" in address and not is_public(address):
            continue
        if all(part == str(int(part)) and int(part) < 256 for part in plain.split(".") if part.isdecimal()):
            for clothes in ("::ffff:", "64:ff9b::"):
                assert is_public(clothes + plain) == is_public(plain), plain


@pytest.mark.parametrize(
    "address", [one for one in PRIVATE if ("." in one or ":" in one) and one.strip() == one]
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    rules = Rules(resolve=lambda _host, _port: [address])
    assert refused("https://velm.example.com/", rules).startswith(
        "velm.example.com leads to an address inside of a private network."
    )


def test_one_private_address_among_public_ones_is_enough() -> None:
    rules = Rules(resolve=lambda _host, _port: ["93.184.216.34", "2606:4700::1111", "10.0.0.7"])
    assert "inside of a private network" in refused("https://velm.example.com/", rules)


def test_the_allowance_is_for_one_port_only(site: Web) -> None:
    url = site.serve("/", answer(OK))
    other = frozenset({(LOCAL, site.port + 1), ("127.0.0.2", site.port)})
    assert "inside of a private network" in refused(url, site.rules(allow=other))
    assert site.asked == []


def test_a_local_server_is_refused_without_the_allowance(site: Web) -> None:
    url = site.serve("/", answer(OK))
    assert "ports 80, 443, 8080, 8443 only" in refused(url, Rules())
    with pytest.raises(UnfetchableError, match="inside of a private network"):
        fetch("http://127.0.0.1:8080/")


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """DNS rebinding: the first answer is public, every later one is loopback."""
    said = iter([["93.184.216.34"]])
    with pytest.raises(AssertionError, match=r"socket\.connect 93\.184\.216\.34"):
        # The tests' own guard against network use sees where the connection was to go.
        fetch("http://velm.example.com/", Rules(resolve=lambda _host, _port: next(said, ["127.0.0.1"])))
    assert next(said, None) is None


def test_a_redirect_back_to_a_name_that_now_leads_inside_is_refused(site: Web) -> None:
    site.serve("/a", moved("/b"))
    said = iter([[LOCAL]])
    rules = site.rules(resolve=lambda _host, _port: next(said, ["127.0.0.2"]))
    assert "inside of a private network" in refused(site.url("/a"), rules)
    assert len(site.asked) == 1


def test_the_next_address_is_tried_when_one_does_not_answer(site: Web) -> None:
    url = site.serve("/", answer(OK))
    with socket.create_server(("127.0.0.3", 0)) as closed:
        port = closed.getsockname()[1]
    assert port
    both = frozenset({("127.0.0.3", site.port), (LOCAL, site.port)})
    rules = site.rules(resolve=lambda _host, _port: ["127.0.0.3", LOCAL], allow=both)
    assert fetch(url, rules).content == OK


# Redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_redirects_are_followed(site: Web, status: str) -> None:
    site.serve("/old/a", moved("../new?x=1", status))
    site.serve("/new", answer(OK))
    assert fetch(site.url("/old/a"), site.rules()).url == site.url("/new?x=1")


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("http://127.0.0.1:8080/", "inside of a private network"),
        ("http://127.0.0.1/", "inside of a private network"),
        ("http://169.254.169.254/latest/meta-data/", "inside of a private network"),
        ("http://[::1]/", "inside of a private network"),
        ("http://[::ffff:10.0.0.1]/", "inside of a private network"),
        ("http://10.0.0.1/", "inside of a private network"),
        ("//192.168.1.1/admin", "inside of a private network"),
        ("http://localhost/", "inside of a private network"),
        ("http://2130706433/", "a number in an unusual spelling"),
        ("http://velm.example.com:22/", "not from 22"),
        ("http://a:b@velm.example.com/", "holds a user name or a password"),
        ("file:///etc/passwd", "Only addresses that begin with"),
        ("ftp://velm.example.com/", "Only addresses that begin with"),
        ("http://[::1", "not a web address"),
        ("/a b", "a space, a backslash"),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_is(site: Web, to: str, says: str) -> None:
    url = site.serve("/", moved(to))
    error = refused(url, site.rules())
    assert says in error
    assert len(site.asked) == 1


def test_a_redirect_says_who_sent_it(site: Web) -> None:
    url = site.serve("/", moved("file:///etc/passwd"))
    assert refused(url, site.rules()) == (
        "velm.example.com sends readers on to another address. "
        "Only addresses that begin with https:// or http:// are fetched."
    )


def test_a_circle_of_redirects_is_noticed(site: Web) -> None:
    site.serve("/a", moved("/b"))
    site.serve("/b", moved("/a#again"))
    error = refused(site.url("/a"), site.rules())
    assert error == f"velm.example.com sends readers in a circle, as sites do that insist on cookies. {SAVE}"
    assert len(site.asked) == 2


def test_five_redirects_are_followed_and_no_more(site: Web) -> None:
    for number in range(6):
        site.serve(f"/{number}", moved(f"/{number + 1}"))
    site.serve("/6", answer(OK))
    assert fetch(site.url("/1"), site.rules()).content == OK
    assert refused(site.url("/0"), site.rules()) == (
        f"velm.example.com sends readers on more than 5 times. {SAVE}"
    )


def test_a_redirect_without_a_place_is_an_answer_without_a_page(site: Web) -> None:
    url = site.serve("/", answer(b"", status="302 Found"))
    assert refused(url, site.rules()) == f"velm.example.com answers with the status 302 and no page. {SAVE}"


# Encryption


def test_a_page_comes_over_https() -> None:
    server, client = certificate()
    with web(server) as site:
        url = site.serve("/", answer(OK))
        assert fetch(url, site.rules(trust=client)).url == url


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    server, _ = certificate()
    with web(server) as site:
        url = site.serve("/", answer(OK))
        assert refused(url, site.rules()) == (
            "The certificate of velm.example.com is not valid, so nobody can tell whose page it is. "
            "If you trust it: open the page in your browser, save it, and use /index add file."
        )


def test_a_certificate_of_another_host_is_refused() -> None:
    server, client = certificate()
    with web(server) as site:
        site.serve("/", answer(OK))
        assert "certificate of other.example.com is not valid" in refused(
            site.url(host="other.example.com"), site.rules(trust=client)
        )


def test_a_server_that_does_not_speak_tls_is_refused(site: Web) -> None:
    url = site.serve("/", answer(OK)).replace("http:", "https:")
    assert refused(url, site.rules()) == (
        f"The secure connection to velm.example.com broke off. Try again later. {SAVE}"
    )


def test_a_redirect_out_of_encryption_is_refused(site: Web) -> None:
    server, client = certificate()
    with web(server) as safe:
        url = safe.serve("/", moved(site.serve("/plain", answer(OK))))
        allow = frozenset({(LOCAL, safe.port), (LOCAL, site.port)})
        assert refused(url, safe.rules(trust=client, allow=allow)) == (
            "velm.example.com sends readers on to an address without encryption, which is not followed. "
            + SAVE
        )
    assert site.asked == []


def test_a_redirect_into_encryption_is_followed(site: Web) -> None:
    server, client = certificate()
    with web(server) as safe:
        url = site.serve("/", moved(safe.serve("/safe", answer(OK))))
        allow = frozenset({(LOCAL, safe.port), (LOCAL, site.port)})
        assert fetch(url, safe.rules(trust=client, allow=allow)).url == safe.url("/safe")


# Hosts that are not there


def test_a_name_that_does_not_exist() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    said = "There is no host with the name velm.example.com. Check the address for typing errors."
    assert refused("https://velm.example.com/", Rules(resolve=nowhere)) == said
    assert refused("https://velm.example.com/", Rules(resolve=lambda _host, _port: [])) == said


def test_a_host_that_refuses_connections(site: Web) -> None:
    rules, url = site.rules(), site.url()
    site.close()
    assert refused(url, rules) == (
        "velm.example.com refuses connections: no web server is there. Try again later."
    )


def test_a_name_server_that_never_answers_meets_the_deadline() -> None:
    over = threading.Event()
    rules = Rules(resolve=lambda _host, _port: [str(over.wait(30))], seconds=0.05)
    assert "did not deliver the page within 0.05 seconds" in refused("https://velm.example.com/", rules)
    over.set()


# Answers that are not a page


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("401 Unauthorized", "asks for a password (401), so a program may not read this page. " + SAVE),
        ("402 Payment Required", "asks for payment (402), so a program may not read this page. " + SAVE),
        ("403 Forbidden", "does not let programs read this page (403). " + SAVE),
        ("404 Not Found", "has no page at this address (404). Check the address. " + SAVE),
        ("410 Gone", "has taken this page away (410). " + SAVE),
        ("429 Too Many", "gets too many requests (429). Try again in some minutes. " + SAVE),
        ("451 Legal", "may not show this page for legal reasons (451). " + SAVE),
        ("500 Error", "has a fault of its own (500). Try again later. " + SAVE),
        ("503 Down", "has a fault of its own (503). Try again later. " + SAVE),
        ("204 No Content", "answers with the status 204 and no page. " + SAVE),
        ("206 Partial", "answers with the status 206 and no page. " + SAVE),
        ("418 Teapot", "answers with the status 418 and no page. " + SAVE),
    ],
)
def test_each_answer_without_a_page_has_its_sentence(site: Web, status: str, says: str) -> None:
    url = site.serve("/", answer(b"" if status[:3] == "204" else OK, status=status))
    assert refused(url, site.rules()) == f"velm.example.com {says}"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("application/json", "application/json"),
        ("text/css", "text/css"),
        ("application/octet-stream; charset=utf-8", "application/octet-stream"),
        ("@everyone <b>", "of no known kind"),
        ("", "of no known kind"),
        (None, "of no known kind"),
    ],
)
def test_what_is_no_text_is_refused(site: Web, kind: str | None, shown: str) -> None:
    url = site.serve("/", answer(OK, kind))
    assert refused(url, site.rules()) == f"What velm.example.com sends is {shown}, not a page of text. {SAVE}"


def test_bytes_that_only_claim_to_be_text_are_refused(site: Web) -> None:
    url = site.serve("/", answer(b"<html>\0\0\0", "text/html"))
    assert refused(url, site.rules()) == f"What velm.example.com sends is not text, though it says so. {SAVE}"


def test_text_in_utf_16_is_text(site: Web) -> None:
    content = OK.decode().encode("utf-16")
    assert fetch(site.serve("/", answer(content)), site.rules()).content == content


@pytest.mark.parametrize(
    "said", [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", b"", b"\0" * 50]
)
def test_an_answer_that_is_not_http_is_refused(site: Web, said: bytes) -> None:
    assert refused(site.serve("/", said), site.rules()) == (
        f"velm.example.com broke off the page, or answered as no web server should. Try again later. {SAVE}"
    )


@pytest.mark.parametrize("length", [len(OK) + 10, 8_000_000])
def test_a_page_that_ends_before_the_length_it_told_is_refused(site: Web, length: int) -> None:
    assert "broke off the page" in refused(site.serve("/", answer(OK, length=length)), site.rules())


def test_what_comes_after_the_length_that_was_told_is_not_read(site: Web) -> None:
    assert fetch(site.serve("/", answer(OK, length=20)), site.rules()).content == OK[:20]


def test_two_lengths_are_refused(site: Web) -> None:
    assert "broke off" in refused(site.serve("/", answer(OK, headers=["Content-Length: 5"])), site.rules())


def test_chunks_that_break_off_are_refused(site: Web) -> None:
    head = answer(b"", length=None, headers=["Transfer-Encoding: chunked"])
    assert "broke off" in refused(site.serve("/", head + b"5\r\nhello\r\n"), site.rules())
    assert fetch(site.serve("/", head + b"5\r\nhello\r\n0\r\n\r\n"), site.rules()).content == b"hello"


# Sizes

LARGE = f"The page at velm.example.com is too large to be one article. {SAVE}"


def endless(head: bytes, part: bytes) -> object:
    """A handler that goes on until the other side has had enough."""

    def handler(link: socket.socket) -> None:
        link.sendall(head)
        while True:
            link.sendall(part)

    return handler


def test_a_length_above_the_limit_is_refused_before_the_body_is_read(site: Web) -> None:
    sent = threading.Event()

    def handler(link: socket.socket) -> None:
        link.sendall(answer(b"", length=(8 << 20) + 1))
        sent.set()
        link.recv(1)  # until the other side has gone

    assert refused(site.serve("/", handler), site.rules()) == LARGE
    assert sent.wait(10)
    for length in ("9" * 19, "9" * 400):
        body = answer(b"", length=None, headers=[f"Content-Length: {length}"])
        error = refused(site.serve("/", body), site.rules())
        assert error == LARGE or "broke off" in error


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_body_is_refused(site: Web, chunked: bool) -> None:
    headers = ["Transfer-Encoding: chunked"] if chunked else []
    part = b"10000\r\n" + b"a" * 65536 + b"\r\n" if chunked else b"a" * 65536
    site.pages["/"] = endless(answer(b"", length=None, headers=headers), part)  # type: ignore[assignment]
    assert refused(site.url(), site.rules(wire_bytes=300_000)) == LARGE


def test_the_largest_body_is_read_and_one_byte_more_is_not(site: Web) -> None:
    body = b"a" * 5000
    head = answer(b"", length=None)
    assert fetch(site.serve("/", head + body), site.rules(wire_bytes=5000)).content == body
    assert refused(site.serve("/", head + body + b"a"), site.rules(wire_bytes=5000)) == LARGE
    assert refused(site.serve("/", answer(body)), site.rules(wire_bytes=4999)) == LARGE


@pytest.mark.parametrize(
    "part",
    [b"HTTP/1.1 103 Early Hints\r\n\r\n", b"1;" + b"x" * 9000 + b"\r\na\r\n"],
    ids=["hints", "extensions"],
)
def test_what_is_not_the_body_counts_too(site: Web, part: bytes) -> None:
    hints = part.startswith(b"HTTP")
    head = b"" if hints else answer(b"", length=None, headers=["Transfer-Encoding: chunked"])
    site.pages["/"] = endless(head, part * 50)  # type: ignore[assignment]
    assert refused(site.url(), site.rules(wire_bytes=10_000)) == LARGE


def test_a_flood_of_headers_is_refused(site: Web) -> None:
    said = f"velm.example.com sends more headers than any page needs. {SAVE}"
    many = answer(OK, headers=[f"X-{number}: a" for number in range(300)])
    assert refused(site.serve("/", many), site.rules()) == said
    large = answer(OK, headers=[f"X-{number}: {'a' * 6000}" for number in range(12)])
    assert refused(site.serve("/", large), site.rules()) == said
    site.pages["/"] = endless(b"HTTP/1.1 200 OK\r\n", b"X-Flood: and so on\r\n" * 1000)  # type: ignore[assignment]
    assert "answered as no web server should" in refused(site.url(), site.rules())
    site.pages["/"] = endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 10_000)  # type: ignore[assignment]
    assert "answered as no web server should" in refused(site.url(), site.rules())


# Packing


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(OK)),
        ("x-gzip", gzip.compress(OK)),
        ("GZIP", gzip.compress(OK)),
        ("gzip", gzip.compress(OK[:100]) + gzip.compress(OK[100:]) + b"\0" * 20),
        ("deflate", zlib.compress(OK)),
        ("deflate", raw_deflate(OK)),
        ("identity", OK),
        ("", OK),
    ],
)
def test_packed_pages_are_unpacked(site: Web, coding: str, body: bytes) -> None:
    url = site.serve("/", answer(body, headers=[f"Content-Encoding: {coding}"]))
    assert fetch(url, site.rules()).content == OK


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("text", [b"", b"a" * 65536, b"a" * 200_000, os.urandom(150_000)])
def test_unpacking_does_not_depend_on_where_the_parts_end(text: bytes, size: int) -> None:
    body = gzip.compress(text) + gzip.compress(text)
    parts = [body[place : place + size] for place in range(0, len(body), size)]
    assert b"".join(unpacked(parts, "gzip")) == text * 2


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_decompression_bomb_is_refused(site: Web, coding: str) -> None:
    body = bomb(64) if coding == "gzip" else zlib.compress(b" " * (64 << 20))
    assert len(body) < 100_000
    url = site.serve("/", answer(body, headers=[f"Content-Encoding: {coding}"]))
    assert refused(url, site.rules()) == LARGE


def test_a_bomb_in_a_bomb_is_refused(site: Web) -> None:
    body = gzip.compress(bomb(64))
    url = site.serve("/", answer(body, headers=["Content-Encoding: gzip, gzip"]))
    assert refused(url, site.rules()) == f"velm.example.com packs its pages in a way that is not read. {SAVE}"


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip;q=1", "nonsense"])
def test_other_packings_are_refused(site: Web, coding: str) -> None:
    url = site.serve("/", answer(OK, headers=[f"Content-Encoding: {coding}"]))
    assert "packs its pages in a way that is not read" in refused(url, site.rules())


@pytest.mark.parametrize("body", [OK, gzip.compress(OK)[:-9], gzip.compress(OK) + b"more", b"", b"\x1f\x8b"])
def test_broken_packing_is_refused(site: Web, body: bytes) -> None:
    url = site.serve("/", answer(body, headers=["Content-Encoding: gzip"]))
    assert refused(url, site.rules()) == f"The compressed page of velm.example.com is broken. {SAVE}"


# Time


def late(site: Web, before: bytes, drop: bytes = b"") -> object:
    """A handler that says `before`, then a drop from time to time, until the test is over."""

    def handler(link: socket.socket) -> None:
        link.sendall(before)
        while not site.closing.wait(0.02):
            link.sendall(drop)

    return handler


SLOW = f"velm.example.com did not deliver the page within 0.3 seconds. Try again later. {SAVE}"


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
        (answer(b"", length=1000), b""),
        (answer(b"", length=1_000_000), b"a"),
        (answer(b"", length=None), b"a"),
        (answer(b"", length=None, headers=["Transfer-Encoding: chunked"]), b"1\r\na\r\n"),
    ],
    ids=["silence", "head stops", "head drips", "body stops", "body drips", "no end", "chunks drip"],
)
def test_one_deadline_is_over_everything(site: Web, before: bytes, drop: bytes) -> None:
    site.pages["/"] = late(site, before, drop)  # type: ignore[assignment]
    assert refused(site.url(), site.rules(seconds=0.3)) == SLOW


def test_redirects_share_the_deadline(site: Web) -> None:
    def handler(link: socket.socket) -> None:
        site.closing.wait(0.2)
        link.sendall(moved(f"/{len(site.asked)}"))

    for number in range(7):
        site.serve(f"/{number}", handler)
    assert refused(site.url("/0"), site.rules(seconds=0.3)) == SLOW


def test_a_handshake_that_never_ends_meets_the_deadline() -> None:
    with socket.create_server((LOCAL, 0)) as silent:
        port = silent.getsockname()[1]
        rules = Rules(allow=frozenset({(LOCAL, port)}), resolve=lambda _host, _port: [LOCAL], seconds=0.3)
        assert refused(f"https://velm.example.com:{port}/", rules) == SLOW


# Secrets


def test_no_log_and_no_error_holds_more_of_an_address_than_its_host(
    site: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.serve("/a", moved("/b?token=SECRET2"))
    site.serve("/b", answer(OK, status="403 Forbidden"))
    error = refused(site.url("/a?token=SECRET1"), site.rules())
    assert "SECRET" not in error + caplog.text
    assert "token" not in error + caplog.text
