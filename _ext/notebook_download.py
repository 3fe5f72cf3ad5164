"""Each executed page can be downloaded as the notebook that it was executed as.

The theme has the button, but fills it only for a book that is launched on somebody's server.
"""

import shutil
from pathlib import Path


def offer_notebook(app, pagename, templatename, context, doctree):
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if context.get("page_source_suffix") == ".md" and executed.exists():
        offered = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        offered.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed, offered)
        context["ipynb_source"] = f"{pagename}.ipynb"


def setup(app):
    app.connect("html-page-context", offer_notebook)  # the theme makes its buttons later, at 501
    return {"parallel_read_safe": True, "parallel_write_safe": True}
