"""How static files are stored: compressed, and with their content's hash in the name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes hashed names into the imports of ES modules.

    So a browser may keep every module for ever, and never mixes an old module with a new one.
    """

    support_js_module_import_aggregation = True
