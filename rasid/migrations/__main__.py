"""`python -m rasid.migrations "what changed"` writes the next revision: what METADATA has and the history does not make.

`python -m rasid.migrations --first` writes the first revision anew, from all of METADATA; only before a release, as
databases made by the old one do not notice. What is written is to be read before it is committed.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from rasid import schema
from shared.database import Database
from shared.tables import Instant

FIRST: Final = "0001_tables"

_FORM: Final = '''"""{what}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def write(what: str, *, first: bool = False) -> Path:
    """Writes the revision and says where."""
    before = None if first else schema.head()
    name = FIRST if first else f"{int((before or '0').split('_')[0]) + 1:04}_{_slug(what)}"
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'schema.db'}")
        try:
            text = database.transact_now(lambda tx: _text(tx, what, name, before))
        finally:
            database.close()
    path = schema.FOLDER / "versions" / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def _text(tx: Connection, what: str, name: str, before: str | None) -> str:
    """The revision's source, from an empty database brought to the revision before it."""
    if before:
        schema.upgrade(tx)
    options = {
        "include_name": is_ours,
        "render_item": _render,
        "sqlalchemy_module_prefix": "sa.",
        "alembic_module_prefix": "op.",
    }
    context = MigrationContext.configure(tx, opts=options)
    script = produce_migrations(context, schema.metadata())
    if script.upgrade_ops is None or script.downgrade_ops is None or script.upgrade_ops.is_empty():
        raise SystemExit("there is nothing to write: the history makes what METADATA has")
    code = {
        "upgrade": render_python_code(script.upgrade_ops, render_item=_render, migration_context=context),
        "downgrade": render_python_code(script.downgrade_ops, render_item=_render, migration_context=context),
    }
    return _FORM.format(what=what, revision=name, before=before, **{key: _without_remarks(text) for key, text in code.items()})


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic is to compare this object: not the full-text index and its parts."""
    return kind != "table" or not (name or "").startswith(schema.SEARCH)


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision must mean the same for ever, so it names no type of ours."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


def _without_remarks(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if "### " not in line).strip()


def _slug(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", what.lower()).strip("_")[:40]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) != 1:
        raise SystemExit('python -m rasid.migrations "what changed" | --first')
    first = arguments == ["--first"]
    print(write("All tables" if first else arguments[0], first=first))
