-- When a vendor goes: what it has, store by store and device by device, and a receipt for each.
create table vendor_exit (
  id uuid primary key,
  vendor_id uuid not null references vendor,
  ground text not null,
  begun_at timestamptz(3) not null,
  staff_id uuid not null references staff,
  leaf_id uuid not null,
  closed_at timestamptz(3),
  closed_by uuid references staff,
  closing_leaf_id uuid,
  check (num_nulls(closed_at, closed_by, closing_leaf_id) in (0, 3))
);
create unique index vendor_exit_open on vendor_exit (vendor_id) where closed_at is null;

create table vendor_exit_item (
  id uuid primary key,
  exit_id uuid not null references vendor_exit on delete cascade,
  kind text not null check (kind in ('store', 'gate', 'reader')),
  -- Of the gate or reader.
  device_id uuid,
  name text not null,
  outcome text check (outcome in ('returned', 'deleted', 'kept')),
  -- What the receipt says, and SHA-256 of the paper or file if there is one.
  words text,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  at timestamptz(3),
  staff_id uuid references staff,
  leaf_id uuid,
  check ((kind = 'store') = (device_id is null)),
  unique (exit_id, device_id),
  -- INVARIANT: no outcome without what was handed over, who entered it and its leaf in the log.
  check (num_nulls(outcome, words, at, staff_id, leaf_id) in (0, 5))
);
create index vendor_exit_item_exit on vendor_exit_item (exit_id);
