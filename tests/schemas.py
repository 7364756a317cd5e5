"""What a schema is, as PostgreSQL itself tells it: one line per column, constraint, index, trigger, function and type.

Two databases with the same lines behave the same. The order of columns is left out: nothing of ours depends on it.
"""

from sqlalchemy import Connection, text

_QUESTIONS = {
    "column": """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
            || a.attidentity::text || a.attgenerated::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": r"""
        SELECT regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g')
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "type": """
        SELECT typname || ' ' || coalesce((SELECT string_agg(enumlabel, ' ' ORDER BY enumlabel)
            FROM pg_enum WHERE enumtypid = t.oid), '')
        FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')""",
}


def schema_of(connection: Connection, *, only: str = "") -> set[str]:
    """Give the lines of the schema, or those that hold the word `only`; Alembic's own table is left out."""
    return {
        f"{kind}: {line}"
        for kind, question in _QUESTIONS.items()
        for line in connection.execute(text(question)).scalars()
        if "alembic_version" not in line and only in line
    }
