"""Questions after the clauses of a text: when, where, why, how much, who."""

from __future__ import annotations

import re
from collections.abc import Iterator

from page.suggest.clauses import BE, STOP, Clause, Match, Span
from page.suggest.phrases import COUNT, HEAT, LONG, MEASURE, MONEY, OFTEN, SOON, WHEN
from page.suggest.words import WORDS, one_of

Asked = tuple[str, Span, float]  # a question, where its answer stands, and its worth

_STATES = ("open", "closed", "due", "free", "available", "ready", "valid", "off", "over")
_SAYS = ("do", "have", "say", "know", "want", "become", "show", "find", "report", "tell", "agree")
_PAYS = ("pay", "spend", "raise", "donate", "earn", "charge", "receive", "transfer")
_DULL = ("do", "have", "go", "get", "want", "like", "become", "see", "retire")
_AT = r"(?:in|at|on|near|outside|opposite|behind|under|beside|inside|next to)"
_PLACE = re.compile(
    rf" {_AT} (?:(?:the|our|your|a) )?(?:[\w'’-]+ ){{0,2}}?"
    r"(?:[A-Z][\w'’-]+|(?:room|gate|platform) \d+)"
)
_WHERE = re.compile(
    rf" ({_AT} (?!time|order|case|use|sale|fire|danger|favou?r|charge|average|least|place|strike"
    r"|leave|duty|hold|\d)\w.+)"
)
_SOMETHING = re.compile(r" (?:now |still )?((?:an?|the|our|my|one of) \w.{4,})")
_BECAUSE = re.compile(r",? (?:because|due to|as a result of) (.{8,})")
_BY = re.compile(r" by ((?:the (?:\w+ )?)?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*|[a-z]+s\b)")
_PERSON = re.compile(rf"{one_of('people')}|\b\w+(?:ist|ian|eer)\b")
_CALLED = re.compile(rf"{one_of('names')}\Z|\bthe (?:{'|'.join(WORDS['names'])}|capital) of ")


def asked(one: Clause) -> Iterator[Asked]:
    """Questions after a clause."""
    yield from _when(one)
    yield from _why(one)
    yield from _how_much(one)
    yield from _how_long(one)
    yield from _how_many(one)
    yield from _who(one)
    if one.helper in BE and not one.verb:
        yield from _what(one)
    elif one.helper:
        place = _PLACE.match(one.near)
        if place and not WHEN.match(one.near, 1):
            yield f"Where {one.asks}", _span(one, place), 1.8
        if heat := HEAT.search(one.near):
            yield f"At what temperature {one.asks}", _span(one, heat), 2.6


def _span(one: Clause, match: Match, group: int | str = 0) -> Span:
    return one.at + match.start(group), one.at + match.end(group)


def _when(one: Clause) -> Iterator[Asked]:
    """After a time, or how often."""
    near = one.near
    often = OFTEN.search(near)
    when = WHEN.search(near) or SOON.search(near) or WHEN.match(one.rest, len(near) + 1)
    found, middle = often or when, ""
    if found:
        span, middle = _span(one, found), near[: found.start()].rstrip()
    elif one.lead:
        span, middle = one.lead, _object(near)
    else:
        return
    if len(middle.split()) > 8 or re.search(r"\d| (?:and|from|to|for)\Z", middle):
        return
    if often and (one.verb or middle):
        yield f"How often {one.asks}{middle}", span, 2.7
    elif one.tense and one.base not in _SAYS:
        yield f"When {one.asks}{middle}", span, 2.6
    elif one.helper and (one.verb or not middle or middle.strip() in _STATES):
        yield f"When {one.asks}{middle}", span, 2.8


def _why(one: Clause) -> Iterator[Asked]:
    because = _BECAUSE.search(one.rest)
    before = one.rest[: because.start()] if because else ""
    if because and one.verb and not STOP.search(before) and len(before.split()) <= 5:
        yield f"Why {one.asks}{before}", _span(one, because, 1), 2.8


def _how_much(one: Clause) -> Iterator[Asked]:
    money = MONEY.search(one.near)
    if not money:
        return
    before, behind, span = one.near[: money.start()], one.near[money.end() :], _span(one, money)
    base = one.base.removeprefix("be ")
    if one.tense and base == "cost":
        yield f"How much {one.asks}", span, 3.0
    elif one.tense and base == "come" and before.strip() == "to":
        yield f"How much {one.asks} to", span, 2.8
    elif base in _PAYS and len(before) <= 8:
        yield f"How much {one.asks}{_object(behind)}", span, 2.5


def _how_long(one: Clause) -> Iterator[Asked]:
    long = LONG.search(one.near)
    if not long:
        return
    before, after, span = one.near[: long.start()].split(), one.near[long.end() :], _span(one, long)
    if one.base == "give" and not before and re.match(r"['’]? notice", after):
        aux = one.asks.removesuffix(" give")
        yield f"How much notice {aux} give", span, 2.8
    elif one.tense and one.base in ("take", "last") and len(before) <= 2:
        done = re.match(r" to \w+", after) if one.base == "take" else None
        yield f"How long {one.asks}{done[0] if done else ''}", span, 2.8
    elif one.tense and one.base in ("keep", "stay") and before == ["for"]:
        yield f"How long {one.asks}", span, 2.8
    elif one.helper and before[-1:] == ["for"] and len(before) <= 5 and (one.verb or before[1:]):
        yield f"How long {one.asks} {' '.join(before[:-1])}", span, 2.4


def _how_many(one: Clause) -> Iterator[Asked]:
    count = COUNT.match(one.near.removeprefix(" "))
    if not count or MONEY.match(count[0]) or LONG.match(count["number"] + " " + count["things"]):
        return
    shift = one.at + 1
    span = shift + count.start("number"), shift + count.end("number")
    if one.tense and one.base not in ("do", "become", "get", "see"):
        yield f"How many {count['things']} {one.asks}", span, 2.5
    elif one.helper in ("will", "must", "shall", "can", "should"):
        yield f"How many {count['things']} {one.asks}", span, 2.4


def _who(one: Clause) -> Iterator[Asked]:
    """After who does something, or by whom it is done."""
    when = WHEN.search(one.near)
    what = _object(one.near[: when.start()] if when else one.near)
    does = one.tense in ("past", "third") and one.base not in _DULL
    if one.person and does and what and " ago" not in what:
        yield f"Who {one.verb}{what}", one.subject_span, 2.0 + one.proper
    if one.helper in BE and one.verb and (by := _BY.match(one.near)):
        yield f"Who {one.asks} by", _span(one, by, 1), 2.4


def _what(one: Clause) -> Iterator[Asked]:
    """After what something is, costs or measures, and where."""
    near = one.near
    money, measure = MONEY.search(near), MEASURE.match(near.removeprefix(" "))
    where, what = _WHERE.match(near), _SOMETHING.match(near)
    if money and money.start() <= 14:
        yield f"How much {one.asks}", _span(one, money), 3.0
    elif measure:
        yield f"How {measure[1]} {one.asks}", (one.at + 1, one.at + 1 + measure.end()), 2.6
    elif where and not WHEN.match(near, 1):
        yield f"Where {one.asks}", _span(one, where, 1), 2.3
    elif what and one.proper and one.person and _PERSON.search(" ".join(what[1].split()[:6])):
        yield f"Who {one.asks}", _span(one, what, 1), 2.2
    elif what and one.proper and not one.person:
        yield f"What {one.asks}", _span(one, what, 1), 2.2
    elif _CALLED.search(one.subject):
        yield f"What {one.asks}", (one.at, one.at + len(one.rest)), 2.6


def _object(near: str) -> str:
    """What follows a verb, as far as it reads in a question; "" where nothing does."""
    words = near.rstrip()
    return words if 1 <= len(words.split()) <= 8 and not re.search(r"\d{3}", words) else ""
