"""What the templates of projects can say: words in backticks as code."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CODE = re.compile(r"`([^`]+)`")


@register.filter
def code_spans(text: str) -> SafeString:
    """Return a text with what stands in backticks set as code; everything in it is escaped first."""
    return mark_safe(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S308 (escaped before the tags are added)
