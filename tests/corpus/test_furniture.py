"""What is not the article goes out; sentences that only look like it stay."""

import pytest

from corpus.cleaning import clean
from corpus.furniture import rule_for

NOT_THE_ARTICLE = [
    ("Read more: Harbour of Velm to get a second lighthouse", "link"),
    ("READ MORE", "link"),
    ("Read More »", "link"),
    ("Related: What the new ferry timetable means", "link"),
    ("RELATED STORIES", "link"),
    ("More:Ferry to the islands stops for a week", "link"),
    ("FERRY STRIKE:How to reach the islands without a boat", "link"),
    ("Читайте также: Как живёт остров", "link"),
    ("Taip pat skaitykite: Keltas stabdomas savaitei", "link"),
    ("Lesen Sie auch: Die Fähre steht still", "link"),
    ("Advertisement", "link"),
    ("ADVERTISEMENT", "link"),
    ("Story continues below advertisement", "link"),
    ("Share this", "link"),
    ("Share this article on Facebook", "link"),
    ("Skip to content", "link"),
    ("5 min read", "link"),
    ("Sign up for our weekly newsletter.", "pitch"),
    ("Sign up here for the Harbour Dispatch, in your inbox each Friday.", "pitch"),
    ("Subscribe to our newsletter", "pitch"),
    ("Want more? Subscribe to The Velm Gazette today.", "pitch"),
    ("Support local journalism. Subscribe to velmgazette.example today.", "pitch"),
    ("Get the day's headlines delivered to your inbox.", "pitch"),
    ("Follow us on Twitter and Facebook", "contact"),
    ("Follow Ana Silva on Twitter: @anasilva", "contact"),
    ("Contact the reporter at ana@velmgazette.example.", "contact"),
    ("We use cookies to improve your experience.", "notice"),
    ("By continuing to use this site you agree to the use of cookies.", "notice"),
    ("© 2022 Velm Gazette. All rights reserved.", "copyright"),
    ("Copyright 2022 Velm Gazette", "copyright"),
    ("(c) 2021 Velm Gazette", "copyright"),
    ("Все права защищены", "copyright"),
    ("Information from the Associated Press was used in this report.", "credit"),
    ("Contributing: Jon Dahl; The Associated Press", "credit"),
    ("Reporting by Jon Dahl; Editing by Ana Silva", "credit"),
    ("(Reporting by Jon Dahl in Velm)", "credit"),
    ("Jon Dahl in Velm contributed to this report.", "credit"),
    ("Reuters", "credit"),
    ("— Jon Dahl", "credit"),
    ("The ferry at the pier. / A. Jonaitis/VGT", "caption"),
    ("View image in full screen The ferry at the pier on Monday. Velm News", "caption"),
    ("View image in fullscreen", "caption"),
    ("FILE PHOTO: The ferry leaves the harbour, April 2019. REUTERS/Ana Silva", "caption"),
    ("The ferry leaves the harbour on Monday, May 2, 2022. (AP Photo/Ana Silva)", "caption"),
    ("The ferry at the pier. Ana Silva/AFP/Getty Images", "caption"),
    ("Ana Silva/Reuters", "caption"),
    ("The ferry leaves the harbour, 24 March 2022. REUTERS/Ana Silva", "caption"),
    ("REUTERS/Ana Silva", "caption"),
    ("The ferry leaves the harbour on Monday. (Ana Silva/Reuters)", "caption"),
    ("The ferry leaves the harbour on Monday. (Ana Silva/VBC)", "caption"),
    ("The ferry leaves the harbour on Monday [Ana Silva/AFP]", "caption"),
    ("The ferry leaves the harbour on Monday. Photograph: Ana Silva/AP", "caption"),
    ("The ferry leaves the harbour. Photograph: The Velm Gazette", "caption"),
    ("The ferry leaves the harbour | Ana Silva/Getty Images", "caption"),
    ("The ferry leaves the harbour | Pool photo by Ana Silva", "caption"),
    ("Click to play video: ‘Ferry leaves the harbour’", "caption"),
    ("READ: Second ferry is late", "link"),
    ("Tags: ferry, harbour, islands", "link"),
    ("3 hours ago", "link"),
    ("Share Tweet Email", "link"),
    ("Facebook Twitter LinkedIn", "link"),
    ("The post Ferry stops appeared first on Velm Gazette.", "credit"),
    ("— with files from The Canadian Press", "credit"),
    ("&copy 2022 Velm News, a division of Velm Corp.", "copyright"),
    ("If you find an error in the text, select it and press Ctrl+Enter.", "notice"),
    ("Our Standards: The Velm Trust Principles.", "notice"),
    ("Getty Images", "link"),
    ("Image source, Getty Images", "caption"),
    ("Image source: Velm Port Authority", "caption"),
    ("Photo by Ana Silva", "caption"),
    ("Photo: Ana Silva / Velm News", "caption"),
    ("Фото: Ана Сильва", "caption"),
    ("The new pier, courtesy of the port. Courtesy of Velm Port", "caption"),
    ("https://velmgazette.example/ferry", "link"),
    ("* * *", "rule"),
    ("________", "rule"),
]

THE_ARTICLE = [
    "Residents can sign up for the relief fund until Friday, the council said.",
    "How many people want to subscribe to a ferry pass is not known.",
    "The photo shows the ferry at the pier shortly before it sank.",
    "Photos by the coast guard show an empty deck and two lifeboats.",
    "The source of the leak was a valve, the operator said on Monday.",
    "Source: a person familiar with the talks, who asked not to be named, confirmed the sale.",
    "You can read more of his letters in the town museum, which opens in May.",
    "Copyright law does not cover the design, the court ruled.",
    "“Sign up here,” the officer said, and forty men did.",
    "Advertisement spending fell by a tenth last year.",
    "Related parties must report such deals, the regulator said.",
    "Follow-up checks on Twitter accounts were ordered by the ministry.",
    "The minister told Reuters the ferry would sail on 3 May.",
    "Associated Press reporters saw two lifeboats leave the ferry before dawn.",
    "The newsletter of the harbour office gave another figure: 1,400.",
    "The island/mainland divide decided the vote.",
    "CNN —",
    "3/1966 - 5/1972: St. Anne, Velm, PA / Ferry College (student advisor)",
    "The price of fuel rose by 3 kr/l on the islands (5% a year)",
    "He quoted the letter: “No boats in and/or out of the harbour”",
    "The board met in Velm (population 4,000) on Monday and chose Ana Silva",
    "Tags: the court says that dogs have to wear them from May.",
    "Presenter of the morning show drops CD:UK",
    "VELM (Reuters) - The ferry to the islands stopped on Monday.",
    "Leaders to talk about the ferry",
    "The ferry’s future on the agenda",
    "Health/Science",
    "Like many others on Facebook, she thought the ferry was lost.",
    "More than 40 people were on board.",
    "Watch officers saw nothing, the report says.",
    "Share prices fell by 4%.",
    "Print runs were cut by half.",
    "Do I have to sign up to receive the ferry refund?",
    "At 10:30 the ferry left: nobody waved.",
    "By continuing the talks, the two sides hope to end the strike.",
    "We use cookies as bait, the trapper said.",
]


@pytest.mark.parametrize(("paragraph", "rule"), NOT_THE_ARTICLE)
def test_goes_out(paragraph, rule):
    assert rule_for(paragraph) == rule
    cleaned = clean(f"The ferry stopped on Monday.\n\n{paragraph}\n\nIt sails again in May.")
    assert cleaned.text == "The ferry stopped on Monday.\n\nIt sails again in May."
    assert [dropped.text for dropped in cleaned.dropped] == [paragraph]


@pytest.mark.parametrize("paragraph", THE_ARTICLE)
def test_stays(paragraph):
    assert rule_for(paragraph) is None
    text = f"The ferry stopped on Monday.\n\n{paragraph}\n\nIt sails again in May."
    assert clean(text).text == text


def test_a_long_paragraph_is_never_furniture():
    paragraph = "Read more: " + "the ferry stopped and nobody knows why it did. " * 20
    assert rule_for(paragraph.strip()) is None


def test_a_snippet_that_is_all_there_is_stays():
    snippet = (
        "The ferry stopped on Monday after an inspection of its hull. " * 4 + "Sign up for our newsletter."
    )
    assert clean(snippet).text == snippet
    assert clean("Sign up for our newsletter.").text == ""
