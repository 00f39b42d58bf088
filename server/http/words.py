"""Text in the two languages of the service."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["sv", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in Swedish and in English."""

    sv: str
    en: str

    def to(self, language: Language) -> str:
        """The sentence in one of the languages."""
        return self.sv if language == "sv" else self.en
