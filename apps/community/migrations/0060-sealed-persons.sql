-- What names a person is sealed under a key of that person, which is kept outside the database (docs/protocol/deletion.md).
-- INVARIANT: a column is a varchar if and only if its text is sealed so; the server opens these as it reads them.
-- What stood there in clear is sealed at the next start.
alter table person drop constraint person_display_name_check;
drop index person_order;
alter table person alter column display_name type varchar;
alter table rights_request alter column words type varchar, alter column reason type varchar;
alter table residency_end alter column ground type varchar, alter column objection type varchar,
  alter column decision_reason type varchar;

-- A contact from before is sealed under the storage key, until the next start.
alter table person_contact add column by_person boolean not null default false;
