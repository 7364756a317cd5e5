"""Which fields of a form are meant for the reporter: those that its designer marked so, and no others."""

from workflows.forms.schema import Component, Form

# Component property by which a designer lets the reporter read a field once it is released.
AUDIENCE = "audience"


def released_fields(form: Form) -> tuple[Component, ...]:
    """Give the fields that carry the property `audience` with the value `reporter` or `public`, in their order."""
    return tuple(component for component in form.fields if component.properties.get(AUDIENCE) in {"reporter", "public"})
