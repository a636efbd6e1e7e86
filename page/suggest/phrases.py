"""Times, amounts and counts in English text, as patterns."""

from __future__ import annotations

import re

from page.suggest.words import one_of

_MONTH = (
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)s?"
_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
NUMBER = rf"(?:\d[\d,.]*(?<![.,])|(?i:{_WORDS})(?:-\w+)?)(?: (?:hundred|thousand|million|billion))?"
_CLOCK = (
    r"(?:\d{1,2}(?:[:.]\d{2})?\s?[ap]\.?m\b\.?|[012]?\d[:.][0-5]\d(?!\d)|noon|midnight"
    r"|\w+ o['’]clock"
    r"|(?:(?<=at )|(?<=from )|(?<=to ))\d{1,2}(?=[\s.,;)]|$)(?! (?!(?:and|to|or)\b)[\w%°]))"
)
_DATES = (
    rf"(?:the )?(?:\d{{1,2}} ?(?:and|to|or|[-–]) ?)?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}"
    r"(?:,? \d{4})?",
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}})?",
    rf"{_MONTH}(?:,? \d{{4}})?",
    r"(?:the )?(?:early |late )?(?:spring|summer|autumn|fall|winter)(?: of)? \d{4}",
    r"(?:early |late |mid-)?(?:1[0-9]|20)\d\d(?![\d,.]\d|\s?(?:[€$£%]|[a-z]*(?:people|s\b)))",
    r"the (?:early |late )?[\w-]+ century",
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d",
    rf"{_DAY}(?: (?:morning|afternoon|evening|night))?",
)
_MOMENT = rf"(?:{_CLOCK}|{'|'.join(_DATES)})"
MOMENTS = (
    rf"{_MOMENT}(?:(?:,? (?:at|on|in|from|until|till|to|and)|,|\s?[–-])?\s?(?:the )?{_MOMENT})*"
)
WHEN = re.compile(
    r"(?:\b(?i:in|on|at|by|from|since|until|till|before|after|about|around|every|between) )+"
    rf"(?:about )?{MOMENTS}"
)
MONEY = re.compile(
    r"[€$£]\s?\d[\d,.]*(?<![.,])(?: (?:million|billion|thousand))?"
    rf"|{NUMBER}\s?(?:€|(?:euros?|dollars?|pounds?|EUR|USD|GBP|crowns|francs)\b)"
)
LONG = re.compile(
    rf"(?:{NUMBER}(?: (?:to|or|and) {NUMBER}|[-–]\d+)?[ -](?:business |working )?"
    r"(?:second|minute|hour|day|week|month|year)s?"
    r"|(?:an?|one|half an) (?:hour|day|week|month|year))\b"
)
SOON = re.compile(
    rf"\b(?:within|after) (?:the )?(?:first |next )?{LONG.pattern}(?: of (?:\w+ ){{0,2}}\w+ing\b)?"
)
OFTEN = re.compile(
    rf"\bevery (?:{NUMBER} |second |other )?(?:hour|day|week|month|year|morning|evening|night)s?\b"
    rf"|\b(?:once|twice|(?:up to )?{NUMBER} times) (?:an?|every|per) (?:hour|day|week|month|year)\b"
)
HEAT = re.compile(r"-?\d+ ?[°º] ?[CF]?\b|\d+ degrees")
MEASURE = re.compile(
    rf"(?:about |around |over |nearly )?{NUMBER}[ -]?{one_of('units')}"
    r" (long|high|tall|deep|wide|old|thick)\b"
)
_ABOUT = r"(?:about|around|over|at least|more than|almost|nearly|only|up to|roughly|some)"
_THINGS = (
    r"(?P<things>(?:[a-z][\w-]* ){0,2}?(?:people|children|men|women|[a-z][\w-]*[a-rt-z]s)"
    r"(?: of [a-z]+)?)\b"
)
COUNT = re.compile(rf"(?:{_ABOUT} )?\b(?P<number>{NUMBER}) {_THINGS}")
COUNTED = re.compile(  # at the beginning of a sentence
    rf"(?:^|(?<=[.!?] ))(?:(?i:{_ABOUT}) )?(?P<number>{NUMBER}) {_THINGS}"
    r" (?P<does>(?:were|was|are|have|had) )?(?P<verb>\w+)"
    r"(?P<rest>(?: [\w'’-]+){0,6})(?=[,.;!?\n]|$)",
    re.M,
)
FEE = re.compile(
    rf"\b(?i:an?|the) (?P<what>(?:[a-z-]+ ){{0,2}}{one_of('fees')}) of (?:about |up to )?"
    rf"(?P<money>{MONEY.pattern})"
)
NAMED = re.compile(
    r"\b[Tt]he (?P<what>[a-z]+(?: [a-z]+)?),? (?:is |was )?(?:named|called) (?P<name>[A-Z][\w'’-]+)"
)
_NAME = r"[A-Z][\w'’-]+ (?:[A-Z]\. )?(?:de |van |von )?[A-Z][\w'’-]+"
KNOWN = re.compile(  # somebody of whom is said who it is
    rf"\b(?P<name>{_NAME}), (?P<what>(?:\d\d, )?(?:an?|the|our|my|his|her|their)"
    r" [a-z][^,;.:\n]{3,80})[,.;]"
    rf"|(?P<title>(?i:{one_of('titles')})),? (?P<named>{_NAME})"
)
ORDER = re.compile(  # what is told to be done, at the beginning of a sentence
    r"(?:^|(?<=[.!?;] ))(?:Please |\d+[.)] |[-*•] )?"
    r"(?P<verb>[A-Z][a-z]+)(?P<what>(?: [\w'’-]+){0,6}?)"
    rf",? (?:for (?P<long>{LONG.pattern}(?: to {LONG.pattern})?)"
    rf"|(?:at|to|below|under|above) (?P<heat>{HEAT.pattern})"
    rf"|until (?P<until>{MOMENTS})|(?P<often>{OFTEN.pattern}))",
    re.M,
)
