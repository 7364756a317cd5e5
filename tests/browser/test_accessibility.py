"""The judge of accessibility judges: a sound page passes, each kind of fault is named."""

import pytest

from accessibility import assert_accessible

SOUND = """<!DOCTYPE html><html lang="id"><head><title>Halaman</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"></head>
<body><main><h1>Halaman</h1><p>{}</p></main></body></html>"""


def test_a_sound_page_passes_under_its_own_security_policy(page):
    page.set_content(SOUND.format("Teks"))

    assert_accessible(page)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<img src='x.png'>", "image-alt"),
        ("<input name='x'>", "label"),
        ("<span style='color: #bbb; background: #fff'>pucat</span>", "color-contrast"),
        ("<span style='display: inline-block; width: 2000px'>lebar</span>", "reflow"),
    ],
)
def test_a_fault_is_named_with_its_rule(page, fault, rule):
    page.set_content(SOUND.format(fault))

    with pytest.raises(AssertionError, match=rule):
        assert_accessible(page)
