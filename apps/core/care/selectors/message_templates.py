"""What the team writes often. Unlike every other text it is the patient's to read, so it is in the patient's language,
whatever the colleague's is; both stand here side by side, and a reviewer sees that they say the same.
"""

from django.utils.translation import gettext_lazy as _

from apps.core.care.types import MessageTemplate

TEMPLATE_NAMES = {
    MessageTemplate.MEASURE_AGAIN: _("Measure again"),
    MessageTemplate.NO_READINGS: _("No readings"),
    MessageTemplate.PLEASE_CALL: _("Please call us"),
    MessageTemplate.TRIED_TO_CALL: _("We tried to call"),
    MessageTemplate.DEVICE_HELP: _("Help with the device"),
    MessageTemplate.THANK_YOU: _("Thank you"),
}

_TEXTS: dict[MessageTemplate, dict[str, tuple[str, str]]] = {
    MessageTemplate.MEASURE_AGAIN: {
        "en": (
            "Please measure again",
            "Hello,\n\nOne of your readings was different from usual. Please sit and rest for five minutes, then"
            " measure again and wait for the device to send it.\n\nIf you feel unwell, call us. If you have chest"
            " pain, trouble breathing, fainting, new confusion or weakness on one side, call 911 now.",
        ),
        "es": (
            "Por favor, mida otra vez",
            "Hola:\n\nUna de sus mediciones fue distinta de lo habitual. Siéntese y descanse cinco minutos; luego"
            " mida otra vez y espere a que el aparato la envíe.\n\nSi se siente mal, llámenos. Si tiene dolor de"
            " pecho, dificultad para respirar, desmayo, confusión nueva o debilidad en un lado del cuerpo, llame al"
            " 911 ahora.",
        ),
    },
    MessageTemplate.NO_READINGS: {
        "en": (
            "We have no new readings from you",
            "Hello,\n\nWe have not had a reading from you for a few days. Are you well? Please measure today if you"
            " can. If the device does not work, or you are away, write back and we will help.",
        ),
        "es": (
            "No tenemos mediciones nuevas",
            "Hola:\n\nHace unos días que no recibimos mediciones suyas. ¿Está bien? Mida hoy, si puede. Si el"
            " aparato no funciona, o si está de viaje, respóndanos y le ayudamos.",
        ),
    },
    MessageTemplate.PLEASE_CALL: {
        "en": (
            "Please call us",
            "Hello,\n\nWe would like to talk with you about your readings. Please call the practice today during"
            " our hours.",
        ),
        "es": (
            "Por favor, llámenos",
            "Hola:\n\nQueremos hablar con usted sobre sus mediciones. Llame hoy al consultorio durante nuestro"
            " horario.",
        ),
    },
    MessageTemplate.TRIED_TO_CALL: {
        "en": (
            "We tried to call you",
            "Hello,\n\nWe tried to call you and could not reach you. When is a good time, and at which number? You"
            " can also call the practice during our hours.",
        ),
        "es": (
            "Intentamos llamarle",
            "Hola:\n\nIntentamos llamarle y no pudimos comunicarnos. ¿A qué hora le queda bien y a qué número?"
            " También puede llamar al consultorio durante nuestro horario.",
        ),
    },
    MessageTemplate.DEVICE_HELP: {
        "en": (
            "Help with your device",
            "Hello,\n\nPlease check that the device is charged or has new batteries, and that it is near its hub or"
            " your phone. Then measure again. If the display shows an error, write to us what it says.",
        ),
        "es": (
            "Ayuda con su aparato",
            "Hola:\n\nRevise que el aparato esté cargado o tenga pilas nuevas, y que esté cerca de su base o de su"
            " teléfono. Luego mida otra vez. Si la pantalla muestra un error, escríbanos qué dice.",
        ),
    },
    MessageTemplate.THANK_YOU: {
        "en": (
            "Thank you",
            "Thank you for your message. We have read it and added it to your record.",
        ),
        "es": (
            "Gracias",
            "Gracias por su mensaje. Lo leímos y lo agregamos a su expediente.",
        ),
    },
}


def template_text(template: MessageTemplate, language: str) -> tuple[str, str]:
    """Subject and text of a template in the patient's language; in English where we have no words in it."""
    texts = _TEXTS[template]
    return texts.get(language, texts["en"])


def template_texts() -> frozenset[str]:
    """Every text in every language, to tell one that nobody touched from what somebody wrote."""
    return frozenset(text for texts in _TEXTS.values() for _subject, text in texts.values())


def template_subjects() -> frozenset[str]:
    """Every subject in every language."""
    return frozenset(subject for texts in _TEXTS.values() for subject, _text in texts.values())
