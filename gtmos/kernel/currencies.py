"""The currencies that there are: those of ISO 4217 that people are, or were, paid in."""

import re

from gtmos.kernel.exceptions import InvalidInputError

LETTERS = re.compile(r"[A-Z]{3}")
CODES = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
        "CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
        "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
        "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
        "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
        "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
        # Former ones, in which sales of the past were made and rates are written down.
        "ANG ATS BEF BYR CUC CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MRO MTL NLG PTE ROL SIT SKK SLL STD "
        "TRL VEF ZMK ZWL"
    ).split()
)


def currency_of(text: str) -> str:
    """The code as it is compared everywhere; one that is no currency is refused."""
    code = text.strip().upper()
    if not LETTERS.fullmatch(code):
        raise InvalidInputError("A currency is three letters, such as EUR.", code="bad_currency")
    if code not in CODES:
        raise InvalidInputError(f"There is no currency {code}.", code="bad_currency")
    return code
