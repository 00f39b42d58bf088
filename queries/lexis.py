"""What the words of SPARQL 1.1 and 1.2 look like: the keywords, and the patterns that cut the text."""

import re

_WORDS = (
    "BASE PREFIX VERSION SELECT DISTINCT REDUCED AS CONSTRUCT DESCRIBE ASK FROM NAMED WHERE GROUP BY "
    "HAVING ORDER ASC DESC LIMIT OFFSET VALUES UNDEF LOAD SILENT INTO CLEAR DROP CREATE ADD MOVE COPY TO "
    "DEFAULT ALL INSERT DELETE DATA WITH USING GRAPH OPTIONAL LATERAL SERVICE BIND UNFOLD MINUS UNION "
    "FILTER NOT IN EXISTS SEPARATOR A TRUE FALSE COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG "
    "LANGMATCHES LANGDIR DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN SUBSTR "
    "REPLACE UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY "
    "HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG "
    "STRLANGDIR STRDT SAMETERM SAMEVALUE ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC HASLANG HASLANGDIR REGEX "
    "TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE ADJUST "
)
KEYWORDS = frozenset(_WORDS.split())

# SPARQL 1.1, productions 164 to 173. Possessive throughout: no backtracking, so linear on any input.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_VARIABLE = f"{_BASE}_0-9\u00b7\u0300-\u036f\u203f\u2040"
_CHARS = f"{_VARIABLE}\\-"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_ESCAPE = (
    r"\\(?:[tbnrf\"'\\]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r"|U(?!0000[dD][89a-fA-F])00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})"
)
_RUN = f"[{_BASE}][{_CHARS}]*+(?:\\.++[{_CHARS}]++)*+"
_LOCAL_START = f"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_CHARS}:]|{_PLX})*+"
_LOCAL = f"(?:{_LOCAL_START}(?:\\.++(?:[{_CHARS}:]|{_PLX})++)*+)?+"

_TEXT = (
    f"(?P<string>'''(?:[^'\\\\]|'(?!'')|{_ESCAPE})*+'''"
    f'|"""(?:[^"\\\\]|"(?!"")|{_ESCAPE})*+"""'
    f"|'(?!'')(?:[^'\\\\\\r\\n]|{_ESCAPE})*+'|\"(?!\"\")(?:[^\"\\\\\\r\\n]|{_ESCAPE})*+\")"
    # A string that does not end takes all it could have held, or each quote would be tried again.
    r"|(?P<open>'''[\s\S]*+|\"\"\"[\s\S]*+|'(?:[^'\\\r\n]|\\.?)*+|\"(?:[^\"\\\r\n]|\\.?)*+)"
)
_OTHERS = "|".join(  # the frequent ones first
    (
        r"(?P<iri><(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})*+>)",
        _TEXT,
        r"(?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++)",
        r"(?P<punctuation>\{\|?|[}\[\]().;,/=*+?~-]|<<\(?|>>|\|[|}]?|&&|\^\^?|[<>!]=?)",
        r"(?P<language>@[a-zA-Z]++(?:-[a-zA-Z0-9]++)*+(?:--[a-zA-Z]++)?+)",
        f"(?P<blank>_:[{_BASE}_0-9][{_CHARS}]*+(?:\\.++[{_CHARS}]++)*+)",
        r"(?P<comment>#[^\r\n]*+)",
        r"(?P<end>\Z)",
        r"(?P<other>[\s\S])",
    )
)
_BEGIN = r"[ \t\r\n]*+(?:"
_VAR = f"(?P<variable>[?$][{_BASE}_0-9][{_VARIABLE}]*+)"
_WORD = f"(?P<keyword>[{_BASE}][{_VARIABLE}]*+)"
# A run of name characters is read once as a whole; only when no colon follows is it cut into words.
_NAME = f"(?P<run>{_RUN})(?P<name>:{_LOCAL})?+|(?P<bare>:{_LOCAL})"
#: Cuts the next token; the name of the last group tells which sort it is.
FULL = re.compile(f"{_BEGIN}{_VAR}|{_NAME}|{_OTHERS})")
#: The same where no prefixed name can begin: in a run of name characters without a colon.
PLAIN = re.compile(f"{_BEGIN}{_VAR}|{_WORD}|{_OTHERS})")
#: A local name as far as Oxigraph 0.5 reads it: one run of dots, not several.
ONE_DOT = re.compile(f"{_LOCAL_START}(?:\\.++(?:[{_CHARS}:]|{_PLX})++)?+")
