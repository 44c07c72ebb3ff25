"""ISO 3166 countries with the names people write."""

from functools import lru_cache
from typing import NamedTuple

from crm.intake.text import fold


class Country(NamedTuple):
    """Two letters and the English name; no letters where the country is not known to us."""

    code: str
    name: str


_NAMES = """AF Afghanistan|AX Åland Islands|AL Albania|DZ Algeria|AS American Samoa|AD Andorra|AO Angola|AI Anguilla
AQ Antarctica|AG Antigua and Barbuda|AR Argentina|AM Armenia|AW Aruba|AU Australia|AT Austria|AZ Azerbaijan|BS Bahamas
BH Bahrain|BD Bangladesh|BB Barbados|BY Belarus|BE Belgium|BZ Belize|BJ Benin|BM Bermuda|BT Bhutan|BO Bolivia
BQ Bonaire, Sint Eustatius and Saba|BA Bosnia and Herzegovina|BW Botswana|BV Bouvet Island|BR Brazil
IO British Indian Ocean Territory|BN Brunei|BG Bulgaria|BF Burkina Faso|BI Burundi|CV Cape Verde|KH Cambodia
CM Cameroon|CA Canada|KY Cayman Islands|CF Central African Republic|TD Chad|CL Chile|CN China|CX Christmas Island
CC Cocos Islands|CO Colombia|KM Comoros|CG Congo|CD Democratic Republic of the Congo|CK Cook Islands|CR Costa Rica
CI Côte d'Ivoire|HR Croatia|CU Cuba|CW Curaçao|CY Cyprus|CZ Czech Republic|DK Denmark|DJ Djibouti|DM Dominica
DO Dominican Republic|EC Ecuador|EG Egypt|SV El Salvador|GQ Equatorial Guinea|ER Eritrea|EE Estonia|SZ Eswatini
ET Ethiopia|FK Falkland Islands|FO Faroe Islands|FJ Fiji|FI Finland|FR France|GF French Guiana|PF French Polynesia
TF French Southern Territories|GA Gabon|GM Gambia|GE Georgia|DE Germany|GH Ghana|GI Gibraltar|GR Greece|GL Greenland
GD Grenada|GP Guadeloupe|GU Guam|GT Guatemala|GG Guernsey|GN Guinea|GW Guinea-Bissau|GY Guyana|HT Haiti
HM Heard Island and McDonald Islands|VA Vatican City|HN Honduras|HK Hong Kong|HU Hungary|IS Iceland|IN India
ID Indonesia|IR Iran|IQ Iraq|IE Ireland|IM Isle of Man|IL Israel|IT Italy|JM Jamaica|JP Japan|JE Jersey|JO Jordan
KZ Kazakhstan|KE Kenya|KI Kiribati|KP North Korea|KR South Korea|XK Kosovo|KW Kuwait|KG Kyrgyzstan|LA Laos|LV Latvia
LB Lebanon|LS Lesotho|LR Liberia|LY Libya|LI Liechtenstein|LT Lithuania|LU Luxembourg|MO Macao|MG Madagascar|MW Malawi
MY Malaysia|MV Maldives|ML Mali|MT Malta|MH Marshall Islands|MQ Martinique|MR Mauritania|MU Mauritius|YT Mayotte
MX Mexico|FM Micronesia|MD Moldova|MC Monaco|MN Mongolia|ME Montenegro|MS Montserrat|MA Morocco|MZ Mozambique
MM Myanmar|NA Namibia|NR Nauru|NP Nepal|NL Netherlands|NC New Caledonia|NZ New Zealand|NI Nicaragua|NE Niger
NG Nigeria|NU Niue|NF Norfolk Island|MK North Macedonia|MP Northern Mariana Islands|NO Norway|OM Oman|PK Pakistan
PW Palau|PS Palestine|PA Panama|PG Papua New Guinea|PY Paraguay|PE Peru|PH Philippines|PN Pitcairn|PL Poland
PT Portugal|PR Puerto Rico|QA Qatar|RE Réunion|RO Romania|RU Russia|RW Rwanda|BL Saint Barthélemy|SH Saint Helena
KN Saint Kitts and Nevis|LC Saint Lucia|MF Saint Martin|PM Saint Pierre and Miquelon
VC Saint Vincent and the Grenadines|WS Samoa|SM San Marino|ST São Tomé and Príncipe|SA Saudi Arabia|SN Senegal
RS Serbia|SC Seychelles|SL Sierra Leone|SG Singapore|SX Sint Maarten|SK Slovakia|SI Slovenia|SB Solomon Islands
SO Somalia|ZA South Africa|GS South Georgia and the South Sandwich Islands|SS South Sudan|ES Spain|LK Sri Lanka
SD Sudan|SR Suriname|SJ Svalbard and Jan Mayen|SE Sweden|CH Switzerland|SY Syria|TW Taiwan|TJ Tajikistan|TZ Tanzania
TH Thailand|TL Timor-Leste|TG Togo|TK Tokelau|TO Tonga|TT Trinidad and Tobago|TN Tunisia|TR Turkey|TM Turkmenistan
TC Turks and Caicos Islands|TV Tuvalu|UG Uganda|UA Ukraine|AE United Arab Emirates|GB United Kingdom
US United States|UM United States Minor Outlying Islands|UY Uruguay|UZ Uzbekistan|VU Vanuatu|VE Venezuela|VN Vietnam
VG British Virgin Islands|VI U.S. Virgin Islands|WF Wallis and Futuna|EH Western Sahara|YE Yemen|ZM Zambia|ZW Zimbabwe"""
_ALIASES = """US usa|US u s a|US united states of america|US the united states|US america|US estados unidos|US etats unis
US vereinigte staaten|US eeuu|US stati uniti|GB uk|GB great britain|GB britain|GB england|GB scotland|GB wales
GB northern ireland|GB reino unido|GB royaume uni|GB vereinigtes konigreich|GB grossbritannien
GB united kingdom of great britain and northern ireland|DE deutschland|DE alemania|DE allemagne|DE germania
DE federal republic of germany|FR frankreich|FR francia|ES espana|ES spanien|ES espagne|IT italia|IT italien|IT italie
NL the netherlands|NL holland|NL niederlande|NL paises bajos|NL nederland|NL pays bas|BE belgien|BE belgique|BE belgie
AT osterreich|AT oesterreich|AT autriche|CH schweiz|CH suisse|CH suiza|CH svizzera|PT portugal|PL polen|PL polska
SE sverige|SE schweden|NO norge|NO norwegen|DK danmark|DK danemark|FI suomi|FI finnland|CZ czechia|CZ tschechien
HU ungarn|RO rumanien|TR turkiye|TR turkei|TR turquia|GR griechenland|GR hellas|IE republic of ireland|IE irland
RU russian federation|RU russland|KR korea|KR republic of korea|KR korea republic of|KR korea south|KR s korea
KP korea north|CN prc|CN people's republic of china|CN peoples republic of china|CN mainland china|HK hong kong sar
HK hongkong|TW taiwan province of china|TW republic of china|JP japon|JP nippon|JP giappone|MX mexique|MX mexiko
BR brasil|BR bresil|BR brasilien|AE uae|AE emirates|VN viet nam|PH the philippines|PH philipines|PH filipinas
CI ivory coast|CD dr congo|CD drc|CG republic of the congo|MM burma|LA lao|IR iran islamic republic of|SY syrian arab republic
TZ united republic of tanzania|BO bolivia plurinational state of|VE venezuela bolivarian republic of|MD republic of moldova
MK macedonia|SZ swaziland|TL east timor|PS palestinian territories|BN brunei darussalam|ZA sudafrika|ZA sudafrica
ZA rsa|NZ neuseeland|NZ aotearoa|SA ksa|SA kingdom of saudi arabia|CV cabo verde|MO macau|VA holy see|CW curacao
GM the gambia|BS the bahamas|AN netherlands antilles|IN indien|IN bharat|IN inde|CA kanada|AU australien|ID indonesien"""


def _entries(block: str) -> list[tuple[str, str]]:
    return [(entry[:2], entry[3:].strip()) for entry in block.replace("\n", "|").split("|")]


def _spelling(text: str) -> str:
    return " ".join("".join(" " if letter in ".,-()'’" else letter for letter in fold(text)).split())


_BY_CODE = {code: Country(code, name) for code, name in _entries(_NAMES)}
_BY_SPELLING = {_spelling(country.name): country for country in _BY_CODE.values()}
_BY_SPELLING.update(
    (_spelling(alias), _BY_CODE[code]) for code, alias in _entries(_ALIASES) if code in _BY_CODE
)
_THREE_LETTERS = {
    "ABW": "AW", "ARE": "AE", "ARG": "AR", "AUS": "AU", "AUT": "AT", "BEL": "BE", "BGR": "BG", "BRA": "BR",
    "CAN": "CA", "CHE": "CH", "CHL": "CL", "CHN": "CN", "COL": "CO", "CZE": "CZ", "DEU": "DE", "DNK": "DK",
    "EGY": "EG", "ESP": "ES", "EST": "EE", "FIN": "FI", "FRA": "FR", "GBR": "GB", "GRC": "GR", "HKG": "HK",
    "HRV": "HR", "HUN": "HU", "IDN": "ID", "IND": "IN", "IRL": "IE", "ISL": "IS", "ISR": "IL", "ITA": "IT",
    "JPN": "JP", "KEN": "KE", "KOR": "KR", "LTU": "LT", "LUX": "LU", "LVA": "LV", "MEX": "MX", "MYS": "MY",
    "NGA": "NG", "NLD": "NL", "NOR": "NO", "NZL": "NZ", "PAK": "PK", "PER": "PE", "PHL": "PH", "POL": "PL",
    "PRT": "PT", "ROU": "RO", "RUS": "RU", "SAU": "SA", "SGP": "SG", "SRB": "RS", "SVK": "SK", "SVN": "SI",
    "SWE": "SE", "THA": "TH", "TUR": "TR", "TWN": "TW", "UKR": "UA", "USA": "US", "VNM": "VN", "ZAF": "ZA",
}  # fmt: skip


@lru_cache(maxsize=4096)
def country(cell: str) -> Country:
    """The country a cell names; a name we do not know is kept as it is, without a code."""
    text = cell.strip()
    letters = text.replace(".", "").replace(" ", "").upper()
    if len(letters) == 2 and letters in _BY_CODE:
        return _BY_CODE[letters]
    if letters in _THREE_LETTERS:
        return _BY_CODE[_THREE_LETTERS[letters]]
    return _BY_SPELLING.get(_spelling(text)) or Country("", text)


def country_name(code: str) -> str:
    found = _BY_CODE.get(code)
    return found.name if found else ""
