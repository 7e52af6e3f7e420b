"""Settings of the whole suite."""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# A shared machine is slow at times; how long a test takes says nothing about the code. Seeds are fixed, so that
# a run of CI can be repeated; `--hypothesis-profile=explore` looks further.
settings.register_profile(
    "newsds", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "explore", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("newsds")

# The caches of the Hub's libraries are not the user's; they are read when the libraries are imported.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="newsds-tests-hf-")
atexit.register(shutil.rmtree, os.environ["HF_HOME"], ignore_errors=True)

pytest_plugins = ["hub.fixtures"]
