"""Each format and each kind of result, to the byte."""

from collections.abc import Callable

import pytest

from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import BulkResult, Bytes, Done, Record, Row, Rows, Text, Value
from emqxctl.output.view import Condition, Format
from emqxctl.resource import Column
from emqxctl.text.units import RelativeFormatter, format_age, format_duration

Show = Callable[..., tuple[str, list[str]]]


def seconds(value: object) -> str:
    return format_duration(value)  # type: ignore[arg-type]  # a writer takes what the server sends


ROWS: list[Row] = [
    {"id": "a", "n": 5, "up": 90, "tags": ["x", "y"], "attrs": {"k": "v"}, "none": None, "on": True},
    {"id": "b|c", "n": 10, "up": None, "tags": [], "attrs": {}, "none": None, "on": False},
]
COLUMNS = (
    Column("id", "ID"),
    Column("n"),
    Column("up", format=seconds),
    Column("on"),
    Column("attrs.k", wide=True),
)


def rows(data: list[Row] | None = None) -> Rows:
    return Rows(iter(ROWS if data is None else data), COLUMNS, "id", "things")


EXPECTED_ROWS = {
    "table": "ID    N  UP      ON\na     5  1m 30s  true\nb|c  10  -       false\n",
    "wide": ("ID    N  UP      ON     ATTRS K\na     5  1m 30s  true   v\nb|c  10  -       false  -\n"),
    "json": (
        '[\n{"id":"a","n":5,"up":90,"tags":["x","y"],"attrs":{"k":"v"},"none":null,"on":true},\n'
        '{"id":"b|c","n":10,"up":null,"tags":[],"attrs":{},"none":null,"on":false}\n]\n'
    ),
    "jsonl": (
        '{"id":"a","n":5,"up":90,"tags":["x","y"],"attrs":{"k":"v"},"none":null,"on":true}\n'
        '{"id":"b|c","n":10,"up":null,"tags":[],"attrs":{},"none":null,"on":false}\n'
    ),
    "yaml": (
        '- id: a\n  "n": 5\n  up: 90\n  tags:\n  - x\n  - "y"\n  attrs:\n    k: v\n'
        '  none: null\n  "on": true\n'
        '- id: "b|c"\n  "n": 10\n  up: null\n  tags: []\n  attrs: {}\n  none: null\n  "on": false\n'
    ),
    "csv": "id,n,up,on,attrs.k\na,5,90,true,v\nb|c,10,,false,\n",
    "tsv": "id\tn\tup\ton\tattrs.k\na\t5\t90\ttrue\tv\nb|c\t10\t\tfalse\t\n",
    "md": (
        "| id | n | up | on |\n| --- | ---: | ---: | --- |\n"
        "| a | 5 | 90 | true |\n| b\\|c | 10 |  | false |\n"
    ),
    "name": "a\nb|c\n",
}


@pytest.mark.parametrize("form", EXPECTED_ROWS)
def test_rows(show: Show, form: str) -> None:
    assert show(rows(), form) == (EXPECTED_ROWS[form], [])


EXPECTED_EMPTY = {
    "table": ("", ["no things"]),
    "wide": ("", ["no things"]),
    "json": ("[]\n", []),
    "jsonl": ("", []),
    "yaml": ("[]\n", []),
    "csv": ("id,n,up,on,attrs.k\n", []),
    "tsv": ("id\tn\tup\ton\tattrs.k\n", []),
    "md": ("", ["no things"]),
    "name": ("", []),
}


@pytest.mark.parametrize("form", EXPECTED_EMPTY)
@pytest.mark.parametrize("terminal", [False, True])
def test_an_empty_list(show: Show, form: str, terminal: bool) -> None:
    assert show(rows([]), form, is_terminal=terminal) == EXPECTED_EMPTY[form]
    assert show(rows([]), form, is_terminal=terminal, quiet=True) == (EXPECTED_EMPTY[form][0], [])


RECORD = Record(
    {"size": 3, "id": "a b", "up": 3600, "deep": {"x": {"y": None}, "z": []}, "list": [{"q": 1}]},
    columns=(Column("id"), Column("up", format=seconds)),
    key="id",
)
TABLE_RECORD = (
    "FIELD     VALUE\nid        a b\nup        1h\nsize      3\n"
    'deep.x.y  -\ndeep.z    -\nlist      [{"q":1}]\n'
)
EXPECTED_RECORD = {
    "table": TABLE_RECORD,
    "wide": TABLE_RECORD,
    "json": (
        '{\n  "size": 3,\n  "id": "a b",\n  "up": 3600,\n  "deep": {\n    "x": {\n      "y": null\n    },\n'
        '    "z": []\n  },\n  "list": [\n    {\n      "q": 1\n    }\n  ]\n}\n'
    ),
    "jsonl": '{"size":3,"id":"a b","up":3600,"deep":{"x":{"y":null},"z":[]},"list":[{"q":1}]}\n',
    "yaml": 'size: 3\nid: "a b"\nup: 3600\ndeep:\n  x:\n    "y": null\n  z: []\nlist:\n- q: 1\n',
    "csv": 'size,id,up,deep,list\n3,a b,3600,"{""x"":{""y"":null},""z"":[]}","[{""q"":1}]"\n',
    "tsv": 'size\tid\tup\tdeep\tlist\n3\ta b\t3600\t{"x":{"y":null},"z":[]}\t[{"q":1}]\n',
    "md": (
        "| field | value |\n| --- | --- |\n| size | 3 |\n| id | a b |\n| up | 3600 |\n| deep.x.y |  |\n"
        '| deep.z | \\[\\] |\n| list | \\[{"q":1}\\] |\n'
    ),
    "name": "a b\n",
}


@pytest.mark.parametrize("form", EXPECTED_RECORD)
def test_one_thing(show: Show, form: str) -> None:
    assert show(RECORD, form) == (EXPECTED_RECORD[form], [])


def test_one_thing_on_a_terminal_has_a_bold_head(show: Show) -> None:
    out, _ = show(RECORD, is_terminal=True, color=True)
    assert out == "\x1b[1mFIELD\x1b[0m     \x1b[1mVALUE\x1b[0m\n" + TABLE_RECORD.split("\n", 1)[1]
    assert show(RECORD, is_terminal=True) == (TABLE_RECORD, [])


DATA = {"a": ["x", {"b": 1}]}
PRETTY = '{\n  "a": [\n    "x",\n    {\n      "b": 1\n    }\n  ]\n}\n'
DATA_CASES = [
    (DATA, "table", PRETTY),
    (DATA, "json", PRETTY),
    (DATA, "jsonl", '{"a":["x",{"b":1}]}\n'),
    (DATA, "yaml", "a:\n- x\n- b: 1\n"),
    (DATA, "csv", 'a\n"[""x"",{""b"":1}]"\n'),
    ("two\nlines", "table", "two\nlines\n"),
    ("two\nlines", "json", '"two\\nlines"\n'),
    ("two\nlines", "yaml", '"two\\nlines"\n'),
    ("two\nlines", "tsv", "two\\nlines\n"),
    ("two\nlines", "name", "two\\nlines\n"),
    ("two\nlines", "csv", 'value\n"two\nlines"\n'),
    ("two\nlines", "md", "| value |\n| --- |\n| two\\nlines |\n"),
    (3, "table", "3\n"),
    (3, "md", "| value |\n| ---: |\n| 3 |\n"),
    (True, "table", "true\n"),
    (None, "table", "-\n"),
    (None, "json", "null\n"),
    (["a", 1, None], "table", "a\n1\n-\n"),
    (["a", 1, None], "tsv", "a\n1\n\n"),
    (["a", 1, None], "name", "a\n1\n\n"),
    (["a", 1, None], "csv", 'value\na\n1\n""\n'),
    (["a", 1, None], "json", '[\n"a",\n1,\nnull\n]\n'),
    (["a", 1, None], "jsonl", '"a"\n1\nnull\n'),
    ([["a", 1], ["b", 22]], "table", "0   1\na   1\nb  22\n"),
    ([["a", 1], ["b", 22]], "tsv", "0\t1\na\t1\nb\t22\n"),
    ([["a", 1], ["b", 22]], "json", '[\n["a",1],\n["b",22]\n]\n'),
    ([{"a": 1}, {"b": 2}], "table", "A  B\n1  -\n-  2\n"),
    ([{"a": 1}, {"b": 2}], "csv", "a,b\n1,\n,2\n"),
    ([{"a": 1}, {"b": 2}], "name", "1\n"),
    ([{"a": 1}, 2], "table", '{"a":1}\n2\n'),
    ([], "json", "[]\n"),
    ([], "table", ""),
    ({}, "json", "{}\n"),
    ({}, "csv", ""),
]


@pytest.mark.parametrize(("data", "form", "expected"), DATA_CASES)
def test_data(show: Show, data: object, form: str, expected: str) -> None:
    assert show(Value(data), form)[0] == expected


DONE = Done("Kicked client 'a'.", {"clientid": "a", "kicked": True}, key="clientid")
DONE_CASES = {
    "table": "",
    "wide": "",
    "md": "",
    "json": '{\n  "clientid": "a",\n  "kicked": true\n}\n',
    "jsonl": '{"clientid":"a","kicked":true}\n',
    "yaml": "clientid: a\nkicked: true\n",
    "csv": "clientid,kicked\na,true\n",
    "tsv": "clientid\tkicked\na\ttrue\n",
    "name": "a\n",
}


@pytest.mark.parametrize("form", DONE_CASES)
def test_done(show: Show, form: str) -> None:
    assert show(DONE, form) == (DONE_CASES[form], [])


def test_text_and_bytes_stand_as_they_are(show: Show) -> None:
    for form in ("table", "json", "csv"):
        assert show(Text("a\x1b[1mb"), form)[0] == "a\x1b[1mb"
        assert show(Bytes([b"a", b"\x00b"]), form)[0] == "a\x00b"
    assert show(Text("")) == ("", [])


def test_partial_is_a_list(show: Show) -> None:
    partial = BulkResult([{"id": "a", "status": "done"}, {"id": "b", "status": "failed"}], key="id")
    assert partial.exit_code is ExitCode.PARTIAL
    assert show(partial) == ("ID  STATUS\na   done\nb   failed\n", [])
    assert show(partial, "name") == ("a\nb\n", [])


def test_relative_times_only_on_a_terminal(show: Show) -> None:
    at = "2020-01-01T00:00:00+00:00"
    result = Rows([{"at": at}], (Column("at", format=format_age),))
    assert show(result) == (f"AT\n{at}\n", [])
    assert show(result, is_terminal=True)[0].endswith("y ago\n")
    assert show(Record({"at": at}, result.columns))[0] == f"FIELD  VALUE\nat     {at}\n"
    own = Rows([{"at": at}], (Column("at", format=RelativeFormatter(lambda _value: "then")),))
    assert show(own, is_terminal=True) == ("AT\nthen\n", [])


def test_a_writer_that_does_not_know_the_value_gives_way(show: Show) -> None:
    result = Rows([{"up": "infinity"}, {"up": 60}], (Column("up", format=seconds),))
    assert show(result) == ("UP\ninfinity\n1m\n", [])


def test_fields_narrow_every_format(show: Show) -> None:
    fields = ("on", "attrs.k")
    assert (
        show(rows(), "json", fields=fields)[0]
        == '[\n{"on":true,"attrs.k":"v"},\n{"on":false,"attrs.k":null}\n]\n'
    )
    assert show(rows(), "csv", fields=fields)[0] == "on,attrs.k\ntrue,v\nfalse,\n"
    assert show(rows(), fields=fields)[0] == "ON     ATTRS K\ntrue   v\nfalse  -\n"
    assert show(RECORD, "json", fields=("deep.x.y", "id"))[0] == '{\n  "deep.x.y": null,\n  "id": "a b"\n}\n'
    assert show(RECORD, fields=("id",))[0] == "FIELD  VALUE\nid     a b\n"
    assert show(DONE, "jsonl", fields=("clientid",))[0] == '{"clientid":"a"}\n'
    assert show(rows(), "name", fields=("n",))[0] == "a\nb|c\n"
    assert show(Rows(iter(ROWS)), "name", fields=("n",))[0] == "5\n10\n"


@pytest.mark.parametrize("form", list(Format))
def test_a_field_that_is_nowhere_is_refused(show: Show, form: str) -> None:
    for result in (rows(), Rows(iter(ROWS)), list(ROWS)):
        value_result = Value(result) if isinstance(result, list) else result
        with pytest.raises(UsageError, match="--fields: unknown field 'onn' of") as caught:
            show(value_result, form, fields=("id", "onn"))
        assert caught.value.hint == "did you mean 'on'?"
    with pytest.raises(UsageError, match="--fields: unknown field 'idd'") as caught:
        show(RECORD, form, fields=("idd",))
    assert caught.value.hint == "did you mean 'id'?"


def test_a_field_that_is_nowhere_is_a_note_after_a_change(show: Show) -> None:
    note = "--fields: unknown field 'clientidd' of this object"
    assert show(DONE, "json", fields=("clientidd",), is_after_change=True) == (
        '{\n  "clientidd": null\n}\n',
        [note],
    )
    assert show(DONE, "json", fields=("clientidd",), is_after_change=True, quiet=True)[1] == []


def test_nothing_that_matches_is_told(show: Show) -> None:
    with pytest.raises(UsageError, match="--where: unknown field 'm' of things"):
        show(rows(), where=(Condition("m", "=", "3"),))
    assert show(rows(), where=(Condition("n", "=", "3"),)) == ("", ["no things match"])
    assert show(rows(), "json", where=(Condition("n", "=", "3"),)) == ("[]\n", [])


def test_queries(show: Show) -> None:
    assert show(rows(), "json", query="[].id")[0] == '[\n"a",\n"b|c"\n]\n'
    assert show(rows(), query="[].id")[0] == "a\nb|c\n"
    assert show(rows(), query="[?n > `5`]")[0] == "ID    N  UP  ON\nb|c  10  -   false\n"
    assert show(rows(), query="[].{x: n}")[0] == " X\n 5\n10\n"
    assert show(rows(), query="length(@)", limit=1)[0] == "1\n"
    assert show(rows(), query="[0]", form="jsonl", fields=("n",))[0] == '{"n":5}\n'
    assert show(RECORD, "tsv", query="deep.x.y")[0] == "\n"
    assert show(DONE, query="clientid")[0] == "a\n"
    assert show(rows(), query="[?n > `99`]") == ("", ["no results"])


def test_nan_and_odd_values_never_break_the_json(show: Show) -> None:
    nan = float("nan")
    assert show(Rows([{"a": 1}, {"a": [nan]}]), "json")[0] == '[\n{"a":1},\n{"a":[null]}\n]\n'
    assert show(Value({"a": float("inf")}), "jsonl")[0] == '{"a":null}\n'
    assert show(Value({"a": -nan}), "json")[0] == '{\n  "a": null\n}\n'
    assert show(Value([nan, 1e16, 0.5]), "yaml")[0] == "- null\n- 1.0e+16\n- 0.5\n"


def test_rows_without_fields(show: Show) -> None:
    assert show(Rows([{}, {}]), "json")[0] == "[\n{},\n{}\n]\n"
    assert show(Rows([{}]))[0] == "\n\n"
    assert show(Rows([{}]), is_terminal=True)[0].strip() == ""
    assert show(Record({}), is_terminal=True)[0] == ""
    assert show(Record({}))[0] == ""


def test_everything_empty_is_a_dash_and_lists_read_as_words(show: Show) -> None:
    row: Row = {
        "null": None,
        "text": "",
        "list": [],
        "object": {},
        "names": ["a", "b"],
        "created_at": 1795545571853,
        "node_status": [{"node": "n1", "status": "connected"}, {"node": "n2", "status": "stopped"}],
    }
    out, _ = show(Record(row))
    assert [line.split(maxsplit=1)[1] for line in out.splitlines()[1:]] == [
        *["-"] * 4,
        "a, b",
        "2026-11-24T18:39:31.853+00:00",
        "n1 connected, n2 stopped",
    ]
    out, _ = show(Rows([row]), "csv")
    assert '[],{},"[""a"",""b""]",1795545571853' in out


def test_names_of_several_fields_are_separated_by_tabs(show: Show) -> None:
    row: Row = {"kind": "clientid", "who": "a\tb\nc\\d", "n": 1}
    assert show(Rows([row], name_fields=("kind", "who")), "name") == ("clientid\ta\\tb\\nc\\d\n", [])


def test_an_object_without_a_key_has_the_names_of_its_fields(show: Show) -> None:
    assert show(Record({"a": 0, "b": {"c": 1}}), "name") == ("a\nb\n", [])
    assert show(Record({"a": 0, "b": 1}), "name", fields=("b",)) == ("1\n", [])


@pytest.mark.parametrize(
    ("condition", "notes"),
    [
        (Condition("id", "=", "*x"), ["= compares the whole text; for a pattern: --where 'id~^.*x$'"]),
        (Condition("id", "=", "*x", is_quoted=True), []),
        (
            Condition("node", "=", "n1"),
            ["a node's name looks like n1@10.0.0.1; for its beginning: --where 'node~^n1@'"],
        ),
        (Condition("id", "~", "^q"), []),
    ],
)
def test_a_condition_without_a_match_that_was_meant_otherwise_says_how(
    show: Show, condition: Condition, notes: list[str]
) -> None:
    listing = Rows([{"id": "a", "node": "n1@h"}])
    assert show(listing, "json", where=(condition,)) == ("[]\n", notes)
