"""Re-training in a process of its own."""

import time
from pathlib import Path

import psutil
import pytest

from annotation.learning.background import (
    Background,
    Course,
    Ending,
    course_in,
    ending_in,
    progress_in,
)
from qa_core.errors import ModelError


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", None),
        ("reading with bundled ...", None),
        ("learning from 9 reviews and 9 others ...\ndevice cpu", 0.0),
        ("learning from 9 ...\nstep 5/20  loss 1\nstep 10/20  loss 1", 0.5),
        ("learning from 9 ...\nstep 20/20  loss 1\ncalibrating ...", None),
        ("verifier:  25%|██▌       | 1/4 [00:08<00:24,  8.00s/ fits]", 0.25),
        ("64 reviewed answers, 9 accepted; cross-validated:", None),
    ],
)
def test_the_log_tells_how_far_it_is(said: str, expected: float | None) -> None:
    assert progress_in(said) == expected


LOG = (
    "reading with v1 ...\nlearning from 9 reviews and 9 others ...\nstep 5/20  loss 1  4 min left\n"
)


@pytest.mark.parametrize(
    ("said", "course", "ending"),
    [
        ("", Course(None, None, None), Ending("stopped", "")),
        ("reading with v1 ...\n", Course(0, None, None), Ending("stopped", "")),
        (LOG, Course(1, 0.25, 4), Ending("stopped", "")),
        (f"{LOG}calibrating ...", Course(2, None, None), Ending("stopped", "")),
        (
            f"{LOG}publishing the candidate ...\nv2 serves now; `x` undoes it\n",
            Course(4, None, None),
            Ending("promoted", "v2 serves now"),
        ),
        (
            f"{LOG}judging ...\nv2 stays a candidate: a loss of 2.0\nnote: x",
            Course(3, None, None),
            Ending("candidate", "v2 stays a candidate: a loss of 2.0"),
        ),
        ("error: expected y", Course(None, None, None), Ending("failed", "error: expected y")),
        ("not used: z", Course(None, None, None), Ending("verifier", "not used: z")),
    ],
)
def test_the_log_tells_its_stage_and_how_it_ended(
    said: str, course: Course, ending: Ending
) -> None:
    assert course_in(said) == course
    assert ending_in(said) == ending


def test_what_is_stopped_changes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    background = Background()
    with pytest.raises(ModelError, match="started on this page"):
        background.stop()
    background.start()
    assert background.is_own()
    assert background.ending() is None
    background.stop()
    assert not background.running()
    assert background.course() is None
    assert background.ending() == Ending("stopped", "")
    background.log.write_text(LOG)
    assert background.ending() == Ending("stopped", "")
    with Background().versions.training():
        assert not background.is_own()  # another process's
        with pytest.raises(ModelError, match="started on this page"):
            background.stop()


def test_of_a_bar_only_its_last_state_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    background = Background()
    background.log.parent.mkdir(parents=True)
    background.log.write_bytes(b"began\n\r 0/4 [\r 1/4 [\n")
    assert background.said() == "began\n 1/4 [\n"


def test_one_runs_at_a_time_and_says_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    background = Background()
    assert (background.running(), background.said(), background.ending()) == (False, "", None)
    background.start()
    assert background.running()
    assert background.doing() == "retrain"
    with pytest.raises(ModelError, match="under way"):
        background.start()
    assert background._process is not None
    child = psutil.Process(background._process.pid)
    while not child.environ():  # the kernel fills it in a moment after the program is begun
        time.sleep(0.01)
    assert child.environ()["OMP_WAIT_POLICY"] == "passive"
    assert background._process.wait() == 1  # there are no reviews
    assert not background.running()
    assert "error: expected decided reviews" in background.said()
    with Background().versions.training():
        assert background.running()  # another process's
        assert background.doing() == "retrain"
        with pytest.raises(ModelError, match="under way"):
            background.start("verifier")
    background.start("verifier")
    assert background.doing() == "verifier"
    assert background._process.wait() == 1
    assert "error: expected at least 6 accepted" in background.said()
