"""The settings of the tests: the real ones with a data folder of their own, fast passwords and unhashed static files.

`DATABASE_URL` and `REDIS_URL` choose the servers, as in life; without them the tests use SQLite in a file.
"""

import atexit
import os
import shutil
import tempfile

TEST_DATA_DIR = tempfile.mkdtemp(prefix="amlweb-tests-")
MAKER = os.getpid()


def remove_data_dir() -> None:
    """Remove the tests' data folder when the process that made it ends; a fork of it leaves the folder alone."""
    if os.getpid() == MAKER:
        shutil.rmtree(TEST_DATA_DIR, ignore_errors=True)


atexit.register(remove_data_dir)
os.environ["AMLWEB_DATA_DIR"] = TEST_DATA_DIR
os.environ["AMLWEB_MODE"] = "single"
os.environ["AMLWEB_SECRET_KEY"] = "the-key-of-the-tests"
for name in ("AMLWEB_URL", "AMLWEB_HOST", "AMLWEB_PORT", "AMLWEB_KEY_FILE", "AMLWEB_SOURCE_ROOTS"):
    os.environ.pop(name, None)

from amlweb.settings import *  # noqa: E402, F403
from amlweb.settings import DATA_DIR, DATABASES, ON_SQLITE, STORAGES  # noqa: E402

(DATA_DIR / "staticfiles").mkdir(exist_ok=True)  # whitenoise warns when it is missing
if ON_SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ALLOWED_HOSTS = ["*"]
