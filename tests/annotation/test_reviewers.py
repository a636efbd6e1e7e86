"""Who may review: passwords, logins, and requests that come from elsewhere."""

import json
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from annotation.review import reviewers as module
from annotation.review.reviewers import Reviewers, ReviewersError, hash_password
from page.access import Access, owner
from tests.support.browsing import ROOT

PASSWORD = "long enough"
COST = module.COST


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashing, for a thousandth of the work."""
    monkeypatch.setattr(module, "COST", {**module.COST, "n": 16})


def request(host: str = "127.0.0.1", **headers: str) -> gr.Request:
    given = {"host": "127.0.0.1:7860", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return gr.Request(client={"host": host, "port": 1}, headers=given)


def test_the_file_holds_hashes_that_only_its_owner_reads(tmp_path: Path) -> None:
    listed = Reviewers(tmp_path / "new" / "reviewers.json")
    listed.add("ann", PASSWORD)
    listed.add("bob", PASSWORD)
    assert stat.S_IMODE(listed.path.stat().st_mode) == 0o600
    saved = json.loads(listed.path.read_text())
    assert PASSWORD not in listed.path.read_text()
    assert saved["ann"] != saved["bob"]
    listed.check("ann", PASSWORD)
    listed.remove("ann")
    assert Reviewers(listed.path).names() == ["bob"]
    with pytest.raises(ReviewersError, match="do not belong together"):
        listed.check("ann", PASSWORD)
    with pytest.raises(ReviewersError, match="found 'ann'"):
        listed.remove("ann")


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        ("", PASSWORD, "printable"),
        ("a\nb", PASSWORD, "printable"),
        ("visitor", PASSWORD, "other than 'visitor'"),
        ("ann", "short", "at least 8"),
    ],
)
def test_bad_entries_are_refused(tmp_path: Path, name: str, password: str, message: str) -> None:
    with pytest.raises(ReviewersError, match=message):
        Reviewers(tmp_path / "r.json").add(name, password)


def test_a_space_names_reviewers_in_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(module.VARIABLE, f" ann:{PASSWORD}, bob:with:colon")
    listed = Reviewers(tmp_path / "r.json")
    assert listed.names() == ["ann", "bob"]
    listed.check("bob", "with:colon")
    with pytest.raises(ReviewersError):
        listed.check("ann", "with:colon")
    monkeypatch.setenv(module.VARIABLE, f"ann {PASSWORD}")
    with pytest.raises(ReviewersError, match="without a colon") as raised:
        Reviewers(tmp_path / "r.json")
    assert PASSWORD not in str(raised.value)


def test_guessing_must_wait_and_tells_nothing_of_names(tmp_path: Path) -> None:
    clock = Clock()
    listed = Reviewers(tmp_path / "r.json", clock=clock)
    listed.add("ann", PASSWORD)
    said = {name: [] for name in ("ann", "nobody")}  # type: dict[str, list[str]]
    for name in said:
        for _ in range(module.TRIES + 1):
            with pytest.raises(ReviewersError) as raised:
                listed.check(name, "a wrong one")
            said[name].append(str(raised.value))
    assert said["ann"] == said["nobody"]
    assert "Too many" in said["ann"][-1]
    with pytest.raises(ReviewersError, match="Too many"):
        listed.check("ann", PASSWORD)
    clock.time += module.WINDOW
    listed.check("ann", PASSWORD)


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"ann": 3}')
    assert Access(local=True, reviewers=Reviewers(path)).who(request(), "") is None
    with pytest.raises(ReviewersError, match="remove it"):
        Reviewers(path).check("ann", PASSWORD)


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"host": "::1"}, True),
        ({"host": "192.0.2.7"}, False),
        ({"origin": "http://localhost:7860"}, True),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({"X_Forwarded_For": "127.0.0.1"}, False),
        ({"Forwarded": "for=127.0.0.1"}, False),
        ({"X_Real_IP": "127.0.0.1"}, False),
        ({"Via": "1.1 proxy"}, False),
    ],
)
def test_only_who_sits_here_needs_no_login(
    tmp_path: Path, changes: dict[str, Any], allowed: bool
) -> None:
    reviewers = Reviewers(tmp_path / "r.json")
    asked = request(**changes)
    assert Access(local=True, reviewers=reviewers).who(asked, "") == (owner() if allowed else None)
    assert Access(local=False, reviewers=reviewers).who(asked, "") is None
    reviewers.add("ann", PASSWORD)  # from now on, everybody logs in
    assert Access(local=True, reviewers=reviewers).who(asked, "") is None


def test_a_name_that_points_here_is_not_here(tmp_path: Path) -> None:
    rebound = gr.Request(client={"host": "127.0.0.1", "port": 1}, headers={"host": "evil.example"})
    access = Access(local=True, reviewers=Reviewers(tmp_path / "r.json"))
    assert access.who(rebound, "") is None


def test_a_login_ends_by_time_by_logout_and_with_its_reviewer(tmp_path: Path) -> None:
    clock, reviewers = Clock(), Reviewers(tmp_path / "r.json")
    reviewers.add("ann", PASSWORD)
    access = Access(reviewers=reviewers, clock=clock)
    far = request("192.0.2.7", X_Forwarded_For="192.0.2.7")
    first, second = access.login("ann", PASSWORD), access.login("ann", PASSWORD)
    assert first != second
    assert [access.who(far, token) for token in (first, second)] == ["ann", "ann"]
    assert [access.who(far, token) for token in ("", None, "x", [first])] == [None] * 4
    access.logout(first)
    assert [access.who(far, token) for token in (first, second)] == [None, "ann"]
    clock.time += 13 * 3600
    assert access.who(far, second) is None
    third = access.login("ann", PASSWORD)
    reviewers.remove("ann")
    assert access.who(far, third) is None


def test_reviewers_are_named_on_the_command_line(tmp_path: Path) -> None:
    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "annotation", "reviewer", *arguments],
            cwd=ROOT, input=typed, capture_output=True, text=True, check=False,
            env={"SPANLOOP_HOME": str(tmp_path), "PATH": ""},
        )  # fmt: skip

    added = run("add", "ann", "--password-stdin", typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout
    assert run("list").stdout == "ann  page  0 reviews\n"
    Reviewers(tmp_path / "reviewers.json").names()
    short = run("add", "bob", "--password-stdin", typed="short\n")
    assert (short.returncode, short.stderr.count("\n")) == (1, 1)
    assert run("remove", "ann").returncode == 0
    assert run("list").stdout == ""


def test_one_who_guesses_locks_out_nobody_else(tmp_path: Path) -> None:
    clock = Clock()
    listed = Reviewers(tmp_path / "r.json", clock=clock)
    listed.add("ann", PASSWORD)
    for number in range(module.TRIES_OF_ALL):
        with pytest.raises(ReviewersError, match="do not belong together"):
            listed.check("ann" if number < module.TRIES else f"{number}", "a wrong one", "far")
    for name in ("ann", "another"):
        with pytest.raises(ReviewersError, match="Too many wrong passwords: try again in 300"):
            listed.check(name, PASSWORD, "far")
    listed.check("ann", PASSWORD, "near")
    clock.time += module.WINDOW
    listed.check("ann", PASSWORD, "far")


def test_logins_at_once_are_refused_early_and_hold_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COST", COST)
    listed = Reviewers(tmp_path / "r.json")
    listed.add("ann", PASSWORD)

    def attempt(number: int) -> str:
        try:
            listed.check("ann", "a wrong one", f"far-{number % 3}")
        except ReviewersError as error:
            return str(error)
        return ""

    begun = time.monotonic()
    hash_password(PASSWORD)
    alone = time.monotonic() - begun
    with ThreadPoolExecutor(150) as pool:
        begun = time.monotonic()
        said = [pool.submit(attempt, number) for number in range(150)]
        listed.check("ann", PASSWORD, "near")
        took = time.monotonic() - begun
    assert took < 20 * alone + 2
    assert sum("Many are logging in" in one.result() for one in said) > 100
