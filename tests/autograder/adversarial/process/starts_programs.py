"""Starts other programs, each way there is.

Told: REFUSED
"""

import multiprocessing
import subprocess

touch = ["touch", FACTS["marker"]]
attempt(lambda: subprocess.run(touch))
attempt(lambda: refuse_if(os.system(" ".join(touch))))
attempt(lambda: os.posix_spawnp("touch", touch, os.environ))
attempt(lambda: os.execvp("touch", touch))
attempt(lambda: multiprocessing.Process(target=print).start())
attempt(lambda: refuse_if(os.memfd_create("program") < 0))
