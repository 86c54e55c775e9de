"""All kinds by name."""

from kinds import documents, encodings, streams, verdicts

KINDS = {**encodings.KINDS, **verdicts.KINDS, **streams.KINDS, **documents.KINDS}
