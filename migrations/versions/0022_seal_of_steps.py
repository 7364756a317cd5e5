"""Have the database itself seal each step of a run, chained to the one before, which it weighs again.

Steps that were taken before bear no seal; the chain of an older run begins with its next step.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_CHECKSUM = """
CREATE FUNCTION step_record_checksum(step step_record, previous text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|', coalesce(previous, ''), step.instance_id, step.revision, step.kind,
        step.what, extract(epoch FROM step.at), step.actor_name, step.changed, step.values), 'UTF8')), 'hex')
$$
"""
_SEAL = """
CREATE FUNCTION step_record_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last step_record;
    before_last text;
BEGIN
    SELECT * INTO last FROM step_record
    WHERE instance_id = NEW.instance_id AND revision < NEW.revision ORDER BY revision DESC LIMIT 1;
    SELECT checksum INTO before_last FROM step_record
    WHERE instance_id = NEW.instance_id AND revision < last.revision ORDER BY revision DESC LIMIT 1;
    IF last.checksum <> step_record_checksum(last, before_last) THEN
        RAISE EXCEPTION 'step % of run % is not what it was', last.revision, NEW.instance_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.checksum := step_record_checksum(NEW, last.checksum);
    RETURN NEW;
END $$
"""
_SEALED = (
    "CREATE TRIGGER step_record_sealed BEFORE INSERT ON step_record FOR EACH ROW EXECUTE FUNCTION step_record_seal()"
)


def upgrade() -> None:
    for statement in (_CHECKSUM, _SEAL, _SEALED):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER step_record_sealed ON step_record")
    op.execute("DROP FUNCTION step_record_seal()")
    op.execute("DROP FUNCTION step_record_checksum(step_record, text)")
    op.execute("UPDATE step_record SET checksum = NULL")
