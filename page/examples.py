"""Texts to try the page with, written for it."""

from typing import NamedTuple


class SampleText(NamedTuple):
    """A text to try the page with; `label` is what its button says."""

    label: str
    question: str
    context: str


_RENTAL = (
    "5. Rent. The rent is 940 euros a month, payable by the third working day. It may be"
    " raised once a year, by no more than the published cost-of-living index.\n"
    "6. Repairs. The landlord repairs the heating, the roof and the wiring. The tenant"
    " pays for small repairs of up to 80 euros each, and for damage beyond ordinary"
    " wear.\n"
    "7. Subletting. The tenant may let one room to another person after telling the"
    " landlord in writing.\n"
    "8. End of the agreement. The tenant may end this agreement at any time with two"
    " months' notice in writing. The landlord may end it with six months' notice, and only"
    " in order to live in the flat or to sell it. The deposit is 1,880 euros, and it is"
    " returned within thirty days of the keys being handed over."
)

_LIGHTHOUSE = (
    "The lighthouse on Grey Skerry was finished in the autumn of 1868, after four summers in"
    " which the masons could land on barely sixty days. It stands 38 metres above the rock and"
    " was first lit with rapeseed oil; paraffin came in 1879.\n\n"
    "In January 1891 a storm cut the island off for nineteen days. The head keeper, Tomas"
    " Aldane, lay ill with fever, and his assistant had gone ashore for supplies. Aldane's"
    " daughter Ingrid, then sixteen, climbed the 176 steps every four hours to trim the wick"
    " and wind the clockwork, and the lamp did not fail once. The harbour board later sent her"
    " a silver watch. The light was made automatic in 1974, and the keepers' cottage is now a"
    " weather station."
)

SHOWN_FIRST = 1  # the example that a first visit shows, with its answers

EXAMPLES = (
    SampleText(
        "A lighthouse: the keeper's daughter?",
        "Who was Tomas Aldane's daughter?",
        _LIGHTHOUSE,
    ),
    SampleText(
        "The same lighthouse: four questions at once",
        "In what year was the lighthouse finished?\nWhen was the light made automatic?\n"
        "What is the cottage now?\nWho was the architect of the lighthouse?",
        _LIGHTHOUSE,
    ),
    SampleText(
        "A rental agreement: the deposit?",
        "How much is the deposit?",
        _RENTAL,
    ),
    SampleText("The same agreement: electricity?", "Who pays for electricity?", _RENTAL),
    SampleText(
        "A medicine leaflet: how to store it?",
        "Below what temperature should the tablets be kept?",
        "How to take Loravine. Swallow one tablet each morning with a glass of water, with or"
        " without food. Do not crush or chew the tablet, because it releases its active substance"
        " slowly over about twelve hours.\n\n"
        "If you forget a dose, take it as soon as you remember on the same day. If it is already"
        " the next morning, skip the forgotten tablet and carry on as usual. Never take two"
        " tablets to make up for one.\n\n"
        "Possible side effects. Up to one in ten people have a dry mouth or a mild headache during"
        " the first week. Tell your doctor if you notice a rash or a fast heartbeat. Loravine can"
        " make you drowsy: see how it affects you before you drive. Keep the tablets in their box,"
        " below 25 °C, away from light.",
    ),
    SampleText(
        "A chat about a trip 🌊: when does Jürgen land?",
        "When does Jürgen land?",
        "Hola a todos! 👋 Here's the plan for Málaga 🌊☀️\n"
        "🚆 Fri: my train gets in at 17:40, Jürgen lands at 18:15. He has the keys to the flat on"
        " Calle Larios, 3rd floor, the bell says “Peña”.\n"
        "🍤 Sat: breakfast at Café Central, then the beach. We meet Zoë at noon in front of the"
        " Alcazaba, by the Roman theatre — she's bringing her cousin Søren 👨‍🍳, who promised to"
        " cook paella for nine (!) on Saturday night.\n"
        "🎨 Sun: Picasso Museum. Tickets are free in the last two hours, so let's go late. Bring a"
        " jacket, it gets windy 💨\n"
        "💶 I paid 312 € for the flat, that's 52 € each. Please send it to Anaïs by Wednesday"
        " 🙏 ¡Hasta el viernes! ❤️",
    ),
    SampleText(
        "Octopus blood: discovered when?",
        "In what year was haemocyanin discovered?",
        "An octopus has three hearts. Two of them drive blood through the gills; the third sends"
        " it round the rest of the body, and it pauses while the animal swims, which is one reason"
        " why an octopus would rather crawl. Its blood is blue, because oxygen is carried by"
        " haemocyanin, a protein built around copper, instead of the iron-based haemoglobin of"
        " mammals. Copper serves better in cold water that holds little oxygen.\n\n"
        "About two thirds of an octopus's nerve cells lie in its arms rather than its head, so an"
        " arm can taste, touch and decide a good deal for itself. With no bones, the only hard"
        " part of the body is the beak, and an animal as heavy as a person can slip through any"
        " gap that the beak will pass.",
    ),
)
