"""The one family of errors.

OdisError                 anything that has one clear line to tell a person
├── ConfigError           the configuration is wrong: file, key, what was expected
├── SourceError           one source could not be harvested, read or converted
├── CheckError            the shapes are wrong, or the engine failed
├── ReleaseError          a release is missing, damaged or of another format
├── EngineError           the engine that a release is published to does not do what it is asked
└── QueryError            a query or its parameters cannot be run as given

Whoever raises one gives the whole sentence: what is wrong, where, and what to do next.
"""


class OdisError(Exception):
    """Base of all errors that are told to a person in one line, without a traceback."""


class ConfigError(OdisError):
    """The configuration is wrong; the message names file, key and what was expected."""


class SourceError(OdisError):
    """One source failed; the others go on and its last good version stays in use.

    What the message quotes from the source may have line breaks; the message has none.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class CheckError(OdisError):
    """A check could not be carried out: unusable shapes, or an engine that failed."""


class ReleaseError(OdisError):
    """A release is missing, damaged, or written by a format this version does not read."""


class QueryError(OdisError):
    """A query, its name or its parameters cannot be used as given."""


class EngineError(OdisError):
    """The SPARQL engine behind ODIS cannot be reached, refuses, or holds something else than it was sent."""
