-- Complaints and reports of wrongdoing, and penalties that are published.

create table complaint (
  id uuid primary key,
  kind text not null check (kind in ('complaint', 'wrongdoing')),
  category text not null,
  channel text not null check (channel in ('resident', 'anonymous', 'paper')),
  -- Whose turn it is.
  body text not null check (body in ('property', 'committee', 'city')),
  -- Whom it is about: they neither see nor handle it.
  about_body text check (about_body in ('property', 'committee', 'city')),
  about_staff_id uuid references staff,
  -- Absent without a name, and once the person is erased.
  person_id uuid references person on delete set null,
  -- SHA-256 of the code that only the writer has.
  code_hash bytea unique check (length(code_hash) = 32),
  -- Sealed under the storage key; gone when its time is over.
  text bytea,
  -- Sealed too; opens the commitment.
  nonce bytea not null,
  commitment bytea not null check (length(commitment) = 32),
  leaf_id uuid not null unique,
  -- Signed note: the same for whoever asks again.
  receipt text not null,
  received_at timestamptz(3) not null,
  -- The clock of the body that has it now. Times that were promised are stored: another clock or zone moves none.
  remind_first_at timestamptz(3) not null,
  remind_again_at timestamptz(3) not null,
  answer_by timestamptz(3) not null,
  reminders smallint not null default 0 check (reminders between 0 and 2),
  late boolean not null default false,
  state text not null default 'open' check (state in ('open', 'answered', 'closed')),
  answered_at timestamptz(3),
  entered_by uuid references staff,
  check (body <> about_body),
  check (state = 'open' or answered_at is not null),
  check ((channel = 'paper') = (entered_by is not null)),
  check (channel = 'resident' or code_hash is not null)
);
create index complaint_due on complaint (body, answer_by) where state = 'open';
create index complaint_person on complaint (person_id, received_at);

create table complaint_step (
  id bigint generated always as identity primary key,
  complaint_id uuid not null references complaint,
  at timestamptz(3) not null,
  kind text not null check (kind in ('received', 'reminded', 'passed-on', 'answered', 'late', 'reopened', 'satisfied')),
  body text not null check (body in ('property', 'committee', 'city')),
  to_body text check (to_body in ('property', 'committee', 'city')),
  cause text check (cause in ('unanswered', 'writer', 'handler')),
  -- Sealed under the storage key.
  text bytea,
  -- Who handled it; absent for the writer and the clock.
  staff_id uuid references staff,
  check ((kind = 'passed-on') = (to_body is not null)),
  check ((kind = 'passed-on') = (cause is not null)),
  -- INVARIANT: nothing is closed without an answer that somebody gave.
  check (kind <> 'answered' or (text is not null and staff_id is not null))
);
create index complaint_step_complaint on complaint_step (complaint_id, id);
create trigger complaint_step_only_grows before update or delete or truncate on complaint_step
  for each statement execute function refuse_rewriting();

-- INVARIANT: no complaint goes, nor what it said, when it came and whose it is. A person may be erased; then the complaint
-- is nobody's.
create function refuse_editing_complaint() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and (new.id, new.kind, new.category, new.channel, new.commitment, new.nonce, new.leaf_id, new.receipt, new.received_at)
      is not distinct from
        (old.id, old.kind, old.category, old.channel, old.commitment, old.nonce, old.leaf_id, old.receipt, old.received_at)
    and (new.about_body, new.about_staff_id, new.code_hash, new.entered_by)
      is not distinct from (old.about_body, old.about_staff_id, old.code_hash, old.entered_by)
    and (new.text is not distinct from old.text or (new.text is null and old.state <> 'open'))
    and (new.person_id is not distinct from old.person_id or new.person_id is null)
  then return new; end if;
  raise exception 'a complaint cannot be edited or deleted' using errcode = 'insufficient_privilege';
end $$;
create trigger complaint_stays before update or delete on complaint
  for each row execute function refuse_editing_complaint();
create trigger complaint_is_not_emptied before truncate on complaint
  for each statement execute function refuse_rewriting();

create table penalty (
  id uuid primary key,
  party text not null check (party in ('property', 'vendor', 'committee', 'operator')),
  authority text not null,
  document_number text not null,
  decided_on date not null,
  ground text not null,
  amount_fen bigint not null check (amount_fen >= 0),
  appeal text not null default 'none' check (appeal in ('none', 'pending', 'upheld', 'changed', 'annulled')),
  published_at timestamptz(3) not null,
  published_by uuid not null references staff,
  leaf_id uuid not null,
  removed_at timestamptz(3),
  removed_why text,
  removal_leaf_id uuid,
  check ((removed_at is null) = (removed_why is null)),
  check ((removed_at is null) = (removal_leaf_id is null))
);
create index penalty_published on penalty (published_at, id);
create trigger penalty_stays before delete or truncate on penalty
  for each statement execute function refuse_rewriting();
