"""The reading of bytes: what the text says of encodings, signatures, hashes, streams, documents.

Nothing here knows of files of vectors; `check.py` and `kinds/` do.
"""
