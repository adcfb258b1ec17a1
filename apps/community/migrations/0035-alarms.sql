-- Alarms that guards work off, their shifts, and what they hand over. Nothing here says who stood at a door.

-- One row: how far the journals were read for alarms, and the number of the last change of an alarm. Its lock orders all
-- who change alarms, so positions become visible in their order and a viewer who has seen n misses nothing up to n.
create table alarm_feed (
  only_row boolean primary key default true check (only_row),
  followed bigint not null,
  last bigint not null default 0
);
-- What was stored before there were alarms rings for nobody.
insert into alarm_feed (followed) select last from event_position;

create table alarm (
  id uuid primary key,
  -- ALARM_KINDS of packages/domain.
  kind text not null,
  gate_id uuid not null,
  portal_id uuid,
  reader_id uuid,
  -- The portal, reader or gate that it is about: the same kind at the same place is one alarm until somebody closes it.
  place uuid not null,
  -- By the gate's clock.
  first_at timestamptz(3) not null,
  last_at timestamptz(3) not null,
  received_at timestamptz(3) not null,
  count bigint not null check (count > 0),
  late boolean not null,
  -- Known from the gate's state only: the journal entry of the same happening is not another one.
  from_state boolean not null,
  -- When it stopped by itself; also of one that was closed while it lasted.
  ended_at timestamptz(3),
  state text not null check (state in ('open', 'acknowledged', 'closed')),
  reopened_at timestamptz(3),
  acknowledged_by uuid references staff,
  acknowledged_at timestamptz(3),
  assigned_to uuid references staff,
  assigned_at timestamptz(3),
  closed_by uuid references staff,
  closed_at timestamptz(3),
  finding_code text,
  finding_text text check (char_length(finding_text) <= 500),
  revision integer not null default 1,
  -- Of its last change, of any kind.
  position bigint not null unique,
  check ((state = 'closed') = (closed_at is not null)),
  check (num_nulls(closed_by, closed_at, finding_code) in (0, 3)),
  check ((acknowledged_by is null) = (acknowledged_at is null)),
  check (state <> 'acknowledged' or acknowledged_at is not null)
);
create unique index alarm_standing on alarm (kind, place, late) where state <> 'closed';
create index alarm_lasting on alarm (place) where ended_at is null;
create index alarm_closed on alarm (closed_at, id) where state = 'closed';

-- What people did about it, and when it rang anew.
create table alarm_step (
  id bigint generated always as identity primary key,
  alarm_id uuid not null references alarm on delete cascade,
  at timestamptz(3) not null,
  what text not null,
  staff_id uuid references staff,
  assigned_to uuid references staff
);
create index alarm_step_alarm on alarm_step (alarm_id, id);

-- Without texts: the community took its own back, and the default holds.
create table alarm_instruction (
  kind text primary key,
  zh text check (char_length(zh) between 1 and 1000),
  en text check (char_length(en) between 1 and 1000),
  revision integer not null,
  check ((zh is null) = (en is null))
);

create table shift (
  id uuid primary key,
  staff_id uuid not null references staff,
  opened_at timestamptz(3) not null,
  closed_at timestamptz(3) check (closed_at >= opened_at),
  -- When the day's visitors were first looked at in it.
  reception_seen_at timestamptz(3),
  revision integer not null default 1
);
create unique index shift_open on shift (staff_id) where closed_at is null;
create index shift_opened on shift (opened_at, id);

create table hand_over_note (
  id uuid primary key,
  shift_id uuid not null references shift on delete cascade,
  staff_id uuid not null references staff,
  written_at timestamptz(3) not null,
  text text not null check (char_length(text) between 1 and 1000),
  portal_id uuid references portal,
  alarm_id uuid references alarm on delete set null,
  settled_at timestamptz(3),
  settled_by uuid references staff,
  revision integer not null default 1,
  check ((settled_at is null) = (settled_by is null))
);
create index hand_over_note_written on hand_over_note (written_at, id);
create index hand_over_note_shift on hand_over_note (shift_id);
create index hand_over_note_alarm on hand_over_note (alarm_id) where alarm_id is not null;
