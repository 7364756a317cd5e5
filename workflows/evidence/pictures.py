"""Opening pictures: with Pillow, and the HEIC of telephones with the decoder of libheif beside it.

Only the header is read until points are asked for. The decoder cannot write HEIC, so nothing of an original's container
can come along by accident.
"""

from functools import cache
from typing import BinaryIO

from PIL import Image

# Media type -> what Pillow calls the format.
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}


def opened(stream: BinaryIO, content_type: str) -> Image.Image:
    """Open the picture as what it was found to be and as nothing else; raises as `PIL.Image.open` does."""
    if content_type == "image/heic":
        _learn_heic()
    return Image.open(stream, formats=[FORMATS[content_type]])


@cache
def _learn_heic() -> None:
    # The decoder is loaded by whoever first sees such a picture.
    import pi_heif  # noqa: PLC0415

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
