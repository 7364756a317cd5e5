"""The Flask extensions as bare objects; `app` joins them to an application. Imports nothing of `webapp`."""

from flask import request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from workflows.orm import Base


def _sender() -> str:
    return request.remote_addr or "unknown"


# One session per request on the tables of the domain; the models themselves know nothing of Flask.
db = SQLAlchemy(metadata=Base.metadata)
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
# Only for what costs much and is guessed at; a training room behind one address must be able to file.
limiter = Limiter(_sender, default_limits=[], headers_enabled=False)
