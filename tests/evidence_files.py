"""Makers of small real files of every kind, for tests of evidence."""

import io
import zipfile
from base64 import b64decode

import pikepdf
from PIL import Image
from PIL.ExifTags import GPS, Base

from workflows.evidence.uploads import Upload

LIMITED = {"picture": 10_000_000, "document": 25_000_000, "report": 60_000_000, "files": 10}


# A photograph as telephones take them: 40 x 30 points, red with a blue corner at the top left, with a place and the
# name "Telepon Rahasia" in its EXIF. Nothing that we carry writes this format.
HEIC_PHOTO = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAA"
    "AAAERAAAIAAQAAAAAB4QABAAAAAAAAAI0AAgAAAAACbgABAAAAAAAAAHYAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVp"
    "bmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGE"
    "ABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAA"
    "ABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAKAAAAAEAAAAeAAAAAf///+gAAAAC////3gAAAAIAAAAQcG"
    "l4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAAELbWRhdAAAAIkoAa8GMh9IcNDx"
    "n+ibd7S5/+MVeg9GR//9PJ16gGp4IwaBUePOutcjuS6rbq61mSWqAn447WdS/I0j7V27//8tFr7g2mfbVhx+JakYlX9FhO7O8dsP//CC0kRxGw"
    "c9OnVWrILZDeL4vU//vW+g22u6NS+gU9/mlU1MDHpP0znIyilSG76NtWSRQAAAAAZFeGlmAABNTQAqAAAACAACAQ8AAgAAABAAAAAmiCUABAAA"
    "AAEAAAA2AAAAAFRlbGVwb24gUmFoYXNpYQAAAgABAAIAAAACTgAAAAACAAUAAAADAAAAVAAAAAAAAAADAAAAAQAAACwAAAABAAAAAwAAAAI="
)


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), *, gps: bool = False, rotated: bool = False) -> bytes:
    """A picture; with `gps` it tells where it was taken and with which telephone."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    if gps:
        exif[Base.Make] = "Telepon Rahasia"
        exif.get_ifd(0x8825)[GPS.GPSLatitudeRef] = "N"
        exif.get_ifd(0x8825)[GPS.GPSLatitude] = (3.0, 44.0, 1.5)
    if rotated:
        exif[Base.Orientation] = 6
    target = io.BytesIO()
    if form == "PNG":
        image.save(target, form, exif=exif)
    else:
        image.save(target, form, exif=exif, quality=95)
    return target.getvalue()


def pdf(*, password: str = "", author: str = "", script: bool = False, photograph: bytes = b"") -> bytes:
    """A PDF of one page."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    if author:
        document.docinfo["/Author"] = author
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = [author]
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.attachments["x.txt"] = b"terlampir"
    if photograph:
        stream = document.make_stream(photograph)
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        stream.Width, stream.Height, stream.BitsPerComponent = 40, 30, 8
        stream.ColorSpace, stream.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page.Resources.XObject = pikepdf.Dictionary(P=stream)
    target = io.BytesIO()
    encryption = pikepdf.Encryption(user=password, owner=password) if password else None
    document.save(target, encryption=encryption)
    return target.getvalue()


def archive(**members: bytes | str) -> bytes:
    """A ZIP archive; "__" in a name stands for "/" and "_dot_" for "."."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


def docx(**more: bytes | str) -> bytes:
    """What a word processor writes, as far as anybody looks."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", "<document/>")
        for name, content in more.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


def xlsx() -> bytes:
    """What a spreadsheet writes, as far as anybody looks."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
    return target.getvalue()


ODT = archive(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<x/>")
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42" + b"\x00" * 64
OGG = b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13OpusHead\x01" + b"\x00" * 40
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + b"\x00" * 64


def upload(name: str, content: bytes, field: str = "files") -> Upload:
    """The file as it comes with a form."""
    return Upload(field, name, io.BytesIO(content))
