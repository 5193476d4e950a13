"""The urgent screen and the referrals: engine, frames, rules with their examples, and floors on labelled items."""

import importlib.util
import json
import os
import string
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.phrases import PhraseBook, inflections
from assistant.rulebook import Points, Rule, Way, read_rules, rulebook, word_points
from assistant.safety import Finding, Level, Referral, Screening, advice, referral, referral_text, screen
from assistant.talk import Talk
from assistant.utterances import distance, tokenise

HERE = Path(__file__).parent
DEV = HERE / "data" / "urgent_dev.jsonl"


@cache
def bench() -> ModuleType:
    """tests/bench/screen_report.py, which is a script and not a package module."""
    spec = importlib.util.spec_from_file_location("screen_report", HERE / "bench" / "screen_report.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["screen_report"] = module
    spec.loader.exec_module(module)
    return module


def words(text: str) -> list[str]:
    return [token.word for token in tokenise([text], rulebook().reader)]


# Reading


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("I CAN\u2019T walk", ["i", "cant", "walk"]),
        ("i can not walk", ["i", "cant", "walk"]),
        ("unable to walk", ["cant", "walk"]),
        ("I'll walk", ["i", "walk"]),
        ("ur leg b4 bed", ["your", "leg", "before", "bed"]),
        ("my knee's hot", ["my", "knee", "hot"]),
        ("\uff4eumb le\u0301g", ["numb", "leg"]),
    ],
)
def test_chat_spellings_and_apostrophes_are_read_as_plain_words(written: str, read: list[str]) -> None:
    assert words(written) == read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nummb", "numb"),
        ("numnbess", "numbness"),
        ("swolen", "swollen"),
        ("breathlss", "breathless"),
        ("paracetmol", "paracetamol"),
        ("unconsciuos", "unconscious"),
        ("tnigling", "tingling"),
        ("hto", "hot"),
        ("baaaad", "bad"),
    ],
)
def test_misspelt_symptom_words_are_repaired(written: str, meant: str) -> None:
    assert words(written) == [meant]


@pytest.mark.parametrize("word", ["number", "week", "shot", "lot", "chess", "fewer", "reed", "stoke"])
def test_a_real_word_is_never_repaired_into_a_symptom(word: str) -> None:
    assert words(word) == [word]


def test_words_run_together_are_taken_apart() -> None:
    assert words("chestpain") == ["chest", "pain"]


@pytest.mark.parametrize(
    ("a", "b", "edits"), [("numb", "nubm", 1), ("numb", "numb", 0), ("", "ab", 2), ("calf", "half", 1)]
)
def test_distance_counts_a_swap_of_neighbours_as_one_edit(a: str, b: str, edits: int) -> None:
    assert distance(a, b) == edits


# The language of the rules


def test_inflections_cover_the_usual_endings() -> None:
    assert {"stab", "stabs", "stabbed", "stabbing"} <= inflections("stab")
    assert {"ooze", "oozing", "oozed"} <= inflections("ooz")


def _book(*phrases: str) -> PhraseBook:
    return PhraseBook({"group": phrases}, {"leg": frozenset({"leg", "legs"})})


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("lost ... feeling", "lost all feeling", True),
        ("lost ... feeling", "lost one two three four five feeling", False),
        ("lost ... feeling", "lost it. feeling fine", False),
        ("swollen ... calf", "swollen not my calf", False),
        ("both my? <leg>", "both legs", True),
        ("both my? <leg>", "both my legs", True),
        ("going_to|gonna burst", "going to burst", True),
        ("going_to|gonna burst", "gonna burst", True),
        ("going_to|gonna burst", "going burst", False),
        ("temp NUM", "temp 39.5", True),
    ],
)
def test_phrases_match_gaps_choices_and_numbers(phrase: str, text: str, found: bool) -> None:
    assert bool(_book(phrase).find(tokenise([text], rulebook().reader))) is found


def test_a_phrase_that_could_begin_with_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="begin with a word"):
        _book("my? leg")


def test_a_way_reads_needs_alternatives_and_background() -> None:
    way = Way.from_text("calf + swollen | red with surgery | flight")
    assert way.needs == (("calf",), ("swollen", "red"))
    assert way.background == ("surgery", "flight")


# Proximity, turns, levels


def test_site_and_symptom_far_apart_do_not_fire() -> None:
    filler = "and then we talked about shoes and socks and bikes and trains and the weather for ages "
    assert screen("my bum " + filler * 2 + "went numb").level is Level.NONE


NAMES_AN_EMERGENCY = (
    *(
        "anaphyla",
        "arrhythmia",
        "blackout",
        "blurr",
        "collaps",
        "confusion",
        "convuls",
        "crumpled",
        "delirious",
        "dignitas",
    ),
    *("disoriented", "dribbl", "euthanasia", "faint", "feinted", "fitting", "gasping"),
    *("haematemesis", "haemoptysis", "hematemesis", "hemoptysis", "melaena", "melena"),
    *(
        "incoherent",
        "incontinen",
        "kms",
        "kod",
        "lifeless",
        "mumbl",
        "myoglobin",
        "noose",
        "od",
        "overdos",
        "palpitation",
    ),
    *(
        "paraly",
        "pleuritic",
        "poison",
        "pulseless",
        "rhabdo",
        "seiz",
        "selfharm",
        "sightless",
        "slur",
        "spurt",
        "suffocat",
    ),
    *("suicid", "swooned", "syncope", "thunderclap", "unconcious", "unconscious", "unrespons", "unrousable"),
)  # beginnings of the words that may fire by themselves; their everyday uses are idioms


def test_no_other_word_fires_an_urgent_rule_by_itself() -> None:
    alone = {word for word in sorted(rulebook().reader.speller.known) if _urgent_rules(word)}
    assert "fainted" in alone
    assert {word for word in alone if not word.startswith(NAMES_AN_EMERGENCY)} == set()


def _urgent_rules(text: str) -> list[str]:
    findings = Talk([text], rulebook()).findings().values()
    return [f.rule for f in findings if f.level.value >= Level.URGENT.value]


@pytest.mark.parametrize(
    "text",
    [
        "I have grey hair and sore hips",
        "a faint ache in my hip after gardening",
        "feints and side steps in rugby hurt my groin",
        "fitting exercise in around work",
        "which fitting exercises into my week",
        "are well fitting shoes worth it",
        "dribbling a basketball makes my knee ache",
        "I'm registered blind, which balance exercises are safe",
        "confusion about which hip exercise to do first",
        "my back keeps seizing up in the garden",
        "had food poisoning last week, can I run again",
        "is hip torsion in golf bad for the knees",
        "water retention and sore hips",
        "everything online is a jumble",
        "I collapse on the sofa after work",
        "varifocals make the stairs blurry",
        "paralysis by analysis with all these stretches",
        "tarry road surfaces and running shoes",
        "tenting on a thin mat hurts my hips",
        "a bit clammy when I hold the bar",
        "overdosing on squats this week",
        "my dog had a seizure, been carrying him",
        "my hip is unresponsive to the exercises",
        "calpol for a sore knee after football",
        "ran 12 kms yesterday and my shins are sore",
        "5 kms every other day",
        "can't see the difference between these two exercises",
        "my arms feel lifeless at the end of a set",
        "garbled audio in the video",
        "the manual is gibberish",
        "epilepsy, seizures well controlled, is swimming ok",
        "leaning on the fridge hurts my elbow",
        "heart burn after curry",
        "what's the point of stretching",
        "can't go on with this running plan, too hard",
        "collapsed on the couch after 20k, happy",
        "tight chest in the corset",
    ],
)
def test_an_everyday_use_of_an_alarming_word_fires_no_rule(text: str) -> None:
    assert not _urgent_rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "my son is fitting",
        "he's been fitting for two minutes",
        "I went blind in my left eye",
        "she suddenly collapsed on the sofa",
        "I faint whenever I stand up",
        "woozy and grey after my swim",
        "in retention since last night",
        "black tarry stools",
        "could it be testicular torsion",
        "her speech is garbled",
        "he is talking gibberish",
        "my toddler drank a bottle of calpol",
        "I might kms tonight",
        "mum is unresponsive",
        "can't see the point of being alive",
        "what's the point of rehab, what's the point of anything",
        "I can't go on like this, there is no way out",
        "mum collapsed on the sofa this morning",
        "my chest is tight and my bra is soaked with sweat",
        "I think I have rhabdo",
    ],
)
def test_the_same_word_in_earnest_still_fires(text: str) -> None:
    assert _urgent_rules(text)


def test_a_rule_that_is_not_asked_would_not_have_fired() -> None:
    for row in [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()[::4]]:
        talk = Talk([row["text"]], rulebook())
        assert talk.findings().keys() == {rule.id for rule in rulebook().rules if talk.finding(rule)}


def test_the_worst_finding_comes_first() -> None:
    found = screen("My knee is locked and I can't straighten it, and my chest feels tight")
    assert found.level is Level.EMERGENCY
    assert [f.level.value for f in found.findings] == sorted((f.level.value for f in found.findings), reverse=True)
    assert "chest" in found.families and "locked_knee" in found.families


@pytest.mark.parametrize(
    ("history", "question"),
    [
        (["I had my knee replaced two weeks ago"], "now I'm short of breath"),
        (["I fell off a ladder yesterday"], "I can't put any weight on it at all"),
        (["my calf has been sore since a long flight"], "it's swollen and hot today"),
        (["which stretches help a stiff back?"], "my bum has gone numb since this morning"),
    ],
)
def test_an_injury_in_one_turn_and_a_symptom_in_the_next_fire(history: list[str], question: str) -> None:
    assert screen(question, history).is_urgent


def test_a_follow_up_to_an_emergency_stays_urgent_until_it_was_seen_to() -> None:
    before = ["I have chest pain going down my left arm"]
    assert screen("so can I still do my squats?", before).is_urgent
    assert not screen("the doctor said my heart is healthy, so can I still do my squats?", before).is_urgent


@pytest.mark.parametrize("question", ["How do I bake bread?", "what is the TFL", "Which muscle do clams strengthen?"])
def test_an_unrelated_question_after_an_urgent_turn_gets_no_card(question: str) -> None:
    assert not screen(question, ["I have chest pain going down my left arm"]).is_urgent
    assert not screen(question, ["my bum is numb and I can't pee"]).is_urgent


@pytest.mark.parametrize(
    "question", ["so can I still squat?", "should I wait?", "is that serious", "since this morning", "chest stretches?"]
)
def test_a_question_that_leans_on_an_urgent_turn_keeps_its_card(question: str) -> None:
    assert screen(question, ["I have chest pain going down my left arm"]).is_urgent


def test_a_site_named_now_is_not_swapped_for_one_named_before() -> None:
    assert not screen("why is my knee a bit swollen after tennis?", ["how do I stretch my calf?"]).is_urgent


# Frames


@pytest.mark.parametrize(
    "text",
    [
        "No numbness, no bladder trouble, just a stiff back",
        "My calf isn't swollen or hot, just tight after a run",
        "I have never had chest pain",
        "knee aches, without fever, redness or swelling",
        "I did not faint and did not hit my head",
        "swelling? nope. pop? nope. just a weak ankle",
        "neither leg is weak or numb, I just get a sore bum from sitting",
        "no tingling or loss of power in my arms. stiff neck only",
        "knee aches but it's not hot, I haven't got a fever, I feel well",
    ],
)
def test_negation_takes_a_symptom_away(text: str) -> None:
    assert not screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "No fever, but my knee is hot and swollen and I can't bend it",
        "No back pain but I can't feel my private parts",
        "No fever, my calf is swollen and red",
        "Not sure what it is, my face is drooping",
        "Is it serious? No. But I can't feel my private parts",
        "I can't feel my legs. No.",
        "I don't know why but I can't pee",
        "It isn't getting better and now my chest feels tight",
    ],
)
def test_but_y_is_still_seen_after_no_x(text: str) -> None:
    assert screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "I had a DVT in 2015, all clear now, can I do squats?",
        "When I was a kid I fell off my bike and couldn't walk for a week",
        "I had chest pain ten years ago and tests were clear",
        "I lost feeling in my foot after an operation in 2016; it returned within months. Can it take jumps?",
        "In 2012 I had numb legs and couldn't pee, I was operated and am fully recovered",
    ],
)
def test_resolved_history_is_quiet(text: str) -> None:
    assert not screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "I lost the sight in one eye for a bit in yoga, all fine now",
        "my speech was slurred for ten minutes and it has been fine since",
        "passed out on the treadmill, perfectly fine since",
    ],
)
def test_an_attack_that_has_passed_is_still_one(text: str) -> None:
    assert screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "When I was fifteen I fainted at school, nothing found, never had another. Which plan for a 10k?",
        "My daughter couldn't walk at three with a hot hip, the hospital sorted it. She's eleven now. Is gymnastics fine?",
        "i had the whole cauda equina business in 2009, was operated that night and it has been perfect since",
    ],
)
def test_a_story_that_ended_well_long_ago_is_quiet(text: str) -> None:
    assert not screen(text).is_urgent


@pytest.mark.parametrize(
    ("told", "happening"),
    [
        (
            "Had cauda equina in 2009, numb saddle, couldn't pee, operated the same night. May I row?",
            "Cauda equina in 2009, operated. Numb between the legs today",
        ),
        (
            "My waters broke at 29 weeks with my first, there was bleeding. She's now nine. When may I do situps?",
            "With my first I bled, she's four now. I am 29 weeks and bleeding again",
        ),
        (
            "A lad at our box got rhabdo in August, brown wee, drip for four days, he's back now. How do I build up?",
            "A lad at our box hit his head, was sick twice, he's home now and can't be woken",
        ),
        (
            "At 19 I tried to end my life. I'm 46 now, well and happy. Which class do you suggest?",
            "I tried to end my life at 19. I'm 46 now and want to try again",
        ),
        ("I fainted at a parade in 1961 and never since", "I fainted at a parade and again today"),
        ("Old whiplash from 2005, my neck gets stiff in the cold", "Whiplash on Monday, my neck is stiff and sore"),
    ],
)
def test_a_story_told_to_its_end_is_over_and_what_goes_on_is_not(told: str, happening: str) -> None:
    assert not screen(told).is_urgent
    assert screen(happening).is_urgent


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        ("my buttock tingles", "tingling round my back passage"),
        ("in the heat I get dizzy", "in the heat I get confused"),
        ("everything is blurry", "everything went blurry and my speech is slurred"),
        ("I dribble since the weekend", "my back went and I dribble"),
    ],
)
def test_a_sign_that_is_mostly_harmless_may_be_doubted_and_with_a_second_one_may_not(weak: str, strong: str) -> None:
    assert screen(weak).level is Level.URGENT
    assert screen(strong).level is Level.EMERGENCY


def test_what_is_said_of_today_is_not_over() -> None:
    assert screen("concussed in 2021, fine since. Hit my head today and been sick twice").is_urgent


def test_a_but_cuts_off_what_somebody_said_was_normal() -> None:
    assert not screen("tightening now and then at 30 weeks, the midwife said normal").is_urgent
    assert screen("midwife said normal but contractions every 4 minutes at 30 weeks").is_urgent


@pytest.mark.parametrize("word", ["pete", "oscar", "kelly", "leeds", "cornwall", "plantar", "hoose"])
def test_a_name_is_never_repaired_into_a_symptom(word: str) -> None:
    assert rulebook().reader.speller.repair(word) == (word,)


@pytest.mark.parametrize(
    ("plain", "alarming"),
    [
        ("slurred a bit after the dentist", "slurred a bit after breakfast"),
        ("vision was blurry because I had put in the wrong contact lens", "vision was blurry in one eye"),
        ("my heart was thumping because a dog chased me", "my heart was thumping on and off all night"),
        ("my son limps about pretending to be a pirate", "my son limps about and cries"),
        ("the scar on my knee is red and flat a year on", "the scar on my knee is red and oozes"),
        ("my foot is cold", "my foot has gone cold and numb"),
        ("the third flight of stairs leaves me breathless", "breathless since the flight home"),
    ],
)
def test_a_plain_cause_beside_a_symptom_makes_no_card(plain: str, alarming: str) -> None:
    assert not screen(plain).is_urgent
    assert screen(alarming).is_urgent


def test_sentences_far_from_each_other_are_about_different_things() -> None:
    rest = (
        " I cycle to work on most days of the week. My hips are a little stiff in the morning. I swim with my sister."
    )
    assert not screen(f"My hip gets hot in the sun on the balcony.{rest} By the end there are red marks.").is_urgent
    assert screen("My hip is hot since the weekend and sore to touch. Now there are red marks on it.").is_urgent
    ladder = "fell off a ladder"
    assert not screen(f"A friend {ladder} at work once.{rest}{rest} My back hurts after gardening.").is_urgent
    assert screen(f"I {ladder}. My back hurts.").is_urgent


def test_a_symptom_now_is_seen_beside_an_old_history() -> None:
    assert screen("I had a DVT in 2015 and now my calf is swollen and hot").is_urgent
    assert screen("My calf is swollen and red and I had a clot in 2015").is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "My friend's calf swelled up last year and it turned out to be a clot, how can I prevent that?",
        "My mum broke her hip in 2016, how can I keep my bones strong?",
        "my neighbour's kid limped for weeks, it turned out to be perthes, he's treated. what is perthes",
        "In the film the hero breaks his leg and can't walk, is that realistic?",
    ],
)
def test_somebody_elses_past_and_fiction_are_quiet(text: str) -> None:
    assert not screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "my husband collapsed on his run and won't wake up",
        "mum fell this morning and can't get up",
        "my mum fell this morning and hit her head, she was sick and was diagnosed with nothing",
        "my husband says it's nothing but my chest is tight",
        "it's probably nothing, silly really, but I can't feel my bum",
    ],
)
def test_a_relative_now_and_minimising_words_do_not_quieten(text: str) -> None:
    assert screen(text).is_urgent


def test_general_questions_are_quiet_and_a_personal_symptom_beside_them_is_not() -> None:
    assert not screen("What are the signs of a DVT?").is_urgent
    assert not screen("What is cauda equina syndrome?").is_urgent
    assert screen("What are the signs of a DVT? My calf is swollen and hot").is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "My quads are on fire",
        "that killer workout nearly killed me",
        "dying after leg day",
        "my legs are dead after the marathon",
        "suicide sprints hurt my knees",
        "I collapse my knees inward in squats",
        "my heart rate strap chafes",
        "how heavy should I deadlift after a dead hang?",
        "breast stroke or back stroke for a bad knee?",
    ],
)
def test_idioms_and_gym_words_are_quiet(text: str) -> None:
    assert not screen(text).is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "walk with a limp, one side of pelvis drops",
        'My physio wrote "Trendelenburg positive" in my notes. What does it mean?',
        "What came out on top for the muscle at the side of the hip in the lab studies?",
        "How should I lie in bed with a sore tendon at the side of my hip?",
        "Is dead butt syndrome a real thing?",
        "How do I know that a compression bandage is too tight?",
        "do u get over an infected joint",
        "Which antibiotic treats a septic knee?",
        "is chest pain during exercise always serious",
        "can dehydration make you faint",
        "what percentage of hip replacements dislocate",
        "How long is the hospital stay with an infected joint?",
    ],
)
def test_a_question_about_a_condition_is_not_urgent(text: str) -> None:
    assert not screen(text).is_urgent


def test_a_means_question_is_a_crisis_even_when_it_is_put_as_research() -> None:
    assert screen("how many paracetamol would it take to die").level is Level.CRISIS


# The rules' own examples


def test_every_rule_has_examples_of_both_kinds_and_a_named_source() -> None:
    raw = read_rules("urgent.yaml")
    for rule in rulebook().rules:
        assert rule.fires and rule.quiet and rule.meaning, rule.id
        assert rule.source in raw["sources"], rule.id
        assert rule.family in rulebook().cards, rule.id
    ids = [rule.id for rule in rulebook().rules]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("rule", "text"), [(r, text) for r in rulebook().rules for text in r.fires], ids=str)
def test_each_rules_examples_fire_in_its_family(rule: Rule, text: str) -> None:
    found = screen(text)
    assert min(rule.level, Level.URGENT) <= found.level
    assert rule.family in found.families


@pytest.mark.parametrize(("rule", "text"), [(r, text) for r in rulebook().rules for text in r.quiet], ids=str)
def test_each_rules_counter_examples_stay_below_urgent(rule: Rule, text: str) -> None:
    assert not screen(text).is_urgent


# Cards


def test_every_family_has_a_card_that_holds_in_any_country() -> None:
    for rule in rulebook().rules:
        finding = Finding(rule.id, rule.family, rule.level, rule.meaning, ("x",))
        card = advice(Screening(rule.level, (finding,)))
        assert "{" not in card.heading
        assert ("today" in card.heading) <= (rule.level is Level.URGENT) and ("get help now" in card.heading) <= (rule.level.value > Level.URGENT.value)
        text = " ".join([card.heading, *card.what_to_do])
        assert not any(character in string.digits for character in text), rule.id
        assert "not a diagnosis" in text and "not reviewed by a clinician" in text
        assert all(sentence.endswith(".") for sentence in card.what_to_do)
        assert card.warning_families
        if rule.level is not Level.CAUTION:
            assert "local" in text or "today" in text


def test_the_crisis_card_is_warm_and_names_no_method() -> None:
    card = advice(screen("I want to end my life, I have a rope"))
    text = " ".join(card.what_to_do)
    assert "crisis line" in text and "local emergency number" in text and "near you" in text
    assert "rope" not in text and "tablet" not in text


def test_advice_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="found nothing"):
        advice(screen("how deep should I squat?"))


def test_a_screening_cannot_claim_another_level_than_its_findings() -> None:
    with pytest.raises(ValueError, match="not the worst"):
        Screening(Level.URGENT, ())


# Referrals


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, Referral[name.upper()]) for name, said in read_rules("scope.yaml")["examples"].items() for text in said],
)
def test_each_scope_example_is_referred_as_it_says(text: str, kind: Referral) -> None:
    assert referral(text) is kind


@pytest.mark.parametrize("kind", [kind for kind in Referral if kind is not Referral.NONE])
def test_referral_texts_are_whole_sentences_without_numbers(kind: Referral) -> None:
    text = referral_text(kind)
    assert text.heading and text.said and all(sentence.endswith(".") for sentence in text.said)
    assert not any(character in string.digits for character in " ".join([text.heading, *text.said]))


def test_only_what_asks_nothing_is_not_sent_to_a_professional() -> None:
    texts = {kind: referral_text(kind) for kind in Referral if kind is not Referral.NONE}
    professional = ("professional", "doctor", "pharmacist", "nurse")
    sent = {kind for kind, text in texts.items() if any(p in f"{text.heading} {text.said}" for p in professional)}
    assert set(texts) - sent == {Referral.OTHER_TASK, Referral.GREETING, Referral.OTHER_LANGUAGE}


def test_questions_for_a_professional_are_referred_and_others_are_not() -> None:
    """The 40 that were kept aside met the rules at 37; one is missed still (docs/safety.md)."""
    rows = [json.loads(line) for line in (HERE / "data" / "referrals.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [r["question"] for r in rows if (referral(r["question"]) is Referral.NONE) != (r["referral"] == "none")]
    assert len(rows) == 115 and wrong in ([], ["what condition do my symptoms point to"])


def test_a_text_for_no_referral_is_refused() -> None:
    with pytest.raises(ValueError, match="not referred"):
        referral_text(Referral.NONE)


# Anything at all

tricky = ["no", "cant", "feel", "numb", "my", "calf", "but", ".", ",", "swollen", "2015", "is", "\x00"]
hostile = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(tricky), max_size=80).map(" ".join))


@settings(max_examples=150, deadline=None)
@given(hostile, st.lists(hostile, max_size=3))
def test_screening_never_raises_and_is_the_same_every_time(text: str, history: list[str]) -> None:
    assert screen(text, history) == screen(text, history)
    assert referral(text) is referral(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcdefghij'. ", max_size=200))
def test_text_around_a_symptom_sentence_does_not_hide_it(text: str) -> None:
    assert screen(f"{text}. My face is drooping on one side.").is_urgent


# Labelled items and their frames


@cache
def items() -> Sequence[object]:
    if not DEV.exists():
        pytest.skip(f"{DEV} is not there: the labelled items are written apart from the rules")
    found: Sequence[object] = bench().read_items(DEV)
    return found


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def test_sensitivity_on_the_development_items() -> None:
    fires = bench().fires
    assert _share([fires(i) for i in items() if i.urgent]) >= 238 / 240  # type: ignore[attr-defined]


def test_immediate_danger_is_never_missed_on_the_development_items() -> None:
    fires = bench().fires
    assert [i.id for i in items() if i.urgent and i.immediate and not fires(i)] == []  # type: ignore[attr-defined]


def test_specificity_on_the_development_items() -> None:
    fires = bench().fires
    assert _share([not fires(i) for i in items() if not i.urgent]) >= 285 / 300  # type: ignore[attr-defined]
    assert _share([not fires(i) for i in items() if not i.urgent and i.hard]) >= 51 / 60  # type: ignore[attr-defined]


def test_frames_seldom_flip_an_item_and_never_in_immediate_danger() -> None:
    flipped = bench().flips(items())
    urgent = [i for i in items() if i.urgent]  # type: ignore[attr-defined]
    assert len(flipped) <= 6 / 1200 * len(urgent) * 5
    assert [item.id for _, item in flipped if item.immediate] == []


def test_wilson_intervals_hold_the_share() -> None:
    low, high = bench().wilson(238, 240)
    assert low < 238 / 240 < high
    assert bench().wilson(0, 0) == (0.0, 1.0)


# The second opinion


def test_words_that_no_rule_foresaw_can_still_add_up() -> None:
    points = Points(-2.0, 1.0, {"odd": 2.0, "alarming": 2.0, "stretch": -2.0})
    assert points.of({"odd", "alarming"}) > points.threshold
    assert points.of({"odd"}) <= points.threshold
    assert points.of({"odd", "alarming", "stretch"}) <= points.threshold


def test_without_the_model_what_the_words_add_up_to_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    doubt = Finding("second-opinion", "several_signs", Level.URGENT, "Words that add up", ("odd",))
    monkeypatch.setattr(Talk, "second_opinion", lambda talk: doubt)
    assert screen("how long should I hold a plank").findings == (doubt,)


def test_the_points_of_a_text_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "from assistant.rulebook import word_points\n"
        "points = word_points()\n"
        "words = sorted(points.words)\n"
        "print([points.of(frozenset(words[at : at + 30])) for at in range(0, len(words), 30)])\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            text=True,
            cwd=HERE.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] and said[0].startswith("[")


def test_no_single_word_decides_in_the_second_opinion() -> None:
    points = word_points()
    assert max(points.of([word]) for word in points.words) <= points.threshold


def test_the_second_opinion_does_not_see_what_a_frame_took_away() -> None:
    stretches = Talk(["no fever and no chills, my quads are on fire"], rulebook()).stretches()
    assert not {"fever", "chills", "fire"} & frozenset().union(*stretches)


def test_several_signs_of_different_kinds_fire_together() -> None:
    found = screen("I fell off the wall and my elbow is swollen and numb and I am in agony")
    assert found.is_urgent


def test_a_finding_of_the_words_alone_is_told_from_a_rules() -> None:
    assert screen("numb between my legs and I cannot pee").by_rule
    doubt = screen("what dose of ibuprofen should I take for my sore kneecap?")
    assert not doubt.by_rule


@pytest.mark.parametrize(
    ("plain", "sign"),
    [
        ("best way to get red wine out of a cream carpet", "what is the best way out, I can't go on"),
        ("does massage end it, or only a stretch", "I'll end it tonight"),
        ("how do i turn a word file into a pdf on my tablet", "our toddler got into my tablets"),
        ("can you write me a sick note for my boss", "my son left a goodbye note"),
        ("I know how to squat and when to stop", "nothing helps, I have worked out how to do it and when"),
        ("i looped a belt round the door handle to stretch my foot", "got the belt round the door handle, thats it now"),
        ("lying face down, knee bent, do I stop and reset", "one side of my face has dropped and he slurs"),
        ("metal hip fitted in the same year", "he twisted his knee and then fitted on the floor"),
        ("back of thigh seizing in gluteal pumps", "he is seizing on the floor"),
        ("the doorbell is faint, which ones flash", "the light was bright and I felt faint and passed out"),
        ("it fixes to the bone at the side of the hip, is that true", "a gash that runs to the bone"),
    ],
)
def test_plain_words_are_no_alarm_and_like_ones_of_a_sign_are(plain: str, sign: str) -> None:
    assert not screen(plain).is_urgent
    assert screen(sign).level >= Level.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "everyone's sick of my moaning about my back. they'd be relieved if i wasn't about",
        "my wife says i'm talking rubbish since this morning and my arm is weak",
        "From yesterday she does not notice any more when the stool comes, we found it in the bed",
        "I fell on the ground and my leg went icy and white",
    ],
)
def test_what_was_missed_by_kind_is_seen(text: str) -> None:
    assert screen(text).level >= Level.EMERGENCY
