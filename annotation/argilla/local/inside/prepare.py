"""Make Argilla's database and its first users: ``python -m inside.prepare CREDENTIALS``.

Users that are there already stay as they are. Passwords and keys are read from the file, so that
no other user of the machine sees them in the list of processes.
"""

import argparse
import asyncio
import contextlib
import io
import json
import sys
from pathlib import Path

from argilla_server.cli.database.migrate import migrate_db
from argilla_server.cli.database.users.create import _create
from argilla_server.contexts import accounts
from argilla_server.database import AsyncSessionLocal
from argilla_server.models import User
from sqlalchemy import select

# Those of Argilla's images, guides and Spaces, which anyone can look up.
DEFAULT_KEYS = {"argilla.apikey", "owner.apikey", "admin.apikey", "annotator.apikey"}
DEFAULT_PASSWORDS = ("12345678", "1234", "argilla")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("credentials", type=Path)
    parser.add_argument("--refuse-default-credentials", action="store_true")
    arguments = parser.parse_args()
    users = json.loads(arguments.credentials.read_text(encoding="utf-8"))["users"]
    with contextlib.redirect_stdout(io.StringIO()):  # Argilla's commands print the keys
        migrate_db("head")
        open_ = asyncio.run(prepare(users, arguments.refuse_default_credentials))
    if open_:
        sys.exit(f"expected no default passwords or keys on a public address, found {open_}")


async def prepare(users: list[dict[str, str]], refuse_default_credentials: bool) -> str:
    for user in users:
        await _create(
            first_name=user["username"],
            username=user["username"],
            role=user["role"],
            password=user["password"],
            api_key=user["api_key"],
            workspace=user["workspaces"],
        )
    return await open_to_anyone() if refuse_default_credentials else ""


async def open_to_anyone() -> str:
    """The users, by name, whose password or key is one of the well-known ones."""
    async with AsyncSessionLocal() as session:
        users = (await session.execute(select(User))).scalars().all()
    return ", ".join(
        user.username
        for user in users
        if user.api_key in DEFAULT_KEYS
        or any(accounts.verify_password(guess, user.password_hash) for guess in DEFAULT_PASSWORDS)
    )


if __name__ == "__main__":
    main()
