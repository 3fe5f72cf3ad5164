"""Each executed page can be downloaded as the notebook that it was executed as.

The theme has the button, but fills it only for a book that is launched on somebody's server. JupyterLab
knows neither Sphinx's roles nor its directives, so what they stand for is written out.
"""

import posixpath
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
from sphinx.directives.code import LiteralIncludeReader

TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<[^`>]+>)?`")
INCLUDED = re.compile(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)```$", re.M)
CARD = re.compile(r"^:::\{grid-item-card\} (.+)\n:link: (\S+)\n(?::.*\n)*", re.M)
FENCE = re.compile(r"^:{3,}.*\n(?::.*\n)*", re.M)
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]+?)(?:\.md|\.ipynb)?(#[^)\s]*)?\)")


def plain(text: str, page: Path, base: str = "") -> str:
    """Return a page's Markdown as JupyterLab can show it.

    ``page`` is its file; links to other pages lead to ``base``, the page's own folder in the published
    book, if there is one.
    """

    def content(found: re.Match) -> str:
        options = dict(re.findall(r'^:([\w-]+): "?(.*?)"?$', found[2], re.M))
        settings = SimpleNamespace(source_encoding="utf-8")
        shown = LiteralIncludeReader(str(page.parent / found[1]), options, settings).read()[0]
        return f"```{options.get('language', 'python')}\n{shown.rstrip()}\n```"

    def address(found: re.Match) -> str:
        scheme, _, path = posixpath.join(base, found[1]).partition("://")
        return f"]({scheme}://{posixpath.normpath(path)}.html{found[2] or ''})"

    text = INCLUDED.sub(content, TERM.sub(r"\1", text))
    text = FENCE.sub("", CARD.sub(r"[**\1**](\2.md)\n", text + "\n")).rstrip("\n")
    return LINK.sub(address, text) if base else text


def offer_notebook(app, pagename, templatename, context, doctree):
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if context.get("page_source_suffix") == ".md" and executed.exists():
        offered = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        offered.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(executed, as_version=4)
        published = app.config.html_baseurl
        base = posixpath.join(published, posixpath.dirname(pagename)) if published else ""
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = plain(cell.source, Path(app.srcdir, f"{pagename}.md"), base)
        nbformat.write(notebook, offered)
        context["ipynb_source"] = f"{pagename}.ipynb"


def setup(app):
    app.connect("html-page-context", offer_notebook)  # the theme makes its buttons later, at 501
    return {"parallel_read_safe": True, "parallel_write_safe": True}
