"""How often something costly was asked for lately: one counter for each key and window, shared by all web processes.

Nothing here tells who asked: a key is a hash, and a counter is of no use once its window has passed.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from workflows.orm import Base


class RequestCounter(Base):
    """One counter within its window."""

    __tablename__ = "request_counter"
    # Losing it in a crash of the database costs nothing; writing it to the log of the database would cost each request.
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    # SHA-256 of what is counted, in hexadecimal.
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    # The instant at which the window ends and counting begins anew.
    ends_at: Mapped[datetime] = mapped_column(index=True)
