"""The settings of the book, before any page is built."""

import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
import yaml
from jupyter_book.config import validate_yaml

ROOT = Path(__file__).parents[2]
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text())
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [CONTENTS["root"], *(c["file"] for part in CONTENTS["parts"] for c in part["chapters"])]

sys.path.insert(0, str(ROOT / "_ext"))
import published_address  # noqa: E402


def test_jupyter_book_accepts_the_settings():
    validate_yaml(SETTINGS, raise_on_errors=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_contents_exists(page):
    assert any((ROOT / page).with_suffix(suffix).is_file() for suffix in (".md", ".ipynb"))


def test_no_page_is_listed_twice():
    assert len(PAGES) == len(set(PAGES))


@pytest.mark.parametrize("page", PAGES)
def test_chapters_are_executed_and_labs_are_shown_as_they_were_stored(page):
    path = PurePosixPath(page).with_suffix(".ipynb")
    kept_as_is = any(path.match(pattern) for pattern in SETTINGS["execute"]["exclude_patterns"])
    assert kept_as_is == page.startswith("labs/")


def test_a_failing_or_complaining_cell_fails_the_build():
    execute = SETTINGS["execute"]
    assert execute["allow_errors"] is False
    assert execute["stderr_output"] == "error"


@pytest.fixture
def addresses(monkeypatch):
    """What the book's address settings become under some environment."""

    def under(**environment: str) -> SimpleNamespace:
        for name in ("BOOK_URL", "BOOK_REPOSITORY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        config = SimpleNamespace(html_theme_options={})
        published_address.set_addresses(None, config)
        return config

    return under


def test_unpublished_the_book_is_at_the_address_that_make_book_prints(addresses):
    config = addresses()
    assert config.html_baseurl == config.ogp_site_url == "http://127.0.0.1:8000/"
    assert "http://127.0.0.1:8000/" in (ROOT / "Makefile").read_text()
    assert config.html_theme_options == {}
    assert config.ogp_social_cards == {"enable": False}


@pytest.mark.parametrize("url", ["https://example.org/course", "https://example.org/course/"])
def test_published_the_book_is_at_the_address_in_the_environment(addresses, url):
    config = addresses(BOOK_URL=url, BOOK_REPOSITORY="https://example.org/source")
    assert config.html_baseurl == config.ogp_site_url == "https://example.org/course/"
    assert config.notfound_urls_prefix == "/course/"
    assert config.ogp_social_cards == {"enable": True}
    assert config.html_theme_options["use_repository_button"] is True
