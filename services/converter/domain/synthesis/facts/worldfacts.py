"""Facts of the world that no library at hand holds, in short: continents, calling codes, names in use, exchanges."""

CONTINENTS = {
    "Africa": (
        "DZ AO BJ BW BF BI CM CV CF TD KM CG CD CI DJ EG GQ ER SZ ET GA GM GH GN GW KE LS LR LY MG MW ML MR "
        "MU YT MA MZ NA NE NG RE RW SH ST SN SC SL SO ZA SS SD TZ TG TN UG EH ZM ZW"
    ),
    "Asia": (
        "AF AM AZ BH BD BT BN KH CN CY GE HK IN ID IR IQ IL JP JO KZ KW KG LA LB MO MY MV MN MM NP KP OM PK "
        "PS PH QA SA SG KR LK SY TW TJ TH TL TR TM AE UZ VN YE"
    ),
    "Europe": (
        "AL AD AT BY BE BA BG HR CZ DK EE FO FI FR DE GI GR GG HU IS IE IM IT JE XK LV LI LT LU MT MD MC ME "
        "NL MK NO PL PT RO RU SM RS SK SI ES SE CH UA GB VA AX SJ"
    ),
    "North America": (
        "AI AG AW BS BB BZ BM BQ VG CA KY CR CU CW DM DO SV GL GD GP GT HT HN JM MQ MX MS NI PA PR BL KN LC "
        "MF PM VC SX TT TC US VI"
    ),
    "South America": "AR BO BR CL CO EC FK GF GY PY PE SR UY VE",
    "Oceania": "AS AU CK FJ PF GU KI MH FM NR NC NZ NU NF MP PW PG PN WS SB TK TO TV VU WF",
    "Antarctica": "AQ BV GS HM TF",
}
"""Two-letter country codes by continent."""

CALLING_CODES = (
    "US1 CA1 RU7 KZ7 EG20 ZA27 GR30 NL31 BE32 FR33 ES34 HU36 IT39 RO40 CH41 AT43 GB44 DK45 SE46 NO47 PL48 "
    "DE49 PE51 MX52 CU53 AR54 BR55 CL56 CO57 VE58 MY60 AU61 ID62 PH63 NZ64 SG65 TH66 JP81 KR82 VN84 CN86 TR90 "
    "IN91 PK92 AF93 LK94 MM95 IR98 MA212 DZ213 TN216 LY218 GM220 SN221 MR222 ML223 GN224 CI225 BF226 NE227 "
    "TG228 BJ229 MU230 LR231 SL232 GH233 NG234 TD235 CF236 CM237 CV238 ST239 GQ240 GA241 CG242 CD243 AO244 "
    "GW245 SC248 SD249 RW250 ET251 SO252 DJ253 KE254 TZ255 UG256 BI257 MZ258 ZM260 MG261 ZW263 NA264 MW265 "
    "LS266 BW267 SZ268 KM269 ER291 AW297 FO298 GL299 GI350 PT351 LU352 IE353 IS354 AL355 MT356 CY357 FI358 "
    "BG359 LT370 LV371 EE372 MD373 AM374 BY375 AD376 MC377 SM378 UA380 RS381 ME382 HR385 SI386 BA387 MK389 "
    "CZ420 SK421 LI423 FK500 BZ501 GT502 SV503 HN504 NI505 CR506 PA507 HT509 BO591 GY592 EC593 PY595 SR597 "
    "UY598 TL670 BN673 NR674 PG675 TO676 SB677 VU678 FJ679 PW680 WF681 CK682 WS685 KI686 NC687 TV688 PF689 "
    "FM691 MH692 KP850 HK852 MO853 KH855 LA856 BD880 TW886 MV960 LB961 JO962 SY963 IQ964 KW965 SA966 YE967 "
    "OM968 PS970 AE971 IL972 BH973 QA974 BT975 MN976 NP977 TJ992 TM993 AZ994 GE995 KG996 UZ998"
)
"""Two-letter country codes with their telephone codes."""

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

EXCHANGES = (
    "NYSE|New York Stock Exchange=XNYS=US", "NASDAQ|Nasdaq=XNAS=US", "AMEX|NYSE American=XASE=US",
    "LSE|London Stock Exchange=XLON=GB", "Xetra|XETRA=XETR=DE", "Frankfurt|FWB|Frankfurt Stock Exchange=XFRA=DE",
    "Euronext Paris=XPAR=FR", "Euronext Amsterdam=XAMS=NL", "Euronext Brussels=XBRU=BE", "Euronext Lisbon=XLIS=PT",
    "SIX|SIX Swiss Exchange=XSWX=CH", "Borsa Italiana=XMIL=IT", "BME|Bolsa de Madrid=XMAD=ES", "Wiener Börse=XWBO=AT",
    "TSE|Tokyo Stock Exchange=XTKS=JP", "HKEX|Hong Kong Stock Exchange=XHKG=HK", "SGX|Singapore Exchange=XSES=SG",
    "NSE|National Stock Exchange of India=XNSE=IN", "BSE|Bombay Stock Exchange=XBOM=IN", "ASX=XASX=AU",
    "TSX|Toronto Stock Exchange=XTSE=CA", "SSE|Shanghai Stock Exchange=XSHG=CN", "SZSE|Shenzhen Stock Exchange=XSHE=CN",
    "KRX|Korea Exchange=XKRX=KR", "JSE|Johannesburg Stock Exchange=XJSE=ZA", "B3=BVMF=BR",
)  # fmt: skip
"""Exchanges: names, market identifier code (ISO 10383), country."""
