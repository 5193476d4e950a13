"""What kind of thing a question asks for, and whether a sentence gives one: a time, a number, a reason, a name, a comparison.

Told from words alone. A kind that cannot be told in an answer by its words (the way something is done, which exercises) has no
``given``; it serves to tell which of the gaps that a curator noted is meant.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

REMEMBERED = 8_192  # gaps, each with one kind of thing that it is about or is not
_NUMBERS = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred"
    r"|thousand|half|quarter|third|tenth|dozen|couple|few|several|an?)"
)
_FIGURES = rf"\d|%|\b{_NUMBERS}\b(?<!\ba)(?<!\ban)"
_TIMES = r"(?:seconds?|secs?|minutes?|mins?|hours?|days?|nights?|weeks?|wks?|months?|years?|yrs?|decades?)"
_MEASURES = (
    r"(?:kilos?|kg|pounds?|lbs?|stone|degrees?|cm|centimet(?:re|er)s?|inch(?:es)?|miles?|kilomet(?:re|er)s?|km|percent)"
)
_THINGS = (
    r"(?:exercises?|stretch(?:es)?|sports?|medicines?|drugs?|sedatives?|foods?|diseases?|movements?|injur\w+|treatments?|changes?"
    r"|limits?|guidelines?|cases?|moves?|activities|things)"
)
_PEOPLE = (
    r"(?:person|people|expert|therapist|physical therapist|physio|doctor|surgeon|clinicians?|coach|author|trainer)"
)


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that can be asked for; two of one name differ in how it is asked for."""

    name: str
    asked: re.Pattern[str]  # in a question in lower case: to look past the case takes twice as long
    given: re.Pattern[str] | None  # in a sentence that gives it
    noted: re.Pattern[str] | None  # in a gap that a curator noted about it
    told: str = ""  # what is said where it is not given


def _kind(name: str, asked: str, given: str = "", noted: str = "", told: str = "") -> Kind:
    gives, about = (re.compile(pattern, re.IGNORECASE) if pattern else None for pattern in (given, noted))
    return Kind(name, re.compile(asked), gives, about, told)


# Between what amounts somebody asks to choose: "minutes or hours", "day two or day five", "all day or just for sport".
_EITHER_TIME = rf"\b{_TIMES}\b(?: \w+)? or (?:\w+ )?{_TIMES}\b|\bday \w+ or (?:day )?\w+|\ball (?:day|night) or\b|\b{_NUMBERS} {_TIMES}\W+(?:or )?{_NUMBERS}\W*$"
_HOW_LONG = rf"\b(?:how|so) (?:long|soon|quickly)\b|how many {_TIMES}\b(?! a week)|recovery|\blasts?\b|\blasting\b|number of weeks"
_LONG_TOLD = "How long is not said in what is quoted here."
_MANY_TOLD = "No number is given for this in what is quoted here."
# The first kind of a name that a question asks for counts: "how many weeks" is asked for in weeks.
KINDS = (
    _kind("long", r"\bhow many (?:more )?years\b|\byears (?:until|before|does|do|will)\b",
        rf"\b{_NUMBERS}\b.*\b(?:years?|decades?)\b|lifelong|for life", _HOW_LONG, _LONG_TOLD),
    _kind("long", r"\bhow many (?:more )?(?:weeks|wks|months)\b|\b(?:weeks|months) (?:until|before|off)\b",
        rf"\b{_NUMBERS}\b.*\b(?:weeks?|months?|years?)\b|\ba matter of months\b", _HOW_LONG, _LONG_TOLD),
    _kind("long", r"\bhow many (?:more )?(?:seconds|secs|minutes|mins)\b",
        rf"\b{_NUMBERS}\b.*\b(?:seconds?|minutes?|hours?)\b|\bbreaths\b", _HOW_LONG, _LONG_TOLD),
    _kind("often", r"\bhow often\b|\bhow many times (?:a|per|each|every)\b|\b(?:days|times) (?:a|per|of the) (?:day|week|wk)\b"
        r"|\bwhat days?\b|\bdaily or\b|\bevery (?:other )?day\b",
        rf"\b(?:times (?:a|per)|every|each (?:day|week)|daily|weekly|once (?:a|per)|twice (?:a|per)|most days|regularly)\b"
        rf"|\b{_NUMBERS} (?:\w+ ){{0,3}}days\b|\ba (?:day|week|month)\b|\bdays? of the week\b",
        r"\bhow often\b|days a week|times a (?:day|week)|days of the week|how long or",
        "How often is not said in what is quoted here."),
    _kind("long", rf"\bhow (?:long|soon|late|quickly)\b(?! term)|\b(?:how|so) (?:many|much) (?:more )?{_TIMES}\b|\bfor how (?:long|many)\b"
        rf"|{_TIMES} (?:until|before|off)\b|recovery time|\bsince when\b",
        rf"\b{_NUMBERS}\b.*\b{_TIMES}\b|overnight|lifelong|for life|\bbreaths\b|\bwithin (?:days|weeks|hours)|\bmonths\b|\b(?:19|20)\d\d\b",
        _HOW_LONG, _LONG_TOLD),
    _kind("when", r"\bwhen (?:can|may|could|will)\b|\bwhat (?:time|day)\b|\bwhich day\b",
        rf"{_FIGURES}|\b(?:after|once|when|until|before|as soon as|night|morning|early|late[rs]?|gradually)\b",
        rf"{_HOW_LONG}|\bwhen\b|\bwhich day\b|\btime for\b", "When is not said in what is quoted here."),
    _kind("many", rf"\b(?:how (?:many|much)|in) {_MEASURES}\b", rf"\b{_MEASURES}\b", r"\bhow (?:many|much|far|high|heavy)\b|\bmeasure\b|\bunit\b|\bfigure\b", _MANY_TOLD),
    _kind("share", r"\b(?:what|which) (?:share|percent\w*|proportion|part) of\b|\bhow (?:common|likely|rare)\b|\bwhat (?:are the )?(?:odds|chances?)\b"
        r"|\bhow many (?:people|women|men|adults|teenagers|runners|patients|knees)\b",
        rf"{_FIGURES}|\b(?:most|commonest|common|rare|rarely|often|half)\b", r"\bhow (?:many|much|often)\b|\bno figure\b", _MANY_TOLD),
    _kind("age", r"\b(?:what|which) ages?\b|\bhow old\b|\bat what age\b|\bfrom what age\b",
        rf"{_FIGURES}|\b(?:thirties|forties|fifties|sixties|teen\w*|older|child\w*)\b", r"\bage\b|\bold\b", "No age is given in what is quoted here."),
    _kind("many", r"\bhow (?:many|much)\b|\b(?:what|which|right) (?:weight|number|pace|speed|temperature|angle|percentage|heart rate|size)\b"
        r"|\b(?:sets|reps|repeats|repetitions)\b|\bany (?:figures?|numbers?)\b",
        rf"{_FIGURES}|\btwice\b|\buntil tired\b", rf"\bhow (?:many|much)\b(?! {_TIMES})|\bno (?:number|figure|distance)\b|\bfigures?\b|\brepetitions\b|\bmeasure\b",
        _MANY_TOLD),
    _kind("degree", r"\bhow (?:high|deep|far|hard|low|heavy|hot|cold|fast|big|thick|steep|slow|strong|tight|wide)\b|\bheight\b",
        rf"{_FIGURES}|\bas (?:\w+ ){{1,2}}as\b|\bno (?:\w+er)\b|\bright angle\b|\b(?:slow|gent|light|easi|full)ly?\b|\buntil\b|\bas far as\b|\bpast\b|\benough\b",
        r"\bhow (?:high|deep|far|hard|low|heavy|hot|fast|big)\b|\bheight\b|\bnumber\b|\bno (?:distance|figure)\b", "How far or how much is not said in what is quoted here."),
    _kind("reason", r"^\W*(?:\w+ )?why\b|\bwhy (?:do|does|is|are|did|would|should|can|cant)\b|\breason\b|\bwhat(?:'?s| is)? (?:behind|causes?|the cause)\b|\bhow come\b",
        r"\b(?:because|since|as|so that|due to|caus\w+|reasons?|comes? from|from|explain\w*|lead\w*|makes?|let|lets|takes?|shar\w+|thought to|by way of|cannot"
        r"|blam\w+|overuse|hence|therefore|thanks to|take as|sign that|hint|starts? with|means?|neither|nor|not|whereas)\b",
        r"\bwhy\b|\breasons?\b|\bexplain", "The reason is not given in what is quoted here."),
    _kind("compared", r"\b(?:better|worse|safer|best|easier|stronger|healthier|faster|quicker) (?:than|for|with|on|to)\b|\bwhich (?:\w+ )?(?:is|works|helps|one)\b"
        r"|\b(?:better|worse|safer|best)\b.*\bor\b|\bor\b.*\b(?:better|worse|safer|best)\b",
        "", r"\bwhich\b.*\b(?:most|best)\b|\bin comparison\b|\bdiffers?\b|\btold apart\b", "The two are not compared in what is quoted here."),
    _kind("tested", r"\b(?:trials?|study|studies|tested|evidence|proof|prove[dn]?|research|reviews?|science)\b",
        r"\b(?:trials?|stud(?:y|ies)|tested|evidence|proof|proven|shown|research|reviews?|found|survey|reported)\b",
        r"\b(?:no trial|trials?|results?|stud(?:y|ies)|figures?|found)\b", "No study of this is named in what is quoted here."),
    _kind("way", r"\bhow (?:do|does|can|could|should|would|to|exactly|is|are)\b|\bwhich way\b|\bhow .* (?:done|go)\b|\bshow me\b|\bstep by step\b|\bplan\b",
        "", r"\b(?:not|never) (?:\w+ )?(?:describe[ds]?|show|explain|set out)|without explaining|\bhow to\b|\bhow [\w -]+ (?:done|treated|diagnosed|corrected|used|recognised)\b|\bway of\b"
        r"|\bwhat (?:is|was) done\b|\bwhat to (?:do|change)\b"),
    _kind("which", rf"\b(?:which|what) (?:\w+ )?{_THINGS}\b|\blist\b|\b{_THINGS} (?:for|exactly|please)\b|\bwhat are the\b|\bwhich (?:of|ones?)\b|\bname\b|\bwhat (?:else|instead|in place)\b|\bin place of\b",
        "", r"\b(?:not|no) (?:name|list|single|particular)|\bnot (?:name|list|describe)d?\b|\bnames? (?:no|nothing|them)\b|\bwhich\b|\blist\b"
        r"|\b(?:exercises|stretches)\b.*\bnot (?:described|given)|\bwhat to (?:change|do)\b|\bin place of\b|\bholds? no\b|\blimits\b"),
    _kind("person", rf"\bwho (?:was|were|is|are) (?:it|the|that|those)\b|\bnames? of the\b.*\b{_PEOPLE}\b|\bwho (?:came up|coined|invented|first)\b",
        r"(?-i:\b[A-Z][a-z]+ (?:[A-Z]\. )?(?!Clinic|Hospital|University|College|Health|Physio|Therapy|Care|Press|Review|Journal)[A-Z][a-z]+)", r"\bwho\b|names? nobody|no name|not named?\b",
        "No name is given for this in what is quoted here."),
    # In fewer words: enough to tell which of the noted gaps is meant, and not that nothing is given.
    _kind("long", rf"{_EITHER_TIME}|\b{_TIMES}\W*$|\b{_TIMES} (?:a|per|each|every) (?:day|night|go)\b|\b(?:length|duration|recovery)\b"
        r"|\bwhen\b.*\b(?:clears?|heals?|settles?|gone|goes|back|better|return|again)\b", rf"\b{_NUMBERS}\b.*\b{_TIMES}\b", _HOW_LONG),
    _kind("degree", r"\b(?:depth|angle|mileage|distance|amount|percent) ?(?:\w+ )?(?:or\b|$)|\b(?:too|count as|counts as) (?:much|far|deep|long|many)\b",
        _FIGURES, r"\bhow (?:high|deep|far|hard|low|heavy|much)\b|\bno (?:distance|figure|weekly)\b|\btoo (?:much|deep)\b"),
    _kind("which", r"\bwhich\b|\bwhat (?:exactly|else|other)\b|\bwhat (?:\w+ ){1,3}instead\b|\b(?:exercises|stretches|drills?)\W*$", "",
        r"\b(?:not|no) (?:name|list|single|particular)|\bnot (?:name|list|describe)d?\b|\bnames? (?:no|nothing|them)\b|\bwhich\b|\blist\b"
        r"|\b(?:exercises|stretches)\b.*\bnot (?:described|given)|\bin place of\b|\bholds? no\b|\blimits\b"),
    _kind("way", r"\bwhat (?:do|does|did) (?:they|he|she|you|those people) (?:\w+ )?(?:do|use)\b|\bhow (?:it|that|this|one) (?:is|gets) done\b"
        r"|\b(?:instructions?|descriptions?|drill|technique|explain|describe|walk me through)\b|\bweek by week\b", "",
        r"\b(?:not|never) (?:\w+ )?(?:describe[ds]?|show|explain|set out)|without explaining|\bhow to\b|\bhow [\w -]+ (?:done|treated|corrected|used)\b"
        r"|\bwhat (?:is|was) done\b|\bwhat to do\b|\bnot described\b"),
    _kind("meaning", r"^\W*what(?:'?s| is| are)\b|\bwhat does .* (?:mean|stand for)\b|\bmeaning\b|\bwhat (?:is|does|do) .* (?:mean|involve|look like)\b", "",
        r"\b(?:not|never) (?:\w+ )?(?:describe[ds]?|explain)|without explaining|\bwhat .* (?:means?|stands for|involves|looks?)\b"),
    _kind("who", rf"\bwho\b|\bwhich {_PEOPLE}\b|\bname of\b", "", r"\bwho\b|names? nobody|no name|which of the people|\bnot named?\b"),
    _kind("rest", r"\b(?:what else|anything else|the rest|next step|comes? (?:after|next)|what next|now what|whole|full|complete|entire|results?|all the|list)\b",
        "", r"breaks? off|cut off|stops? before|is missing|\blost\b|the rest|\bstill\b|\bafter both\b|\bthat follow\b"),
    _kind("case", r"\bwhen (?:is|are|should|do|does)\b|\bemergency\b|\bin which cases\b|\bwhat if\b", "",
        r"\bwhen (?:a|an|the|to|it|someone|muscle|\w+ cramps)\b|emergency|\bcases\b|\bwhat (?:to do|should)\b"),
    _kind("apart", r"\bhow (?:do|can|would|will|does) (?:i|you|we|they|\w+) (?:tell|know|judge|test)\b|\bdifferen(?:ce|t)\b|\bapart\b|\bhow .* (?:know|told?)\b", "",
        r"\btold apart\b|\bhow to (?:tell|judge|test)\b|\bdiffers?\b|in comparison|\brecognised\b|\bwhat to look for\b"),
)  # fmt: skip


_MAY = re.compile(
    r"\b(?:safe|ok|okay|alright|all right|fine|allowed)\b|\b(?:can|may|could) (?:i|you|we|he|she|they)\b", re.IGNORECASE
)
_WHETHER = re.compile(
    r"(?:^|[.?!,;:\n]\s+|\s[-–]\s)\W*(?:(?:so|and|but|hi|hello|ok|please)\W+)?(?:do|does|did|can|could|is|are|was|were|will|would"
    r"|should|may|might|has|have)(?:n['’]?t)?\b",
    re.IGNORECASE,
)


def asks_permission(question: str) -> bool:
    """Tell whether ``question`` asks if something may be done: can I run with a sore hip?"""
    return bool(_MAY.search(question))


def asks_whether(question: str) -> bool:
    """Tell whether a clause of ``question`` asks if something is so: does a knee brace stop cramp?"""
    return bool(_WHETHER.search(question)) and not asks_permission(question)


def kinds(question: str) -> list[Kind]:
    """Return the kinds of thing that ``question`` asks for, each by one name once."""
    found: dict[str, Kind] = {}
    question = question.lower()
    for kind in KINDS:
        if kind.name not in found and kind.asked.search(question):
            found[kind.name] = kind
    return list(found.values())


@lru_cache(maxsize=REMEMBERED)
def is_noted(kind: Kind, gap: str) -> bool:
    """Tell whether ``gap``, as a curator noted it, is about ``kind`` of thing."""
    return bool(kind.noted and kind.noted.search(gap))
