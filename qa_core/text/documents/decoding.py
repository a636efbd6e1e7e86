"""Bytes to text: by what they declare, or by what they most resemble."""

from __future__ import annotations

import codecs
import re

from qa_core.errors import DataError

WESTERN = "cp1252"  # what most files that are no Unicode are in, and browsers take latin-1 for
OLD = {"mac_roman": "Mac OS Roman", "cp850": "DOS (code page 850)"}  # of Western machines
MARKS = {  # UTF-32 first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Names that browsers take for a larger set of characters, as the WHATWG says.
AS_BROWSERS = {
    "ascii": WESTERN, "iso8859-1": WESTERN, "iso8859-9": "cp1254", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8",  # no declaration could be read
}  # fmt: skip
# Names that files use and Python does not know.
OTHERWISE = {
    "windows-31j": "cp932", "ks_c_5601-1989": "cp949", "koi": "koi8-r", "koi8": "koi8-r",
    "koi8-ru": "koi8-u", "logical": "iso8859-8", "visual": "iso8859-8",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "sun_eu_greek": "iso8859-7",
    "gb_2312": "gb18030", "gb_2312-80": "gb18030", "csgb2312": "gb18030", "cn-big5": "big5",
    "x-x-big5": "big5", "mac": "mac_roman", "x-mac-ukrainian": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "unicode": "utf-16", "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16", "iso-2022-jp-ms": "iso2022_jp",
}  # fmt: skip
ALPHABETS = range(1, 0x20)  # the upper bytes of their letters
EASTERN = {0, 0x30, 0x31, *range(0x4E, 0xA0), *range(0xAC, 0xD8), 0xFF}  # the same, of signs
HEAD = 2**16  # bytes of a web page, in which it may declare its encoding
MUCH_KANA = 0.2  # share of signs
FAR_BETTER = 2.0  # times as likely as WESTERN
ENOUGH = 8  # letters beyond ASCII that tell one Latin alphabet from another
MUCH = 2  # signs inside words, with which half of these letters do
FOREIGN = 0.5  # share of letters beyond ASCII above which an alphabet is not Latin

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,1000}?(?:charset|encoding)\s*=[\"'\s]*([\w:.-]+)", re.I
)
# What no declaration is looked for in.
_QUOTED = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|title)\b.*?(?:</\1|\Z)", re.I | re.S)
# Encodings that files of this century are in; chardet knows those of old machines, too.
_COMMON = re.compile(
    r"utf-.*|windows-125\d|iso-?8859-\d+|koi8-[ru]|cp9(32|49)|shift.jis.*|euc.*|big5.*|gb.*"
    r"|hz.*|iso-2022.*|tis-620|cp874|ibm866",
    re.I,
)
_NUMBERED = re.compile(r"(?:x-)?(?:windows|win|dos|cp)-?(\d+)")
_JAPANESE = re.compile(rb"\x1b\$[@B]([^\x1b]*)|\x1b\(I([^\x1b]*)|\x1b\([BJ]")
_ESCAPED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of bytes that are no text
_LETTERS = re.compile("[^\x00-\x7f]")
# The controls 80 to 9f, and marks and fractions inside a word, which no text has.
_UNLIKELY = re.compile("[\x80-\x9f\ufffd]|[^\\W\\d_][¡-©«-´¶-¹»-¿×÷][^\\W\\d_]")


# Greek, Cyrillic, Hebrew, Arabic or Thai letters beside Latin ones.
_MIXED_UP = re.compile("[A-Za-z][Ͱ-ӿא-ۿก-๛]|[Ͱ-ӿא-ۿก-๛][A-Za-z]")
# Letters of Turkish as Windows-1252 shows them; Icelandic has them, too, but not beside others.
_TURKISH, _NOT_TURKISH = (
    re.compile("[ýþðÝÞÐ].*[çüÇÜ]|[çüÇÜ].*[ýþðÝÞÐ]", re.S),
    re.compile("[áéíóúæÁÉÍÓÚÆ]"),
)
# Large letters with accents, and what is no letter, in the middle or at the end of a word.
_MIXED = re.compile(
    "[a-z](?:[À-ÖØ-ÞŠŽŸŒ‚„]|[ƒ…†‡ˆ‰‹\ufffd](?=[a-z]))|[A-Z](?:[ŠŽŸ](?=[a-z])|\ufffd)"
)
_OLD_MIXED = re.compile(
    "[a-z][^\\W\\d_A-Za-zß-ÿœ]|[a-z][^\x00-\xff‘’“”–—…œŒ•]|[A-Z][^\\W\\d_A-Za-zß-ÿœ](?=[a-z])"
    "|[A-Z][^\x00-\xff](?=[a-z])"
)
_SIGNS = frozenset(" \n\r\t.,;:!?-–()\"'。、，：；？！「」『』（）《》“”‘’…—·・％")
_NO_SIGNS = re.compile(rb"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_CONTROLS = re.compile("[\0-\x08\x0e-\x1a]")


def decoded(data: bytes) -> tuple[str, str | None]:
    """Text, its line breaks ``\\n``, and a note that names an encoding that was guessed.

    Raises DataError where the bytes are no text.
    """
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), None)
    note = None
    try:
        text = data.decode(encoding or "utf-8")
        if encoding is None and (name := wide(data)):
            text = data.decode(name)
    except UnicodeDecodeError as error:
        if encoding:
            raise DataError(
                f"expected {encoding.removesuffix('-sig').upper()}, as its first bytes say, found "
                f"others at {error.start}; save it as UTF-8"
            ) from error
        if (bad := damaged(data)) is not None:
            text = data.decode("utf-8", "replace")
            note = f"read as UTF-8; bytes in it that are none, {bad} in all, are shown as �"
        else:
            encoding = wide(data) or _unmarked(data) or guess(data)
            text = data.decode(encoding, "replace")
            name = {WESTERN: "Windows-1252", **OLD}.get(encoding, encoding)
            note = f"read as {name}, as it is no UTF-8; if letters look wrong, save it as UTF-8"
    if _CONTROLS.search(text) and (name := _unmarked(data)):
        text, note = data.decode(name), None
    if "\0" in text:
        raise DataError("expected text, found binary data; is it another kind of file?")
    return lines(text), note


def html_source(data: bytes) -> tuple[str, str | None]:
    """The source of a web page, and a note that names an encoding that was guessed.

    It is read as UTF-8 where it is that, and else as browsers read what it declares.
    """
    found = _DECLARED.search(_QUOTED.sub(b"", data[:HEAD]))
    marked = any(data.startswith(mark) for mark in MARKS)
    try:
        return lines(data.decode("utf-8")), None
    except UnicodeDecodeError:
        if marked or not found:
            return decoded(data)
    try:
        return lines(declared(data, found[1].decode("ascii"), "replace")), None
    except (LookupError, UnicodeError):
        return decoded(data)


def declared(data: bytes, name: str, errors: str = "strict") -> str:
    """Bytes as browsers and mail programs read what is declared to be of a name.

    Raises LookupError and UnicodeError.
    """
    name = name.strip().lower()
    try:
        known = codecs.lookup(OTHERWISE.get(name, name)).name
    except LookupError:
        known = codecs.lookup(_NUMBERED.sub(r"cp\1", name).removeprefix("x-")).name
    encoding = AS_BROWSERS.get(known, known)
    if known.startswith("iso2022_jp"):  # with signs of its makers' own, such as ① and ㈱
        encoding, data = "euc_jis_2004", _JAPANESE.sub(_extended, data)
    return data.decode(encoding, errors)


def _extended(found: re.Match[bytes]) -> bytes:
    """Japanese signs of seven bits each as those of eight bits."""
    signs = bytes(one | 0x80 if one > 0x20 else one for one in found[1] or found[2] or b"")
    return signs if found[2] is None else b"".join(b"\x8e%c" % one for one in signs)


def damaged(data: bytes) -> int | None:
    """How many bytes of a text in UTF-8 are none; None if it is in another encoding."""
    text = data.decode("utf-8", "surrogateescape")
    bad = len(_ESCAPED.findall(text))
    return bad if len(_LETTERS.findall(text)) > 2 * bad else None


def guess(data: bytes) -> str:
    """The encoding of bytes that are no Unicode: WESTERN unless another is far better."""
    from chardet import detect_all

    high = [byte for byte in data if byte > 0x7F]
    letters = len(high) + sum(map(len, re.findall(rb"[A-Za-z]+", data)))
    western = data.decode(WESTERN, "replace")
    guesses = detect_all(data[: 2**18], ignore_threshold=True)
    found = [one for one in guesses if _COMMON.fullmatch(one["encoding"] or "")]
    while found and _is_mixed_up(data, found[0]["encoding"] or ""):
        found.pop(0)
    likely = {(one["encoding"] or "").lower(): one["confidence"] for one in found}
    best = (found[0]["encoding"] or "") if found else ""
    if not best or not _decodes(data, best):
        return _western(data)
    if _TURKISH.search(western) and not _NOT_TURKISH.search(western):
        return "cp1254"
    if best.lower() == "windows-1250" and _UNLIKELY.search(data.decode("cp1250", "replace")):
        central = data.decode("iso8859-2")
        best = best if _UNLIKELY.search(central) else "ISO-8859-2"
    if len(high) > FOREIGN * letters and len(high) > 2:
        return best
    odd = len(_UNLIKELY.findall(western))
    beaten = likely.get("windows-1252", 0.0) * FAR_BETTER < found[0]["confidence"]
    enough = ENOUGH if odd < MUCH else ENOUGH // 2
    return best if odd and len(high) >= enough and beaten else _western(data)


def _is_mixed_up(data: bytes, encoding: str) -> bool:
    """Whether an encoding gives words of letters of two alphabets."""
    try:
        return len(_MIXED_UP.findall(data[: 2**18].decode(encoding, "replace"))) > 1
    except LookupError:
        return True


def wide(data: bytes) -> str | None:
    """The name of UTF-16 without its mark, in which every other byte is mostly zero; else None."""
    head = data[:4096]
    zeros = head[::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(zeros) <= 0.4 * len(head) / 2 or min(zeros):
        return None
    return "utf-16-be" if zeros[0] else "utf-16-le"


def _unmarked(data: bytes) -> str | None:
    """The name of UTF-16 without its mark, whose text is words of one alphabet, or signs of East
    Asia with bytes among them that no other encoding of theirs has, or much Kana; else None."""
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")) if len(data) % 2 == 0 else ():
        text = data[: 2**12].decode(name, "ignore")
        usual = sum(one.isalpha() or one in _SIGNS or one.isdigit() for one in text)
        blocks = {ord(one) >> 8 for one in text if one.isalpha()}
        kana = data[place : 2**12 : 2].count(0x30)
        is_told = bool(_NO_SIGNS.search(data)) or kana > MUCH_KANA * len(text)
        is_eastern = is_told and blocks <= EASTERN and blocks != {0}
        if usual > 0.95 * len(text) and (max(blocks, default=0) in ALPHABETS or is_eastern):
            return name
    return None


def _western(data: bytes) -> str:
    """WESTERN, unless its letters are mixed up in words, and those of an old machine are not."""
    if not _MIXED.search(data.decode(WESTERN, "replace")):
        return WESTERN
    sound = (name for name in OLD if not _OLD_MIXED.search(data.decode(name)))
    return next(sound, WESTERN)


def lines(text: str) -> str:
    """Line breaks as a text box has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True
