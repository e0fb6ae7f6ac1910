"""German and French instructions in the English words that the grammar knows.

Only the words that carry a sentence are turned: what is quoted, names of columns and words in capitals stay.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_QUOTED = r"\"[^\"]*\"|'[^']*'|“[^”]*”|„[^“]*“|«[^»]*»"

_GERMAN: tuple[tuple[str, str], ...] = (
    (r"bei denen|bei welchen|in denen|deren|wobei|wo", "where"),
    (r"wenn|falls|sofern", "if"),
    (r"sonst|ansonsten|andernfalls", "otherwise"),
    (r"dann", "then"),
    (r"nur|lediglich|ausschließlich", "only"),
    (r"behalten?|übernimm|übernehmen|übernommen", "keep"),
    (r"benötigt|gebraucht|gewünscht", "needed"),
    (r"ohne", "without"),
    (r"soll(?:en)?|muss|müssen|darf|dürfen", "must"),
    (r"ignorier(?:en?|t)", "ignore"),
    (r"lass(?:en?|t)?", "drop"),
    (r"weg", ""),
    (r"weglassen|auslassen|überspring(?:en?|t)|entfern(?:en?|t)|lösch(?:en?|t)|verwirf|verwerfen|ausschließen", "drop"),
    (r"zeilen?|datensätze?|einträge?", "rows"),
    (r"spalten?", "column"),
    (r"alle", "all"),
    (r"nicht", "not"),
    (r"ist|sind", "is"),
    (r"wird(?: zu)?|werden(?: zu)?", "becomes"),
    (r"ungleich", "is not"),
    (r"gleich", "equal to"),
    (r"(?:kleiner|geringer|weniger) als|unter", "less than"),
    (r"(?:größer|höher|mehr) als|über", "greater than"),
    (r"mindestens", "at least"),
    (r"höchstens", "at most"),
    (r"leer", "blank"),
    (r"enthält", "contains"),
    (r"beginnt mit", "starts with"),
    (r"endet (?:mit|auf)", "ends with"),
    (r"mit", "with"),
    (r"oder", "or"),
    (r"und", "and"),
    (r"bedeutet|heißt|steht für|entspricht|entsprechen", "means"),
    (r"statt|anstelle von", "instead of"),
    (r"ersetzen?", "replace"),
    (r"geteilt durch", "divided by"),
    (r"multipliziert mit|mal", "times"),
    (r"abzüglich", "minus"),
    (r"zuzüglich", "plus"),
    (r"durch", "by"),
    (r"immer|stets", "always"),
    (r"negativ(?:e[rsnm]?)?", "negative"),
    (r"positiv(?:e[rsnm]?)?", "positive"),
    (r"pro|je|für jede[ns]?", "per"),
    (r"für", "for"),
    (r"als", "as"),
    (r"gruppier(?:en?|t)", "group"),
    (r"zusammen(?:zu)?fass(?:en?|t)|zusammengefasst|(?:auf)?summier(?:en?|t)", "summed"),
    (r"sortier(?:en?|t)", "sorted"),
    (r"absteigend", "descending"),
    (r"aufsteigend", "ascending"),
    (r"neueste[sn]? zuerst", "newest first"),
    (r"älteste[sn]? zuerst", "oldest first"),
    (r"größte[sn]? zuerst", "largest first"),
    (r"monat (?:steht|kommt) vor (?:dem )?tag", "month comes before day"),
    (r"tag (?:steht|kommt) vor (?:dem )?monat", "day comes before month"),
    (r"amerikanische[srnm]?", "american"),
    (r"europäische[srnm]?", "european"),
    (r"datumsformat", "date format"),
    (r"stellen (?:nach|hinter) dem komma", "decimals"),
    (r"nach", "by"),
    (r"datum|daten", "dates"),
    (r"im format", "in the format"),
    (r"(?:nachkomma|dezimal)stellen?", "decimals"),
    (r"gerundet|runden?", "rounded"),
    (r"großbuchstaben", "upper case"),
    (r"kleinbuchstaben", "lower case"),
    (r"summe", "sum"),
    (r"differenz", "difference"),
    (r"produkt", "product"),
    (r"von|aus", "of"),
    (r"setzen?", "set"),
    (r"auf|zu", "to"),
    (r"eine?[nrsm]?", "a"),
    (r"zwei", "two"),
    (r"drei", "three"),
    (r"vier", "four"),
    (r"die|der|das|den|dem|des", "the"),
)
_FRENCH: tuple[tuple[str, str], ...] = (
    (r"où|dont", "where"),
    (r"si|lorsque|quand", "if"),
    (r"sinon|autrement", "otherwise"),
    (r"alors", "then"),
    (r"uniquement|seulement|que", "only"),
    (r"(?:ne|n') ?pas|pas", "not"),
    (r"ne|n'", ""),
    (r"seule?s?", "only"),
    (r"rester", "kept"),
    (r"doi(?:t|vent)(?: être)?", "must be"),
    (r"sans", "without"),
    (r"garde[rz]?|conserve[rz]?", "keep"),
    (r"ignore[rz]", "ignore"),
    (r"exclure|exclue[sz]?|supprime[rz]?|retire[rz]?|enleve[rz]|omettre|saute[rz]", "drop"),
    (r"lignes?|enregistrements?", "rows"),
    (r"colonnes?", "column"),
    (r"toutes|tous", "all"),
    (r"est différente? de|n'est pas", "is not"),
    (r"est|sont|vaut", "is"),
    (r"égale?s? à", "equal to"),
    (r"inférieure?s? à", "less than"),
    (r"supérieure?s? à", "greater than"),
    (r"(?:d')?au moins", "at least"),
    (r"au plus(?! (?:ancien|récent))", "at most"),
    (r"vides?", "blank"),
    (r"contient", "contains"),
    (r"commence par", "starts with"),
    (r"(?:finit|se termine) par", "ends with"),
    (r"multiplié par|fois", "times"),
    (r"divisé par", "divided by"),
    (r"moins", "minus"),
    (r"avec", "with"),
    (r"ou", "or"),
    (r"et", "and"),
    (r"signifie|veut dire|correspond(?:ent)? à", "means"),
    (r"au lieu de", "instead of"),
    (r"comme", "as"),
    (r"devient|deviennent", "becomes"),
    (r"remplace[rz]?", "replace"),
    (r"toujours", "always"),
    (r"négati(?:f|ve)s?", "negative"),
    (r"positi(?:f|ve)s?", "positive"),
    (r"pour chaque", "per"),
    (r"pour", "for"),
    (r"additionne[rz]|agrége[rz]|cumule[rz]", "sum"),
    (r"(?:re)?groupe[rz]|(?:re)?groupée?s?", "group"),
    (r"trie[rz]|triée?s?", "sorted"),
    (r"décroissante?", "descending"),
    (r"croissante?", "ascending"),
    (r"du plus récent au plus ancien|(?:les? )?plus récente?s? (?:d'abord|en premier)", "newest first"),
    (r"du plus ancien au plus récent|(?:les? )?plus ancien(?:ne)?s? (?:d'abord|en premier)", "oldest first"),
    (r"par", "by"),
    (r"mois (?:vient |est )?avant (?:le )?jour", "month comes before day"),
    (r"jour (?:vient |est )?avant (?:le )?mois", "day comes before month"),
    (r"format américain", "american format"),
    (r"format européen", "european format"),
    (r"au format", "in the format"),
    (r"chiffres après la virgule", "decimals"),
    (r"décimales?", "decimals"),
    (r"arrondi(?:e?s?|r)", "rounded"),
    (r"majuscules?", "upper case"),
    (r"minuscules?", "lower case"),
    (r"somme", "sum"),
    (r"différence", "difference"),
    (r"produit", "product"),
    (r"de|du", "of"),
    (r"à", "to"),
    (r"une?", "a"),
    (r"deux", "two"),
    (r"trois", "three"),
    (r"quatre", "four"),
    (r"les?|la|des", "the"),
)
_TURNED = [(re.compile(pattern, re.IGNORECASE), english) for pattern, english in (*_GERMAN, *_FRENCH)]
_ANY = re.compile(
    rf"(?P<kept>{_QUOTED})|(?<!\w)(?P<word>{'|'.join(f'(?:{p})' for p, _ in (*_GERMAN, *_FRENCH))})(?!\w)",
    re.IGNORECASE,
)
_DATE_FORM = re.compile(
    r"(?<!\w)(?=[\w/. -]*(?:J|A)\b)(?:TT?|JJ?|MM?)[-/. ](?:TT?|JJ?|MM?)[-/. ](?:J{2,4}|A{2,4})(?!\w)", re.IGNORECASE
)
_FROM = re.compile(r"(?<!\w)ab (?=[0-9])", re.IGNORECASE)
"""`ab 15`, at least; before anything else it may be a part of a verb."""
MAX_CHARS = 20_000
"""Characters of instructions that are read."""


def in_english(text: str, names: Iterable[str] = ()) -> str:
    """The text with the words of German and French grammar in English; ``names`` of columns stay as they are."""
    return _turned(text[:MAX_CHARS], tuple(sorted({name.strip().lower() for name in names})))


@lru_cache(maxsize=256)
def _turned(text: str, names: tuple[str, ...]) -> str:
    def turn(found: re.Match[str]) -> str:
        word = found["word"]
        if word is None or word.lower() in names or (len(word) > 1 and word.isupper()):
            return found.group()
        return next(english for pattern, english in _TURNED if pattern.fullmatch(word))

    return re.sub(r"[ \t]+", " ", _ANY.sub(turn, _FROM.sub("at least ", _DATE_FORM.sub(_form, text)))).strip()


def _form(found: re.Match[str]) -> str:
    """TT.MM.JJJJ and JJ/MM/AAAA as DD and YYYY: the last part is the year, T and J before it the day."""
    day_and_month, mark, year = re.split(r"([-/. ])(?=[^-/. ]*\Z)", found.group().upper())
    return re.sub("[TJ]", "D", day_and_month) + mark + "Y" * len(year)
