"""Every string of the page itself; an error's words stand where it is raised.

Plain text: `page.html` makes HTML of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qa_core.bulk.upload import MAX_BYTES as MAX_BATCH_BYTES
from qa_core.bulk.upload import MAX_QUESTIONS as MAX_ROWS
from qa_core.text.documents import MAX_BYTES as MAX_FILE_BYTES
from qa_core.text.documents.kinds import FAMILIES

if TYPE_CHECKING:
    from annotation.argilla.sync import PullReport, PushReport
    from qa_core.data.examples import BadRow

# Everywhere

NAME = "SpanLoop"
LOADING = "Loading…"
TABS = {"ask": "Ask", "batch": "Batch", "accuracy": "Accuracy", "review": "Review"}
TAGLINE = (
    "Ask questions about your text. SpanLoop highlights the answer in it, or tells you that the"
    " text has none."
)
ABOUT_ANSWERS = (
    "Where answers come from",
    "Every answer is a piece of your text, word for word. Nothing is made up.",
)
ABOUT_CONFIDENCE = (
    "How reliable is it?",
    "On 18 kinds of everyday text that the reader was not trained on, its confidence was off by"
    " about 4 points at most. Other texts can be harder.",
)


def about_privacy(*, keeps: bool) -> tuple[str, str]:
    """What becomes of a text. keeps: whether uncertain answers are saved for review."""
    if not keeps:
        return "Your text", (
            "Your text goes to the machine that runs this page and nowhere else. It is not saved."
        )
    return "Your text", (
        "Your text goes to the machine that runs this page. It is saved only with uncertain answers"
        " and answers that you judge, so that people can review them. Nothing that you mark as"
        " private is saved."
    )


def count(number: int, what: str) -> str:
    """ "1 question", "2 questions"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def sentences(said: Sequence[str]) -> str:
    """Several messages as one text."""
    return " ".join(f"{one.rstrip('.')}." for one in said)


def cut(text: str, length: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= length else f"{text[:length].rstrip()} …"


def duration(seconds: float) -> str:
    """A duration, rounded as people say it."""
    if seconds < 90:
        return count(max(1, round(seconds)), "second")
    return count(round(seconds / 60), "minute")


def percent(probability: float) -> str:
    """A probability as a visitor reads it; never "0%" or "100%", which nothing here deserves."""
    if probability < 0.01:
        return "under 1%"
    if probability > 0.99:
        return "over 99%"
    return f"{probability:.0%}"


# How sure words sound, from which probability on: the level, for an answer, and for none.
_SURE = (
    (0.9, "high", "Very likely right", "Not in {where}."),
    (0.7, "good", "Likely right", "Probably not in {where}."),
    (0.5, "fair", "Uncertain", "Maybe not in {where}."),
    (0.0, "low", "Very uncertain", "Unclear whether {where} {say}."),
)
LEVELS = tuple(least for least, *_ in _SURE)  # where the words change


def _sure(probability: float) -> tuple[float, str, str, str]:
    return next((row for row in _SURE if probability >= row[0]), _SURE[-1])


def confidence(probability: float) -> tuple[str, str]:
    """(level, words) for a confidence; the level names the look, louder the less sure it is."""
    _, level, words, _ = _sure(probability)
    return level, words


def no_answer(probability: float, *, several: bool = False) -> str:
    """That there is no answer, as firmly as the probability of it allows.

    several: whether several files were asked.
    """
    where, say = ("the files", "say") if several else ("the text", "says")
    return _sure(probability)[-1].format(where=where, say=say)


# Ask: the form

TEXT = "Your text"
TEXT_HINT = "Paste an article, a contract or a chat, or drop files here …"
EDIT_TEXT, OTHER_TEXT = "Edit the text", "Use another text"
BACK_TO_MARKS = "Back to the answers"
OPEN_FILES = "Open files"
SHOW_FILE = "Show its text"
FILES_GONE = "These files have expired. Open them again."
NO_LINK_TO_FILES = "A link can carry one text, not several files. Copy the answers instead."
OTHER_FILES = "In other files"
READ_ALL = "Read all"
SHOW_PICTURE = "Show the page"
HIDE_PICTURE = "Hide the page"
QUESTION = "Your question"
QUESTION_HINT = "What would you like to know?"
QUESTION_INFO = "To ask several, press Shift+Enter between them."
NEXT_QUESTION = "Add a question"
ASK = "Ask"
CANCEL = "Cancel"
STRICTNESS = "When unsure"
STRICTNESS_INFO = "Lean towards giving an answer, or towards saying that there is none."
MORE, BALANCED, STRICTER = "Answer more", "Balanced", "Be stricter"
PRIVATE = "Keep this private"
PRIVATE_INFO = (
    "Uncertain answers may be saved, with your text, for human review. Private ones are never"
    " saved."
)
EXAMPLES = "Or try an example"
SUGGESTED = "Questions this text answers"
HISTORY = "Asked during this visit"

NO_TEXT = "Paste a text first, or try an example."
NO_QUESTION = "Type a question first."


def too_many_questions(most: int, found: int) -> str:
    return f"You can ask up to {most} questions at once; these are {found}."


def question_too_long(most: int, found: int) -> str:
    return f"A question can have at most {most:,} characters; one has {found:,}. Shorten it."


def text_too_long(most: int, found: int) -> str:
    return f"A text can have at most {most:,} characters; yours has {found:,}. Use a part of it."


def file_kinds(files: int, characters: int) -> str:
    """What can be opened."""
    return (
        f"{FAMILIES}, up to {MAX_FILE_BYTES >> 20} MB each. You can ask up to {files} files at"
        f" once, with {characters:,} characters in all."
    )


def size_of_file(pages: int, characters: int) -> str:
    return f"{count(pages, 'page')}, {characters:,} characters" if pages else (
        f"{characters:,} characters"
    )  # fmt: skip


def as_picture(name: str) -> str:
    return f"{name}, as a picture"


def remove_file(name: str) -> str:
    return f"Remove {name}"


def files_as_one(number: int, characters: int) -> str:
    return f"{number} files, {characters:,} characters"


def files_kept(*, judged: bool) -> str:
    """What becomes of the files. judged: whether answers can be judged."""
    unless = " unless you judge an answer" if judged else ""
    return (
        "Each question is asked of all of them. They stay in memory for an hour at most, and are"
        f" not saved{unless}."
    )


def reading_file(name: str, number: int, of: int) -> str:
    return f"Reading {name} ({number} of {of}) …" if of > 1 else f"Reading {name} …"


def files_opened(names: Sequence[str]) -> str:
    return f"{_listed(names)} opened."


def _listed(files: Sequence[str]) -> str:
    return " and ".join(files) if len(files) < 3 else count(len(files), "file")


def not_opened(names: Sequence[str]) -> str:
    were = "was" if len(names) == 1 else "were"
    return f"{_listed(names)} {were} not opened: the text was changed meanwhile."


def file_is_here(name: str) -> str:
    return f"{name} is already open, perhaps under another name."


def too_many_files(most: int, name: str) -> str:
    return f"{name} was not opened: at most {most} files can be open. Remove one first."


def files_too_long(most: int, found: int, name: str) -> str:
    return (
        f"{name} was not opened: all files together can have at most {most:,} characters, and with"
        f" this one they have {found:,}. Remove one first."
    )


def opened(name: str, pages: int, characters: int, notes: Sequence[str]) -> str:
    """The receipt of a file. notes: what was guessed or left out, a line each."""
    held = f"{pages} pages, " if pages > 1 else ""
    noted = "".join(f" {note[:1].upper()}{note[1:].rstrip('.')}." for note in notes)
    return f"{name}: {held}{characters:,} characters.{noted}"


def asked_before(question: str, others: int, text: str) -> str:
    """A set of questions in the history."""
    more = f" (+ {others})" if others else ""
    return f"{question}{more} · {text} …"


# Ask: the answers

EXAMPLE = "This is an example. Ask something else, or use your own text."
EMPTY = (
    "The answer will appear here, highlighted in your text.",
    "If the text has no answer, SpanLoop says so.",
)
MARKED_TEXT = "The text with the answers marked"
SEARCH_TEXT, PREVIOUS_MARK, NEXT_MARK = "Search the text", "Previous", "Next"
SHOW_IN_TEXT = "Show it in the text"
CONFIDENCE = "Confidence"
TEXT_CHANGED = "The text changed: ask again."
QUESTION_CHANGED = "The question changed: ask again."
CLOSEST = "Closest"
TAKE = "Use as the answer"
ALSO_CONSIDERED = "Also considered"
KEY = "Numbers match the questions."
KEY_ANSWER, KEY_GUESS = "answer", "closest words"
NOT_ENGLISH = (
    "Your text does not seem to be in English. SpanLoop reads English only: do not rely on this"
    " answer."
)
YES_OR_NO = (
    "This is a yes/no question. SpanLoop shows the words of your text that decide it, not “yes” or"
    " “no”."
)
PART_READ = "Part of the text read"
LONG_TEXTS = "long texts"
STOPPED = "Stopped."
STOPPED_HALFWAY = "Stopped. These questions were answered before."


def page_of(number: int | None) -> str:
    return f"page {number}"


def spoken(verdict: str, probability: float) -> str:
    """An answer for those who listen to the page."""
    return f"{verdict.rstrip('.')}. {confidence(probability)[1]}, {percent(probability)}."


def reading(question: str) -> str:
    return f"Reading for “{question}”"


def queued(question: str, number: int) -> str:
    return f"Busy: you are number {number:,} in line for “{question}”"


# Ask: taking answers away

COPY = "Copy"
COPY_LINK, COPY_TEXT, COPY_JSON, COPY_SQUAD = "link", "text", "JSON", "SQuAD"
LINK_COPIED = "Link copied. It contains your text."
LINK_DAMAGED = (
    "This link is damaged: part of it is missing, or something was added to it. Ask for a new one."
)


def copied(what: str) -> str:
    return f"Copied as {what}."


def link_too_long(most: int, found: int) -> str:
    return (
        f"This text is too long for a link: it would take {found:,} characters, and mail programs"
        f" and messengers keep only {most:,}. Shorten the text, or copy the answers instead."
    )


# Ask: why

WHY = "Why this answer?"
WHICH_QUESTION = "Question"
NO_ANSWER_YET = "There is no answer to explain yet. Wait for it, then open this again."
EXPERTS = "Details for experts"
HEAT_TITLE = "Where an answer may begin and end"
HEAT_NOTE = (
    "The model’s probability that an answer begins (left half) or ends (right half) at each token."
    " These are the softmax of its logits, before calibration; the confidence above comes after."
)
ONLY_A_PART = "Only the part of the text that was read together with the answer is shown."
BEGINS, ENDS = "Begins", "Ends"
SCORE_OF_ANSWER = "the answer’s score"
SCORE_OF_NONE = "the score of “no answer”"
GRADIENT_TITLE = "Gradient × input"
LEAVE_OUT_TITLE = "Leave one out"
LEAVE_OUT_ANSWER = "The sentence of the answer stays."


def mattered(words: Sequence[str], *, answered: bool) -> str:
    """Which words of a question mattered, most of all, to its answer or to there being none."""
    what = "this answer" if answered else "finding no answer"
    if not words:
        return f"No single word of your question was decisive for {what}."
    named = [f"“{word}”" for word in words]
    listed = f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else named[0]
    return f"In your question, {listed} mattered most for {what}."


def begins_and_ends(begins: float, ends: float) -> str:
    return f"begins here: {percent(begins)}, ends here: {percent(ends)}"


def likeliest(words: Sequence[tuple[str, float]], none: float) -> str:
    """The likeliest tokens, and the probability of no answer."""
    said = ", ".join(f"“{word}” {percent(probability)}" for word, probability in words)
    return f"{said}; no answer {percent(none)}"


def gradient_note(score: str) -> str:
    return (
        f"How strongly {score} (start plus end logit) would react to a change of each token’s"
        " embedding; all shares sum to 100%."
    )


def leave_out_note(score: str) -> str:
    return (
        f"How many logits {score} falls when a word of the question or a sentence of the text is"
        " taken out."
    )


def logits(value: float) -> str:
    return f"{value:+.1f} logits"


# Ask: was it right?

WAS_IT_RIGHT = "Was this right?"
CORRECT, WRONG, NOT_IN_TEXT = "Correct", "Wrong", "Not in the text"
SELECT_WORDS = "Select the right words"
SEND_LIST = "Send the list"
NOT_YOURS = "Somebody else sent this question before you; only reviewers can delete it."
DELETE = "Delete"
DELETE_NOTE = (
    "What you delete is erased for good from this page’s store. Copies already sent elsewhere, such"
    " as to Argilla, stay there."
)
SELECT_FIRST = "Select the right words in the text first."
SELECT_FIRST_NO_BLANKS = "Select the right words in the text first: only spaces were selected."
FEEDBACK_IS_PRIVATE = (
    "This question is private, and nothing of it was saved. To send your judgment, turn off “Keep"
    " this private”."
)
THANKS = "Thank you."
RIGHT_WORDS = "The right words:"
BEING_KEPT = "being kept for review"


def kept(number: int, of: int, destination: str) -> str:
    """That questions were saved though nobody judged them."""
    are = "is" if number == 1 else "are"
    whose = "This question is" if of == 1 else f"{number} of these questions {are}"
    return f"{whose} {destination}."


def select_in(document: str) -> str:
    return f"Select the right words in {document}: click the answer to open it."


def words_for(number: int | None, *, listed: bool) -> dict[str, str]:
    """What can be done with selected words, by its name. number: of the question, of several.

    listed: whether there is a list for them already.
    """
    of = "" if number is None else f" for question {number}"
    send = f"Right{of}" if of else "These are the right words"
    return {
        "marked": f"{SEND_LIST}{of}" if listed else send,
        "add": f"Add to the list{of}" if listed else f"Add to a list{of}",
    }


def what_you_sent(number: int) -> str:
    return f"What was sent during this visit ({number:,})"


def delete(question: str) -> str:
    return f"Delete “{question}”"


def receipt(number: int, destination: str) -> str:
    return f"Receipt {number}: {destination}."


# Batch

BATCH_FILE = "Your file"
BATCH_SAMPLE = "Or try an example"
BATCH_HINT = (
    "A CSV, Excel, JSON Lines, SQuAD or Parquet file with a question and a context in each row, and"
    " an id if you like. If the rows have the right answers as well, you get a score. For example:"
)
BATCH_LIMITS = (
    f"Up to {MAX_ROWS:,} questions and {MAX_BATCH_BYTES >> 20} MB of text. The file is deleted once"
    " it is read."
)
BATCH_EXAMPLE = (
    "question,context",
    "Who wrote the first program?,Ada Lovelace wrote the first program in 1843.",
)
ANSWER_ALL, CONTINUE, STOP, STOPPING = "Answer all", "Continue", "Stop", "Stopping …"
SHOW = "Show"
ALL, UNCERTAIN, UNANSWERABLE, NOT_AS_EXPECTED = "All", "Uncertain", "Unanswerable", "Wrong"
NONE_IN_TABLE = "– unanswerable –"
DOWNLOADS = {
    "csv": "Download CSV",
    "xlsx": "Download Excel",
    "jsonl": "Download JSON Lines",
    "json": "Download SQuAD",
}
ANSWERS = "Answers"
ANSWER_COLUMNS = ("row", "id", "question", "answer", "confidence, %")
CHOOSE_ROW = "Choose a row to see its answer in the text."
JUDGED_IS_SAVED = "Only the rows that you judge are saved, with their texts, for human review."
EXPECTED, AS_EXPECTED = "Expected:", "Right."
FIRST_QUESTIONS = "The first questions"
FIRST_COLUMNS = ("question", "context")
BAD_COLUMNS = ("row", "id", "reason")
QUESTIONS_ANSWERED = "Questions answered"
BATCH_UNREADABLE = "This file cannot be read."
BATCH_GONE = "This file has expired. Open it again."
BATCH_NO_FILE = "Open a file first."
NO_GOOD_ROW = "no question that can be answered."


def batch_size(questions: int, texts: int) -> str:
    return f"{count(questions, 'question')} on {count(texts, 'text')}."


def filtered(which: str, number: int) -> str:
    """A choice of rows, and how many there are."""
    return f"{which} ({number:,})"


def expected(answers: Sequence[str]) -> str:
    """The right answers of a row."""
    return ", ".join(map(quoted, answers)) or SAYS_NONE


def rows_left_out(number: int) -> str:
    return f"{count(number, 'row')} left out"


def and_more(number: int) -> str:
    return f"… and {number:,} more."


def bad_row(row: BadRow) -> str:
    """Why a row was left out, and how to mend it."""
    name, is_empty, _ = row.expected.partition(" not empty")
    what = f"The {name.removeprefix('the ').removeprefix('an ')} is empty" if is_empty else (
        f"Expected {row.expected}, found {row.found}"
    )  # fmt: skip
    return f"{what}. {row.mend[:1].upper()}{row.mend[1:]}."


def answered_so_far(done: int, total: int, seconds: float | None) -> str:
    left = "" if seconds is None else f", about {duration(seconds)} left"
    return f"{done:,} of {total:,} answered{left}"


def all_answered(total: int, uncertain: int, scores: str) -> str:
    """scores: how right they are, a sentence or nothing."""
    return f"All {total:,} answered, {uncertain:,} of them uncertain. {scores}".rstrip()


def stopped_after(done: int, total: int, trouble: str) -> str:
    why = f"{trouble.rstrip('.')}. " if trouble else ""
    return f"Stopped after {done:,} of {total:,}. {why}Nothing is lost: you can continue."


# Accuracy

MORE_FIGURES = "More: review threshold, plots and scores"
RIGHT_MEANS = (
    "Right means word for word what people expected, or “not in the text” where the text does not"
    " say."
)
KINDS_OF_TEXT = {
    "everyday.test.json.gz": "18 kinds of everyday text that it was not trained on",
    "dev-v2.0.json": "Wikipedia articles (SQuAD 2.0)",
    "dev-v2.0.json.gz": "Wikipedia articles (SQuAD 2.0)",
}
BY_KIND = "How accurate it is on each kind of text"
BY_KIND_COLUMNS = (
    "Kind of text",
    "questions",
    "right",
    "right where at least 80% sure",
    "share of those",
)
THRESHOLD = "Review threshold"
THRESHOLD_INFO = "Answers with a lower confidence would go to people."
GO_TO_PEOPLE, OF_THE_REST, OF_ALL = "go to people", "of the rest", "of all, without review"
NOTHING_LEFT = "nothing is left"
IDEAL = "ideal"
RELIABILITY = "Is the confidence right?"
RELIABILITY_AXES = ("confidence, %", "right, %")
RISK = "Error rate by share answered"
RISK_AXES = ("share answered, most confident first, %", "wrong, %")
BINS, POINTS = "Bins", "Points"
PLOT_COLUMNS = ("line", "x, %", "y, %")
MEASURE_AGAIN = "Measure again"
SCORES_TITLE = "How accurate it is"
SCORES = "Scores"
SCORE_COLUMNS = ("", "questions", "exact match, %", "F1, %")
SCORE_ROWS = (("all questions", ""), ("answerable", "HasAns_"), ("unanswerable", "NoAns_"))
TRUST_TITLE = "How well the confidence separates right from wrong"
TRUST = "Trust"
TRUST_COLUMNS = ("", "ECE", "AUROC", "AURC", "answered at 80% right", "at 90% right")
MEANINGS = (
    ("ECE", "How far the confidence is from the share that is right, on average: 0 is perfect."),
    ("AUROC", "How often a right answer has more confidence than a wrong one: 1 is always, 0.5 is"
              " as often as by chance."),
    ("AURC", "The error rate, averaged over every share of the questions that could be answered,"
             " the surest first: lower is better."),
    ("Answered at 80% right", "How many questions can be answered, the surest first, if 80% of the"
                              " answers must be right."),
)  # fmt: skip
SCORES_NOTE = (
    "In parentheses: 95% intervals. Exact match and F1 are computed as in the official SQuAD 2.0"
    " script."
)
NOT_MEASURED = "Not measured yet."
LISTS = "Answers that are lists"
HOW_TO_MEASURE = (
    "This model has not been evaluated on questions with known answers. Run this command, then"
    " restart the page:"
)
MODEL_CARD = "Model card"
NO_MODEL_CARD = "This model has no model card."


def of_lists(scores: Mapping[str, float]) -> str:
    """How much of the lists the answers give, in words. scores: MultiSpanQA's, as `Report` has."""
    inside, precise, f1, exact = (
        scores[f"Several_{name}"]
        for name in ("overlap_recall", "overlap_precision", "overlap_f1", "em_f1")
    )
    return (
        f"{count(int(scores['Several_total']), 'question')} had a list for an answer. Of an item of"
        f" the right list, {inside:.0f}% was given on average; of an item that was given,"
        f" {precise:.0f}% was right. As MultiSpanQA scores lists: partial F1 {f1:.1f}%, exact F1"
        f" {exact:.1f}%."
    )


def kinds_of_text(data: Sequence[str]) -> str:
    """What was measured on, in words where it is known."""
    return " and ".join(KINDS_OF_TEXT.get(name, name) for name in data)


def on_kind(kind: str) -> str:
    return f"On {kind}"


def right_of_hundred(right: int, data: Sequence[str]) -> str:
    return f"Of 100 answers it gives on {kinds_of_text(data)}, {right} are right."


def right_when_sure(threshold: float, share: float, right: float) -> str:
    return (
        f"Of the answers it is at least {threshold:.0%} sure of, {right:.0%} are right; these are"
        f" {share:.0%} of all."
    )


def right_share(share: float) -> str:
    return f"{share:.1%} right"


def interval(score: str, low: float, high: float) -> str:
    return f"{score} ({low:.1f} to {high:.1f})"


def as_table(title: str) -> str:
    return f"{title} as a table"


def reliability(ours: float, plain: float) -> str:
    """What the reliability diagram shows; expected calibration errors in points of percent."""
    return (
        f"On average, the confidence is {ours:.1f} points away from the share that was right"
        f" (expected calibration error). For the plain softmax that other readers report, it is"
        f" {plain:.1f} points."
    )


def risk(ours: float, plain: float) -> str:
    """What the risk-coverage curves show; shares of the questions in percent."""
    return (
        f"If 80% of the answers must be right, {ours:.0f}% of the questions can be answered without"
        f" people (with the plain softmax, {plain:.0f}%)."
    )


def other_version(measured: str, serving: str) -> str:
    return f"These figures are of version {measured}; the page answers with {serving}."


MEASURE_WITH_COMMAND = "Measure it with the command below."


def measured(questions: int, data: str, date: str) -> str:
    return (
        f"Measured on {questions:,} questions on {data} on {date}."
        " Other kinds of text can be harder."
    )


# Review

LOGIN_TITLE = "Log in to review"
LOGIN_NOTE = "The person who runs this page gives you a name and a password."
LOGIN_NAME, LOGIN_PASSWORD, LOG_IN, LOG_OUT = "Name", "Password", "Log in", "Log out"
ACCEPT, USE_SELECTED, SKIP, UNDO = "Accept", "Use the selected words", "Skip", "Undo"
ADD_SELECTED, LIST_SO_FAR = "Add the selected words to a list", "The list so far"
USE_LIST = "Use the list"
IN_THE_LIST = "These words are in the list already, or some of them."
SHOW_SKIPPED = "Show skipped questions again"
SEND_TO_ARGILLA, FETCH_REVIEWS, OPEN_ARGILLA = "Send to Argilla", "Fetch reviews", "Open Argilla"
REVIEW_KEYS = (("A", "accept"), ("1", "take the first of the other answers"),
               ("W", "use the selected words, or the list"),
               ("L", "add the selected words to a list"), ("N", "not in the text"), ("S", "skip"),
               ("U", "undo"), ("F", "show the whole text"))  # fmt: skip
REASONS = {
    "flagged": "Someone judged it on the page",
    "doubtful": "Low confidence",
    "random": "Drawn at random",
    "imported": "Imported",
}
NO_SUGGESTION = "Nothing is suggested: select the answer, or say that it is not in the text."
REVIEWED = "Reviewed"
ONLY_SKIPPED = "Only skipped questions are left."
NOTHING_TO_REVIEW = "There is nothing to review."
NOTHING_MATCHES = "No question to review matches your filters."
REVIEW_EMPTY = "Uncertain answers, and answers that someone judged, appear here."
REVIEW_TEXT = "The text"
SHOW_ALL_TEXT, SHOW_LESS_TEXT = "Show the whole text", "Show only the sentences around the answers"
OTHER_ANSWERS, NEAREST_ANSWERS = "Other possible answers", "Closest words in the text"
NO_SUCH_ANSWER = "There is no other answer with that number."
CORRECT_BY_SELECTING = "To correct it, select the right words in the text."
NOTE, NOTE_HINT = "Note (optional)", "What the next reviewer should know"
GUIDELINES = "Guidelines"
NOTHING_TO_UNDO = "There is nothing to undo."
REVIEWED_ELSEWHERE = "You have since reviewed this question elsewhere. That review stands."
NO_ARGILLA = "No Argilla server is set up."


def reviewed_by(reviewer: str) -> str:
    return f" reviewed by {reviewer}, "


def to_go(skipped: int) -> str:
    return f" to go, {skipped} skipped" if skipped else " to go"


def review_reason(probability: float, reason: str) -> str:
    if reason == "doubtful":
        return f"Only {percent(probability)} confident."
    return f"{percent(probability)} confident. {REASONS[reason]}."


def unsuggested_reason(reason: str) -> str:
    return f"{REASONS[reason]}."


VISITOR_SAYS, YOU_SAID = "A visitor says:", "You said:"
VISITOR_SAYS_WRONG = "A visitor says that this is wrong."
SAYS_NONE = "not in the text"


def reviewer_says(reviewer: str) -> str:
    return f"{reviewer} says:"


def remove(words: str) -> str:
    return f"Remove from the list: {cut(words, 120)}"


def quoted(words: str) -> str:
    return f"“{words}”"


def answered_meanwhile(reviewers: Sequence[str], name: str) -> str:
    """That a question was reviewed while it was shown. name: of whoever reads this."""
    who = " and ".join("You" if reviewer == name else reviewer for reviewer in reviewers)
    return (
        f"{who} answered this question while it was open here; nothing was saved. Look at that"
        " answer, then choose again or skip."
    )


def reviewers_differ(reviewers: Sequence[str]) -> str:
    return (
        f"Saved. {' and '.join(reviewers)} answered differently: both answers are kept, and another"
        " reviewer decides."
    )


# Review: finding questions

FIND = "Find a question, or change a review"
SEARCH, SEARCH_HINT = "Search", "Words of the question or the text"
WHICH_SHOWN, SHOW_WAITING, SHOW_REVIEWED = "Show", "To review", "Reviewed by you"
SHOW_SPLIT = "Reviewers differ"
SOURCE, KEPT_BECAUSE, VERDICT = "Asked on", "Kept because", "Answer"
ANY = "Any"
VERDICTS = (("Any", ""), ("Found in the text", "yes"), ("Not in the text", "no"))
BELOW = "Confidence below, %"
CLEAR_FILTERS = "Clear filters"
NONE_FOUND = "No question matches."


def found_waiting(number: int, shown: int) -> str:
    first = f"; these are the {shown} least sure" if shown < number else ", the least sure first"
    return f"{count(number, 'question')} to review{first}:"


def found_split(number: int) -> str:
    return f"{count(number, 'question')} on which reviewers differ; one more opinion decides each:"


def found_reviewed(shown: int) -> str:
    return f"{count(shown, 'review')}, the newest first. Choose one to change it:"


ARGILLA = "Argilla"


def argilla_counts(sent: int, unsent: int, pulled: int) -> str:
    back = count(pulled, "answer")
    return f" has {sent} of these questions; {unsent} more will be sent. {back} came back."


def not_sent(problem: str) -> str:
    return f"Not sent yet: {problem}"


def pushed(report: PushReport) -> str:
    said = f"{report.sent} sent, {report.unchanged} already there{_aside(report)}."
    return said + (" The guidelines there were brought up to date." if report.guidelines else "")


def fetched(report: PullReport) -> str:
    return f"{count(report.taken, 'review')} fetched, {report.withdrawn} withdrawn{_aside(report)}."


def _aside(report: PushReport | PullReport) -> str:
    return f", {len(report.set_aside)} set aside" if report.set_aside else ""


# Re-training

TRAINING_TITLE = "Learning from the reviews"
RETRAIN, TRAIN_VERIFIER = "Re-train …", "Train the verifier"
START_RETRAIN, NOT_NOW, STOP_TRAINING = "Start re-training", "Not now", "Stop it"
REVIEWS_SO_FAR = "Reviews since the last training"
TRAININGS = {"retrain": "Re-training", "verifier": "Training the verifier"}
STAGES = {
    "reading": "Read what there is",
    "learning": "Learn",
    "calibrating": "Calibrate",
    "judging": "Compare",
    "publishing": "Publish",
}
VERSION, USE_VERSION, ROLL_BACK = "Version", "Use this version", "Roll back"
COMPARE = "Compare with the serving version"
VERSION_COLUMNS = ("Version", "State", "F1 on the same questions: the version before → this one")
VERSIONS_CHART = "F1 on the regression set, by version"
COMPARED_COLUMNS = ("question", "right answer")
LOG = "Log"
ANSWER_RIGHT, ANSWER_WRONG = "right", "wrong"


def retrain_need(reviewed: int, enough: int) -> str:
    """How many reviews there are, and how many are missing."""
    if reviewed >= enough:
        return f"{reviewed} new reviews: enough to re-train."
    return (
        f"{count(enough - reviewed, 'more review')} until re-training is worthwhile: {reviewed} of"
        f" {enough}."
    )


def retrain_lacks(lacking: int, to_learn: int, to_judge: int, least: int) -> str:
    """Why re-training cannot begin. least: reviews needed of either kind."""
    return (
        f"Re-training needs at least {count(lacking, 'more review')}. It has {min(to_learn, least)}"
        f" of {least} to learn from, and {min(to_judge, least)} of {least} on other texts to be"
        " judged by."
    )


def verifier_lacks(problem: str) -> str:
    return f"The verifier cannot be trained yet: {problem}."


def retrain_confirm(seconds: float | None) -> str:
    took = (
        "It takes some minutes, up to half an hour on a slow machine"
        if seconds is None
        else f"The last one took {duration(seconds)}"
    )
    return (
        f"{took}. Meanwhile this machine answers more slowly. The new version serves only if it is"
        " better than the present one; you can stop it at any time."
    )


def minutes_left(minutes: int) -> str:
    return f"about {count(max(minutes, 1), 'minute')} left"


def share_done(share: float) -> str:
    return f"{share:.0%} done"


def training_ended(kind: str, line: str, serving: str) -> str:
    """How a training ended. line: of its log."""
    if kind == "stopped":
        return f"The last training was stopped before its end. Nothing changed: {serving} serves."
    if kind == "promoted":
        return f"Done: {line.split()[0]} is better and serves now."
    if kind == "candidate":
        name, _, why = line.partition(" stays a candidate: ")
        return f"Done: {name} does not serve, because it did not prove to be better ({why})."
    if kind == "failed":
        return f"It failed and changed nothing: {line.removeprefix('error: ')}"
    return f"Verifier {line}."


def gain(name: str, current: float, candidate: float, low: float, high: float) -> str:
    """F1 of two versions on a data set, and the interval of the difference."""
    return f"{name}: {current:.1f} → {candidate:.1f} ({low:+.1f} to {high:+.1f})"


def took(seconds: float) -> str:
    return f"trained in {duration(seconds)}"


def compared(questions: int, one: str, right: int, other: str, other_right: int) -> str:
    return (
        f"Of {count(questions, 'reviewed question')} that re-training leaves out, {one} (serving)"
        f" answers {right} correctly, and {other} {other_right}. Those where they differ come"
        " first."
    )


NOTHING_TO_COMPARE = "There is no reviewed question to compare on yet."


# The page of static files, which answers in the visitor's browser

ABOUT_PRIVACY_HERE = (
    "Your text",
    "The reader runs in your browser: your text never leaves this machine, and it is not saved.",
)
WEB_DESCRIPTION = "Answers marked in your text, by a reader in your browser"
WEB_NEEDS = (
    "This page needs JavaScript and a web server: opened as a file, it cannot load its reader."
)
WEB_NO_WASM = (
    "Your browser cannot run the reader: WebAssembly with SIMD is missing or turned off. Use a"
    " current browser, or turn it on."
)
WEB_READY = "The reader is ready."
WEB_OPEN_FILE = "Open a file"
WEB_OPEN_FILE_KINDS = "Plain text in UTF-8"
WEB_NO_TEXT = "This file is not plain text in UTF-8: open it elsewhere and paste its text."


def web_loading(done: object, total: object) -> str:
    """done, total: megabytes."""
    return f"Loading the reader: {done:,} of {total:,} MB"


def web_failed(reason: object) -> str:
    return f"The reader cannot be loaded ({reason}). Check the connection and load the page again."


def web_broken(reason: object) -> str:
    return f"The reader failed ({reason}). Load the page again."


# What programs are told, and people where the page shows it

FAILED = "the server failed; its log says where"
NOBODY_WAITS = "nobody waits for this any more"
NOTHING_HERE = "there is nothing here"
NO_ENDPOINT = "there is no such endpoint: /gradio_api/info lists the endpoints and what they take"
NOT_OF_AN_ENDPOINT = (
    "expected the values of an endpoint: /gradio_api/info lists the endpoints and what they take"
)
NO_LIST = "data: expected a list of values, found none"
OTHER_HOST = (
    "expected this machine's own name in Host, found another; to serve others, start SpanLoop with"
    " --host 0.0.0.0"
)
OTHER_ORIGIN = "expected a request from this page, found another's"
TOO_MANY_FILES = "busy: too many files wait to be read; try again later"
MODEL_NOT_MEASURED = "this model is not measured yet: run spanloop evaluate"


def other_values(kind: str) -> str:
    """kind: of the error that the values of a call led to."""
    return (
        f"data: expected values as /gradio_api/info describes them, found others ({kind}); check"
        " their types"
    )


def other_values_of_page(kind: str) -> str:
    return f"data: expected values as the page gives them, found others ({kind})"


def other_number_of_values(expected: int, found: int) -> str:
    return f"data: expected {expected} values, found {found}"


def misfit(where: str, expected: str, found: str) -> str:
    return (
        f"{where}: expected {expected or 'other values'}, found {found}; /gradio_api/info lists the"
        " endpoints and what they take"
    )


def missing_values(needed: int, names: Sequence[str], found: int) -> str:
    return f"data: expected {needed} to {len(names)} values ({', '.join(names)}), found {found}"


def too_large(limit: int) -> str:
    """limit: bytes of a request."""
    return f"expected at most {limit / 2**20:.0f} MB in a request, found more; send it in parts"


def files_waiting(own: int) -> str:
    return f"busy: {own} files of yours wait to be read; try again later"


def too_many_rows(most: int, found: int) -> str:
    return f"rows: expected at most {most} rows, found {found}; send them in parts"


def no_question_and_context(found: str) -> str:
    return f"expected an object with question and context, found {found}"
