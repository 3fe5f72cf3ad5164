"""The page about the `pizza` command says what the command says."""

from __future__ import annotations

import pizza_page


def test_page_is_made_from_the_commands_own_help():
    assert pizza_page.PAGE.read_text(encoding="utf-8") == pizza_page.page(), (
        "run: python tests/book/pizza_page.py"
    )


def test_page_has_every_command_that_the_help_lists(capsys):
    from autograder.cli import app

    app(["--help"], standalone_mode=False)
    listed = capsys.readouterr().out.partition("Commands:")[2].splitlines()
    names = [line.split()[0] for line in listed if line.startswith("  ") and line[2:3].isalpha()]
    assert len(names) > 8
    text = pizza_page.page()
    assert [name for name in names if f"pizza {name}" not in text] == []
