"""Which texts are hardly English, and which questions want a yes or a no."""

import gzip
import json

import pytest

from page.examples import EXAMPLES
from page.tabs import hints
from tests.support.browsing import ROOT

FOREIGN = {
    "Czech": "Pekárna v přístavu otvírá v sedm hodin. Majitel se jmenuje Karl a je to jeho obchod.",
    "Dutch": "De bakkerij aan de haven gaat om zeven uur open en is op zondag gesloten.",
    "Finnish": "Sataman leipomo avataan kello seitsemän ja se on kiinni. Omistaja ei ole leipuri.",
    "French": "La boulangerie du port ouvre à sept heures et ferme le dimanche.",
    "German": "Die Bäckerei am Hafen öffnet um sieben Uhr und schließt am Sonntag.",
    "Hungarian": "A pékség hét órakor nyit, és vasárnap zárva van, de ez nem egy nagy bolt.",
    "Italian": "Il panificio del porto apre alle sette e chiude la domenica, non il lunedì.",
    "Polish": "Piekarnia w porcie otwiera się o siódmej i jest nieczynna na święta.",
    "Portuguese": "A padaria do porto abre às sete e fecha aos domingos. O dono da loja é o Rui.",
    "Spanish": "La panadería del puerto abre a las siete y cierra los domingos.",
    "Swedish": "Bageriet vid hamnen öppnar klockan sju och är stängt på söndagar.",
    "Turkish": "Limandaki fırın saat yedide açılır. Sahibi bir fırıncı ve bu yer için çok çalışır.",
    "Arabic": "يفتح المخبز في الميناء الساعة السابعة",
    "Chinese": "港口的面包店七点开门。",
    "Greek": "Ο φούρνος στο λιμάνι ανοίγει στις επτά.",
    "Japanese": "港のパン屋は七時に開きます。",
    "Russian": "Пекарня в порту открывается в семь часов.",
}


@pytest.mark.parametrize("language", FOREIGN)
def test_hints_know_other_languages(language: str) -> None:
    assert len(hints.of_text(FOREIGN[language])) == 1


def test_hints_take_no_english_text_for_another() -> None:
    """Of everyday texts of many kinds: tables, chats and names in other languages among them."""
    texts = [example.context for example in EXAMPLES]
    for path in (ROOT / "texts").glob("*.json.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            texts += [p["context"] for one in json.load(file)["data"] for p in one["paragraphs"]]
    assert len(texts) > 1_000
    assert [text[:80] for text in texts if hints.of_text(text)] == []


@pytest.mark.parametrize("text", ["", "1 2 3", "Karl Weber", "🥐", "Zürich, Köln, São Paulo"])
def test_hints_say_nothing_of_what_may_be_any_language(text: str) -> None:
    assert hints.of_text(text) == ()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Is the bakery open on Sundays?", True),
        ("  can I pay by card", True),
        ("Isn’t it closed?", True),
        ("Doesn't she own it?", True),
        ("Who owns it?", False),
        ("Is it open or closed?", False),
        ("Can you tell me when it opens?", False),
        ("Island of Grey Skerry?", False),
        ("Do", True),
        ("", False),
        ("Ist es offen?", False),
    ],
)
def test_hints_know_yes_or_no_questions(question: str, found: bool) -> None:
    assert len(hints.of_question(question)) == found
