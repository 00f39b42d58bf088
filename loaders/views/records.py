"""Gathers what belongs to one dataset: its distributions, services, publisher, contact and inner nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from loaders.views.graph import Graph
from loaders.views.terms import A, Node, Pair, digest, is_iri, literal, name, names, quote, types, values

Kind = Literal["dataset", "series", "service"]
"""What is catalogued on its own."""

DATASET: Final = name("dcat:Dataset")
SERIES: Final = name("dcat:DatasetSeries")
SERVICE: Final = name("dcat:DataService")
CATALOG: Final = name("dcat:Catalog")
DISTRIBUTION: Final = name("dcat:Distribution")
RECORD: Final = name("dcat:CatalogRecord")
PUBLISHER: Final = name("dcterms:publisher")
CREATOR: Final = name("dcterms:creator")
CONTACT: Final = name("dcat:contactPoint")

KINDS: Final[dict[str, Kind]] = {DATASET: "dataset", SERIES: "series", SERVICE: "service"}
AGENTS: Final = names("foaf:Agent", "foaf:Organization", "foaf:Person", "foaf:Group", "org:Organization")
CONTACTS: Final = names("vcard:Kind", "vcard:Organization", "vcard:Individual", "vcard:Group")

_DISTRIBUTIONS = names("dcat:distribution", "adms:sample")
_ACTORS = names(
    "dcterms:publisher",
    "dcterms:creator",
    "dcat:contactPoint",
    "dcat:accessService",
    "prov:agent",
    "odrs:copyrightHolder",
)
"""Predicates whose objects several datasets share, blank node at the source or not."""
_SHARED = _ACTORS | names(
    "dcterms:license",
    "dcterms:rights",
    "dcterms:conformsTo",
    "dcterms:spatial",
    "dcterms:provenance",
    "odrs:copyrightStatement",
    "foaf:page",
)
_CARRIED = names(
    "dcterms:LicenseDocument",
    "dcterms:RightsStatement",
    "odrs:RightsStatement",
    "dcterms:Standard",
    "dcterms:Location",
    "dcterms:ProvenanceStatement",
    "foaf:Document",
)
"""Classes of what is written with those who refer to it; the graph knows more, of areas say."""
_ELSEWHERE = names(
    "dcat:Dataset", "dcat:DatasetSeries", "dcat:Catalog", "dcat:CatalogRecord", "skos:Concept"
) | names("skos:ConceptScheme")
"""Classes of things that are only referred to: they are records of their own, or somebody else's concepts."""

_ABOUT_AGENTS = tuple(
    name(f"{prefix}:")[:-1] for prefix in ("foaf", "dcterms", "org", "owl", "rdf", "rdfs", "skos", "schema")
)
_VCARD = name("vcard:")[:-1]
_TO_CONTACT = {
    name("foaf:name"): name("vcard:fn"),
    name("foaf:mbox"): name("vcard:hasEmail"),
    name("foaf:homepage"): name("vcard:hasURL"),
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing with an IRI of its own, and the nodes that only exist inside it."""

    node: Node
    inner: tuple[Node, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The thing, then its inner nodes."""
        return (self.node, *self.inner)


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset, series or service with its distributions and the names of all that it shares with others."""

    root: Entity
    distributions: tuple[Entity, ...]
    shared: tuple[str, ...]
    """Subjects of publishers, contacts, services, licences …, sorted, with what these need in turn."""

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The thing itself, then its distributions."""
        return (self.root, *self.distributions)

    @property
    def own(self) -> Iterator[Node]:
        """All nodes but the shared ones."""
        for entity in self.entities:
            yield from entity.nodes


class Records:
    """Reads records out of a graph.

    `agents` are all publishers and creators: a contact that is one of them gets an IRI of its own, because
    harvesters of the national portal break on a node that is both.
    """

    def __init__(self, graph: Graph, base: str, agents: frozenset[str]) -> None:
        self._graph = graph
        self._genid = f"<{base}.well-known/genid/"
        self._agents = agents
        self._contacts = {f"<{base}id/contact/{digest(agent[1:-1])}>": agent for agent in agents}
        self._contact_of = {agent: contact for contact, agent in self._contacts.items()}
        self.entity = lru_cache(maxsize=4096)(self._entity)

    def record(self, subject: str) -> Record:
        """The record of a dataset, series or service."""
        root = self._entity(subject)
        distributions = tuple(self._entity(found) for found in sorted(_linked(root, _DISTRIBUTIONS)))
        distributions = tuple(entity for entity in distributions if entity.node.pairs)
        return Record(root, distributions, self._shared((root, *distributions)))

    def behind(self, subject: str) -> str:
        """The agent that a contact of ours is made from; of all else itself."""
        return self._contacts.get(subject, subject)

    def direct(self, entity: Entity) -> list[str]:
        """Subjects an entity itself refers to and shares with others, sorted."""
        return sorted(self._shared_of(entity))

    def shared(self, entity: Entity) -> tuple[str, ...]:
        """Subjects of all that an entity shares with others, sorted."""
        return self._shared((entity,))

    def _shared(self, entities: tuple[Entity, ...]) -> tuple[str, ...]:
        found: set[str] = set()
        ahead = [term for entity in entities for term in self._shared_of(entity)]
        while ahead:
            subject = ahead.pop()
            if subject not in found:
                found.add(subject)
                ahead += self._shared_of(self.entity(subject))
        return tuple(sorted(found - {entity.node.subject for entity in entities}))

    def _shared_of(self, entity: Entity) -> set[str]:
        actors = {term for term in _linked(entity, _ACTORS) if self._is_actor(term)}
        others = _linked(entity, _SHARED - _ACTORS)
        return actors | {term for term in others if not self._is_inner(term) and self._is_carried(term)}

    def _is_actor(self, subject: str) -> bool:
        pairs = self.entity(subject).node.pairs
        return bool(pairs) and not types(pairs) & _ELSEWHERE

    def _is_carried(self, subject: str) -> bool:
        pairs = self.entity(subject).node.pairs
        kinds = types(pairs)
        return bool(pairs) and (not kinds or bool(kinds & _CARRIED))

    def _is_inner(self, term: str) -> bool:
        return term.startswith(self._genid)

    def _entity(self, subject: str) -> Entity:
        return self.around(self._node(subject))

    def around(self, node: Node) -> Entity:
        """A node with all nodes that were blank at the source and hang on it, catalogue records excepted."""
        inner: dict[str, Node] = {node.subject: node}
        ahead = [node]
        while ahead:
            for predicate, term in ahead.pop().pairs:
                if self._is_inner(term) and term not in inner and predicate not in _ACTORS | _DISTRIBUTIONS:
                    inner[term] = self._node(term)
                    ahead.append(inner[term])
        del inner[node.subject]
        return Entity(node, tuple(found for _, found in sorted(inner.items()) if _is_whole(found)))

    def _node(self, subject: str) -> Node:
        if agent := self._contacts.get(subject):
            return _contact_card(subject, self._graph.node(agent))
        node = self._graph.node(subject)
        if subject in self._agents:
            return Node(subject, tuple(pair for pair in node.pairs if _about_agent(pair)))
        return Node(subject, tuple(self._apart(pair) for pair in node.pairs))

    def _apart(self, pair: Pair) -> Pair:
        predicate, term = pair
        return (predicate, self._contact_of.get(term, term)) if predicate == CONTACT else pair


def _is_whole(node: Node) -> bool:
    return bool(node.pairs) and RECORD not in types(node.pairs)


def _linked(entity: Entity, predicates: frozenset[str]) -> set[str]:
    return {
        term
        for node in entity.nodes
        for predicate, term in node.pairs
        if predicate in predicates and is_iri(term)
    }


def _about_agent(pair: Pair) -> bool:
    """What a catalogue says about an agent; the graph knows more of an organisation than that."""
    predicate, term = pair
    return predicate.startswith(_ABOUT_AGENTS) and not (predicate == A and term in CONTACTS)


def _contact_card(subject: str, agent: Node) -> Node:
    """The contact half of a node that was used as publisher and as contact."""
    said = [pair for pair in agent.pairs if pair[0].startswith(_VCARD)]
    stated = {predicate for predicate, _ in said}
    for source, target in _TO_CONTACT.items():
        if target not in stated:
            said += [(target, _plain(term)) for term in values(agent.pairs, source)[:1]]
    kinds = (types(agent.pairs) & CONTACTS) or {name("vcard:Organization")}
    return Node(subject, tuple(sorted(said + [(A, kind) for kind in kinds])))


def _plain(term: str) -> str:
    """vcard:fn has no language."""
    return term if is_iri(term) else quote(literal(term).text)
