"""What every page's template can say: icons, states, sizes, durations, moments, form controls, the theme."""

from datetime import UTC, datetime, timedelta

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from amlweb.wording import duration_in_words, exact_moment, moment_in_words, size_in_words
from computes.models import TargetEnvironment
from computes.sizes import size_for
from runs.environment_table import STATE_LOOKS, asked_in_words
from runs.status import REASONS, FailureReason, State

register = template.Library()

THEME_COOKIE = "amlweb_theme"
STATE_ICONS = {
    State.QUEUED: "clock",
    State.PREPARING: "package",
    State.RUNNING: "loader-2",
    State.FINALIZING: "inbox",
    State.COMPLETED: "circle-check",
    State.FAILED: "circle-x",
    State.CANCELED: "ban",
}


@register.simple_tag(takes_context=True)
def theme_attribute(context: template.Context) -> SafeString:
    """Return the attribute of <html> for the theme that the reader chose; nothing lets the system decide."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE) if request else None
    return format_html(' data-bs-theme="{}"', chosen) if chosen in ("light", "dark") else SafeString("")


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """Return an icon of the sprite; it is decoration, so the words beside it must say the same."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" {css_class}" if css_class else "",
        static("npm/icons.svg"),
        name,
    )


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """Return the icon of a run's state."""
    return icon(STATE_ICONS[State(state)])


@register.simple_tag
def environment_state(environment: TargetEnvironment) -> SafeString:
    """Return the state of an environment on a target, as icon and words."""
    look, drawing = STATE_LOOKS[TargetEnvironment.State(environment.state)]
    words = environment.get_state_display()
    return format_html('<span class="state state-{}">{}<span>{}</span></span>', look, icon(drawing), words)


register.filter("asked_in_words", asked_in_words)


@register.filter
def reason_title(reason: str) -> str:
    """Return the title of a stored failure reason."""
    return REASONS[FailureReason(reason)].title


@register.filter
def initials(name: str) -> str:
    """Return the first two letters of a name in capitals."""
    return name[:2].upper()


@register.filter
def size_words(size: int | None) -> str:
    """Return a size in words; a dash when it is not known."""
    return "–" if size is None else size_in_words(int(size))


@register.filter
def typed_size(size: int | None) -> str:
    """Return a size as it is typed into a form: 8 GiB."""
    return "–" if size is None else size_for(int(size))


@register.filter
def duration_words(duration: timedelta | float | None) -> str:
    """Return a duration in words; a dash when there is none."""
    if duration is None:
        return "–"
    return duration_in_words(duration.total_seconds() if isinstance(duration, timedelta) else float(duration))


@register.filter
def iso_moment(moment: datetime) -> str:
    """Return a moment as machines read it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


@register.filter
def utc_moment(moment: datetime) -> str:
    """Return the exact moment in UTC."""
    return exact_moment(moment)


@register.filter
def relative_moment(moment: datetime) -> str:
    """Return how long ago a moment was."""
    return moment_in_words(moment, timezone.now())


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Return whether a form field is one box to tick."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def styled(field: BoundField) -> SafeString:
    """Return a form field's control with the classes of the design."""
    widget = field.field.widget
    classes = [widget.attrs.get("class", "")]
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        classes.append("form-check-input")
    elif isinstance(widget, Select) and not isinstance(widget, FileInput):
        classes.append("form-select")
    else:
        classes.append("form-control")
    if field.errors:
        classes.append("is-invalid")
    return mark_safe(field.as_widget(attrs={"class": " ".join(filter(None, classes))}))  # noqa: S308 (Django's own markup)
