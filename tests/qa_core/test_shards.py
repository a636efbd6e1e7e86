"""Which rows are in which shard, and where shards lie."""

import json
from pathlib import Path

import fsspec
import pytest

from qa_core.bulk import shards
from qa_core.bulk.places import Folder, brought_here, files_of
from qa_core.bulk.scoring import combined, totals
from qa_core.bulk.shards import DONE, BulkJob, Shard, begin, shards_of
from qa_core.data.squad import read_questions
from qa_core.errors import DataError


def job(tmp_path: Path, *files: Path, rows: int = 4) -> BulkJob:
    return BulkJob(tuple(map(str, files)), str(tmp_path / "out.jsonl"), ".jsonl", 3, "skip", rows)


def row(number: int, **more: object) -> str:
    text = f"{number} came."
    return json.dumps({"id": f"{number}", "question": "Who?", "context": text, **more}) + "\n"


def test_rows_are_checked_as_in_one_file_and_each_is_in_one_shard(tmp_path: Path) -> None:
    source = tmp_path / "asked.jsonl"
    source.write_text("".join(map(row, [*range(6), 2, *range(6, 11)])) + '{"id": "\\ud800"}\n')
    found = list(shards_of(job(tmp_path, source), 0))
    questions, _, bad = read_questions(source, on_bad="skip")
    assert [one for shard in found for one in shard.questions] == questions
    assert [one for shard in found for one in shard.bad] == bad
    assert [one.expected for one in bad] == ["ids that are unique", "context as a string"]
    assert [len(shard.questions) for shard in found] == [4, 4, 3]
    assert [shard.name for shard in found] == [f"part-00000-00000{n}" for n in range(3)]
    assert [Shard.unpacked(shard.packed()) for shard in found] == found


def test_long_texts_end_a_shard_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "CHARACTERS", 100)
    monkeypatch.setattr(shards, "CHUNK", 2)
    source = tmp_path / "asked.jsonl"
    source.write_text("".join(row(n, context="long " * 15) for n in range(5)))
    found = shards_of(job(tmp_path, source, rows=100), 0)
    assert [len(shard.questions) for shard in found] == [2, 2, 1]


@pytest.mark.parametrize("answers", [["", "", "2"], ["", "", ""], ["0", "", ""]])
def test_places_for_answers_that_are_all_empty_are_no_answers(
    tmp_path: Path, answers: list[str]
) -> None:
    source = tmp_path / "asked.jsonl"
    source.write_text("".join(row(n, answer=answer) for n, answer in enumerate(answers)))
    (found,) = shards_of(job(tmp_path, source), 0)
    assert found.golds == read_questions(source)[1]
    assert bool(found.golds) == any(answers)


def test_finished_shards_come_empty(tmp_path: Path) -> None:
    source = tmp_path / "asked.jsonl"
    source.write_text("".join(map(row, range(10))))
    work = job(tmp_path, source)
    Folder(work.target).write(f"{DONE}/part-00000-000001.json", b"{}")
    assert [len(shard.questions) for shard in shards_of(work, 0)] == [4, 0, 2]


def test_a_run_is_gone_on_with_as_it_was_begun(tmp_path: Path) -> None:
    source = tmp_path / "asked.jsonl"
    source.write_text(row(1))
    begin(job(tmp_path, source), {"reader": "m@1"}, resume=False)
    begin(job(tmp_path, source), {"reader": "m@1"}, resume=True)
    with pytest.raises(DataError, match="add --resume"):
        begin(job(tmp_path, source), {"reader": "m@1"}, resume=False)
    source.write_text(row(1) + row(2))
    with pytest.raises(DataError, match="expected the files, reader that it was begun with"):
        begin(job(tmp_path, source), {"reader": "m@2"}, resume=True)
    foreign = BulkJob((str(source),), str(tmp_path), ".jsonl")
    with pytest.raises(DataError, match="expected a new folder, or one that predict made"):
        begin(foreign, {}, resume=True)


def test_files_are_found_here_and_at_urls(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "_done/c.csv", ".hidden"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    wanted = [str(tmp_path / "data" / name) for name in ("a.csv", "b.csv")]
    assert files_of(str(tmp_path / "data")) == files_of(str(tmp_path / "data/*.csv")) == wanted
    assert files_of(f"file://{tmp_path}/data/b.csv") == wanted[1:]
    for source in ("nowhere", "no*where"):
        with pytest.raises(DataError, match=r"expected a file, a folder of files or a pattern"):
            files_of(str(tmp_path / source))
    with pytest.raises(DataError, match="a URL that fsspec opens"):
        files_of("carrier-pigeon://coop/asked.csv")

    fsspec.filesystem("memory").pipe_file("/asked/a.csv", b"far away")
    (url,) = files_of("memory://asked/*.csv")
    with brought_here(url) as copy:
        assert copy.read_bytes() == b"far away"
    assert not copy.exists()
    folder = Folder("memory://out")
    folder.write("deep/part", b"1")
    assert (folder.read("deep/part"), folder.read("none")) == (b"1", None)
    assert (folder.names(), folder.names("deep")) == ({"deep"}, {"part"})


def test_scores_of_parts_are_those_of_the_whole() -> None:
    golds = {"a": ("x y",), "b": (), "c": ("z",), "d": (), "e": ("w",)}
    answers = [("a", "x"), ("b", "x"), ("c", "z"), ("d", ""), ("e", "v")]
    parts = (
        totals(answers[:1], golds),
        totals(answers[1:2], golds),
        None,
        totals(answers[2:], golds),
    )
    assert combined(*parts) == pytest.approx(totals(answers, golds))
    assert combined(None, None) is None
