-- Who witnesses the evidence log, registered at run time. (`evidence_witness` is the log's own memory of what each key cosigned.)

create table witness (
  id uuid primary key,
  -- Of its key, unique among witnesses: signature lines are told apart by it.
  name text not null unique,
  body text not null check (body in ('city', 'committee', 'resident')),
  url text not null,
  -- Verifier key, C2SP signed-note.
  key text not null unique,
  added_at timestamptz(3) not null
);

create table witness_setting (
  only_row boolean primary key default true check (only_row),
  -- Bodies that must have cosigned before a checkpoint is shown.
  quorum integer not null default 0 check (quorum between 0 and 3),
  -- Whether residents' witnesses, all together one body, count towards the quorum.
  residents_count boolean not null default false,
  revision integer not null default 1
);
insert into witness_setting default values;
