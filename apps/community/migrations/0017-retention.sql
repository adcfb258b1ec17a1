-- What is deleted when its time is over: door entries with the epoch they were sealed in, records of administration and
-- devices after the time that the community set.

create table record_setting (
  only_row boolean primary key default true check (only_row),
  -- Cybersecurity Law art. 21: no less than six months. The longest six calendar months have 184 days.
  retention_days integer not null default 400 check (retention_days between 184 and 3660),
  revision integer not null default 1
);
insert into record_setting default values;

-- How far the deletion went: nothing of the kind from before `before` is kept. `entries`: accesses and passages;
-- `records`: changes, looks, alarms, and what devices said.
create table retention_state (
  kind text primary key check (kind in ('entries', 'records')),
  before timestamptz(3) not null,
  deleted_at timestamptz(3) not null
);

-- INVARIANT: records only grow, and go only with their time. A transaction that deletes says from before when
-- (menshen.deleted_before) or whose (menshen.erased_person); both are public leaves of the evidence log.
create function refuse_early_deletion() returns trigger language plpgsql as $$
declare
  before timestamptz := nullif(current_setting('menshen.deleted_before', true), '');
  erased uuid := nullif(current_setting('menshen.erased_person', true), '');
  line jsonb := to_jsonb(old);
begin
  if coalesce((line ->> 'at')::timestamptz < before, false) then return old; end if;
  if coalesce((line ->> 'person_id')::uuid = erased, false) then return old; end if;
  raise exception 'records in % only grow', tg_table_name using errcode = 'insufficient_privilege';
end $$;

drop trigger change_only_grows on change;
create trigger change_only_grows before update or truncate on change
  for each statement execute function refuse_rewriting();
create trigger change_goes_with_time before delete on change
  for each row execute function refuse_early_deletion();

drop trigger personal_view_only_grows on personal_view;
create trigger personal_view_only_grows before update or truncate on personal_view
  for each statement execute function refuse_rewriting();
create trigger personal_view_goes_with_time before delete on personal_view
  for each row execute function refuse_early_deletion();

drop trigger event_replaced_only_grows on event_replaced;
create trigger event_replaced_only_grows before update or truncate on event_replaced
  for each statement execute function refuse_rewriting();
create trigger event_replaced_goes_with_time before delete on event_replaced
  for each row execute function refuse_early_deletion();

-- Copies of entries that a request took in go with their epoch, unless a hold keeps them; how many there were stays.
alter table opening add column forgotten_count integer not null default 0;

-- Whoever tried to read what is another's may be erased; that somebody tried stays.
alter table resident_refused_read alter column person_id drop not null;
