"""The names of months and days in the languages that a sheet's formats name. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LANGUAGE = re.compile(r"\[\$[^\]-]*-(?:([0-9a-f]{3,8})|([a-z]+)[^\]]*)\]", re.I)
# What Windows counts languages by, without countries.
_CODES = {0x04: "zh", 0x06: "da", 0x07: "de", 0x09: "en", 0x0A: "es", 0x0C: "fr", 0x10: "it",
          0x13: "nl", 0x14: "nb", 0x15: "pl", 0x16: "pt", 0x19: "ru", 0x1D: "sv"}  # fmt: skip
_OF_MACHINE = (0xF800, 0xF400)  # the day and the time as is usual where the machine is
_IN_CASE = 0xFC19  # Russian months as they stand after a day


@dataclass(frozen=True, slots=True)
class Names:
    """Months and days (Monday first), and their short forms."""

    months: Sequence[str]
    days: Sequence[str]
    short_months: Sequence[str]
    short_days: Sequence[str]


ENGLISH = Names(calendar.month_name[1:], calendar.day_name[:],
                [name[:3] for name in calendar.month_name[1:]],
                [name[:3] for name in calendar.day_name])  # fmt: skip

_WORDS = {
    "da": "januar februar marts april maj juni juli august september oktober november december"
          "|mandag tirsdag onsdag torsdag fredag lørdag søndag"
          "|jan feb mar apr maj jun jul aug sep okt nov dec|ma ti on to fr lø sø",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
          "|Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"
          "|Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez|Mo Di Mi Do Fr Sa So",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
          "|lunes martes miércoles jueves viernes sábado domingo"
          "|ene feb mar abr may jun jul ago sep oct nov dic|lun mar mié jue vie sáb dom",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
          "|lundi mardi mercredi jeudi vendredi samedi dimanche"
          "|janv févr mars avr mai juin juil août sept oct nov déc|lun mar mer jeu ven sam dim",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
          "dicembre|lunedì martedì mercoledì giovedì venerdì sabato domenica"
          "|gen feb mar apr mag giu lug ago set ott nov dic|lun mar mer gio ven sab dom",
    "nb": "januar februar mars april mai juni juli august september oktober november desember"
          "|mandag tirsdag onsdag torsdag fredag lørdag søndag"
          "|jan feb mar apr mai jun jul aug sep okt nov des|ma ti on to fr lø sø",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december"
          "|maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
          "|jan feb mrt apr mei jun jul aug sep okt nov dec|ma di wo do vr za zo",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
          "listopada grudnia|poniedziałek wtorek środa czwartek piątek sobota niedziela"
          "|sty lut mar kwi maj cze lip sie wrz paź lis gru|pon wto śro czw pią sob nie",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
          "|segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"
          "|jan fev mar abr mai jun jul ago set out nov dez|seg ter qua qui sex sáb dom",
    "ru": "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь"
          "|понедельник вторник среда четверг пятница суббота воскресенье"
          "|янв фев мар апр май июн июл авг сен окт ноя дек|Пн Вт Ср Чт Пт Сб Вс",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december"
          "|måndag tisdag onsdag torsdag fredag lördag söndag"
          "|jan feb mar apr maj jun jul aug sep okt nov dec|mån tis ons tor fre lör sön",
    "zh": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月"
          "|星期一 星期二 星期三 星期四 星期五 星期六 星期日"
          "|1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月|周一 周二 周三 周四 周五 周六 周日",
}  # fmt: skip
_RUSSIAN = ("января февраля марта апреля мая июня июля августа сентября октября ноября "
            "декабря")  # fmt: skip


def names_of(form: str) -> Names | None:
    """The names in the language that a format names, as ``[$-407]`` or ``[$-de-DE]`` does, and
    English ones where it names none; None if the language is not known here."""
    found = _LANGUAGE.search(form)
    if found is None:
        return ENGLISH
    number = int(found[1], 16) & 0xFFFF if found[1] else 0
    code = (found[2] or _CODES.get(number & 0x3FF, "")).lower()
    if number in _OF_MACHINE or code in ("en", "x"):
        return ENGLISH
    words = _WORDS.get({"no": "nb"}.get(code, code))
    if words is None:
        return None
    months, *others = (part.split() for part in words.split("|"))
    return Names(_RUSSIAN.split() if number == _IN_CASE else months, *others)
