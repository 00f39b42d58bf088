"""The 23 metrics of the Metadata Quality Assessment: what each looks at, its points, and how to earn them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Dimension = Literal["findability", "accessibility", "interoperability", "reusability", "contextuality"]
On = Literal["dataset", "distribution", "either"]

DIMENSIONS: Final[Mapping[Dimension, Mapping[str, str]]] = {
    "findability": {"sv": "Upptäckbarhet", "en": "Findability"},
    "accessibility": {"sv": "Åtkomlighet", "en": "Accessibility"},
    "interoperability": {"sv": "Interoperabilitet", "en": "Interoperability"},
    "reusability": {"sv": "Återanvändbarhet", "en": "Reusability"},
    "contextuality": {"sv": "Kontextualitet", "en": "Contextuality"},
}

NAMESPACE: Final = "https://piveau.eu/ns/voc#"
"""Where the metrics have their IRIs: the vocabulary the European portal publishes its measurements in."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `hint` says how to earn its points, `effort` is 1 (fill in a field) to 3 (change data)."""

    name: str
    dimension: Dimension
    points: int
    on: On
    label: Mapping[str, str]
    hint: Mapping[str, str]
    effort: int = 1

    @property
    def iri(self) -> str:
        """IRI of the metric."""
        return NAMESPACE + self.name


def _metric(
    name: str,
    dimension: Dimension,
    points: int,
    on: On,
    sv: str,
    en: str,
    hint_sv: str,
    hint_en: str,
    effort: int = 1,
) -> Metric:
    return Metric(name, dimension, points, on, {"sv": sv, "en": en}, {"sv": hint_sv, "en": hint_en}, effort)


_FIND = (
    _metric(
        "keywordAvailability", "findability", 30, "dataset", "Nyckelord", "Keywords",
        "Lägg till minst ett nyckelord (dcat:keyword).",
        "Add at least one keyword (dcat:keyword).",
    ),
    _metric(
        "categoryAvailability", "findability", 30, "dataset", "Kategori", "Category",
        "Välj en av EU:s tretton kategorier (dcat:theme).",
        "Choose one of the EU's thirteen categories (dcat:theme).",
    ),
    _metric(
        "spatialAvailability", "findability", 20, "dataset", "Geografiskt område", "Spatial coverage",
        "Ange platsen (dcterms:spatial), till exempel kommunens GeoNames-adress.",
        "State the place (dcterms:spatial), for example the GeoNames address of the municipality.",
    ),
    _metric(
        "temporalAvailability", "findability", 20, "dataset", "Tidsperiod", "Temporal coverage",
        "Ange tidsperioden (dcterms:temporal med dcat:startDate).",
        "State the period (dcterms:temporal with dcat:startDate).",
    ),
)  # fmt: skip

_ACCESS = (
    _metric(
        "accessUrlStatusCode", "accessibility", 50, "distribution",
        "Åtkomstadressen svarar", "Access address answers",
        "Rätta dcat:accessURL så att adressen svarar (HTTP 200–299).",
        "Mend dcat:accessURL so that the address answers (HTTP 200–299).", 2,
    ),
    _metric(
        "downloadUrlAvailability", "accessibility", 20, "distribution",
        "Nedladdningsadress", "Download address",
        "Ange direktlänken till filen (dcat:downloadURL).",
        "Give the direct link to the file (dcat:downloadURL).", 2,
    ),
    _metric(
        "downloadUrlStatusCode", "accessibility", 30, "distribution",
        "Nedladdningen svarar", "Download answers",
        "Se till att dcat:downloadURL svarar (HTTP 200–299).",
        "See to it that dcat:downloadURL answers (HTTP 200–299).", 2,
    ),
)  # fmt: skip

_INTER = (
    _metric(
        "formatAvailability", "interoperability", 20, "distribution", "Format", "Format",
        "Ange formatet (dcterms:format).",
        "State the format (dcterms:format).",
    ),
    _metric(
        "mediaTypeAvailability", "interoperability", 10, "distribution", "Medietyp", "Media type",
        "Ange IANA-medietypen (dcat:mediaType), till exempel text/csv som IANA-adress.",
        "State the IANA media type (dcat:mediaType), for example text/csv as an IANA address.",
    ),
    _metric(
        "formatMediaTypeVocabularyAlignment", "interoperability", 10, "distribution",
        "Format ur ordlista", "Format from vocabulary",
        "Skriv formatet som EU:s filtyp och medietypen som IANA-adress.",
        "Write the format as an EU file type and the media type as an IANA address.",
    ),
    _metric(
        "formatMediaTypeNonProprietary", "interoperability", 20, "distribution",
        "Öppet format", "Open format",
        "Lägg till en distribution i ett öppet format som CSV, JSON eller GeoJSON.",
        "Add a distribution in an open format such as CSV, JSON or GeoJSON.", 3,
    ),
    _metric(
        "formatMediaTypeMachineInterpretable", "interoperability", 20, "distribution",
        "Maskinläsbart format", "Machine-readable format",
        "Ange ett format ur EU:s lista över maskinläsbara format.",
        "Give a format from the EU list of machine-readable formats.", 2,
    ),
    _metric(
        "dcatApCompliance", "interoperability", 30, "dataset", "Följer DCAT-AP", "Complies with DCAT-AP",
        "Rätta det som kontrollen anger som ”måste rättas”.",
        "Mend what the check says must be mended.", 2,
    ),
)  # fmt: skip

_REUSE = (
    _metric(
        "licenceAvailability", "reusability", 20, "distribution", "Licens", "Licence",
        "Ange licensen på varje distribution (dcterms:license).",
        "State the licence on each distribution (dcterms:license).",
    ),
    _metric(
        "knownLicence", "reusability", 10, "distribution", "Känd licens", "Known licence",
        "Välj en känd licens: CC0 eller CC BY 4.0, skriven i sin kanoniska form.",
        "Choose a known licence: CC0 or CC BY 4.0, written in its canonical form.",
    ),
    _metric(
        "accessRightsAvailability", "reusability", 10, "dataset", "Åtkomsträttigheter", "Access rights",
        "Ange åtkomsträttigheter (dcterms:accessRights).",
        "State the access rights (dcterms:accessRights).",
    ),
    _metric(
        "accessRightsVocabularyAlignment", "reusability", 5, "dataset",
        "Åtkomsträttigheter ur ordlista", "Access rights from vocabulary",
        "Välj PUBLIC, RESTRICTED eller NON_PUBLIC ur EU:s lista.",
        "Choose PUBLIC, RESTRICTED or NON_PUBLIC from the EU list.",
    ),
    _metric(
        "contactPointAvailability", "reusability", 20, "dataset", "Kontaktuppgift", "Contact point",
        "Peka ut en funktionsbrevlåda (dcat:contactPoint).",
        "Point at a shared mailbox (dcat:contactPoint).",
    ),
    _metric(
        "publisherAvailability", "reusability", 10, "dataset", "Utgivare", "Publisher",
        "Peka ut utgivaren (dcterms:publisher).",
        "Point at the publisher (dcterms:publisher).",
    ),
)  # fmt: skip

_CONTEXT = (
    _metric(
        "rightsAvailability", "contextuality", 5, "distribution", "Rättighetsförklaring", "Rights statement",
        "Beskriv villkoren (dcterms:rights).",
        "Describe the terms (dcterms:rights).",
    ),
    _metric(
        "byteSizeAvailability", "contextuality", 5, "distribution", "Storlek", "Size",
        "Ange filens storlek (dcat:byteSize).",
        "State the size of the file (dcat:byteSize).",
    ),
    _metric(
        "dateIssuedAvailability", "contextuality", 5, "either", "Utgivningsdatum", "Release date",
        "Ange när data gavs ut (dcterms:issued).",
        "State when the data was published (dcterms:issued).",
    ),
    _metric(
        "dateModifiedAvailability", "contextuality", 5, "either", "Ändringsdatum", "Modification date",
        "Ange när data senast ändrades (dcterms:modified).",
        "State when the data last changed (dcterms:modified).",
    ),
)  # fmt: skip

METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric for metric in (*_FIND, *_ACCESS, *_INTER, *_REUSE, *_CONTEXT)
}
"""All metrics by name, in the order of the method; their points add up to 405."""

Count = Literal["eu", "se"]

NOT_COUNTED: Final[Mapping[Count, frozenset[str]]] = {
    "eu": frozenset(),
    "se": frozenset({"dcatApCompliance"}),
}
"""Metrics that give no points in a count: Sveriges dataportal leaves compliance out."""

MAXIMUM: Final[Mapping[Count, int]] = {
    count: sum(metric.points for metric in METRICS.values() if metric.name not in left_out)
    for count, left_out in NOT_COUNTED.items()
}
"""405 in the EU count, 375 in the Swedish one."""

BANDS: Final = (("excellent", 351), ("good", 221), ("sufficient", 121), ("bad", 0))
"""Rating and the least points it takes, of 405; the portal shows the band, not the figure."""

BAND_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "excellent": {"sv": "Utmärkt", "en": "Excellent"},
    "good": {"sv": "Bra", "en": "Good"},
    "sufficient": {"sv": "Tillräcklig", "en": "Sufficient"},
    "bad": {"sv": "Dålig", "en": "Bad"},
}


def band(points: float) -> str:
    """The rating of a score; it does not depend on the count, because the bands are the same in both."""
    return next(name for name, least in BANDS if points >= least)
