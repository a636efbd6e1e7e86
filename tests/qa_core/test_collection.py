"""Many documents and long ones: found, ranked, placed, kept or not, with the bundled reader."""

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from qa_core.collection import collection as module
from qa_core.collection import promising, shelf
from qa_core.collection.collection import Collection, sentence
from qa_core.collection.passages import Index, Passages, Place, question_ids, words
from qa_core.errors import DataError, InputError
from qa_core.inference.answer import Answer, Span
from qa_core.inference.reader import Reader
from qa_core.inference.windows import Windower
from qa_core.models.record import WindowSizes
from tests.support import tiny
from tests.support.commands import spanloop
from tests.support.files import docx, pdf

HARBOUR = "The harbour is old. It was opened by Ines Soto in 1904. It holds 240 boats."
BAKERY = "The bakery in Elm Street was founded by Rosa Lind in 1932. It closes at noon."
MILL = pdf("The mill is idle.", "Olga Berg runs the mill.")
WHO = "Who founded the bakery in Elm Street?"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(bundled=True, threads=1)


def filler(characters: int) -> str:
    """Sentences that are all different and answer nothing of what is asked here."""
    lines = (
        f"Parcel {n} weighs {n % 97} pounds and lies on shelf {n % 13}. " for n in range(10**6)
    )
    text = ""
    while len(text) < characters:
        text += next(lines)
    return text


def test_the_document_that_answers_comes_first_with_page_and_sentence(
    reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mill.pdf").write_bytes(
        pdf("The mill is idle.", "Olga Berg runs the mill.")
    )
    (tmp_path / "bakery.docx").write_bytes(docx(BAKERY))
    (tmp_path / "empty.txt").write_bytes(b" ")
    (tmp_path / ".hidden.txt").write_text("Hidden.")
    (tmp_path / "data.bin").write_bytes(b"\0")
    collection = Collection(reader)
    assert collection.add(tmp_path) == ["bakery.docx", "sub/mill.pdf"]
    assert list(collection.unread) == [tmp_path.name, "empty.txt"]
    assert collection.unread[tmp_path.name] == "files of kinds that are not read: .bin (1)"
    assert collection.add(HARBOUR, name="harbour") == ["harbour"]

    found = collection.answer(WHO)
    assert found.answerable
    assert [one.probability for one in found.found] == sorted(
        (one.probability for one in found.found), reverse=True
    )
    first = found.found[0]
    assert (first.document, first.page, first.answer.text) == ("bakery.docx", None, "Rosa Lind")
    assert first.sentence == BAKERY.split(". ")[0] + "."
    assert found.no_answer == pytest.approx(1 - first.probability)
    assert found.no_answer < 0.5
    mill = collection.answer("Who runs the mill?").found[0]
    assert (mill.document, mill.page, mill.answer.text) == ("sub/mill.pdf", 2, "Olga Berg")
    text = collection.document("sub/mill.pdf").text
    assert text[mill.answer.start : mill.answer.end] == "Olga Berg"


def test_an_odd_folder_is_read_and_what_is_left_out_is_said(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("a.txt", "sub/copy.txt", ".hidden.txt", ".git/note.txt"):
        (tmp_path / name).write_text(BAKERY)
    (tmp_path / "we\nird \U0001f600.txt").write_text(HARBOUR)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "old.doc").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    collection = Collection(reader)
    assert collection.add(tmp_path) == ["a.txt", "we\ufffdird \U0001f600.txt"]
    said = collection.unread
    assert said["sub/copy.txt"] == "its text is that of a.txt, too, and is read once"
    assert said["loop"] == "a link to a folder; name that folder itself"
    assert said["gone.txt"] == "no file, or a link to none"
    assert said[tmp_path.name] == "files of kinds that are not read: .doc (1)"
    assert said["broken.pdf"].startswith("broken.pdf: expected a PDF that is sound")
    assert len(said) == 5
    for name in ("a.txt", "sub/copy.txt", "we\nird \U0001f600.txt"):
        (tmp_path / name).unlink()
    with pytest.raises(
        InputError, match=r"that can be read \(of 1, the first: broken.pdf: expected"
    ):
        Collection(reader).add(tmp_path)


def test_what_no_document_says_is_an_answer_with_a_probability(reader: Reader) -> None:
    collection = Collection(reader)
    collection.add(HARBOUR, "harbour")
    collection.add(BAKERY, "bakery")
    found = collection.answer("Who stole the moon?")
    assert not found.answerable
    assert found.no_answer > 0.5
    assert all(one.answer.text == "" for one in found.found)
    assert all(one.sentence for one in found.found)


def test_documents_come_and_go(reader: Reader) -> None:
    collection = Collection(reader)
    with pytest.raises(InputError, match="expected a document, found none"):
        collection.answer(WHO)
    assert collection.add(HARBOUR) == ["text 1"]
    assert not collection.answer(WHO).answerable
    collection.add(BAKERY, "bakery")
    assert collection.answer(WHO).found[0].document == "bakery"
    with pytest.raises(InputError, match="a name of its own, found 'bakery' again"):
        collection.add(HARBOUR, "bakery")
    collection.remove("bakery")
    assert collection.names == ["text 1"]
    assert not collection.answer(WHO).answerable
    with pytest.raises(InputError, match="expected the name of a document, found 'bakery'"):
        collection.remove("bakery")
    with pytest.raises(InputError, match="expected some text"):
        collection.add(" ")
    collection.add("\u200b", "blank")
    assert not collection.answer(WHO, exhaustive=True).answerable


def test_a_long_text_is_read_where_it_promises_most(reader: Reader) -> None:
    text = filler(60_000) + BAKERY + " " + filler(60_000)
    collection = Collection(reader)
    collection.add(text, "long")
    found = collection.answer(WHO)
    (first,) = found.found
    assert first.answer.text == "Rosa Lind" == text[first.answer.start : first.answer.end]
    assert first.sentence == BAKERY.split(". ")[0] + "."
    assert found.passages > 100
    assert found.read <= promising.ROUND
    unsaid = collection.answer("Who stole the moon?")
    assert promising.ROUND < unsaid.read <= promising.budget(unsaid.passages) < 20
    for one in (found, unsaid):
        for span in one.found[0].answer.alternatives:
            assert text[span.start : span.end] == span.text


def test_read_whole_a_text_gives_what_the_reader_gives(reader: Reader) -> None:
    text = filler(2_000) + BAKERY + " " + filler(2_000) + HARBOUR
    collection = Collection(reader)
    collection.add(text, "text")
    for question in (WHO, "Who opened the harbour?", "How many boats does the harbour hold?"):
        ours = collection.answer(question, exhaustive=True)
        assert ours.read == ours.passages
        theirs = reader.answer(question, text)
        answer = ours.found[0].answer
        assert (answer.text, answer.start) == (theirs.text, theirs.start)
        assert answer.confidence == pytest.approx(theirs.confidence, abs=0.1)


def test_passages_hold_every_token_with_room_for_a_question() -> None:
    windower = Windower(tiny.wordpiece(), WindowSizes(30, 4, 8))
    text = "The harbour was opened in 1904 by the mayor. " * 20
    passages = Passages.of(text, windower)
    asked = question_ids("Who opened the harbour? How many boats does it hold?", windower)
    assert len(asked) > 8
    held = np.zeros(len(passages.ids), bool)
    for number in range(len(passages)):
        held[passages.begins[number] : passages.stops[number]] = True
        piece, first, windows = passages.window(number, asked, windower)
        assert text[first : first + len(piece)] == piece
        assert int(windows.lengths[0]) <= 30
        assert windows.question_cut
        start, end = passages.bounds(number)
        assert text[start:end] == piece[start - first : end - first]
    assert held.all()
    shared = passages.stops[:-1] - passages.begins[1:]
    assert (shared >= 4).all()


def test_the_index_finds_shared_words_of_any_script() -> None:
    windower = Windower(tiny.wordpiece(), WindowSizes(30, 4, 8))
    contexts = ("boats and boats", "東京は日本の首都です。", "?!")
    texts = [Passages.of(one, windower) for one in contexts]
    index = Index(texts)
    assert index.ranked("日本の首都は?")[0].text == 1
    assert index.ranked("BOATS?")[0].text == 0
    assert [one.text for one in index.ranked("?")] == [0, 1, 2]
    assert Index(texts[2:]).ranked("boats") == [Place(0, 0)]
    assert words("Zoë's 東京 x1") == ["zoë", "s", "東", "京", "x1"]


def test_answers_of_passages_become_one_of_the_text() -> None:
    def answer(text: str, start: int, score: float, *more: Span) -> Answer:
        end = start + len(text)
        return Answer(text, start, end, score, 0.5, 0.0, bool(text), more, (), "m", 0.5, 0.5)

    near = Span("Ada", 0, 3, 1.0, 0.2)
    said = promising.moved(answer("Bob", 5, 3.0, near), 100)
    assert (said.start, said.end, said.alternatives[0].start) == (105, 108, 100)
    again = answer("Bob", 105, 2.0, Span("Eve", 300, 303, 0.5, 0.1))
    one = promising.merged([again, said], 2)
    assert (one.text, one.score) == ("Bob", 3.0)
    assert [(span.text, span.start) for span in one.alternatives] == [("Ada", 100), ("Eve", 300)]
    unsaid = promising.merged([answer("", 0, 3.0, near), again], 2)
    assert (unsaid.text, [span.text for span in unsaid.alternatives]) == ("", ["Ada", "Bob"])


def test_the_sentence_around_an_answer_is_one_even_in_a_long_line() -> None:
    text = "x" * 10_000 + ". " + HARBOUR
    at = text.index("Ines")
    assert sentence(text, at, at + 9) == "It was opened by Ines Soto in 1904."
    assert sentence("", 0, 0) == ""


def test_private_documents_leave_no_trace_and_others_are_read_once(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, path = tmp_path / "home", tmp_path / "mill.pdf"
    monkeypatch.setenv("SPANLOOP_HOME", str(home))
    path.write_bytes(MILL)
    Collection(reader).add(path)
    assert not home.exists()
    Collection(reader, private=False).add(path)
    (kept,) = (home / shelf.FOLDER).iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    def unwanted(*_: object) -> None:
        raise DataError("read again")

    with monkeypatch.context() as patched:
        patched.setattr(module, "read_bytes", unwanted)
        again = Collection(reader, private=False)
        again.add(path, "mill")
        found = again.answer("Who runs the mill?").found[0]
        assert (found.answer.text, found.page) == ("Olga Berg", 2)
        for damaged in (b"damaged", kept.read_bytes()[:-50]):
            kept.write_bytes(damaged)
            with pytest.raises(DataError, match="read again"):
                Collection(reader, private=False).add(path)
        path.write_bytes(pdf("Another text."))
        with pytest.raises(DataError, match="read again"):
            Collection(reader, private=False).add(path)


def test_ask_takes_a_folder_several_files_and_a_long_one(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    mill, bakery = tmp_path / "docs" / "mill.pdf", tmp_path / "docs" / "bakery.txt"
    mill.write_bytes(MILL)
    bakery.write_text(BAKERY)
    done = spanloop("ask", "--question", "Who runs the mill?", "--context", tmp_path / "docs")
    first, second = done.stdout.decode().splitlines()[:2]
    assert first.startswith("Olga Berg  ("), done.stderr
    assert first.endswith("; mill.pdf, page 2)")
    assert second == "  Olga Berg runs the mill."
    done = spanloop(
        "ask", "--question", WHO, "--context", mill, "--context", bakery, "--json"
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["answerable"]
    assert said["documents"][0]["document"] == str(bakery)
    assert said["documents"][0]["text"] == "Rosa Lind"
    long = tmp_path / "long.txt"
    long.write_text(filler(30_000) + BAKERY)
    done = spanloop("ask", "--question", WHO, "--context", long)
    assert done.stdout.decode().startswith("Rosa Lind  ("), done.stderr
