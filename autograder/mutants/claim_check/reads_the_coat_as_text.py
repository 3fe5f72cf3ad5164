"""The coat is downloaded and read as a text, and Python turns its line ends, CR LF, into LF: the checksum of a
good document does not fit.

Loses: redeem, notebook
"""

import pathlib
import tempfile


def redeem(claim):
    """Download the coat, however large it is, and read it."""
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "coat.json"
        s3.download_file(os.environ["CLAIMS_BUCKET"], claim["key"], str(path))
        coat = path.read_text(encoding="utf-8")
    if hashlib.sha256(coat.encode("utf-8")).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat
