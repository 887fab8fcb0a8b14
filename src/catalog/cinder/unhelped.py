"""unhelped.py cinder-PROGRAM: the program without privsep's helpers, which want more of the kernel than its container may.

It is root of its own container: what the helpers would do as root it does itself, and what the kernel refuses fails, as in a helper.
"""
import importlib
import sys

sys.argv = sys.argv[1:]
# First, since it patches the threads of whatever is imported after it.
program = importlib.import_module(f"cinder.cmd.{sys.argv[0].removeprefix('cinder-')}")
from oslo_privsep.priv_context import PrivContext

for name in ("cinder.privsep", "os_brick.privileged"):
    for value in vars(importlib.import_module(name)).values():
        if isinstance(value, PrivContext):
            value.set_client_mode(False)
program.main()
