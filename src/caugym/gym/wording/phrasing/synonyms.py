"""Other words for names and values, each usable only where no two variables of a problem could be confused."""

from __future__ import annotations

import re
from functools import cache

NAMES: dict[str, tuple[str, ...]] = {
    "temperature": ("the temperature", "temperatures", "temperature level"),
    "humidity level": ("humidity", "humidity levels", "the humidity"),
    "humidity": ("humidity level", "humidity levels"),
    "rainfall": ("precipitation", "rainfall levels", "rainfall amounts"),
    "air pressure": ("atmospheric pressure", "the air pressure"),
    "wind speed": ("wind velocity", "the speed of the wind"),
    "weather condition": ("weather conditions", "the weather", "weather"),
    "weather conditions": ("weather condition", "the weather", "weather"),
    "stress level": ("stress", "stress levels", "level of stress"),
    "blood pressure": ("blood pressure levels", "blood pressure level"),
    "physical health": ("physical well-being", "bodily health"),
    "mental health": ("psychological health", "mental well-being"),
    "amount of exercise": ("exercise", "exercise levels", "physical activity", "exercise quantity"),
    "sleep duration": ("length of sleep", "hours of sleep", "duration of sleep"),
    "education level": ("education", "educational attainment", "level of education", "educational level"),
    "level of education": ("education", "educational attainment", "education level"),
    "income level": ("income", "earnings", "level of income"),
    "job satisfaction": ("satisfaction with the job", "contentment at work"),
    "job performance": ("work performance", "performance at work"),
    "work-life balance": ("balance of work and life", "work-life balance level"),
    "employee performance": ("performance of employees", "worker performance", "staff performance"),
    "sales performance": ("sales results", "sales outcomes"),
    "market demand": ("demand in the market", "the market's demand"),
    "advertising spending": ("spending on advertising", "advertising expenditure"),
    "quality of teaching": ("teaching quality", "instruction quality"),
    "talent": ("talent level", "level of talent"),
    "appearance": ("physical appearance", "looks"),
    "government policies": ("governmental policies", "government policy", "governmental regulations"),
    "traffic congestion": ("congestion of traffic", "road congestion", "level of traffic congestion"),
    "severity of respiratory illnesses": (
        "respiratory illness severity", "the severity of respiratory diseases", "respiratory disease severity",
        "severity of respiratory ailments",
    ),
    "noise level": ("noise", "noise levels"),
    "water consumption": ("water use", "consumption of water"),
    "screen brightness": ("brightness of the screen",),
    "reading time": ("time spent reading", "time for reading"),
    "coffee intake": ("coffee consumption", "intake of coffee"),
    "caloric intake": ("calorie intake", "intake of calories"),
    "walking distance": ("distance walked", "distance covered on foot"),
    "plant height": ("height of the plant", "height of plants"),
    "soil moisture": ("moisture of the soil", "soil wetness"),
    "heart rate": ("pulse rate", "heart rate level"),
    "memory capacity": ("capacity of memory", "memory"),
    "travel frequency": ("frequency of travel",),
    "rental price": ("rent", "price of renting"),
    "population density": ("density of the population",),
    "internet speed": ("speed of the internet connection", "connection speed"),
    "electricity usage": ("electricity use", "use of electricity", "power consumption"),
    "stock price": ("share price", "price of the stock"),
    "cooking time": ("time spent cooking",),
    "music volume": ("volume of the music", "loudness of the music"),
    "number of friends": ("friend count", "circle of friends"),
    "savings rate": ("rate of saving",),
    "fuel consumption": ("fuel use", "consumption of fuel"),
    "crop yield": ("crop yields", "crop output", "agricultural output", "yield"),
    "farmer profits": ("profits of farmers", "farmers' profits"),
    "happiness level": ("happiness", "level of happiness"),
    "interest rate": ("interest rates",),
    "unemployment": ("joblessness",),
    "tax revenue": ("revenue from taxes",),
    "life expectancy": ("expected lifetime",),
    "body weight": ("weight of the body",),
    "screen time": ("time in front of screens",),
    "course grade": ("grade in the course",),
    "class size": ("size of the class",),
    "electricity price": ("price of electricity",),
}  # fmt: skip
"""Names that say the same. Only listed names and those that the rules below make are ever used."""

VALUES: dict[str, tuple[str, ...]] = {
    "low": ("reduced", "limited", "minimal", "at a low level", "on the low side", "small", "diminished"),
    "high": ("elevated", "at a high level", "considerable", "substantial", "increased", "on the high side", "great"),
    "poor": ("bad", "inadequate", "unsatisfactory", "substandard", "weak", "deficient"),
    "bad": ("poor", "unfavorable", "adverse", "inadequate", "unsatisfactory"),
    "good": ("favorable", "satisfactory", "strong", "fine", "positive"),
    "excellent": ("outstanding", "very good", "superb", "strong", "first-rate"),
    "great": ("very good", "outstanding", "impressive"),
    "weak": ("feeble", "low", "limited", "faint", "slight"),
    "strong": ("robust", "high", "powerful", "considerable", "pronounced"),
    "small": ("little", "low", "minor", "modest", "limited"),
    "large": ("big", "high", "sizable", "considerable", "substantial"),
    "heavy": ("intense", "high", "severe", "considerable"),
    "light": ("slight", "low", "minor", "mild"),
    "slow": ("sluggish", "low in speed", "unhurried", "at a low speed"),
    "fast": ("quick", "rapid", "swift", "at a high speed"),
    "few": ("hardly any", "scarce", "low in number", "limited in number"),
    "many": ("numerous", "abundant", "high in number", "plentiful"),
    "rare": ("infrequent", "uncommon", "seldom"),
    "frequent": ("common", "regular", "recurrent"),
    "scarce": ("limited", "insufficient", "scant", "inadequate"),
    "plentiful": ("abundant", "ample", "sufficient"),
    "ample": ("plentiful", "abundant", "sufficient", "generous"),
    "severe": ("serious", "grave", "intense"),
    "mild": ("slight", "moderate", "light"),
    "slight": ("small", "minor", "mild"),
    "irregular": ("not regular", "erratic", "uneven"),
    "regular": ("consistent", "steady"),
    "unstable": ("not stable", "volatile", "shaky"),
    "stable": ("steady", "firm"),
    "yes": ("present", "the case", "true"),
    "no": ("absent", "not the case", "false"),
    "negative": ("unfavorable", "below zero"),
    "positive": ("favorable", "above zero"),
    "slim": ("small", "poor", "low"),
    "lax": ("loose", "slack"),
    "strict": ("rigorous", "tight"),
    "thin": ("slim", "meager"),
    "unlikely": ("improbable", "not likely"),
    "likely": ("probable", "to be expected"),
    "loud": ("noisy", "not quiet"),
    "quiet": ("silent", "low"),
    "common": ("frequent", "widespread"),
    "rich": ("abundant", "ample"),
    "hostile": ("unfriendly", "aggressive"),
    "friendly": ("kind", "welcoming"),
    "unfair": ("not fair", "unjust"),
    "fair": ("just",),
    "unhealthy": ("not healthy", "poor"),
    "healthy": ("good", "in good condition"),
    "unfavorable": ("bad", "adverse"),
    "favorable": ("good", "advantageous"),
    "limited": ("restricted", "constrained", "narrow"),
    "short": ("brief", "not long"),
    "long": ("extended", "not short"),
    "cold": ("chilly", "cool"),
    "hot": ("warm", "very warm"),
    "dry": ("without rain", "not wet"),
    "wet": ("rainy", "not dry"),
    "unhappy": ("not happy", "discontented"),
    "happy": ("content", "cheerful"),
    "insufficient": ("inadequate", "not sufficient", "too small"),
    "sufficient": ("adequate", "enough"),
    "excessive": ("too high", "immoderate"),
    "moderate": ("reasonable", "measured"),
    "normal": ("ordinary", "usual"),
    "sparse": ("thin", "scant"),
    "dense": ("thick",),
    "fragile": ("delicate", "not robust"),
    "robust": ("sturdy", "resilient"),
    "expensive": ("costly", "high"),
    "cheap": ("inexpensive", "low"),
    "careless": ("negligent", "sloppy"),
    "careful": ("diligent", "thorough"),
    "abundant": ("plentiful", "ample", "widely available"),
}
"""Words that can stand for a value. Never used where the variable's other value could be meant."""

SLOTS = {f"name_{name}": (name, *others) for name, others in NAMES.items()} | {
    f"value_{word}": (word, *others) for word, others in VALUES.items()
}

_RULES = (
    (re.compile(r"^(.+) levels?$"), (r"\1", r"\1 levels", r"level of \1")),
    (re.compile(r"^level of (.+)$"), (r"\1", r"\1 level")),
    (re.compile(r"^quality of (?:the )?(.+)$"), (r"\1 quality",)),
    (re.compile(r"^severity of (?:the )?(.+)$"), (r"\1 severity",)),
    (re.compile(r"^availability of (?:the )?(.+)$"), (r"\1 availability",)),
    (re.compile(r"^number of (?:the )?(.+)$"), (r"\1 count",)),
    (re.compile(r"^amount of (?:the )?(.+)$"), (r"\1", r"\1 amount", r"quantity of \1")),
    (re.compile(r"^(?:an?|the) (?:\w+'s )?(.+)$"), (r"\1",)),
    (re.compile(r"^(\w+) (price|quality|rate|size|speed|intensity|density|frequency|volume|cost)$"), (r"\2 of \1",)),
)


@cache
def names(name: str) -> tuple[str, ...]:
    """``name`` first, then all that it may also be called, in lower case."""
    found = [name, *NAMES.get(name, ())]
    for pattern, forms in _RULES:
        if match := pattern.match(name):
            found += [match.expand(form) for form in forms]
    return tuple(dict.fromkeys(found))


@cache
def values(word: str, other: str) -> tuple[str, ...]:
    """``word`` first, then all that may stand for it where the opposite is ``other``."""
    taken = {other, *VALUES.get(other, ())}
    return (word, *(w for w in VALUES.get(word, ()) if w not in taken and w != f"not {word}"))
