"""How static files are stored: compressed, and with their content's hash in the name."""

from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

JS_IMPORTS: Any = vars(HashedFilesMixin)["_js_module_import_aggregation_patterns"][1]
OWN_MODULES = "js/*.js"  # the modules of others mention imports in their comments


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes hashed names into the imports of our own ES modules.

    So a browser may keep every module for ever, and never mixes an old module with a new one.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (OWN_MODULES, JS_IMPORTS)
