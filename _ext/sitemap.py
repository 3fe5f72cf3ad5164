"""Search engines are told of every page, also after a build that wrote only those that had changed."""

from pathlib import Path
from xml.etree import ElementTree


def write_sitemap(app, exception):
    if exception or app.builder.format != "html":
        return
    listed = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    # What the table of contents names, and so neither the search nor what is not found.
    for page in sorted(app.env.found_docs):
        address = app.config.html_baseurl + app.builder.get_target_uri(page)
        ElementTree.SubElement(ElementTree.SubElement(listed, "url"), "loc").text = address
    ElementTree.ElementTree(listed).write(
        Path(app.outdir, "sitemap.xml"), encoding="utf-8", xml_declaration=True
    )


def setup(app):
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
