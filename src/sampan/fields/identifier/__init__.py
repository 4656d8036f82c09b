"""Names of one record each: the shape is kept, the values are never learned."""

from sampan.fields.identifier.field import Identifier, IdentifierCodec

__all__ = ["Identifier", "IdentifierCodec"]
