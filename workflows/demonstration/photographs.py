"""Pictures for the demonstration: drawn, abstract and labelled; nobody can take them for photographs of a place."""

import hashlib
import io
import random

from PIL import Image, ImageDraw, ImageFont

_SIZE = (960, 720)
_QUALITY = 78
# Sky, ground and three shapes, as tones that stand well beside each other.
_TONES = (
    ((196, 214, 224), (142, 132, 110), (88, 110, 96)),
    ((228, 214, 190), (120, 126, 132), (150, 92, 70)),
    ((204, 204, 216), (104, 118, 92), (70, 88, 120)),
    ((214, 226, 206), (152, 140, 126), (106, 84, 104)),
)
_INK = (32, 36, 40)
_PAPER = (255, 255, 255)


def photograph(label: str) -> bytes:
    """Draw the picture that belongs to the label and give it as JPEG; the same label gives the same picture."""
    chance = random.Random(hashlib.sha256(label.encode()).digest())  # noqa: S311 (a picture, not a secret)
    sky, ground, shape = chance.choice(_TONES)
    width, height = _SIZE
    picture = Image.new("RGB", _SIZE, sky)
    draw = ImageDraw.Draw(picture)
    horizon = chance.randint(height * 2 // 5, height * 3 // 5)
    draw.rectangle((0, horizon, width, height), fill=ground)
    for _ in range(chance.randint(4, 7)):
        left, top = chance.randint(-80, width - 80), chance.randint(horizon - 180, horizon + 60)
        right, bottom = left + chance.randint(70, 240), top + chance.randint(90, 260)
        tone = tuple(min(255, value + chance.randint(-24, 40)) for value in shape)
        if chance.random() < 0.6:
            draw.rectangle((left, top, right, bottom), fill=tone)
        else:
            draw.ellipse((left, top, right, bottom), fill=tone)
    draw.polygon(
        ((width // 2 - 30, horizon), (width // 2 + 30, horizon), (width * 3 // 4, height), (width // 4, height)),
        fill=tuple(value * 3 // 4 for value in ground),
    )
    draw.rectangle((0, height - 84, width, height), fill=_PAPER)
    draw.text((24, height - 72), label, fill=_INK, font=ImageFont.load_default(size=28))
    draw.text(
        (24, height - 36), "Gambar peragaan, bukan foto kejadian", fill=_INK, font=ImageFont.load_default(size=20)
    )
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
