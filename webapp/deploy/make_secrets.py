"""Makes the secrets that docker-compose.yml mounts, once; run it on the machine that will run the containers.

The folder is closed to others. The files in it are readable, since the containers' user is not the one who made them.
"""

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".amanah" / "secrets"


def main() -> int:
    """Write the files that do not exist yet; an existing one is never changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)
    password_file = FOLDER / "database_password"
    _write(password_file, secrets.token_urlsafe(32))
    password = password_file.read_text(encoding="ascii").strip()
    _write(FOLDER / "database_url", f"postgresql://amanah:{password}@database/amanah")
    _write(FOLDER / "secret_key", secrets.token_urlsafe(48))
    _write(FOLDER / "fingerprint_key", secrets.token_urlsafe(48))
    return 0


def _write(file: Path, value: str) -> None:
    if file.exists():
        return
    file.write_text(value + "\n", encoding="ascii")
    file.chmod(0o444)
    sys.stdout.write(f"made {file}\n")


if __name__ == "__main__":
    sys.exit(main())
