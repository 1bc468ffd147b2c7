"""Which words of a patient may mean an emergency, in a message or in a report of how they feel. Pure."""

import re
import unicodedata

_RED_FLAG_WORDS = (
    # chest pain
    r"(chest|heart)\s+(\w+\s+){0,3}(pain|hurt|tight|pressure|heav)\w*",
    r"(pain|tightness|pressure|hurt\w*|heaviness)\s+(\w+\s+){0,3}(in|on|across)\s+(\w+\s+){0,2}chest",
    r"heart\s+attack",
    r"(dolor|presion|opresion|duele)\s+(\w+\s+){0,3}pecho",
    r"pecho\s+(\w+\s+){0,3}(duele|aprieta|oprime)",
    r"(infarto|ataque\s+(al|de)\s+corazon)",
    # breathless at rest
    r"(can\s*t|can\s*not|cannot|cant|couldn\s*t|hard\s+to|trouble|difficulty|struggling\s+to|unable\s+to)\s+(\w+\s+){0,2}breath\w*",
    r"(short\w*|out)\s+of\s+breath",
    r"(breathless|gasping|suffocat|ahog)\w*",
    r"(no\s+puedo|cuesta|dificultad\s+para|dificil|problemas\s+para)\s+(\w+\s+){0,2}respir\w*",
    r"(falta|falto)\s+(de\s+|el\s+|de\s+el\s+)?(aire|aliento)",
    # fainting
    r"(faint(ed|ing)|pass(ed|ing)\s+out|black(ed|ing)\s+out|lost\s+consciousness|unconscious|collapsed)",
    r"(desmay\w*|perdi\s+el\s+conocimiento|inconsciente)",
    # new confusion
    r"(confused|confusion|disoriented|does\s*n\s*t\s+know\s+where)",
    r"(confundid[oa]|confusion|desorientad[oa])",
    # one-sided weakness, stroke
    r"(one|left|right)\s+(side|arm|leg)\s+(\w+\s+){0,4}(weak|numb|paraly|droop|can\s*t|cannot)\w*",
    r"(weak|numb)\w*\s+(\w+\s+){0,3}(one|left|right)\s+(side|arm|leg)",
    r"(face|mouth)\s+(\w+\s+){0,2}(droop|crooked|numb)\w*",
    r"(slurred|slurring)|can\s*(no|')?t\s+speak|stroke",
    r"(lado|brazo|pierna)\s+(\w+\s+){0,3}(debil|dormid|paraliz|adormecid)\w*",
    r"derrame\s+cerebral|cara\s+(torcida|caida)|no\s+puedo\s+hablar",
    # danger to oneself
    r"suicid\w*|kill\s+myself|end\s+my\s+life|want\s+to\s+die|quiero\s+morir|matarme|quitarme\s+la\s+vida",
    r"overdos\w*|sobredosis",
)
"""The red flags of requirements part 4.3 G (chest pain, breathless at rest, fainting, new confusion, weakness of one
side) and danger to oneself, in the two languages of the portal. Deliberately wide: "no chest pain" is marked as well,
since a mark costs a glance and a missed one may cost a life."""

_RED_FLAG = re.compile(r"\b(?:" + "|".join(_RED_FLAG_WORDS) + r")\b")


def has_red_flag(text: str) -> bool:
    """Whether a patient's words may mean an emergency."""
    return _RED_FLAG.search(_plain(text)) is not None


def _plain(text: str) -> str:
    """Lower case, without accents and apostrophes, words apart by one space."""
    flat = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(one for one in flat if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())
