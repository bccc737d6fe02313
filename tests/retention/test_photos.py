import pytest

from pipelines import records
from pipelines.retention import photos
from pipelines.storage import photo_files

_UNREADABLE = f"{photo_files.UNREADABLE}: Permission denied"
_ACCOUNTED = photos.Accounted(
    generations={"a.jpg": "1", "b.tar/a.jpg": "1-512"},
    no_photos=frozenset({("notes.txt", "no photo"), ("c.tar", _UNREADABLE)}),
)


def _ref(photo, generation):
    return records.PhotoRef(
        photo=photo, file=photo, generation=generation, offset=0, size=1
    )


def _rejected(source, reason):
    return records.Rejection("list", source, reason)


@pytest.mark.parametrize(
    ("refs", "rejections", "may_go"),
    [
        ([_ref("a.jpg", "1")], [], True),
        ([_ref("a.jpg", "2")], [], False),
        ([_ref("notes.txt", "1")], [], False),
        ([], [_rejected("notes.txt", "no photo")], True),
        ([], [_rejected("notes.txt", "too large")], False),
        ([], [_rejected("c.tar", _UNREADABLE)], False),
        ([_ref("b.tar/a.jpg", "1-512")], [_rejected("b.tar/x", "no photo")], False),
        ([], [], False),
    ],
)
def test_only_what_was_seen_for_what_it_is_may_go(refs, rejections, may_go):
    found = photo_files.FoundPhotos(refs, rejections)
    assert _ACCOUNTED.holds(found) == may_go
