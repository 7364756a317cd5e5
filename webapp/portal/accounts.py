"""What a form asks of the reporter and the account of whoever is signed in knows already."""

from webapp.actor import signed_in
from webapp.extensions import db
from workflows.forms.components import PROPERTY_WORDS
from workflows.forms.schema import Form
from workflows.people.queries import user


def from_account(form: Form) -> dict[str, str]:
    """Give the fields that the account fills in, by name; none to whoever is not signed in. They may be changed."""
    person = signed_in()
    asked = {field.name: field.properties.get("account", "") for field in form.fields}
    if person is None or not any(asked.values()):
        return {}
    account = user(db.session(), person.user_id)
    known = {fact: getattr(account, fact) for fact in PROPERTY_WORDS["account"]}
    return {name: known[fact] for name, fact in asked.items() if known.get(fact)}


def told_by_account(form: Form) -> list[str]:
    """Give, in words, what the account of whoever is signed in fills in; of a visitor, what an account would."""
    filled = from_account(form) if signed_in() is not None else None
    return [
        field.label()
        for field in form.fields
        if field.properties.get("account") and (filled is None or field.name in filled)
    ]
