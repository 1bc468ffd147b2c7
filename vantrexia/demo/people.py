"""Invented names, addresses and numbers. Nobody here exists; the telephone numbers are reserved for fiction."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

_FEMALE = [
    "Amara",
    "Beatriz",
    "Carmen",
    "Delia",
    "Edith",
    "Farah",
    "Greta",
    "Hana",
    "Imani",
    "Joyce",
    "Keiko",
    "Lorna",
    "Mireille",
    "Nadia",
    "Odessa",
    "Paloma",
    "Queenie",
    "Rosalind",
    "Sunita",
    "Thelma",
    "Ursula",
    "Vivian",
    "Willa",
    "Ximena",
    "Yolanda",
    "Zora",
    "Agnes",
    "Bronwyn",
    "Celeste",
    "Dagny",
]
_MALE = [
    "Alvaro",
    "Bertram",
    "Cedric",
    "Dimitri",
    "Ezekiel",
    "Fergus",
    "Gideon",
    "Hiroshi",
    "Isidro",
    "Jerome",
    "Kofi",
    "Leopold",
    "Marcel",
    "Niels",
    "Omar",
    "Percival",
    "Quentin",
    "Rafael",
    "Stellan",
    "Tobias",
    "Ulises",
    "Viktor",
    "Wendell",
    "Xavier",
    "Yusuf",
    "Zachary",
    "Anselm",
    "Boris",
    "Cassius",
    "Desmond",
]
_FAMILY = [
    "Abernathy",
    "Blomqvist",
    "Castellanos",
    "Dubois",
    "Eriksen",
    "Fitzwilliam",
    "Garibaldi",
    "Hollingsworth",
    "Ibarra",
    "Jankowski",
    "Kowalczyk",
    "Lindqvist",
    "Montgomery",
    "Nakagawa",
    "Okafor",
    "Petrosyan",
    "Quintanilla",
    "Rasmussen",
    "Szymanski",
    "Thibodeaux",
    "Underhill",
    "Vandermeer",
    "Whitlock",
    "Xenakis",
    "Yamashita",
    "Zielinski",
    "Arbuthnot",
    "Bramblett",
    "Crenshaw",
    "Delacroix",
    "Eastwick",
    "Fairweather",
    "Goldsworthy",
    "Huckabee",
    "Inglewood",
    "Jurgensen",
    "Kirkpatrick",
    "Lachance",
    "Mulvaney",
    "Northcutt",
]
_STREETS = [
    "Alder",
    "Birchwood",
    "Chestnut",
    "Dogwood",
    "Elmhurst",
    "Foxglove",
    "Glenbrook",
    "Hawthorn",
    "Ironwood",
    "Juniper",
]
_CITIES = (("Springfield", "IL", "627"), ("Madison", "WI", "537"), ("Dubuque", "IA", "520"), ("Duluth", "MN", "558"))


@dataclass(frozen=True)
class Person:
    """One invented patient's particulars."""

    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    phone: str
    email: str
    address_line: str
    city: str
    state: str
    postal_code: str


def invent_people(count: int, *, today: date, chance: Random) -> list[Person]:
    """That many people between 45 and 88 years old; no two share first and last name while the names last."""
    pairs = [(first, last, "female") for first in _FEMALE for last in _FAMILY]
    pairs += [(first, last, "male") for first in _MALE for last in _FAMILY]
    chance.shuffle(pairs)
    return [_invent(*pairs[number % len(pairs)], number=number, today=today, chance=chance) for number in range(count)]


def _invent(first: str, last: str, gender: str, *, number: int, today: date, chance: Random) -> Person:
    city, state, zip_start = chance.choice(_CITIES)
    return Person(
        first_name=first,
        last_name=last,
        date_of_birth=today - timedelta(days=chance.randint(45 * 365, 88 * 365)),
        gender=gender,
        phone=f"({chance.randint(201, 989)}) 555-01{number % 100:02d}",
        email=f"{first}.{last}{number}@mail.example".lower(),
        address_line=f"{chance.randint(11, 9899)} {chance.choice(_STREETS)} Street",
        city=city,
        state=state,
        postal_code=f"{zip_start}{chance.randint(1, 99):02d}",
    )
