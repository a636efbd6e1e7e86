"""E-mails as mail programs show them: parts in parts, odd encodings, flowed lines, style sheets."""

import pytest

from qa_core.text.documents.apart import parsed
from qa_core.text.documents.decoding import html_source

HEAD = "From: a@b.c\nMIME-Version: 1.0\n"


def shown(source: str | bytes) -> str:
    data = source.encode() if isinstance(source, str) else source
    return parsed(data, ".eml").text.removeprefix("From: a@b.c\n")


def part(kind: str, body: str, head: str = "") -> str:
    return f"Content-Type: {kind}\n{head}\n{body}\n"


def multi(kind: str, *parts: str, line: str = "y") -> str:
    body = "".join(f"--{line}\n{one}" for one in parts)
    return f"Content-Type: multipart/{kind}; boundary={line}\n\n{body}--{line}--\n"


PICTURE = part("application/pdf; name=a.pdf", "x")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (multi("alternative", part("text/plain", "plain"), multi(
            "mixed", part("text/html", "<p>first"), PICTURE, part("text/html", "<p>second"),
            line="z")), "first\nsecond"),
        (multi("alternative", part("text/html", "<p>page"), part("text/plain", "plain")), "page"),
        (multi("mixed", part("text/plain", "Body"), part("text/plain; name=a.txt", "beside")),
         "Body\nbeside"),
        (multi("related", part("text/html", "<link rel=stylesheet href='cid:s'>a<p class=x>no"),
               part("text/css", ".x { display: none }", "Content-ID: <s>\n")), "a"),
        ("Content-Type: multipart/mixed\n\nno boundary", "no boundary"),
        ("Content-Type: multipart/mixed; boundary=q\n\nno part", "no part"),
        ("Content-Type: text/plain charset=utf-8\n\nwords", "words"),
        ("Content-Type: text/plain\nContent-Disposition: attachment\n\nwords", "words"),
        ("Content-Type: text/plain; format=flowed\n\n> one \n> two\nthree \nfour\n From\n"
         "-- \nAnn", "> one two\nthree four\nFrom\n-- \nAnn"),
        ("Content-Type: text/plain; charset=windows-874\nContent-Transfer-Encoding: "
         "quoted-printable\n\n=CA=C7=D1=CA", "สวัส"),
        ("To: A <a@x.y>, B <b@x.y>; c@x.y\n\nx", "To: A <a@x.y>, B <b@x.y>; c@x.y\nx"),
    ],
    ids=["page-in-parts", "page-first", "named-text", "style-sheet", "no-boundary", "no-part",
         "no-semicolon", "all-attached", "flowed", "thai", "semicolon"],
)  # fmt: skip
def test_mail_shows_what_mail_programs_show(source: str, said: str) -> None:
    assert shown(HEAD + source) == said


def test_mail_leaves_out_of_several_forms_only_what_another_tells() -> None:
    inner = multi("mixed", part("text/html", "<p>page"), PICTURE, line="z")
    calendar = part("text/calendar", "BEGIN:VCALENDAR")
    found = parsed((HEAD + multi("alternative", inner, calendar)).encode(), ".eml")
    assert found.text.endswith("page")
    assert found.notes == ("the attachment a.pdf was left out; save it, and open it by itself",)


def test_mail_page_tells_its_own_encoding() -> None:
    page = "<meta charset=windows-1251><p>Привет".encode("cp1251")
    assert shown(f"{HEAD}Content-Type: text/html\n\n".encode() + page) == "Привет"


def test_mail_in_utf_16_or_with_a_false_encoding_is_read() -> None:
    body = multi(
        "mixed", part("text/plain; charset=iso-8859-1", "Grüße, Łódź"),
        part("text/plain; charset=iso-8859-1", "Gr=FC=DFe",
             "Content-Transfer-Encoding: quoted-printable\n"),
    )  # fmt: skip
    for encoding in ("utf-16", "utf-16-le", "utf-8"):
        assert shown((HEAD + body).encode(encoding)) == "Grüße, Łódź\nGrüße"


def test_encodings_by_the_names_that_browsers_know() -> None:
    for name, codec, words in (
        ("x-sjis", "cp932", "日本①"), ("windows-949", "cp949", "안녕"),
        ("koi8-ru", "koi8-u", "Привіт"),
        ("iso-8859-8-i", "iso8859-8", "שלום"), ("x-mac-cyrillic", "mac_cyrillic", "Привет"),
    ):  # fmt: skip
        page = f"<meta charset={name}>{words}".encode(codec)
        assert html_source(page)[0].endswith(words)
    japanese = b"\x1b$BF|\x1b(B a \x1b$B-!\x1b(B b \x1b(I1\x1b(B"
    mail = f"{HEAD}Content-Type: text/plain; charset=iso-2022-jp\n\n".encode()
    assert shown(mail + japanese) == "日 a ① b ｱ"


def test_mail_names_its_pictures_once_and_no_signatures() -> None:
    source = HEAD + multi(
        "signed",
        multi("related", part("text/html", "<p>Body<img src=cid:a>"),
              part("image/png; name=a.png", "x"), part("image/gif; name=b.gif", "x"), line="z"),
        part("application/pkcs7-signature; name=smime.p7s", "x"),
    )  # fmt: skip
    found = parsed(source.encode(), ".eml")
    assert found.text == "From: a@b.c\nBody"
    assert found.notes == ("pictures were left out, as their words are not read: a.png, b.gif",)


def test_mail_shows_texts_that_are_attached_below_their_names() -> None:
    attached = "Content-Disposition: attachment; filename={}\n".format
    source = HEAD + multi(
        "mixed", part("text/plain", "Body"),
        part("text/plain; charset=cp1252", "Of a\n\nfile", attached("notes.txt")),
        part("application/octet-stream", "BEGIN:VCARD\nFN:Ann\nTEL:12\nEND:VCARD",
             attached("ann.vcf")),
        part("text/csv", "Port;Year\nOslo;1904\nRiga;1911", attached("ports.dat")),
        part("text/vcard", "nothing", attached("no.vcf")),
        part("text/plain", "no", attached("a.pdf")),
    )  # fmt: skip
    found = parsed(source.encode(), ".eml")
    assert found.text.split("\n")[1:] == [
        "Body", "notes.txt", "Of a", "file", "ann.vcf", "Ann", "Phone: 12", "ports.dat",
        "Port, Year", "Oslo, Year: 1904", "Riga, Year: 1911",
    ]  # fmt: skip
    assert [note.split()[2] for note in found.notes] == ["no.vcf", "a.pdf"]


def test_mail_shows_why_another_was_not_delivered() -> None:
    status = "Reporting-MTA: dns; mx.x.y\n\nFinal-Recipient: rfc822; bob@x.y\nAction: failed\n"
    head = part("text/rfc822-headers", "Received: no\nSubject: Hello\nTo: bob@x.y")
    for kind in ("delivery-status", "disposition-notification"):
        source = HEAD + multi("report", part("text/plain", "Sorry"),
                              part(f"message/{kind}", status), head)  # fmt: skip
        lines = shown(source).split("\n")
        assert (lines[0], lines[1], lines[-2:]) == (
            "Sorry", "Reporting-MTA: dns; mx.x.y", ["Subject: Hello", "To: bob@x.y"]
        )  # fmt: skip


def test_mail_that_is_encrypted_says_so() -> None:
    parts = part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")
    for body in (multi("encrypted", *parts), part("application/pkcs7-mime; name=smime.p7m", "x")):
        (note,) = parsed((HEAD + body).encode(), ".eml").notes
        assert note.startswith("its text is encrypted")


def test_saved_web_page_in_one_file_is_read_as_a_page() -> None:
    sheet = part("text/css", ".no { display: none }", "Content-Location: cid:s@mhtml.blink\n")
    page = "<link rel=stylesheet href=cid:s@mhtml.blink><h1>Harbour</h1><p class=no>no</p>"
    source = "From: <Saved by Blink>\nSubject: no\nMIME-Version: 1.0\n" + multi(
        "related", part("text/html", page), sheet, part("image/png", "x")
    )
    for suffix in (".mhtml", ".mht"):
        found = parsed(source.encode(), suffix)
        assert (found.text, found.notes) == ("Harbour", ())
