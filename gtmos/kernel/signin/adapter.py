"""What the library of second factors asks of this product: how secrets are kept, and what we are called."""

from allauth.mfa.adapter import DefaultMFAAdapter

from gtmos.kernel.secrets import seal, unseal

PRODUCT = "GTM OS"


class FactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return PRODUCT

    def _get_site_name(self) -> str:
        return PRODUCT
