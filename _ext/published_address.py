"""Where the book will be read, from the environment, so that no address is in the repository.

BOOK_URL         where it is published; unset, the address at which `make book` says to serve it
BOOK_REPOSITORY  where its source is; unset, pages carry no repository button
"""

import os
from urllib.parse import urlsplit

LOCAL = "http://127.0.0.1:8000/"


def set_addresses(app, config):
    # Sitemap and link previews append page names as they are, so this has to end in a slash.
    url = os.environ.get("BOOK_URL", "").rstrip("/") + "/"
    published = url != "/"
    if not published:
        url = LOCAL
    config.html_baseurl = config.ogp_site_url = url
    config.notfound_urls_prefix = urlsplit(url).path
    # Each preview picture takes half a second to draw, and nobody previews a page on 127.0.0.1.
    config.ogp_social_cards = {"enable": published}

    repository = os.environ.get("BOOK_REPOSITORY", "")
    if repository:
        config.html_theme_options["repository_url"] = repository
        config.html_theme_options["use_repository_button"] = True


def setup(app):
    # Before the extensions that read these settings, some of which do so at this same event.
    app.connect("config-inited", set_addresses, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
