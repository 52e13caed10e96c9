"""How a report reads: for people, for programs, for annotations."""

import json
from pathlib import Path

import pytest

from wave_data.check.facts import StatementFacts
from wave_data.check.finding import FactKey, Finding, Report, in_order
from wave_data.check.rendering import render
from wave_data.engine.sql_tokens import Place


@pytest.fixture
def finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """A finding in files below the working directory."""
    monkeypatch.chdir(tmp_path)
    sql, python = tmp_path / "shop.sql", tmp_path / "shop.py"
    sql.write_text("-- name: total\nSELECT\n\tsum(price) FROM books;\n")
    python.write_text("# Books.\n\nasync def total() -> int: ...\n")
    return Finding(
        code="nullable",
        message="column sum can be NULL",
        place=Place(sql, 3, 2),
        length=10,
        function="shop.total",
        store="sqlite",
        shape=("author_id",),
        expected="never NULL",
        remedy="annotate `int | None`",
        subject="sum",
        declared=Place(python, 3, 22),
        suggestion="int | None",
    )


def report(*findings: Finding) -> Report:
    facts = {
        FactKey("shop.total", "postgres", ()): StatementFacts(),
        FactKey("shop.total", "sqlite", ()): StatementFacts(),
        FactKey("shop.total", "sqlite", ("author_id",)): StatementFacts(),
    }
    return Report(findings, facts, {"postgres": "PostgreSQL 18.4", "sqlite": "SQLite 3.40.1"}, 1.234)


SUMMARY = "in 1 function (2 shapes) on PostgreSQL 18.4 and SQLite 3.40.1, 1.2 s"


def test_text_shows_the_line_and_marks_what_is_wrong(finding: Finding):
    assert render(report(finding), "text") == (
        "shop.sql:3:2: error[nullable]: shop.total: column sum can be NULL\n"
        "   3 | \tsum(price) FROM books;\n"
        "     | \t^^^^^^^^^^\n"
        "     = where: on SQLite with author_id\n"
        "     = expected: never NULL\n"
        "     = declared: shop.py:3:22: async def total() -> int: ...\n"
        "     = help: annotate `int | None`\n"
        "\n"
        f"1 error, 0 warnings {SUMMARY}"
    )


def test_text_of_no_findings_is_the_summary():
    assert render(report(), "text") == f"0 errors, 0 warnings {SUMMARY}"


def test_the_summary_of_a_check_without_databases_counts_findings_only():
    assert render(Report(seconds=0.25), "text") == "0 errors, 0 warnings, 0.2 s"


def test_text_leaves_out_what_a_finding_does_not_have(tmp_path: Path):
    bare = Finding(code="stale", message="the lock file is missing", place=Place(tmp_path / "lock.json", 1))
    assert render(Report((bare,)), "text").splitlines()[:2] == [
        f"{tmp_path}/lock.json:1:1: error[stale]: the lock file is missing",
        "",
    ]


def test_json_has_everything(finding: Finding):
    document = json.loads(render(report(finding), "json"))
    assert document == {
        "findings": [
            {
                "code": "nullable",
                "severity": "error",
                "message": "column sum can be NULL",
                "file": "shop.sql",
                "line": 3,
                "column": 2,
                "length": 10,
                "function": "shop.total",
                "store": "sqlite",
                "shape": ["author_id"],
                "subject": "sum",
                "expected": "never NULL",
                "remedy": "annotate `int | None`",
                "suggestion": "int | None",
                "declared": {"file": "shop.py", "line": 3, "column": 22},
            }
        ],
        "servers": {"postgres": "PostgreSQL 18.4", "sqlite": "SQLite 3.40.1"},
        "seconds": 1.234,
    }


def test_github_reads_one_command_for_each_finding(finding: Finding):
    first, second = render(report(finding), "github").splitlines()
    assert first == (
        "::error file=shop.sql,line=3,col=2,endColumn=12,title=nullable shop.total::"
        "column sum can be NULL (on SQLite with author_id)%0Aexpected: never NULL%0Aannotate `int | None`"
    )
    assert second == f"1 error, 0 warnings {SUMMARY}"


def test_github_escapes_what_its_commands_use():
    odd = Finding(code="scan", message="100%\nsure", place=Place(Path("/a:b,c.sql"), 1))
    command, _ = render(Report((odd,)), "github").splitlines()
    assert command == "::warning file=/a%3Ab%2Cc.sql,line=1,col=1,endColumn=2,title=scan::100%25%0Asure"


def test_findings_stand_in_the_order_of_their_files():
    places = [Place(Path("b.sql"), 1), Place(Path("a.sql"), 10), Place(Path("a.sql"), 9, 2), Place(Path("a.sql"), 9)]
    findings = [Finding(code="static", message="", place=place) for place in places]
    assert [finding.place for finding in in_order(findings)] == places[::-1]


@pytest.mark.parametrize(("code", "severity"), [("refused", "error"), ("stale", "error"), ("sort", "warning")])
def test_the_code_decides_on_the_severity(code, severity):
    assert Finding(code=code, message="", place=Place(Path("a.sql"), 1)).severity == severity
