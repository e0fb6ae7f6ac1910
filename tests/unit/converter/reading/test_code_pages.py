"""One-byte encodings: texts of many languages come out as they were written, in each that has their letters."""

import pytest

from services.converter.domain.reading.code_pages import PAGES, decide_page, open_letters, words_of
from services.converter.domain.reading.encoding import sniff_encoding
from services.converter.domain.reading.reader import ReadingHints, read_table
from services.converter.domain.table import Dialect

TEXTS = {
    "de": "Buchungstag;Empfänger;Währung\n03.05.2026;Städtische Werke Köln;Überweisung für März\n",
    "fr": "Date opération;Bénéficiaire;Crédit\n03/05/2026;Boulangerie Crème brûlée;règlement à réception\n",
    "es": "Fecha;Descripción;Número\n03/05/2026;Compañía Española;transferencia a señor Muñoz\n",
    "it": "Data;Causale;Quantità\n03/05/2026;Società Elettricità Città di Forlì;perché è già pagato\n",
    "pt": "Data;Descrição;Valor\n03/05/2026;Padaria São João;devolução de ações\n",
    "ca": "Data;Descripció;Raó social\n03/05/2026;Fundació Gràcia;adquisició il·lustració\n",
    "sv": "Bokföringsdag;Mottagare;Belopp\n2026-05-03;Skånska Mjölkföreningen;hyra för åtta månader\n",
    "da": "Bogføringsdato;Modtager;Beløb\n03.05.2026;Købmand Sørensen;lønoverførsel på æbler\n",
    "nb": "Bokføringsdato;Mottaker;Beløp\n03.05.2026;Bergen Sjømat;lønn på forskudd, kjøp av brød\n",
    "fi": "Kirjauspäivä;Saaja;Määrä\n3.5.2026;Hämeen Sähkö;käyttöönottomaksu päätös\n",
    "is": "Bókunardagur;Móttakandi;Upphæð\n03.05.2026;Íþróttafélag Þórs;greiðsla á láni\n",
    "pl": "Data księgowania;Odbiorca;Tytuł\n03.05.2026;Spółdzielnia Łódź;opłata za wywóz śmieci, część\n",
    "cs": "Datum zaúčtování;Příjemce;Částka\n03.05.2026;Městský úřad Žďár;nájemné za květen, účet\n",
    "sk": "Dátum zaúčtovania;Príjemca;Čiastka\n03.05.2026;Mestský úrad Žilina;nájomné za máj, účet platiteľa\n",
    "hu": "Könyvelés;Kedvezményezett;Összeg\n2026.05.03;Győri Fűtőmű;erőmű javítása, díjfizető\n",
    "hr": "Datum knjiženja;Primatelj;Iznos\n03.05.2026;Gradska plinara Šibenik;plaćanje računa, đački dom\n",
    "sl": "Datum knjiženja;Prejemnik;Znesek\n03.05.2026;Občina Škofja Loka;plačilo računa, žiro račun\n",
    "ro": "Data;Beneficiar;Suma\n03.05.2026;Primăria Braşov;plată chirie pentru lună, comisioane bancă\n",
    "tr": "İşlem tarihi;Alıcı;Tutarı\n03.05.2026;İstanbul Şişecam;ödeme açıklaması, kira borcu için\n",
    "lt": "Data;Gavėjas;Paskirtis\n2026-05-03;Šiaulių šilumos tinklai;mokėjimas už būstą, įmoka\n",
    "lv": "Datums;Saņēmējs;Mērķis\n2026-05-03;Rīgas ūdens;rēķina apmaksa par elektrību\n",
    "et": "Kuupäev;Saaja nimi;Selgitus\n2026-05-03;Jõgeva Õlletehas;üürimakse, võlgnevus\n",
    "ru": "Дата;Получатель;Сумма\n03.05.2026;Городские электросети;оплата аренды\n",
    "el": "Ημερομηνία;Δικαιούχος;Ποσό\n03/05/2026;Δημόσια Επιχείρηση;πληρωμή ενοικίου\n",
}
WRITTEN = [
    (language, page)
    for language, text in TEXTS.items()
    for page, (_, languages) in PAGES.items()
    if language in languages and text.encode(page, "ignore").decode(page) == text
]


@pytest.mark.parametrize(("language", "page"), WRITTEN)
def test_a_text_is_read_as_it_was_written(language: str, page: str) -> None:
    data = TEXTS[language].encode(page)
    found = sniff_encoding(data, whole=True)
    assert (data.decode(found.name), found.others) == (TEXTS[language], ())


@pytest.mark.parametrize(
    "text",
    [
        "£100",
        "5 m³ Öl",
        "Nº 5 España",
        "¿Qué?",
        "Café Crème",
        "20 °C",
        "Zoë",
        "“Grüße”",
        "l’été",
        "50 €",
        "¥ 300",
        "½ Liter",
    ],
)
def test_what_files_in_western_languages_hold_leaves_nothing_open(text: str) -> None:
    found = sniff_encoding(f"a;b\n{text};1\n".encode("cp1252"), whole=True)
    assert (found.name, found.others) == ("cp1252", ())


FOUR_BYTES = "Ilość".encode("cp1250")
"""`Ilość` in one encoding and `Iloœæ` in another: a single word tells neither."""


def test_a_word_that_could_be_of_several_encodings_leaves_these_open() -> None:
    assert "cp1250" in sniff_encoding(FOUR_BYTES, whole=True).others


def test_the_letters_that_are_open_are_those_that_the_encodings_have_otherwise() -> None:
    assert set("œæ") < set(open_letters("cp1252", ["cp1250"]))
    assert not set("éöß") & set(open_letters("cp1252", ["cp1250"]))


def test_the_other_side_of_an_example_decides() -> None:
    decided = decide_page(FOUR_BYTES, known=words_of("ilość; Łódź"))
    assert (decided.name, decided.others) == ("cp1250", ())


def test_the_example_s_own_file_decides_where_a_later_one_says_nothing() -> None:
    hints = ReadingHints(Dialect(encoding="cp1250"))
    assert read_table(b"a;b\n" + FOUR_BYTES + b";1\n", hints).table.rows == (("Ilość", "1"),)


def test_an_example_that_leaves_its_encoding_open_decides_nothing() -> None:
    hints = ReadingHints(Dialect(encoding="cp1250", other_encodings=("cp1252",)))
    assert read_table(b"a;b\n" + FOUR_BYTES + b";1\n", hints).table.dialect.other_encodings


def test_a_later_file_may_be_in_another_encoding_than_the_example() -> None:
    text = TEXTS["pl"]
    read = read_table(text.encode("iso-8859-2"), ReadingHints(Dialect(encoding="cp1250")))
    assert read.table.rows[0][1] == "Spółdzielnia Łódź"
