"""connections.toml: what it says is taken exactly; every mistake is named with its line."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adminui.connections.config import (
    PRODUCTION_GUARDS,
    ConfigError,
    Connection,
    Guards,
    Limits,
    Overrides,
    resolve,
)
from adminui.connections.positions import lines
from adminui.connections.reading import Accepts, read

DIALECTS = {
    "buzz": Accepts(("email", "password"), ("account_id",), frozenset({"line-items", "campaigns", "ref/currencies"})),
    "autotask": Accepts(("username", "secret", "integration_code"), (), frozenset({"Tickets"})),
}
README = """\
[connections.buzz-acme]
label = "Buzz (Acme)"
dialect = "buzz"                  # or "autotask"
base_url = "http://127.0.0.1:9001"  # Autotask: any zone host; zone discovery goes on from there
environment = "sandbox"
[connections.buzz-acme.credentials]
email = "env:BUZZ_EMAIL"          # Autotask: username, secret, integration_code
password = "file:/run/credentials/buzz"
[connections.buzz-acme.limits]
max_concurrency = 4
[connections.buzz-acme.resources.line-items]
columns = ["id", "name", "active"]
"""

Parse = Callable[[str], dict[str, Connection]]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    def written(text: str | bytes) -> dict[str, Connection]:
        path = tmp_path / "connections.toml"
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return read(path, DIALECTS)

    return written


@pytest.fixture
def wrong(parse: Parse) -> Callable[[str | bytes], list[str]]:
    """The complaints about a text, without the file's name."""

    def complaints(text: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            parse(text)
        assert str(caught.value).splitlines() == list(caught.value.problems)
        return [re.sub(r"^connections\.toml, ", "", problem) for problem in caught.value.problems]

    return complaints


def changed(old: str, new: str) -> str:
    assert README.count(old) == 1
    return README.replace(old, new)


def test_no_file_is_no_connections(tmp_path):
    assert read(tmp_path / "none.toml", DIALECTS) == {}


def test_the_fixed_form_is_read(parse):
    assert parse(README) == {
        "buzz-acme": Connection(
            name="buzz-acme",
            label="Buzz (Acme)",
            dialect="buzz",
            base_url="http://127.0.0.1:9001",
            environment="sandbox",
            credentials={"email": "env:BUZZ_EMAIL", "password": "file:/run/credentials/buzz"},
            limits=Limits(4, None),
            resources={"line-items": Overrides(columns=("id", "name", "active"))},
        )
    }


def test_all_that_may_be_said_is_taken(parse):
    text = changed("max_concurrency = 4", "max_concurrency = 2\ncalls_per_hour = 600") + dedent("""
        hidden = ["notes"]
        labels.name = "Title"
        bulk = ["rows"]
        max_batch = 25
        put = "nulls"
        [connections.buzz-acme.resources."ref/currencies"]
        bulk = []
        """)
    [made] = parse(text).values()
    assert made.limits == Limits(2, 600)
    assert made.resources["line-items"] == Overrides(
        ("notes",), {"name": "Title"}, ("id", "name", "active"), ("rows",), 25, "nulls"
    )
    assert made.resources["ref/currencies"].bulk == ()


def guarded(said: str, environment: str = "sandbox") -> str:
    text = changed('"sandbox"', f'"{environment}"')
    return text.replace(
        "[connections.buzz-acme.limits]", f"[connections.buzz-acme.guards]\n{said}\n[connections.buzz-acme.limits]"
    )


def test_what_is_asked_before_sending_goes_by_the_environment(parse):
    assert parse(README)["buzz-acme"].guards == Guards(1_000, None, None)
    assert parse(changed('"sandbox"', '"production"'))["buzz-acme"].guards == PRODUCTION_GUARDS == Guards(0, 100, 50)


@pytest.mark.parametrize(
    ("said", "sandbox", "production"),
    [
        ("", Guards(1_000, None, None), Guards(0, 100, 50)),
        ("type_above = 20", Guards(20, None, None), Guards(20, 100, 50)),
        ("note_above = 0", Guards(1_000, 0, None), Guards(0, 0, 50)),
        ("canary_above = 5", Guards(1_000, None, 5), Guards(0, 100, 5)),
        ("type_above = false\nnote_above = false\ncanary_above = false", *[Guards(None, None, None)] * 2),
    ],
)
def test_what_is_asked_can_be_said_one_by_one_and_false_is_never(parse, said, sandbox, production):
    assert parse(guarded(said))["buzz-acme"].guards == sandbox
    assert parse(guarded(said, "production"))["buzz-acme"].guards == production


@pytest.mark.parametrize("value", ["true", "-1", '"100"', "1.5", "[]", "{}"])
@pytest.mark.parametrize("key", ["type_above", "note_above", "canary_above"])
def test_a_guard_that_is_no_whole_number_is_named_with_its_line(wrong, key, value):
    assert wrong(guarded(f"{key} = {value}")) == [f"line 10: “{key}” must be a whole number, or false for never"]


def test_an_unknown_guard_is_named_with_its_line(wrong):
    [complaint] = wrong(guarded("notes_above = 3"))
    assert complaint.startswith(
        "line 10: unknown key “notes_above” in connections.buzz-acme.guards; known: canary_above"
    )


def test_two_production_connections_may_lead_to_one_address(parse):
    one = changed('"sandbox"', '"production"')
    made = parse(one + one.replace("buzz-acme", "buzz-other"))
    assert len({c.base_url for c in made.values()}) == 1 and all(c.production for c in made.values())


def test_a_label_is_the_name_when_none_is_given(parse):
    assert parse(changed('label = "Buzz (Acme)"\n', ""))["buzz-acme"].label == "buzz-acme"


def test_windows_line_ends_and_byte_order_mark_do_no_harm(parse):
    assert parse(b"\xef\xbb\xbf" + README.replace("\n", "\r\n").encode()) == parse(README)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('dialect = "buzz"   ', "", 1, "“dialect” is missing"),
        ('environment = "sandbox"\n', "", 1, "“environment” is missing"),
        ('base_url = "http://127.0.0.1:9001"  ', "", 1, "“base_url” is missing"),
        ('dialect = "buzz" ', 'dialect = "salesforce" ', 3, "one of: buzz, autotask; not “salesforce”"),
        ('dialect = "buzz" ', "dialect = [] ", 3, "“dialect” must be one line of text"),
        ('dialect = "buzz" ', "dialect = {} ", 3, "“dialect” must be one line of text"),
        ('"sandbox"', '"staging"', 5, "“environment” must be one of: sandbox, production; not “staging”"),
        ('"Buzz (Acme)"', '""', 2, "“label” must be one line of text"),
        ('"Buzz (Acme)"', '"Buzz\\u0000"', 2, "“label” must be one line of text"),
        ('"Buzz (Acme)"', f'"{"B" * 201}"', 2, "200 characters"),
        ('"http://127.0.0.1:9001"', '"127.0.0.1:9001"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"ftp://127.0.0.1"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"https://"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"http://[::1"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"http://a.example:99999"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"http://a b.example"', 4, "whole address"),
        ('"http://127.0.0.1:9001"', '"https://ops:pw@a.example"', 4, "no user, password"),
        ('"http://127.0.0.1:9001"', '"https://a.example/?x=1"', 4, "query"),
        ('"http://127.0.0.1:9001"', "9001", 4, "“base_url” must be one line of text"),
        ('"env:BUZZ_EMAIL"', '"ops@example.com"', 7, "“email” must be a reference"),
        ('"env:BUZZ_EMAIL"', '"env:"', 7, "“email” must be a reference"),
        ('"env:BUZZ_EMAIL"', '"env:BUZZ EMAIL"', 7, "“email” must be a reference"),
        ('"env:BUZZ_EMAIL"', "7", 7, "“email” must be a reference"),
        ('"file:/run/credentials/buzz"', '"file:buzz"', 8, "“password” must be a reference"),
        ('"file:/run/credentials/buzz"', '"file:/run/\\u0000"', 8, "“password” must be a reference"),
        ('password = "', 'pass_word = "', 6, "the credential “password” is missing"),
        ('password = "', 'pass_word = "', 8, "unknown key “pass_word” in connections.buzz-acme.credentials"),
        ("max_concurrency = 4", "max_concurrency = 0", 10, "from 1 to 64"),
        ("max_concurrency = 4", "max_concurrency = 65", 10, "from 1 to 64"),
        ("max_concurrency = 4", "max_concurrency = true", 10, "from 1 to 64"),
        ("max_concurrency = 4", 'calls_per_hour = "many"', 10, "above 0"),
        ("max_concurrency = 4", "max_concurency = 4", 10, "known: calls_per_hour, max_concurrency"),
        ("resources.line-items]", "resources.lineitems]", 11, "there is no resource “lineitems”"),
        ("columns = [", "colums = [", 12, "unknown key “colums” in connections.buzz-acme.resources.line-items"),
        ('"id", "name", "active"', '"id", 2', 12, "“columns” must be a list of texts"),
        ('["id", "name", "active"]', '"id"', 12, "“columns” must be a list of texts"),
        ('columns = ["id", "name", "active"]', 'bulk = ["all"]', 12, "“bulk” takes rows, shared; not “all”"),
        ('columns = ["id", "name", "active"]', "max_batch = -1", 12, "above 0"),
        ('columns = ["id", "name", "active"]', 'put = "empties"', 12, "one of: keeps, nulls"),
        ('columns = ["id", "name", "active"]', 'labels = "x"', 12, "“labels” must be a table"),
        ('columns = ["id", "name", "active"]', "labels = { name = 3 }", 12, "“name” must be one line of text"),
        ('columns = ["id", "name", "active"]', "hidden = false", 12, "“hidden” must be a list of texts"),
        ('label = "Buzz (Acme)"', 'label = "B"\nlable = "C"', 3, "unknown key “lable” in connections.buzz-acme;"),
    ],
)
def test_a_mistake_is_named_with_its_line(wrong, old, new, line, words):
    complaints = wrong(changed(old, new))
    assert any(c.startswith(f"line {line}: ") and words in c for c in complaints), complaints
    assert len(complaints) <= 2 and not any("ops@example" in c or ":pw@" in c for c in complaints)


def test_a_key_beside_the_connections_is_unknown(wrong):
    assert wrong("[connections]\n[conections.x]\n")[0].startswith("line 2: unknown key “conections” in the file")


def test_a_connection_lacking_everything_says_all_of_it_at_its_header(wrong):
    assert wrong("\n\n[connections.x]\n") == [
        "line 3: “base_url” is missing",
        "line 3: “dialect” is missing",
        "line 3: “environment” is missing",
    ]


def test_what_should_be_a_table_is_complained_of_once(wrong):
    assert wrong("[connections]\nx = 3") == ["line 2: “x” must be a table"]
    assert wrong("connections = 3") == ["line 1: “connections” must be a table"]
    assert wrong("[[connections]]\nx = 3") == ["line 1: “connections” must be a table"]
    assert wrong(changed("[connections.buzz-acme.credentials]\n", "credentials = 7\n[connections.buzz-acme.x]\n")) == [
        "line 6: “credentials” must be a table",
        "line 7: unknown key “x” in connections.buzz-acme; known: base_url, credentials, dialect, environment, "
        "guards, label, limits, resources",
    ]


@pytest.mark.parametrize("name", ["Buzz", '"buzz acme"', "buzz_acme", "-buzz", '""', f"{'b' * 101}", '"a.b"'])
def test_a_connections_name_fits_an_address(wrong, name):
    [complaint] = wrong(README.replace("buzz-acme", name))
    assert complaint.startswith("line 1: a connection's name is lower-case letters")


def test_several_mistakes_are_listed_in_the_order_of_the_file(wrong):
    text = README.replace('"sandbox"', '"prod"').replace("max_concurrency = 4", "max_concurrency = 0")
    text = text.replace("columns", "colums").replace('label = "Buzz (Acme)"', "label = 3")
    assert [int(re.match(r"line (\d+)", c)[1]) for c in wrong(text + text.replace("buzz-acme", "b"))] == [
        2,
        5,
        10,
        12,
        14,
        17,
        22,
        24,
    ]


def test_dotted_quoted_and_inline_keys_keep_their_lines(wrong):
    text = '''
    # connections.x.dialect = "a comment"
    connections.x.label = """
    dialect = 3 [not.a.table]
    """ # one line of text it is not
    connections.'x'."dialect" = "buzz"
    connections.x.base_url = "https://a.example/[x]"
    connections.x.environment = 'sandbox'
    connections.x.credentials = { email = "env:A", password = "hunter2" }
    connections.x.resources = { campaigns = { columns = [
        "id", # ]
        "name",
    ], labels = { "name" = 5 } } }
    connections.x.limits.max_concurrency = 0
    '''
    assert [c[:40] for c in wrong(text)] == [
        "line 3: “label” must be one line of text",
        "line 9: “password” must be a reference, ",
        "line 13: “name” must be one line of text",
        "line 14: “max_concurrency” must be a who",
    ]


def test_a_header_after_its_children_is_still_the_line_of_the_connection(wrong):
    text = '[connections.x.credentials]\nemail = "env:A"\npassword = "env:B"\n[connections.x]\ndialect = "buzz"\n'
    assert wrong(text) == ["line 4: “base_url” is missing", "line 4: “environment” is missing"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\n[connections\n", "line 2: Expected ']' at the end of a table declaration"),
        ("a = 1\na = 2\n", "line 2: Cannot overwrite a value"),
        ('a = "', "line 1: Unterminated string"),
        ("x = 1\ny =", "line 2: Invalid value"),
        (b"x = 1\ny = '\xff'\n", "line 2: this is not UTF-8 text"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(wrong, text, complaint):
    assert wrong(text) == [complaint]


def test_values_too_large_or_too_deep_are_refused(wrong):
    assert "too large or too deep" in wrong("x = " + "9" * 5000)[0]
    assert "too large or too deep" in wrong("x = " + "[" * 5000 + "]" * 5000)[0]


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path, DIALECTS)


def test_a_secret_written_into_the_file_is_never_repeated(wrong, parse):
    complaints = wrong(changed('"file:/run/credentials/buzz"', '"hunter2"'))
    assert complaints and "hunter2" not in " ".join(complaints)
    assert "BUZZ_EMAIL" not in repr(parse(README)) and "/run/credentials" not in repr(parse(README))


def test_a_message_stays_one_line_whatever_the_document_holds(wrong):
    [complaint] = wrong(README + '[connections.buzz-acme.resources."a\\nline 1: all is well"]\n')
    assert "\n" not in complaint and complaint.startswith("line 13: there is no resource")


def test_an_environment_variable_is_the_secret(monkeypatch):
    monkeypatch.setenv("HELD", " s3cret ")
    assert resolve("env:HELD") == " s3cret "


@pytest.mark.parametrize("value", [None, ""])
def test_an_environment_variable_that_is_not_set_is_named(monkeypatch, value):
    monkeypatch.delenv("HELD", raising=False)
    if value is not None:
        monkeypatch.setenv("HELD", value)
    with pytest.raises(LookupError, match="the environment variable HELD is not set"):
        resolve("env:HELD")


def test_a_file_is_the_secret_without_its_trailing_newline(tmp_path):
    (tmp_path / "key").write_bytes(b" s3cret \r\n")
    assert resolve(f"file:{tmp_path / 'key'}") == " s3cret "


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (None, "cannot be read"),
        (b"\n", "is empty"),
        (b"\xff", "one line of text"),
        (b"s3cret\nmore", "one line of text"),
    ],
)
def test_a_file_that_holds_no_secret_is_named_and_never_quoted(tmp_path, held, words):
    if held is not None:
        (tmp_path / "key").write_bytes(held)
    with pytest.raises(LookupError, match=words) as caught:
        resolve(f"file:{tmp_path / 'key'}")
    assert str(tmp_path / "key") in str(caught.value) and "s3cret" not in str(caught.value)


_KEYS = st.sampled_from(
    [
        *re.findall(r"[\w-]+", README),
        "calls_per_hour",
        "labels",
        "bulk",
        "put",
        "hidden",
        "max_batch",
        "guards",
        "note_above",
    ]
) | st.text(max_size=3)
_WORDS = st.sampled_from(
    ["buzz", "sandbox", "http://[", "https://a.example", "http://\u2024", "env:A", "file:/\0", "keeps", "http://a:-1"]
)
_SCALARS = st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _WORDS | st.dates() | st.datetimes()
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=20
)
_DOCUMENTS = st.dictionaries(
    _KEYS,
    _VALUES | st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=8), max_size=2),
    max_size=3,
)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) < 0xE000) + '"'


def toml(value: object) -> str:
    if isinstance(value, dict):
        plain = {quoted(key): toml(inner) for key, inner in value.items()}
        return "{" + ", ".join(f"{key} = {inner}" for key, inner in plain.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool | int | float):
        return str(value).lower().replace("e+", "e")
    return value.isoformat()


any_file = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@any_file
@given(_DOCUMENTS)
@example({"connections": {"x": {"dialect": [], "environment": {}, "base_url": "http://[::1", "credentials": {"": []}}}})
def test_no_document_raises_anything_but_a_config_error(parse, document):
    text = "\n".join(f"{quoted(key)} = {toml(value)}" for key, value in document.items())
    tomllib.loads(text)
    try:
        parse(text)
    except ConfigError as error:
        assert error.problems and all(re.match(r"connections\.toml, line 1?\d: .", p) for p in error.problems)


@any_file
@given(st.text() | st.text(alphabet="[]{}=,.\"'#\\ \nab1"))
@example("a = '''\n''''\n")
@example('b = """"x""""" \n')
def test_no_text_raises_anything_but_a_config_error(parse, text):
    try:
        parse(text.encode("utf-8", "replace"))
    except ConfigError as error:
        assert error.problems


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a = """\n"x""""" # [no]\nb = 1', {("a",): 1, ("b",): 3}),
        ("a = ''''\n''''\n[b.c]\nd.e = [\n{f = 1},\n]", {
            ("a",): 1, ("b",): 3, ("b", "c"): 3, ("b", "c", "d"): 4, ("b", "c", "d", "e"): 4,
            ("b", "c", "d", "e", "f"): 5,
        }),
        ("a = {}\nb = {c = {}, d = 1}\n[[e]]", {("a",): 1, ("b",): 2, ("b", "c"): 2, ("b", "d"): 2, ("e",): 3}),
        ("1.2 = 07:30:00.5\n\"\\u0041.]\" = '='", {("1",): 1, ("1", "2"): 1, ("A.]",): 2}),
    ],
)  # fmt: skip
def test_lines_are_found_through_every_kind_of_value(text, found):
    tomllib.loads(text)
    assert lines(text) == found
