"""Compressed response bodies, decoded in pieces of bounded size, however much they would become."""

import zlib
from collections.abc import Iterable, Iterator

from urllib3.exceptions import DecodeError

ACCEPTED_ENCODINGS = "gzip, deflate"
PIECE_BYTES = 1 << 16
GZIP_BITS, ZLIB_BITS, RAW_BITS = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def decode_chunks(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the decoded body in pieces of at most 64 KB.

    Raises DecodeError for an invalid or incomplete body, and for an encoding that was not requested, such as
    two encodings on top of each other, with which a few bytes become gigabytes.
    """
    match encoding.strip().lower():
        case "" | "identity":
            yield from chunks
        case "gzip" | "x-gzip":
            yield from inflate(chunks, GZIP_BITS)
        case "deflate":
            yield from inflate(chunks, 0)
        case _:
            message = "its content encoding is not supported"
            raise DecodeError(message)


def inflate(chunks: Iterable[bytes], window_bits: int) -> Iterator[bytes]:
    """Yield a gzip or deflate body in pieces; with no `window_bits` deflate with or without its header."""
    decompressor = None
    for chunk in chunks:
        data = chunk
        while data:
            if decompressor is None or decompressor.eof:  # a gzip body may have several members
                decompressor = zlib.decompressobj(window_bits or deflate_bits(data))
            try:
                piece = decompressor.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                message = "invalid compressed body"
                raise DecodeError(message) from error
            data = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
            if piece:
                yield piece
    if decompressor is not None and not decompressor.eof:
        message = "incomplete compressed body"
        raise DecodeError(message)


def deflate_bits(data: bytes) -> int:
    """Return the window bits for a deflate body: many servers send it without its zlib header."""
    has_header = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return ZLIB_BITS if has_header else RAW_BITS
