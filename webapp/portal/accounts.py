"""What a form asks of the reporter and the account of whoever is signed in knows already."""

from webapp.actor import signed_in
from webapp.extensions import db
from workflows.forms.schema import Form
from workflows.people.queries import user

# Facts of an account that a field may ask for with its property `account`.
FACTS = ("name", "employee_number", "position", "phone", "email")


def from_account(form: Form) -> dict[str, str]:
    """Give the fields that the account fills in, by name; none to whoever is not signed in. They may be changed."""
    person = signed_in()
    asked = {field.name: field.properties.get("account", "") for field in form.fields}
    if person is None or not any(asked.values()):
        return {}
    account = user(db.session(), person.user_id)
    known = {fact: getattr(account, fact) for fact in FACTS}
    return {name: known[fact] for name, fact in asked.items() if known.get(fact)}
