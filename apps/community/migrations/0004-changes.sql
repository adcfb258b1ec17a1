-- Who changed what and why, and who looked at whose event. Written in the transaction of the change itself.

create table change (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  -- Absent: the server itself acted.
  staff_id uuid references staff,
  duty text check (duty in ('operate', 'secure', 'audit')),
  action text not null,
  entity text not null,
  entity_id text not null,
  reason_code text not null,
  reason_text text,
  -- Fields that changed. Personal fields are named as changed, their values are not kept.
  before jsonb,
  after jsonb
);
create index change_at on change (at, id);
create index change_entity on change (entity, entity_id, id);
create index change_staff on change (staff_id, id);

create table personal_view (
  id uuid primary key,
  at timestamptz(3) not null,
  staff_id uuid not null references staff,
  gate_id uuid not null,
  sequence bigint not null,
  reason_code text not null,
  reason_text text,
  -- Who was looked at, so that they can be told; absent if nobody was found.
  person_id uuid references person
);
create index personal_view_at on personal_view (at, id);
create index personal_view_person on personal_view (person_id, at);

-- INVARIANT: records of what was done only grow.
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'records in % only grow', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger change_only_grows before update or delete or truncate on change
  for each statement execute function refuse_rewriting();
create trigger personal_view_only_grows before update or delete or truncate on personal_view
  for each statement execute function refuse_rewriting();
