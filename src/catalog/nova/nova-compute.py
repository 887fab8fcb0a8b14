"""nova-compute with the driver beside this file: Nova takes drivers from its own package alone."""
import os
import sys

from nova.cmd import compute
from nova import virt

virt.__path__.append(os.path.dirname(os.path.abspath(__file__)))
sys.exit(compute.main())
