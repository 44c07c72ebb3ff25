from django.db import migrations

# The history, its seals, the notes of what was erased and the certificates are only added to. Of a change the content
# may be emptied by an erasure; a fact may be emptied by an erasure and forgotten by retention. Nothing else is
# rewritten, and no table is emptied at once. Adding rows asks nothing of these triggers.
GUARD = """
CREATE OR REPLACE FUNCTION kernel_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    purpose text := CASE TG_OP WHEN 'UPDATE' THEN 'gtmos.rewriting' WHEN 'DELETE' THEN 'gtmos.forgetting' ELSE 'gtmos.emptying' END;
BEGIN
    IF (TG_OP = 'TRUNCATE' OR TG_NARGS > 0) AND current_setting(purpose, true) = 'on' THEN
        IF TG_OP = 'TRUNCATE' THEN
            RETURN NULL;
        ELSIF TG_OP = 'DELETE' THEN
            RETURN OLD;
        ELSIF to_jsonb(NEW) - TG_ARGV[0]::text[] = to_jsonb(OLD) - TG_ARGV[0]::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'The history is only added to.' USING ERRCODE = 'restrict_violation';
END $$;

DROP TRIGGER kernel_change_append_only ON kernel_change;
CREATE TRIGGER kernel_change_content BEFORE UPDATE ON kernel_change FOR EACH ROW
    EXECUTE FUNCTION kernel_refuse_rewriting('{previous_values,new_values,summary,vector_searchable_text}');
CREATE TRIGGER kernel_change_append_only BEFORE DELETE ON kernel_change
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_change_never_emptied BEFORE TRUNCATE ON kernel_change
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_seal_append_only BEFORE UPDATE OR DELETE ON kernel_seal
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_seal_never_emptied BEFORE TRUNCATE ON kernel_seal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_redaction_append_only BEFORE UPDATE OR DELETE ON kernel_redaction
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_redaction_never_emptied BEFORE TRUNCATE ON kernel_redaction
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_privacyrequest_append_only BEFORE UPDATE OR DELETE ON kernel_privacyrequest
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_privacyrequest_never_emptied BEFORE TRUNCATE ON kernel_privacyrequest
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_eventrecord_append_only BEFORE UPDATE OR DELETE ON kernel_eventrecord
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting('{payload}');
CREATE TRIGGER kernel_eventrecord_never_emptied BEFORE TRUNCATE ON kernel_eventrecord
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();
"""
AS_BEFORE = """
DROP TRIGGER kernel_eventrecord_never_emptied ON kernel_eventrecord;
DROP TRIGGER kernel_eventrecord_append_only ON kernel_eventrecord;
DROP TRIGGER kernel_privacyrequest_never_emptied ON kernel_privacyrequest;
DROP TRIGGER kernel_privacyrequest_append_only ON kernel_privacyrequest;
DROP TRIGGER kernel_redaction_never_emptied ON kernel_redaction;
DROP TRIGGER kernel_redaction_append_only ON kernel_redaction;
DROP TRIGGER kernel_seal_never_emptied ON kernel_seal;
DROP TRIGGER kernel_seal_append_only ON kernel_seal;
DROP TRIGGER kernel_change_never_emptied ON kernel_change;
DROP TRIGGER kernel_change_append_only ON kernel_change;
DROP TRIGGER kernel_change_content ON kernel_change;

CREATE OR REPLACE FUNCTION kernel_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('gtmos.rewriting', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'The history is only added to.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER kernel_change_append_only BEFORE UPDATE OR DELETE ON kernel_change
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0011_cause_of_ties"),
    ]

    operations = [
        migrations.RunSQL(GUARD, AS_BEFORE),
    ]
