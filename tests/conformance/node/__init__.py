"""A second node of the protocol, made from its text and from the reading of bytes beside it."""
