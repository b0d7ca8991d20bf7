"""How static files are stored: compressed, and with their content's hash in the name."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_MODULES = "js/*.js"  # the modules of others mention imports in their comments


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes hashed names into the imports of our own ES modules.

    So a browser may keep every module for ever, and never mixes an old module with a new one.
    """

    patterns = (
        *HashedFilesMixin.patterns,
        (OWN_MODULES, HashedFilesMixin._js_module_import_aggregation_patterns[1]),
    )
