import gzip
import io
import json

import hypothesis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies

from pipelines.storage import raw_rows, tabular


def read_all(content: bytes, name: str):
    batches = list(tabular.read(io.BytesIO(content), name))
    rows = [row for batch in batches for row in batch.table.to_pylist()]
    numbers = [int(number) for batch in batches for number in batch.source_rows]
    bad = {row.source_row: row.reason for batch in batches for row in batch.bad_rows}
    return dict(zip(numbers, rows, strict=True)), bad


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r\n2,y",
        b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
        b' a ,"b"\n"1","x"\n2,"y"\n',
    ],
)
def test_csv_reads_text_with_line_numbers(content):
    good, bad = read_all(content, "x.csv")
    assert good == {2: {"a": "1", "b": "x"}, 3: {"a": "2", "b": "y"}}
    assert bad == {}


def test_csv_names_each_bad_line_and_goes_on():
    content = (
        b"a,b\n"
        b"1,x\n"
        b"2\n"
        b"\n"
        b"3,y,z\n"
        b"4,\xff\n"
        b'5,"open\n'
        b"6,nul\0\n"
        b"7,\xc3\xa9\n"
        b"8,a\rb\n"
        b",\n"
        b"9,last\n"
    )
    good, bad = read_all(content, "x.csv")
    assert good == {
        2: {"a": "1", "b": "x"},
        9: {"a": "7", "b": "é"},
        11: {"a": None, "b": None},
        12: {"a": "9", "b": "last"},
    }
    assert bad == {
        3: "1 fields instead of 2",
        5: "3 fields instead of 2",
        6: "the line is not UTF-8 text (byte 3)",
        7: "a quote is left open",
        8: "the line holds a NUL byte",
        10: "the line holds a carriage return",
    }


def test_csv_quote_opened_by_a_tricky_line_swallows_nothing():
    good, bad = read_all(b'a,b\n1,x\n2"3,"y\n4,z\n', "x.csv")
    assert good == {2: {"a": "1", "b": "x"}, 4: {"a": "4", "b": "z"}}
    assert list(bad) == [3]


def test_csv_drops_columns_without_a_name():
    good, _ = read_all(b"a,,\n1,2,3\n", "x.csv")
    assert good == {2: {"a": "1"}}


def test_csv_keeps_line_numbers_across_blocks(monkeypatch):
    monkeypatch.setattr(raw_rows, "BLOCK_BYTES", 64)
    lines = [f"{i},{'x' * (i % 7)}" for i in range(2, 300)]
    lines[50] = "bad"
    good, bad = read_all(("a,b\n" + "\n".join(lines)).encode(), "x.csv")
    assert bad == {52: "1 fields instead of 2"}
    assert all(int(row["a"]) == number for number, row in good.items())
    assert len(good) == 297


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "x.csv: the file is empty, it has no header line"),
        (b"\n1,2\n", "x.csv: the header line is empty"),
        (b"a,b,a\n", "x.csv: columns 1 and 3 have the same name"),
        (b"a;b\n1;2\n", "x.csv: fields must be separated by commas"),
        (b"a,b\r1,2\r", "x.csv: the header has CR line ends"),
        ("a,b\n".encode("utf-16"), "x.csv: the header holds a NUL byte"),
        (b"a" * (5 << 20) + b"\n", "x.csv: the header is longer than 4 MiB"),
        (
            b",".join(b"%d" % i for i in range(1001)),
            "x.csv: 1,001 columns, more than 1,000",
        ),
    ],
)
def test_bad_csv_file_is_one_clear_line(content, reason):
    with pytest.raises(raw_rows.BadFileError) as error:
        list(tabular.read(io.BytesIO(content), "x.csv"))
    assert str(error.value) == reason


@pytest.mark.parametrize("size", [1, 4 << 20, (4 << 20) + 1, 9 << 20, 23 << 20])
def test_a_line_of_megabytes_is_one_bad_row(size):
    for name, start, end in (("x.csv", b"", b""), ("x.jsonl", b'{"a": "', b'"}')):
        lines = [b"a", *(start + text + end for text in (b"1", b"x" * size, b"2"))]
        good, bad = read_all(b"\n".join(lines[name == "x.jsonl" :]), name)
        first = 1 if name == "x.jsonl" else 2
        long = size + len(start + end) > 4 << 20
        assert bad == ({first + 1: "the line is longer than 4 MiB"} if long else {})
        assert list(good) == [first, *([] if long else [first + 1]), first + 2]


def test_json_lines_of_ever_new_names_keep_the_columns_that_are_known():
    lines = [json.dumps({f"key {i}": i, "a": i}) for i in range(3_000)]
    content = "\n".join([*lines, '{"b": 1}\n']).encode()
    *_, batch = tabular.read(io.BytesIO(content), "x.jsonl", known=("b",))
    assert batch.table.num_columns == raw_rows.MAX_COLUMNS + 1
    assert batch.table["b"][-1].as_py() == "1"


def test_csv_with_header_alone_has_columns_but_no_rows():
    assert read_all(b"a,b\n", "x.csv") == ({}, {})
    schema = tabular.schema_of(io.BytesIO(b"a,b"), "x.csv")
    assert schema == pa.schema({"a": pa.string(), "b": pa.string()})


def test_gzip_gives_the_same_rows():
    content = b"a,b\n" + b"1,x\n" * 1000
    zipped = gzip.compress(content)
    assert read_all(zipped, "x.csv.gz") == read_all(content, "x.csv")


@pytest.mark.parametrize("cut", [0, 5, 30, -3])
def test_damaged_gzip_is_refused(cut):
    zipped = gzip.compress(b"a,b\n" + b"1,x\n" * 1000)[:cut]
    with pytest.raises(raw_rows.BadFileError):
        list(tabular.read(io.BytesIO(zipped), "x.csv.gz"))


def test_json_lines_keep_digits_and_reject_line_by_line():
    content = b"\n".join(
        [
            b'{"a": "1", "b": 0.10}',
            b'{"a": 12345678901234567890, "c": true}',
            b"",
            b'{"a": "cut',
            b"[1]",
            b'{"a": {"b": 1}}',
            b'{"a": NaN}',
            b'{"a": "\xff"}',
            b'{"a": "\\ud800"}',
            b'{"a": "\\u0000"}',
            b"[" * 100_000,
            b'{"a": null, "b": "\\u00e9"}',
        ]
    )
    good, bad = read_all(content, "x.jsonl")
    assert good == {
        1: {"a": "1", "b": "0.10", "c": None},
        2: {"a": "12345678901234567890", "b": None, "c": "true"},
        12: {"a": None, "b": "é", "c": None},
    }
    assert bad == {
        4: "the line is not JSON: Unterminated string starting at at character 7",
        5: "the line is not a JSON object",
        6: "'a' is not a single value",
        7: "the line holds NaN",
        8: "the line is not UTF-8 text (byte 8)",
        9: "the line holds half a character",
        10: "the line holds a NUL character",
        11: "the line is nested too deeply",
    }


def test_json_columns_seen_once_stay(monkeypatch):
    monkeypatch.setattr(raw_rows, "BLOCK_BYTES", 20)
    content = b'{"a": 1, "b": 2}\n' + b'{"a": 3}\n' * 5
    for batch in tabular.read(io.BytesIO(content), "x.jsonl"):
        assert batch.table.column_names == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"\n", b"{cut"])
def test_json_without_rows_has_no_columns_to_check(content):
    assert tabular.schema_of(io.BytesIO(content), "x.jsonl") is None


def parquet(table: pa.Table, **options) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def test_parquet_keeps_types_and_numbers_rows_from_1():
    table = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})
    content = parquet(table, row_group_size=2)
    good, bad = read_all(content, "x.parquet")
    assert good == dict(enumerate(table.to_pylist(), 1))
    assert bad == {}
    assert tabular.schema_of(io.BytesIO(content), "x.parquet").equals(table.schema)


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 60), slice(9, None)])
def test_damaged_parquet_is_refused(cut):
    content = parquet(pa.table({"a": ["x"] * 1000}))[cut]
    with pytest.raises(raw_rows.BadFileError, match=r"x\.parquet: damaged Parquet"):
        list(tabular.read(io.BytesIO(content), "x.parquet"))


def test_parquet_text_that_is_not_utf8_is_refused():
    binary = pa.array([b"\xff"], pa.binary())
    table = pa.table({"a": pa.Array.from_buffers(pa.string(), 1, binary.buffers())})
    with pytest.raises(raw_rows.BadFileError, match=r"damaged Parquet file: .*UTF8"):
        list(tabular.read(io.BytesIO(parquet(table)), "x.parquet"))


def test_parquet_column_whose_name_is_no_text_is_refused():
    content = parquet(pa.table({"abcdefgh": ["x"]})).replace(
        b"abcdefgh", b"\x80bcdefgh"
    )
    with pytest.raises(raw_rows.BadFileError, match=r"x\.parquet: damaged Parquet"):
        list(tabular.read(io.BytesIO(content), "x.parquet"))


@pytest.mark.parametrize("is_typed", [True, False])
def test_parquet_of_one_text_for_all_rows_takes_no_memory(is_typed):
    rows = pa.array([0] * 65_536, pa.int32())
    texts = pa.DictionaryArray.from_arrays(rows, pa.array(["x" * 2**20]))
    content = parquet(pa.table({"a": texts}), store_schema=is_typed)
    usual = pa.default_memory_pool()
    counted = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(counted)
    try:
        with pytest.raises(raw_rows.BadFileError, match="more than 256 MiB of text"):
            list(tabular.read(io.BytesIO(content), "x.parquet"))
    finally:
        pa.set_memory_pool(usual)
    assert counted.bytes_allocated() < 2**23
    assert 0 < counted.max_memory() < 2**28


def test_parquet_columns_that_nobody_knows_are_not_read():
    table = pa.table({"a": ["x"], "b": [[{"c": "y"}]]})
    [batch] = tabular.read(io.BytesIO(parquet(table)), "x.parquet", known=("a",))
    assert batch.table.to_pylist() == [{"a": "x", "b": None}]


def test_unknown_suffix_is_refused():
    with pytest.raises(raw_rows.BadFileError, match="must end in"):
        list(tabular.read(io.BytesIO(b"a"), "x.xlsx"))


@hypothesis.given(
    strategies.binary(max_size=200), strategies.sampled_from([b"", b"a\n"])
)
@hypothesis.settings(max_examples=200, deadline=None)
def test_any_bytes_are_rows_or_a_clear_error(content, header):
    for name in ("x.csv", "x.jsonl", "x.parquet", "x.csv.gz"):
        try:
            good, bad = read_all(header + content, name)
        except raw_rows.BadFileError:
            continue
        assert not good.keys() & bad.keys()


FIELDS = strategies.text(
    strategies.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]),
    max_size=8,
)


@hypothesis.given(strategies.lists(strategies.tuples(FIELDS, FIELDS), max_size=20))
@hypothesis.settings(max_examples=100, deadline=None)
def test_csv_and_json_give_back_what_was_written(rows):
    def quoted(text):
        return '"' + text.replace('"', '""') + '"'

    lines = ["a,b", *(f"{quoted(a)},{quoted(b)}" for a, b in rows)]
    good, bad = read_all("\n".join(lines).encode(), "x.csv")
    assert bad == {}
    assert [tuple(row.values()) for row in good.values()] == [
        (a or None, b or None) for a, b in rows
    ]
    objects = "\n".join(json.dumps({"a": a, "b": b}) for a, b in rows).encode()
    good, bad = read_all(objects, "x.jsonl")
    assert bad == {}
    assert [tuple(row.values()) for row in good.values()] == rows
