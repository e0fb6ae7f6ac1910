"""Facts of the world that no library at hand holds, in short: names of countries and signs of currencies in use."""

ALIASES = {
    "US": "USA|U.S.A.|U.S.|United States of America|America", "GB": "UK|U.K.|Great Britain|Britain|England",
    "AE": "UAE|U.A.E.", "KR": "South Korea|Korea|Republic of Korea", "KP": "North Korea", "RU": "Russia",
    "CZ": "Czech Republic|Czechia", "NL": "Holland|The Netherlands", "VN": "Vietnam|Viet Nam", "LA": "Laos",
    "SY": "Syria", "IR": "Iran", "VE": "Venezuela", "BO": "Bolivia", "TZ": "Tanzania", "MD": "Moldova",
    "MK": "Macedonia|North Macedonia", "CI": "Ivory Coast", "CD": "DR Congo", "TR": "Turkey|Türkiye",
    "HK": "Hong Kong", "MO": "Macau|Macao", "TW": "Taiwan", "CN": "PR China|P.R. China", "SZ": "Swaziland",
    "MM": "Burma", "CV": "Cape Verde", "VA": "Vatican|Vatican City", "PS": "Palestine", "BN": "Brunei",
    "TL": "East Timor", "SA": "KSA", "ZA": "RSA",
}  # fmt: skip
"""Names that people use for countries."""

SIGNS = {
    "USD": "$|US$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹|Rs|Rs.", "RUB": "₽", "TRY": "₺", "UAH": "₴",
    "AUD": "A$|AU$", "CAD": "C$|CA$", "HKD": "HK$", "NZD": "NZ$", "SGD": "S$", "BRL": "R$", "MXN": "MX$", "KRW": "₩",
    "ILS": "₪", "PHP": "₱", "VND": "₫", "NGN": "₦", "THB": "฿", "CNY": "CN¥|RMB", "TWD": "NT$", "CHF": "Fr.|SFr.",
    "PLN": "zł", "CZK": "Kč", "ZAR": "R", "SEK": "kr",
}  # fmt: skip
"""Signs of currencies, the usual one first."""
