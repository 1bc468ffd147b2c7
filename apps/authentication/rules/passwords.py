"""What a password needs: pure decisions."""


def missing_character_classes(password: str) -> tuple[str, ...]:
    """Which of "upper", "lower", "digit" and "special" the password lacks, in that order."""
    present = {
        "upper": any(char.isupper() for char in password),
        "lower": any(char.islower() for char in password),
        "digit": any(char.isdigit() for char in password),
        "special": any(not char.isalnum() and not char.isspace() for char in password),
    }
    return tuple(name for name, found in present.items() if not found)


MIN_LENGTH = 12
MIN_LENGTH_ALONE = 15
"""Without a second factor and without composition (NIST SP 800-63B-4)."""
MAX_LENGTH = 128
_WORD_LENGTH = 4
_LEFT_OVER = 8
_LOOK_ALIKES = str.maketrans("0134578@$!", "oieastbasi")


def needed_length(is_length_only: bool, has_second_factor: bool) -> int:
    """The fewest characters of a password."""
    return MIN_LENGTH_ALONE if is_length_only and not has_second_factor else MIN_LENGTH


def core_of(password: str) -> str:
    """The password in small letters without the digits and signs around it: of "Sunshine-2024!" it is "sunshine"."""
    folded = password.casefold()
    letters = [place for place, char in enumerate(folded) if char.isalpha()]
    return folded[letters[0] : letters[-1] + 1] if letters else ""


def words_of(*texts: str) -> frozenset[str]:
    """The longer words of names and addresses, in small letters."""
    spaced = "".join(char if char.isalnum() else " " for char in " ".join(texts).casefold())
    return frozenset(word for word in spaced.split() if len(word) >= _WORD_LENGTH)


def leans_on(password: str, words: frozenset[str]) -> bool:
    """Whether too little of the password is left without these words, written plainly or with look-alikes."""
    for text in (password.casefold(), password.casefold().translate(_LOOK_ALIKES)):
        rest = text
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != text and sum(char.isalnum() for char in rest) < _LEFT_OVER:
            return True
    return False
