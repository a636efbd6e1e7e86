"""The two readers that come with SpanLoop."""

import pytest

from qa_core.errors import InputError
from qa_core.inference.reader import Reader
from qa_core.models.folder import SIZES, bundled_model, resolve_model
from qa_core.models.versions import Versions

LEASE = (
    "The rent is 950 euros a month, due on the third working day. The deposit is three months' "
    "rent. Pets need the landlord's written consent. Either side may end the lease with three "
    "months' notice."
)
MAIL = (
    "Hi all,\nthe summer party moves to Friday, 12 July, because the terrace is being repaired. We "
    "meet at 6 pm behind the canteen. Please tell Marta by Wednesday whether you bring salad or "
    "cake.\nTom"
)
QUESTIONS = [
    ("how much is the rent?", LEASE, "950 euros"),
    ("Who must agree before I get a dog?", LEASE, "landlord"),
    ("Who is the landlord's lawyer?", LEASE, None),
    ("why was the party moved", MAIL, "terrace is being repaired"),
    ("Where do we meet?", MAIL, "behind the canteen"),
    ("How much does the party cost?", MAIL, None),
]


@pytest.fixture(scope="module")
def base() -> Reader:
    return Reader.load("base")


@pytest.mark.parametrize(("question", "text", "wanted"), QUESTIONS)
def test_the_larger_reader_answers_everyday_questions(
    base: Reader, question: str, text: str, wanted: str | None
) -> None:
    answer = base.answer(question, text)
    assert answer.answerable == (wanted is not None)
    assert wanted is None or wanted in answer.text
    assert text[answer.start : answer.end] == answer.text or not answer.answerable


def test_each_size_is_a_model_by_name(base: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Reader.load("small")
    assert small.model != base.model
    assert all(reader.calibrated for reader in (base, small))
    assert [resolve_model(size) for size in SIZES] == [bundled_model(size) for size in SIZES]
    assert Reader.load(bundled=True).model == small.model  # as the tests' settings say
    monkeypatch.setenv("SPANLOOP_READER", "base")
    assert bundled_model() == bundled_model("base")
    assert Versions().intact()[1] == bundled_model("base")
    monkeypatch.setenv("SPANLOOP_READER", "huge")
    with pytest.raises(InputError, match="SPANLOOP_READER: expected 'base' or 'small'"):
        bundled_model()
