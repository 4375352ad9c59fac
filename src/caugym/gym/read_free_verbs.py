"""The words that say "directly affects" in free sentences: active, passive, with a noun, as arrows.

``plainly`` first takes out the words that only bind sentences ("also", "in turn"), so that the patterns stay small.
"""

from __future__ import annotations

import re

_BINDING = (
    r"(?:also|itself|themselves|likewise|then|separately|simultaneously|once\s+more|once\s+again|on\s+top\s+of\s+that|subsequently|independently|jointly|too|similarly|additionally|moreover|"
    r"furthermore|equally|again|finally|lastly|just\s+as\s+directly|"
    r"in\s+(?:its|their)(?:\s+own)?\s+turn|in\s+turn|in\s+addition|for\s+(?:its|their)\s+part|besides\s+that|"
    r"further(?=\s+(?:directly|has|have|exerts?|affects?|influences?|impacts?|is|are)\b)|"
    r"in\s+the\s+same\s+way|on\s+the\s+other\s+hand|meanwhile|as\s+well(?!\s+as\b))"
)
_COMMAS = re.compile(rf"\s*,\s+(?:{_BINDING}|besides|further)\s*,\s+(?!and\b|but\b|while\b)", re.I)
_BARE = re.compile(rf"\s+{_BINDING}\b(?:,(?=\s+(?:{_BINDING}|directly|by|on|has|have|is|are)\b))?", re.I)
_LEADING = re.compile(rf"^{_BINDING}\b,?\s+", re.I)

_NOUN = (
    r"(?:effect|impact|influence|bearing|link|relationship|role|connection|relation|hold|say|hand|control|power|"
    r"consequence|grip|"
    r"causal\s+(?:effect|influence|impact|link))s?"
)
_DIRECT = r"(?:direct|immediate)(?:\s+(?:and\s+)?causal)?"
_EACH = (
    r"(?:(?:an?|the|its|their|own|one|two|three|four|another|second|third|fourth|more|other|similar|each|"
    r"both|but|just|only|separate|last|final|additional)\s+)*"
)
A_DIRECT = rf"{_EACH}(?:{_DIRECT}|causal)\s+{_NOUN}\s+(?:(?:both|each)\s+)?(?:on|to|over|upon|in|with|for)"
"""A noun with its preposition: "a second direct effect on"."""
_PLAIN = r"(?:influence|affect|impact|determine|shape|drive|govern|cause)s?"
_ON = r"(?:act|bear|work|push|operate|impinge)s?"
_WIDE = (
    r"(?:influence|affect|impact|determine|shape|drive|govern|cause|alter|change|modify|modifie|control|move|steer|"
    r"stir|shift|regulate|mold|mould|touch|decide|sway|adjust|guide|reache?|enter|set|hit|"
    r"inform|grip)s?"
    r"|(?:raise|increase|boost)s?\s+or\s+(?:lower|reduce|decrease)s?"
    rf"|{_ON}\s+(?:up)?on|(?:feed|play|flow)s?\s+into|(?:contribute|lead|add)s?\s+to|matters?\s+(?:to|for)"
)
"""Verbs that need "directly"."""
_VERB_NEXT = (
    rf"\s+(?:(?:directly|causally|immediately)\s+(?:{_WIDE})|{_PLAIN}|has|have|is|are|exerts?|depends?|responds?)\b"
)
"""Behind a noun that could be a verb: "peer influence directly shapes"."""
_ACTIVE = (
    rf"(?:(?:directly|causally|immediately)\s+(?:{_WIDE})|"
    rf"(?:{_PLAIN}(?!{_VERB_NEXT})|(?:alter|change|modify|control|move|sway|steer|shift|touche?)s?"
    rf"(?=\s+directly\b)(?!{_VERB_NEXT}))|"
    rf"{_ON}\s+directly\s+(?:up)?on|acts?\s+(?:up)?on|(?:feed|play|flow)s?\s+directly\s+into|"
    r"contributes?\s+(?:directly\s+)?to|leads?\s+directly\s+to)(?:\s+directly)?(?:\s+(?:both|each))?(?!\s+of\b)"
    rf"|(?:has|have|exerts?|plays?|had|exercises?|possess|possesses)\s+{A_DIRECT}"
    rf"|(?:has|have|exerts?|exercises?)\s+(?:one|another)(?:\s+more)?\s+(?:up)?on"
    rf"|(?:is|are)\s+(?:an?\s+|another\s+|second\s+|third\s+|(?:one\s+of|among)\s+the\s+|the\s+|each\s+|both\s+)*{_DIRECT}\s+"
    r"(?:causes?\s+of|(?:influence|effect|impact)s?\s+on|(?:driver|determinant)s?\s+of|contributors?\s+to)"
)
_DONE = (
    r"(?:influenced|affected|impacted|determined|shaped|driven|altered|changed|caused|governed|controlled|molded|"
    r"moulded|moved|steered|stirred|swayed|touched|set|regulated|shifted|decided|modified|acted\s+up?on)"
)
_HOW = r"(?:(?:directly|immediately|each|both|all|alike)\s+)*"
_PASSIVE = (
    rf"(?:(?:is|are)\s+{_HOW}(?:{_DONE}\s+(?:directly\s+)?by|dependent\s+(?:directly\s+)?(?:up)?on)"
    rf"|(?:is|are)\s+(?:an?\s+|the\s+|each\s+|both\s+)*{_DIRECT}\s+"
    r"(?:effects?|consequences?|functions?|results?|products?|outcomes?)\s+of"
    rf"|{_HOW}(?:depend|respond|react|relie|rely)s?\s+(?:both\s+|each\s+)?(?:directly\s+)?(?:up)?(?:on|to)"
    r"|(?:results?|stems?|follows?|arises?|comes?)\s+directly\s+from|"
    r"directly\s+(?:results?|stems?|follows?|arises?|comes?)\s+from"
    rf"|(?:feels?|receives?|undergoes|undergo)\s+{_EACH}{_DIRECT}\s+{_NOUN}\s+(?:of|from)"
    rf"|(?:is|are)\s+(?:subject\s+to|under)\s+{_EACH}{_DIRECT}\s+{_NOUN}\s+(?:of|from)"
    r"|(?:has|have)\s+(?:these\s+|the\s+following\s+|(?:exactly\s+|just\s+|only\s+)?(?:one|two|three|four|five)\s+)?"
    rf"(?:{_DIRECT})\s+causes?(?:\s*[:,]|\s*,?\s*(?:which\s+are|namely|which\s+is)))"
)
_VERBS = re.compile(
    rf"\s+(?P<passive>{_PASSIVE})\s+|\s+(?P<active>{_ACTIVE})(?=\s)\s*|\s(?P<arrow>(?:-+>|→|=+>)(?:\s+direct\s+effect\s+on)?)\s+",
    re.I,
)
AGAIN = re.compile(
    rf"\s*,?\s*\b(?:and\s+)?(?:an?|another|one|one\s+more|a\s+(?:second|third|further))\s+"
    rf"(?:(?:{_DIRECT}|causal)\s+{_NOUN}\s+|more\s+)?(?:up)?on\s+",
    re.I,
)
"""A noun said again before a name: "a direct effect on sleep and another on mood"."""
PREPOSITION = re.compile(
    r"^(?:directly\s+)?(?:on|upon|of|by|to|from|into|over)\s+(?:how\s+(?=directly\b))?(?=\S)|^directly\s+", re.I
)
"""Said again before a name of a list: "on sleep and on mood", "directly on mood"."""
_NO_VERB = re.compile(
    r"(?:\b(?:no|an?|the|any|of|outside|external|direct|every|its|their|other|others|further|unlisted|all|own|each|not|"
    r"these|those|this|such|for|to|on|as|in|from|other|mutual|causal|unmentioned|additional|hidden|extraneous)|'s|s')$",
    re.I,
)
"""What stands before a noun that looks like a verb: "no influence"."""
_NOUN_TOO = re.compile(r"(?:influence|impact|cause|drive|shape|change|control)s?$", re.I)
_OTHERS = re.compile(
    r"\b(?:(?:exactly|just|only|no\s+fewer\s+than|all)\s+)*(?:one|two|three|four|five|six)\s+(?:of\s+(?:the\s+)?"
    r"(?:others?|rest)|others?|things|variables|quantities|factors)(?:\s+directly)?\s*(?:,\s*(?:namely\s+)?|:\s*)",
    re.I,
)
"""What announces a list: "three of the others, namely"."""
_NOTHING_ELSE = re.compile(
    r"(?:[,;]\s+(?:and\s+|but\s+|with\s+)?(?:there\s+(?:is|are)\s+)?(?:nothing|no\s+(?:other|further)|that\s+is)|"
    r"\s+(?:and|but)\s+(?:nothing\s+else|no\s+other))\b"
    r"(?:(?!\bdirectly\b)[^,;])*$",
    re.I,
)
"""What a premise adds behind its edges: "and nothing else affects anything"."""
_AT_END = re.compile(r"\s+directly(?=$|[,;]|\s+and\b)", re.I)


def plainly(text: str) -> str:
    """``text`` without the words that bind sentences, and without a "directly" that follows the name."""
    text = _OTHERS.sub("", _LEADING.sub("", text.strip()))
    text = _NOTHING_ELSE.sub("", text)
    text = re.sub(r"([,;]?\s+and)\s+(?:where|in\s+which|that)\s+", r"\1 ", text, flags=re.I)
    for _ in range(3):  # "also, in turn,"
        text = _COMMAS.sub(" ", text)
        text = _BARE.sub("", text)
    return " ".join(text.split())


def undirected(name: str) -> str:
    """A list of names without "directly" behind one: "affects sleep directly"."""
    return _AT_END.sub("", name)


def verbs(text: str) -> list[re.Match[str]]:
    """Every verb that states an edge, without nouns that look like one."""
    found = _VERBS.finditer(text)
    return [
        verb for verb in found if not (_NOUN_TOO.fullmatch(verb[0].strip()) and _NO_VERB.search(text[: verb.start()]))
    ]
