"""What the book holds: its pages with their minutes, its figures, and how long each page ran.

```{list-of-pages}     every page, with the minutes that it says it takes
```{list-of-figures}   every picture and everything to play with, by the title that it is shown under
```{list-of-runs}      every page that was executed, the slowest first

Each part's minutes also stand beside its name in the navigation.
"""

import re
from datetime import datetime, timezone
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util.docutils import SphinxDirective

# What `visuals` shows says in plain text what it is and how it is called: <Picture: One queue>.
SHOWN = re.compile(r"<(Picture|Playground|Decision|PatternTester): (.+)>", re.S)


class PageList(nodes.General, nodes.Element):
    """Stands where the list of pages will be, once all pages are read."""


class FigureList(nodes.General, nodes.Element):
    """Stands where the list of figures will be, once all pages are read."""


class RunList(nodes.General, nodes.Element):
    """Stands where the list of executed pages will be, once all pages are read."""


class List(SphinxDirective):
    """Something that tells of other pages, which may change while its own does not."""

    stand_in: type[nodes.Element]

    def run(self):
        self.env.note_reread()
        return [self.stand_in()]


class ListOfPages(List):
    stand_in = PageList


class ListOfFigures(List):
    stand_in = FigureList


class ListOfRuns(List):
    stand_in = RunList


# --- minutes ---


def minutes(folder: str | Path, page: str) -> int:
    """Return the minutes that a page says it takes, 0 if it says nothing."""
    files = (Path(folder, page + suffix) for suffix in (".md", ".ipynb"))
    text = next((file.read_text(encoding="utf-8") for file in files if file.exists()), "")
    said = re.search(r'^(?:\*|\s*")(\d+) minutes · ', text, re.M)
    return int(said[1]) if said else 0


def spelled(total: int) -> str:
    """Return minutes as people say them, on one line: 50 min, 2 h, 2 h 5 min."""
    hours, rest = divmod(total, 60)
    said = " ".join([f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0))
    return said.replace(" ", "\u00a0")


def parts(app) -> list[tuple[str, list[str]]]:
    """Return each part's name and pages, in order; the front page belongs to the first part."""
    root = app.config.external_site_map.root
    found = [(tree.caption, [str(page) for page in tree.items]) for tree in root.subtrees]
    found[0][1].insert(0, root.docname)
    return found


def put_minutes_into_the_navigation(app, config):
    trees = config.external_site_map.root.subtrees
    for tree, (name, pages) in zip(trees, parts(app), strict=True):
        total = sum(minutes(app.srcdir, page) for page in pages)
        tree.caption = f"{name} · {spelled(total)}" if total else name


# --- figures ---


def title_of(node: nodes.Element) -> str | None:
    """Return what a node is called if it is a figure: a cell's picture, or an image with a text."""
    if isinstance(node, nodes.image):
        return re.split(r"(?<=[.?!])\s", node.get("alt", ""))[0].rstrip(".") or None
    plain = [kind.astext() for kind in node.children if kind["mime_type"] == "text/plain"]
    shown = SHOWN.fullmatch(plain[0]) if plain else None
    return shown and shown[2][0].upper() + shown[2][1:]


def is_output_or_image(node: nodes.Node) -> bool:
    output = isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"
    return output or isinstance(node, nodes.image)


def mark_figures(app, doctree):
    """Give each figure of a page an anchor, and keep what it is called."""
    figures = {}
    for node in list(doctree.findall(is_output_or_image)):
        if title := title_of(node):
            name = wanted = nodes.make_id(f"figure-{title}")
            others = 1
            while name in figures:
                others += 1
                name = f"{wanted}-{others}"
            figures[name] = title
            node.parent.insert(node.parent.index(node), nodes.target(ids=[name]))
    app.env.metadata[app.env.docname]["figures"] = figures


# --- lists ---


def write_lists(app, doctree, shown_on):
    for stand_in in list(doctree.findall(lambda node: isinstance(node, (PageList, FigureList)))):
        of_part = pages_of if isinstance(stand_in, PageList) else figures_of
        found = [of_part(app, shown_on, *part) for part in parts(app)]
        stand_in.replace_self([node for part in found for node in part])
    for stand_in in list(doctree.findall(RunList)):
        stand_in.replace_self(runs(app, shown_on))


def pages_of(app, shown_on: str, name: str, pages: list[str]) -> list[nodes.Node]:
    items = []
    for page in pages:
        taken = minutes(app.srcdir, page)
        said = nodes.Text(f" · {spelled(taken)}" if taken else "")
        items.append(item(linked(app, shown_on, page), said))
    return [section(name, nodes.bullet_list("", *items))]


def figures_of(app, shown_on: str, name: str, pages: list[str]) -> list[nodes.Node]:
    found = []
    for page in pages:
        if figures := app.env.metadata[page].get("figures"):
            items = [item(linked(app, shown_on, page, *figure)) for figure in figures.items()]
            found += [nodes.paragraph("", "", linked(app, shown_on, page))]
            found += [nodes.bullet_list("", *items)]
    return [section(name.partition(" · ")[0], *found)] if found else []


def runs(app, shown_on: str) -> list[nodes.Node]:
    """Return what the executed pages took together, and a table of them."""
    pages = NbMetadataCollector.get_doc_data(app.env)
    ran = {page: data["exec_data"] for page, data in pages.items() if data.get("exec_data")}
    rows = [
        (
            linked(app, shown_on, page),
            nodes.Text(f"{run['runtime']:.1f}"),
            nodes.Text(local(run["mtime"]).strftime("%Y-%m-%d %H:%M")),
        )
        for page, run in sorted(ran.items(), key=lambda item: -item[1]["runtime"])
    ]
    total = sum(run["runtime"] for run in ran.values())
    said = f"{len(ran)} pages ran for {total:.0f} seconds in all." if len(ran) > 1 else ""
    heads = [nodes.Text(head) for head in ("Page", "Seconds", "Ran")]
    return [nodes.paragraph(text=said), table(heads, rows)]


def local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).astimezone()


def table(heads: list[nodes.Node], rows: list[tuple[nodes.Node, ...]]) -> nodes.table:
    def row(cells) -> nodes.row:
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))

    columns = [nodes.colspec(colwidth=1) for _ in heads]
    body = nodes.tbody("", *map(row, rows))
    group = nodes.tgroup("", *columns, nodes.thead("", row(heads)), body, cols=len(heads))
    return nodes.table("", group, classes=["colwidths-auto"])


def section(title: str, *content: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *content, ids=[nodes.make_id(title)])


def item(*content: nodes.Node) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", "", *content))


def linked(app, shown_on: str, page: str, anchor: str = "", text: str = "") -> nodes.reference:
    """Return a link to a page, by its title, or to an anchor in it, by the text given."""
    address = app.builder.get_relative_uri(shown_on, page) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", text or app.env.titles[page].astext(), internal=True, refuri=address)


def setup(app):
    app.add_node(PageList)
    app.add_node(FigureList)
    app.add_node(RunList)
    app.add_directive("list-of-pages", ListOfPages)
    app.add_directive("list-of-figures", ListOfFigures)
    app.add_directive("list-of-runs", ListOfRuns)
    # After sphinx-external-toc has read _toc.yml, at this same event.
    app.connect("config-inited", put_minutes_into_the_navigation, priority=950)
    app.connect("doctree-read", mark_figures)
    app.connect("doctree-resolved", write_lists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
