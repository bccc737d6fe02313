"""A day's folder with everything in it that should not be there."""

import dataclasses
import io
import os
import pathlib
import tarfile

from tests.fuzz import batches
from tests.hostile import logs, photos

STORE = f"store={logs.STORE}"
_AT = "20261121T120030000Z"
_NAMES = [
    "plain.jpg",
    "PLAIN.jpg",
    f"-rf_{_AT}.jpg",
    f"new\nline_{_AT}.jpg",
    f"quo'te\"s`$(id)_{_AT}.jpg",
    f"%00%2e%2e_{_AT}.jpg",
    f"\\0\\x00_{_AT}.jpg",
    f"\u202egpj_{_AT}.jpg",
    f"\x1b[2J\x07_{_AT}.jpg",
    f"顔🙂é_{_AT}.jpg",
    f"a..b_{_AT}.jpg",
    f"R1_{_AT}_T'; DROP TABLE x.jpg",
    f"R1_{_AT}_T" + "9" * 200 + ".jpg",
    "R1_00000101T000000Z.jpg",
    "R1_99991231T235959Z.jpg",
    "x" * 251 + ".jpg",
    "é" * 125 + ".jpeg",
    os.fsdecode(b"caf\xe9.jpg"),
    "notes.txt",
    "photo.jpg.exe",
]


@dataclasses.dataclass(frozen=True)
class Planted:
    """What was added to a day.

    Attributes:
      photos: Paths below the day's folder.
      num_photos: Inputs that they are; two members of a tar have one path.
      lines: Purchase lines.
      captures: Captures rows.
      rejected: Sources that must be among the rejections.
    """

    photos: set[str]
    num_photos: int
    lines: int
    captures: int
    rejected: set[str]


def spoil(tills: pathlib.Path, date: str) -> Planted:
    """Adds a store of hostile photos and logs to a day, and strays everywhere."""
    day = tills / "photos" / f"date={date}"
    found = _add_photos(day) | _add_specials(day, tills) | _add_tars(day)
    lines, captures, rejected = _add_logs(tills, date)
    with (tills / "stores.csv").open("a") as stores:
        stores.write(f"{logs.STORE},Europe/Berlin\n")
    return Planted(found, len(found) + 1, lines, captures, rejected)


def _add_photos(day: pathlib.Path) -> set[str]:
    groups = [photos.turned(), photos.unusual(), photos.tiny(), photos.cut(4)]
    groups += [photos.flipped(8), photos.no_photos()]
    groups += [{name: make() for name, make in photos.BOMBS.items()}]
    groups += [{"large.png": photos.LARGE["large.png"]()}]
    found = {}
    for group in groups:
        for name, content in group.items():
            stem, suffix = name.rsplit(".", 1)
            found[f"{STORE}/{stem}_{_AT}.{suffix}"] = content
    one = photos.turned()["turned-1.jpg"]
    found |= {f"{STORE}/{name}": one for name in _NAMES}
    found["store=" + "é" * 120 + f"/R1_{_AT}.jpg"] = one
    found[f"{STORE}/a-folder.jpg/R1_{_AT}_T5.jpg"] = one
    found["no-store.jpg"] = one
    for path, content in found.items():
        (day / path).parent.mkdir(parents=True, exist_ok=True)
        (day / path).write_bytes(content)
    sparse = f"{STORE}/sparse_{_AT}.jpg"
    with (day / sparse).open("wb") as file:
        file.truncate(2**40)
    return {*found, sparse}


def _add_specials(day: pathlib.Path, tills: pathlib.Path) -> set[str]:
    store = day / STORE
    os.mkfifo(store / f"pipe_{_AT}.jpg")
    (tills.parent / "outside").mkdir()
    (tills.parent / "outside" / "secret.jpg").write_bytes(b"secret")
    links = {
        f"out_{_AT}.jpg": tills.parent / "outside" / "secret.jpg",
        f"device_{_AT}.jpg": "/dev/zero",
        f"memory_{_AT}.jpg": "/proc/self/mem",
        f"gone_{_AT}.jpg": "gone.jpg",
        f"itself_{_AT}.jpg": f"itself_{_AT}.jpg",
        "up": "..",
        "here": ".",
    }
    for name, target in links.items():
        (store / name).symlink_to(target)
    (day / "store=outside").symlink_to(tills.parent / "outside")
    (day / "store=all").symlink_to(tills)
    (day / "circle.tar").symlink_to("circle.tar")
    return {
        *(f"{STORE}/{name}" for name in links),
        f"{STORE}/pipe_{_AT}.jpg",
        "store=outside",
        "store=all",
        "circle.tar",
    }


def _member(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"") -> bytes:
    return batches.header(name, len(content), kind) + batches.padded(content)


def _add_tars(day: pathlib.Path) -> set[str]:
    one = photos.turned()["turned-1.jpg"]
    good = _member(f"R1_{_AT}_T7.jpg", content=one)
    odd = [
        "/etc/passwd.jpg",
        "../../up.jpg",
        "in/../../up.jpg",
        "back\\slash.jpg",
        "script.sh",
        f"R1_{_AT}_T7.jpg",
    ]
    kinds = {
        "symbolic.jpg": tarfile.SYMTYPE,
        "hard.jpg": tarfile.LNKTYPE,
        "device.jpg": tarfile.CHRTYPE,
        "pipe.jpg": tarfile.FIFOTYPE,
    }
    members = [_member(name) for name in odd]
    members += [_member(name, kind) for name, kind in kinds.items()]
    sized = batches.with_size(batches.header("huge.jpg"), batches.base_256(2**40))
    long_name = batches.with_size(
        batches.header("x", kind=b"L"), batches.base_256(2**62)
    )
    negative = batches.with_size(batches.header("back.jpg"), batches.base_256(-512))
    bad = {
        "members.tar": good + b"".join(members) + batches.END,
        "huge.tar": good + sized + batches.END,
        "memory.tar": good + long_name + batches.END,
        "circle.tar": good + negative + batches.END,
        "numbers.tar": good
        + batches.header("x", 400_000, b"x")
        + batches.padded(b"1" * 400_000),
        "nested.tar": good + batches.pax({b"path": b"p"}) * 3_000,
        "nul.tar": good
        + batches.pax({b"path": b"a\0b.jpg"})
        + _member("c.jpg")
        + batches.END,
        "cut.tar": good + _member("c.jpg", content=one)[:-1_000],
        "no-end.tar": good,
        "text.tar": b"not a tar at all" * 100,
        "empty.tar": b"",
    }
    found = {f"{STORE}/members.tar/{name}" for name in (*odd, *kinds)}
    found |= {
        f"{STORE}/huge.tar/huge.jpg",
        f"{STORE}/nul.tar/a\\0b.jpg",
        f"{STORE}/cut.tar/c.jpg",
    }
    for name, content in bad.items():
        (day / STORE / name).write_bytes(content)
        if name not in ("text.tar", "empty.tar"):
            found.add(f"{STORE}/{name}/R1_{_AT}_T7.jpg")
        if name not in ("members.tar", "nul.tar"):
            found.add(f"{STORE}/{name}")
    return found | _add_compressed(day)


def _add_compressed(day: pathlib.Path) -> set[str]:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as batch:
        batch.addfile(tarfile.TarInfo("a.jpg"))
    (day / STORE / "zipped.tar").write_bytes(sink.getvalue())
    return {f"{STORE}/zipped.tar"}


def _add_logs(tills: pathlib.Path, date: str) -> tuple[int, int, set[str]]:
    rejected, num_lines = set(), 0
    folder = f"purchases/date={date}"
    for name, (content, bad, count) in {
        "hostile.csv": logs.purchases_csv(),
        "hostile.jsonl": logs.purchases_jsonl(),
        "hostile.parquet": logs.purchases_parquet(),
    }.items():
        (tills / folder / name).write_bytes(content)
        rejected |= {f"{folder}/{name}:{line}" for line in bad}
        num_lines += count
    os.mkfifo(tills / folder / "pipe.csv")
    (tills / folder / "circle.csv").symlink_to("circle.csv")
    (tills / folder / "out.csv").symlink_to("/etc/passwd")
    (tills / folder / "new\nline.xlsx").write_bytes(b"x")
    strays = ("pipe.csv", "circle.csv", "out.csv", "new\nline.xlsx")
    rejected |= {f"{folder}/{name}" for name in strays}
    content, bad, count = logs.captures_csv([f"{STORE}/plain.jpg", "PLAIN.jpg"])
    folder = f"captures/date={date}"
    (tills / folder).mkdir(parents=True, exist_ok=True)
    (tills / folder / "hostile.csv").write_bytes(content)
    rejected |= {f"{folder}/hostile.csv:{line}" for line in bad}
    return num_lines, count, rejected
