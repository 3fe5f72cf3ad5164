"""Writes a result, a start file for every Python, and over the solution.

Told: REFUSED
"""

import sysconfig

purelib = sysconfig.get_path("purelib")
Path("mine").write_text("100 points")
for path in (FACTS["marker"], *FACTS["others"]):
    attempt(lambda: os.rename("mine", path))
    attempt(lambda: os.mknod(path + ".fifo", 0o010644))
    attempt(lambda: open(path, "w"))
for path in FACTS["others"]:
    attempt(lambda: os.rename(path, "mine"))
    attempt(lambda: os.truncate(path, 0))
    attempt(lambda: os.remove(path))
    attempt(lambda: os.chown(path, 1, 1))
for path in (f"{purelib}/evil.pth", f"{purelib}/sitecustomize.py", os.__file__, FACTS["course"][0]):
    attempt(lambda: open(path, "a"))
for folder in ("/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~/.."), FACTS["root"]):
    attempt(lambda: open(f"{folder}/evil", "a"))
    attempt(lambda: os.mkdir(f"{folder}/evil-folder"))
